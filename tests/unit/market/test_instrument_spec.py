"""InstrumentSpec: what people write becomes exact integers, or one clear error."""

import copy
import pickle
from decimal import Decimal

import numpy as np
import pytest

from alipes import InstrumentSpec
from alipes.errors import InputError, OffGridError

TERMS = {"symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "tick_size": "0.1", "lot_size": "0.001"}


def make(**changes):
    return InstrumentSpec(**{**TERMS, **changes})


@pytest.mark.parametrize("price", [61800.2, "61800.2", "61800.20", Decimal("61800.2"), "6.18002e4"])
def test_every_way_to_write_a_price_gives_the_same_ticks(price):
    assert make().ticks(price) == 618002


def test_integers_of_python_and_numpy_are_exact():
    assert make().ticks(61800) == make().ticks(np.int64(61800)) == 618000
    assert make().ticks(np.float64(61800.2)) == 618002


def test_a_float_that_means_a_grid_point_is_that_point():
    assert make().ticks(0.1 + 0.2) == 3
    assert make(tick_size=0.1).tick_size == Decimal("0.1")


def test_an_off_grid_price_names_both_neighbours():
    for price in (0.25, "0.25", Decimal("0.25")):
        with pytest.raises(OffGridError, match=r"price: 0.25 is off the grid of 0.1: .* 0.2 and 0.3"):
            make().ticks(price)


def test_sizes_lie_on_the_lot_and_come_back_exact():
    spec = make()
    assert spec.lot_steps == 1000
    assert spec.steps("1.5") == 1_500_000
    assert spec.steps("-1.5") == -1_500_000
    assert spec.size(1_500_001) == Decimal("1.500001")
    assert spec.size_float(1_500_001) == 1.500001
    with pytest.raises(OffGridError, match=r"size: 0.0005 is off the grid of 0.001"):
        spec.steps("0.0005")


def test_rounding_is_by_side():
    spec = make()
    assert spec.ticks_rounded("0.25", "buy", "passive") == 2
    assert spec.ticks_rounded("0.25", "sell", "passive") == 3
    assert spec.ticks_rounded(0.25, "buy", "aggressive") == 3
    assert spec.ticks_rounded(0.25, "sell", "aggressive") == 2
    assert spec.ticks_rounded(0.2, "sell", "passive") == 2
    with pytest.raises(InputError, match="side"):
        spec.ticks_rounded(1, "long", "passive")
    with pytest.raises(InputError, match="rounding"):
        spec.ticks_rounded(1, "buy", "up")


def test_notional_is_exact_for_every_kind():
    linear = make(contract_size="0.01")
    assert linear.notional(618002, 1_500_000) == Decimal("92700.3")
    assert linear.steps_from_contracts(3) == linear.steps("0.03")
    assert linear.steps_from_notional("100", 618002) == linear.steps("0.001")
    inverse = make(kind="inverse", lot_size=1, contract_size=100)
    assert inverse.settle == "BTC"
    assert inverse.notional(618002, inverse.steps(3)) == 300
    assert inverse.steps_from_notional(350, 618002) == inverse.steps(3)


@pytest.mark.parametrize("name", ["tick_size", "lot_size", "contract_size", "min_notional"])
@pytest.mark.parametrize(
    "value", [0, -1, "-0.1", "0.0", float("nan"), float("inf"), "abc", "", "NaN", True, [], b"1"]
)
def test_a_step_that_is_no_positive_number_is_one_clear_error(name, value):
    with pytest.raises(InputError, match=rf"^{name} must be"):
        make(**{name: value})


def test_a_missing_number_is_refused():
    with pytest.raises(InputError, match=r"tick_size must be .* got None"):
        make(tick_size=None)
    with pytest.raises(InputError, match=r"price must be .* got None"):
        make().ticks(None)


def test_names_and_kind_are_checked():
    with pytest.raises(InputError, match="symbol must not be empty"):
        make(symbol="")
    with pytest.raises(InputError, match='kind must be "spot", "linear" or "inverse", got "future"'):
        make(kind="future")
    with pytest.raises(InputError, match="contract_size of a spot instrument is 1, not 10"):
        make(kind="spot", contract_size=10)


def test_huge_numbers_are_refused_not_wrapped():
    for price in (1e300, "9" * 30, "1" + "0" * 60, 10**40):
        with pytest.raises(InputError):
            make().ticks(price)
    with pytest.raises(InputError):
        make().steps(9.0e15)


def test_a_spec_is_a_value():
    spec = make(min_notional="5")
    assert spec == make(min_notional=5)
    assert spec != make()
    assert hash(spec) == hash(make(min_notional=5))
    assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 - our own bytes
    assert copy.deepcopy(spec) == spec
    assert repr(spec).startswith('InstrumentSpec(symbol="BTC/USDT:USDT", kind="linear", tick_size="0.1"')
    with pytest.raises(AttributeError):
        spec.symbol = "x"
