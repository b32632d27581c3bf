"""Options of a backtest on bars: what is refused, and what the engine and a sweep's key are told."""

import inspect
import json
import re
import typing
from pathlib import Path

import numpy as np
import pytest
from tests.unit.backtest.runs import DAY, HOUR, START, bars_of

import alipes.rules as r
from alipes import InstrumentSpec, backtest
from alipes.backtest.bars.notes import warnings_of
from alipes.backtest.bars.options import BarOptions, OptionArguments
from alipes.data.bars import Bars
from alipes.errors import DataError, InputError


def perp(**changes):
    return InstrumentSpec(
        **({
            "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "tick_size": "0.1",
            "lot_size": "0.001", "min_notional": 5,
        } | changes)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cash": 0}, r"cash=0: expected a number > 0"),
        ({"cash": "lots"}, r"cash='lots': expected a number > 0"),
        ({"cash": True}, r"cash=True: expected a number > 0"),
        ({"cash": float("nan")}, r"cash=nan: expected"),
        ({"cash": float("inf")}, r"cash=inf: expected"),
        ({"fees_bps": -1}, r"fees_bps=-1: expected a number >= 0 and < 10,000"),
        ({"fees_bps": 10_000}, r"fees_bps=10000: expected"),
        ({"maker_fees_bps": -10_000}, r"maker_fees_bps=-10000: expected a number > -10,000 and < 10,000"),
        ({"fixed_fee": -0.1}, r"fixed_fee=-0.1: expected a number >= 0"),
        ({"slippage_bps": None}, r"slippage_bps=None: expected a number"),
        ({"spread": 1.0}, r"spread=1.0: expected the name of a column"),
        ({"spread": "spread", "slippage_bps": 1}, r"spread='spread' and slippage_bps=1 exclude each other"),
        ({"leverage": 0}, r"leverage=0: expected a number > 0"),
        ({"maintenance_margin": 1}, r"maintenance_margin=1: expected a number >= 0 and < 1"),
        ({"fill": "next_opem"}, r"fill='next_opem': expected one of .*; did you mean 'next_open'\?"),
        ({"fill": None}, r"fill=None: expected one of 'next_open', 'same_close', 'next_close'"),
        ({"path": "best"}, r"path='best': expected one of 'pessimistic', 'optimistic', 'nearest', 'detail'$"),
        ({"path": "detail"}, r"path='detail' needs the finer bars: expected detail="),
        ({"path": "nearest", "detail": bars_of([1.0, 1.0])}, r"path='nearest' with detail=: expected"),
        ({"detail": 3}, r"detail: "),
        ({"size_at": "close"}, r"size_at='close': expected one of 'fill', 'decision'"),
        ({"close_at_end": 1}, r"close_at_end=1: expected True or False"),
        ({"gaps": "kept"}, r"gaps='kept': .*; did you mean 'keep'\?"),
        ({"instrument": "BTC/USDT"}, r"instrument='BTC/USDT': expected an alipes.InstrumentSpec or None"),
        ({"score_from": 0}, r"score_from=0: expected one of 'start', 'common'"),
        ({"convention": "vectorbot"}, r"convention='vectorbot': .*; did you mean 'vectorbt'\?"),
        ({"fee_bps": 1}, r"unknown option 'fee_bps'; did you mean 'fees_bps'\?"),
    ],
)  # fmt: skip
def test_a_wrong_option_names_itself_the_value_and_what_was_expected(options, says):
    with pytest.raises(InputError, match=says):
        BarOptions.of(options)


def test_an_inverse_instrument_is_refused_with_the_reason():
    inverse = perp(
        symbol="BTC/USD:BTC", quote="USD", kind="inverse", contract_size=100, lot_size=1, min_notional=None
    )
    with pytest.raises(InputError, match=r"BTC/USD:BTC is inverse.*expected a spot or linear instrument"):
        BarOptions(instrument=inverse)


def test_options_are_frozen():
    with pytest.raises(AttributeError):
        BarOptions().cash = 1.0


def test_the_typed_keywords_are_the_options():
    fields = BarOptions.__dataclass_fields__
    assert list(typing.get_type_hints(OptionArguments)) == list(fields)


def test_terms_are_what_the_engine_takes():
    bars = bars_of([10.0, 11.0])
    assert BarOptions(cash=500, fees_bps=5, slippage_bps=np.float64(2)).to_terms(bars) == {
        "cash": 500.0, "fees_bps": 5.0, "maker_fees_bps": 5.0, "fixed_fee": 0.0, "slippage_bps": 2.0,
        "spread": False, "leverage": 1.0, "maintenance_margin": 0.005, "fill": "next_open",
        "path": "pessimistic", "size_at": "fill", "close_at_end": False, "score_from": "start",
        "convention": "alipes",
    }  # fmt: skip


def test_an_instrument_becomes_its_grid():
    terms = BarOptions(instrument=perp()).to_terms(bars_of([10.0, 11.0]))
    assert (terms["tick"], terms["lot"], terms["min_notional"]) == (0.1, 0.001, 5.0)


def test_a_rebate_of_makers_is_allowed():
    terms = BarOptions(fees_bps=5, maker_fees_bps=-1).to_terms(bars_of([10.0, 11.0]))
    assert terms["maker_fees_bps"] == -1.0


