"""Every limit admits the value that equals it and refuses the next one; a refusal says both numbers."""

from decimal import Decimal

import pytest
from tests.unit.orders.support import BTC

from alipes.errors import InputError
from alipes.model import Instrument, Order, OrderType, Side
from alipes.risk import InstrumentLimits, RiskChecks, TradingState

LOT = 1_000
TOUCH = (9_999, 10_000)


def checks(**limits: Decimal | None) -> RiskChecks:
    found = RiskChecks()
    found.set_limits(BTC, InstrumentLimits(**limits))
    return found


def ask(found: RiskChecks, *, side=Side.BUY, price=10_000, size=LOT, position=0, buys=0, sells=0, **options):
    instrument, reduce_only = options.pop("instrument", BTC), options.pop("reduce_only", False)
    order = Order("id", instrument, "s", side, OrderType.LIMIT, size, price, reduce_only=reduce_only)
    touch = options.pop("touch", TOUCH)
    return found.refusal(
        order,
        price_ticks=price,
        size_steps=size,
        position_steps=position,
        open_buy_steps=buys,
        open_sell_steps=sells,
        touch=touch,
    )


def test_order_size() -> None:
    found = checks(max_order_size=Decimal("0.005"))
    assert ask(found, size=5 * LOT) is None
    code, detail = ask(found, size=6 * LOT)
    assert code == "max_order_size"
    assert "0.006" in detail
    assert "0.005" in detail


def test_order_notional() -> None:
    found = checks(max_order_notional=Decimal(5))
    assert ask(found, size=5 * LOT) is None
    assert ask(found, size=5 * LOT, price=10_001)[0] == "max_order_notional"


@pytest.mark.parametrize(("side", "sign"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_position_with_everything_of_a_side_filled(side: Side, sign: int) -> None:
    found = checks(max_position=Decimal("0.01"))
    open_steps = {"buys": 4 * LOT, "sells": 4 * LOT}
    assert ask(found, side=side, size=LOT, position=sign * 5 * LOT, **open_steps) is None
    assert ask(found, side=side, size=2 * LOT, position=sign * 5 * LOT, **open_steps)[0] == "max_position"
    assert ask(found, side=side, size=2 * LOT, position=-sign * 5 * LOT, **open_steps) is None


def test_what_only_reduces_passes_the_position_limit() -> None:
    found = checks(max_position=Decimal("0.01"))
    order = {"side": Side.SELL, "size": 2 * LOT, "position": 12 * LOT, "sells": 30 * LOT}
    assert ask(found, **order)[0] == "max_position"
    assert ask(found, **order, reduce_only=True) is None


@pytest.mark.parametrize(("side", "limit", "beyond"), [(Side.BUY, 10_100, 10_101), (Side.SELL, 9_900, 9_899)])
def test_collar(side: Side, limit: int, beyond: int) -> None:
    found = checks(collar_bps=Decimal(100))
    touch = (10_000, 10_000)
    assert ask(found, side=side, price=limit, touch=touch) is None
    assert ask(found, side=side, price=beyond, touch=touch)[0] == "price_collar"
    assert found.collar_price(BTC, side, touch) == limit


def test_a_collar_needs_a_price_to_start_from() -> None:
    found = checks()
    assert ask(found, touch=(None, None))[0] == "no_reference_price"
    assert found.collar_price(BTC, Side.BUY, (None, None)) is None
    assert checks(collar_bps=None).collar_price(BTC, Side.BUY, TOUCH) is None


@pytest.mark.parametrize(("size", "code"), [(0, "lot"), (-LOT, "lot"), (LOT + 1, "lot")])
def test_lot(size: int, code: str) -> None:
    assert ask(checks(), size=size)[0] == code


@pytest.mark.parametrize("price", [0, -1])
def test_price_rule(price: int) -> None:
    assert ask(checks(), price=price)[0] == "price_rule"


@pytest.mark.parametrize("name", ["max_order_size", "max_order_notional", "max_position", "collar_bps"])
def test_a_negative_limit_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(InputError, match=name):
        checks(**{name: Decimal(-1)})


def test_an_instrument_without_limits_is_an_error() -> None:
    unknown = Instrument("main", "X/Y", 9, BTC.spec)
    with pytest.raises(InputError, match="9"):
        ask(checks(), instrument=unknown)


def test_the_latch_comes_before_the_numbers() -> None:
    found = checks(max_order_size=Decimal(0))
    found.latches.tighten("", TradingState.HALTED, "operator", seq=1, now=1)
    assert ask(found)[0] == "halted"