def test_the_chosen_column_is_the_spread():
    bars = bars_of([10.0, 11.0], width=np.array([0.1, 0.2]))
    options = BarOptions(spread="width")
    assert options.to_terms(bars)["spread"] is True
    assert options.columns(bars)["spread"].tolist() == [0.1, 0.2]
    assert "spread" not in BarOptions().columns(bars)


def test_a_spread_that_is_none_names_its_row():
    with pytest.raises(
        InputError, match=r"spread='widht': the bars have no such column; did you mean 'width'"
    ):
        BarOptions(spread="widht").columns(bars_of([10.0, 11.0], width=np.zeros(2)))
    with pytest.raises(
        InputError, match=r"column 'width' is nan at row 1 \(2023-11-15 01:00:00\): expected a number >= 0"
    ):
        BarOptions(spread="width").columns(bars_of([10.0, 11.0], width=np.array([0.0, np.nan])))


def test_gaps_are_refused_where_they_are_asked_to_be():
    whole = bars_of(np.full(6, 10.0))
    rows = [0, 1, 4, 5]
    bars = Bars(
        whole.ts[rows], {name: each[rows] for name, each in whole.columns.items()}, HOUR, np.array([1])
    )
    BarOptions().to_terms(bars)
    with pytest.raises(
        DataError, match=r"after row 1 \(2023-11-15 01:00:00\), 2 of them; the first of 1 gaps"
    ):
        BarOptions(gaps="error").to_terms(bars)


def test_finer_bars_decide_the_path():
    bars = bars_of([9.0, 11.0])
    detail = bars_of([9.0, 9.0, 11.0, 11.0], step=HOUR // 2)
    terms = BarOptions(detail=detail).to_terms(bars)
    assert terms["path"] == "detail"
    assert terms["detail_ts"].tolist() == [START, START + HOUR // 2, START + HOUR, START + 3 * HOUR // 2]
    assert terms["detail_low"].tolist() == [9.0, 9.0, 9.0, 11.0]
    with pytest.raises(InputError, match="bars of 1h refine no bars of 30min"):
        BarOptions(detail=bars).to_terms(detail)


def test_funding_comes_as_payments_or_as_a_column():
    ts = START + 8 * HOUR * np.arange(3)
    bars = bars_of(np.full(24, 10.0), fund=np.where(np.arange(24) % 8 == 0, 1e-4, 0.0))
    given = BarOptions(funding=(ts, np.full(3, 1e-4))).to_terms(bars)
    column = BarOptions(funding="fund").to_terms(bars)
    for terms in (given, column):
        assert terms["funding_ts"].tolist() == ts.tolist()
        assert terms["funding_rate"].tolist() == [1e-4] * 3


def test_a_filled_forward_funding_column_is_refused():
    bars = bars_of(np.full(60, 10.0), step=HOUR // 60, fund=np.full(60, 1e-4))
    with pytest.raises(DataError, match="looks forward-filled"):
        BarOptions(funding="fund").to_terms(bars)


def test_the_description_is_json_and_tells_options_apart():
    detail = bars_of([10.0, 9.0], step=HOUR // 2)
    full = {
        "cash": 5, "fees_bps": 1, "detail": detail, "instrument": perp(), "fill": "next_close",
        "funding": (START + DAY * np.arange(2), np.array([1e-4, 2e-4])),
    }  # fmt: skip
    told = json.dumps(BarOptions(**full).describe(), sort_keys=True)
    assert told == json.dumps(BarOptions(**full).describe(), sort_keys=True)
    other = full | {"funding": (START + DAY * np.arange(2), np.array([1e-4, 3e-4]))}
    assert told != json.dumps(BarOptions(**other).describe(), sort_keys=True)
    assert json.loads(told)["path"] == "detail"


def test_a_maker_fee_that_equals_the_taker_fee_is_the_same_option():
    assert BarOptions(fees_bps=5, maker_fees_bps=5).describe() == BarOptions(fees_bps=5).describe()


def test_only_what_differs_from_the_defaults_is_shown():
    assert BarOptions(fill="same_close").changed() == {
        "cash": 10_000.0,
        "fees_bps": 0.0,
        "fill": "same_close",
    }


def test_the_page_lists_every_option_and_every_warning():
    page = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")
    options = page.split("## Options")[1].split("## Tables")[0]
    assert re.findall(r"^\| `(\w+)` \|", options, re.MULTILINE) == list(BarOptions.__dataclass_fields__)
    warnings = page.split("## Warnings")[1].split("## Plots")[0]
    named = re.findall(r'^        "(\w+)": ', inspect.getsource(warnings_of), re.MULTILINE)
    assert re.findall(r"^\| `(\w+)` \|", warnings, re.MULTILINE) == named


def test_a_constant_rate_on_every_quarter_of_an_hour_is_paid_and_told_of():
    bars = bars_of([100.0] * 97, step=HOUR // 4)
    funding = (bars.ts[1:], np.full(96, 1e-4))
    result = backtest.run(r.Rules(enter_long=r.close > 0), bars, funding=funding)
    assert result.warnings["funding"].startswith("rates come every 15min and 95 of 95 payments repeat")
    assert result.trades["funding"][0] == pytest.approx(95 * 10_000 * 1e-4, rel=1e-12)
