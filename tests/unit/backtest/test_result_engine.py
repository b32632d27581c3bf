"""Runs through the compiled engine: hand-computed results, and options that reach it."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.unit.backtest.runs import DAY, HOUR, START, bars_of

import alipes.rules as r
from alipes import InstrumentSpec, backtest
from alipes.errors import AlipesError, InputError

CLOSES = [10.0, 12.0, 11.0, 15.0, 15.0]
BARS = bars_of(CLOSES)  # opens 10 10 12 11 15
ENTRIES = np.array([True, False, False, False, False])
EXITS = np.array([False, False, True, False, False])


def signals(bars=BARS, entries=ENTRIES, exits=EXITS, **options):
    return backtest.signals(bars, entries=entries, exits=exits, **({"cash": 1000.0} | options))


def walk(bars=3_000, step=HOUR, seed=11):
    rng = np.random.default_rng(seed)
    return bars_of(100 * np.exp(np.cumsum(rng.normal(0, 0.01, bars))), step=step)


def ruined():
    """Ten times the account bought at 10, which opens at 1 the bar after."""
    whole = bars_of([10.0, 10.0, 1.0, 1.0])
    gapped = dict(whole.columns) | {"open": np.array([10.0, 10, 1, 1]), "high": np.array([10.0, 10, 1, 1])}
    bars = type(whole)(whole.ts, gapped, HOUR, whole.gap_rows)
    return signals(bars, entries=ENTRIES[:4], exits=None, size=r.units(1000), leverage=10)


def crossing(fast, slow):
    quick, slow_one = r.sma(r.close, fast), r.sma(r.close, slow)
    return r.Rules(enter_long=r.cross_above(quick, slow_one), exit_long=r.cross_below(quick, slow_one))


def test_a_signal_buys_and_sells_at_the_next_opens():
    result = signals()
    assert result.equity["equity"].tolist() == [1000.0, 1200.0, 1100.0, 1100.0, 1100.0]
    assert result.equity["position"].tolist() == [0.0, 100.0, 100.0, 0.0, 0.0]
    (trade,) = result.trades
    assert trade == {
        "id": 0, "side": "long", "entry_ts": START + HOUR, "entry_bar": 1, "entry_price": 10.0, "size": 100.0,
        "exit_ts": START + 3 * HOUR, "exit_bar": 3, "exit_price": 11.0, "fees": 0.0, "funding": 0.0,
        "pnl": 100.0, "return": 0.1, "reason": "close", "is_open": False, "bars": 2,
    }  # fmt: skip
    assert [row["kind"] for row in result.orders] == ["open", "close"]
    assert result.stats["total_return"] == pytest.approx(0.1)
    assert result.stats["trades"] == 1.0
    assert result.warnings == {"few_days": "0 daily returns; statistics of fewer than 30 say little"}
    assert result.stats.warnings == (result.warnings["few_days"],)


def test_a_short_signal_sells_first():
    result = signals(entries=None, exits=None, short_entries=ENTRIES, short_exits=EXITS)
    (trade,) = result.trades
    assert (trade["side"], trade["entry_price"], trade["exit_price"], trade["pnl"]) == (
        "short",
        10.0,
        11.0,
        -100.0,
    )


@pytest.mark.parametrize(
    ("options", "entry_price", "size"),
    [
        ({}, 10.0, 100.0),
        ({"fees_bps": 100}, 10.0, 1000 / 10.1),
        ({"fixed_fee": 10}, 10.0, 99.0),
        ({"slippage_bps": 1000}, 11.0, 1000 / 11),
        ({"fill": "next_close"}, 12.0, 1000 / 12),
        ({"fill": "same_close"}, 10.0, 100.0),
        ({"size": r.units(3)}, 10.0, 3.0),
        ({"size": r.notional(50)}, 10.0, 5.0),
        ({"size": r.equity(0.5)}, 10.0, 50.0),
        ({"size": r.units(200), "leverage": 2}, 10.0, 200.0),
        ({"size": r.risk(0.01), "stop_loss": np.full(5, 0.5)}, 10.0, 20.0),
        ({"size": r.risk(0.01), "stop_loss": r.pct(0.05)}, 10.0, 20.0),
        ({"size": r.units(r.close * 2)}, 10.0, 20.0),
        ({"size_at": "decision", "fill": "next_close"}, 12.0, 1000 / 12),
    ],
)
def test_options_and_sizes_reach_the_engine(options, entry_price, size):
    (trade,) = signals(**options).trades
    assert trade["entry_price"] == pytest.approx(entry_price, rel=1e-12)
    assert trade["size"] == pytest.approx(size, rel=1e-12)


def test_half_of_the_chosen_spread_column_is_paid():
    bars = bars_of(CLOSES, width=np.array([9.0, 1.0, 9.0, 2.0, 9.0]))
    (trade,) = signals(bars, spread="width").trades
    assert (trade["entry_price"], trade["exit_price"]) == (10.5, 10.0)


def test_an_instrument_rounds_and_what_is_too_small_is_skipped_with_its_reason():
    spec = InstrumentSpec(
        symbol="A/USDT", kind="spot", base="A", quote="USDT", tick_size="0.1", lot_size="3", min_notional=500
    )
    (trade,) = signals(instrument=spec).trades
    assert trade["size"] == 99.0
    small = signals(instrument=spec, size=r.notional(100))
    assert len(small.trades) == 0
    assert small.skipped["reason"].tolist() == ["below minimum"]
    assert small.warnings["skipped"] == "1 order skipped: 1 below minimum"


def test_funding_is_paid_by_longs():
    ts = np.array([START + 2 * HOUR])
    (trade,) = signals(funding=(ts, np.array([0.01]))).trades
    assert trade["funding"] == pytest.approx(100 * 12.0 * 0.01)


def test_finer_bars_decide_what_comes_first():
    hours = bars_of([10.0, 10.0, 10.0, 10.0])
    columns = dict(hours.columns) | {"high": np.array([10, 12, 10, 10.0]), "low": np.array([10, 8, 10, 10.0])}
    bars = type(hours)(hours.ts, columns, HOUR, hours.gap_rows)
    finer = bars_of([10.0, 10.0, 12.0, 10.0, 10.0, 10.0, 10.0, 10.0], step=HOUR // 2)
    low = np.where(np.arange(8) == 3, 8.0, finer["low"])
    detail = type(finer)(finer.ts, finer.columns | {"low": low}, HOUR // 2, finer.gap_rows)
    bought = np.array([True, False, False, False])
    both = {"stop_loss": np.full(4, 1.0), "take_profit": np.full(4, 1.0), "exits": None, "entries": bought}
    assert signals(bars, **both).trades["reason"].tolist() == ["stop_loss"]
    assert signals(bars, path="optimistic", **both).trades["reason"].tolist() == ["take_profit"]
    assert signals(bars, detail=detail, **both).trades["reason"].tolist() == ["take_profit"]


def test_trades_that_end_in_liquidation_are_counted():
    bars = bars_of([100.0, 100.0, 50.0, 100.0, 100.0, 40.0, 100.0])
    bought = np.array([True, False, False, True, False, False, False])
    result = backtest.signals(bars, entries=bought, leverage=5, size=r.equity(3))
    assert result.trades["reason"].tolist() == ["liquidation", "liquidation"]
    assert result.warnings["liquidation"] == (
        "2 trades: closed by force as equity fell to the maintenance margin,"
        " the first at bar 2 (2023-11-15 02:00:00)"
    )
    assert "liquidation" not in backtest.signals(bars, entries=bought).warnings


def test_same_close_is_marked_as_optimistic():
    result = signals(fill="same_close")
    assert result.optimistic
    assert "optimistic" in result.warnings


def test_an_open_trade_is_flagged_or_sold_at_the_end():
    (held,) = signals(exits=None).trades
    assert (held["is_open"], held["reason"], held["exit_price"]) == (True, None, 15.0)
    (sold,) = signals(exits=None, close_at_end=True).trades
    assert (sold["is_open"], sold["reason"], sold["pnl"]) == (False, "end", 500.0)


def test_conflicts_and_undefined_exits_are_counted_and_warned_of():
    result = signals(short_entries=ENTRIES)
    assert result.conflicts == 1
    assert "both entries" in result.warnings["conflicts"]
    result = signals(stop_loss=np.full(5, np.nan))
    assert result.undefined_exits == 1
    assert "undefined_exits" in result.warnings


def test_ruin_names_its_bar():
    result = ruined()
    assert result.trades["reason"].tolist() == ["liquidation"]
    assert result.ruined == 2
    assert result.equity["equity"].tolist() == [1000.0, 1000.0, -8000.0, -8000.0]
    assert "bar 2" in result.warnings["ruin"]


@pytest.mark.parametrize(
    "options",
    [{"stop_loss": np.array([-1.0] * 5)}, {"size": r.units(r.close - 20)}, {"trailing": np.zeros(5)}],
)
def test_a_value_that_no_order_can_have_names_its_bar(options):
    with pytest.raises(AlipesError, match=r"\b0\b"):
        signals(**options)


def test_rules_and_their_conditions_as_signals_give_the_same_run():
    bars = walk()
    rules = crossing(r.param("fast"), r.param("slow"))
    params = {"fast": 5, "slow": 20}
    first = backtest.run(rules, bars, params=params, fees_bps=5)
    entries, exits = (
        r.evaluate(condition, bars, params) == 1.0 for condition in (rules.enter_long, rules.exit_long)
    )
    second = backtest.signals(bars, entries=entries, exits=exits, fees_bps=5)
    assert len(first.trades) > 50
    assert first.equity.to_arrow().equals(second.equity.to_arrow())
    assert first.trades.to_arrow().equals(second.trades.to_arrow())
    assert first.orders.to_arrow().equals(second.orders.to_arrow())
    assert first.stats.to_dict() == second.stats.to_dict()
    assert first.params == {"fast": 5.0, "slow": 20.0}


def test_the_deepest_and_the_longest_drawdown_are_those_of_the_statistics():
    result = backtest.run(crossing(5, 20), walk(), fees_bps=5)
    drawdowns = result.drawdowns
    assert drawdowns["depth"][0] == pytest.approx(result.stats["max_drawdown"], rel=1e-12)
    assert drawdowns["days"].max() == pytest.approx(result.stats["max_drawdown_days"], rel=1e-12)


def test_frames_of_pandas_and_polars_are_bars_too():
    frame = pd.DataFrame(
        {name: BARS[name] for name in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime(BARS.ts),
    )
    entries = pd.Series(ENTRIES, index=frame.index)
    assert signals(frame, entries=entries).trades["pnl"].tolist() == [100.0]
    assert signals(pl.DataFrame(BARS), entries=pl.Series(ENTRIES)).trades["pnl"].tolist() == [100.0]
    late = entries.shift(1, freq="1h")
    with pytest.raises(InputError, match="its index is 2023-11-15 01:00:00 at row 0"):
        signals(frame, entries=late)


def test_windows_longer_than_the_data_are_warned_of():
    result = backtest.run(crossing(5, 300), walk(200))
    assert len(result.trades) == 0
    assert result.warnings["warm_up"] == "the rules settle after 300 bars and there are 200"


def test_a_common_start_is_the_first_warm_bar():
    bars = walk(400, step=DAY)
    rules = r.Rules(enter_long=r.sma(r.close, 50) > 0)
    usual = backtest.run(rules, bars)
    common = backtest.run(rules, bars, score_from="common")
    assert usual.orders["bar"][0] == common.orders["bar"][0] == 49
    assert common.stats["exposure"] > usual.stats["exposure"]
    with pytest.raises(
        InputError, match="score_from='common': the rules are warm after 49 bars and there are 40"
    ):
        backtest.run(rules, bars[:40], score_from="common")


def test_another_instrument_is_read_as_of_the_close():
    bars, eth = bars_of(CLOSES), bars_of([1.0, 5.0, 1.0, 1.0, 1.0])
    result = backtest.run(r.Rules(enter_long=r.other("ETH", r.close) > 3), bars, others={"ETH": eth})
    assert result.orders["bar"].tolist() == [1]


def test_a_user_operator_is_computed_before_the_run():
    result = backtest.run(r.Rules(enter_long=r.user(lambda x: x * 2, r.close) > 29), BARS)
    assert result.orders["bar"].tolist() == [3]


def test_equal_runs_write_equal_pages_that_show_the_rules(tmp_path):
    rules = crossing(r.param("fast"), 20)
    first, second = (
        backtest.run(rules, walk(), params={"fast": 5}, fees_bps=5).to_html(tmp_path / name).read_bytes()
        for name in ("a.html", "b.html")
    )
    assert first == second
    assert b"enter_long" in first


@pytest.mark.parametrize("convention", ["alipes", "vectorbt", "backtesting.py", "quantstats"])
def test_statistics_follow_the_convention_asked_for(convention):
    result = backtest.run(crossing(5, 20), walk(), convention=convention)
    assert result.stats.convention == convention
    assert np.isfinite(result.stats["sharpe"])


def test_a_single_bar_is_a_run_too(tmp_path):
    result = signals(bars_of([10.0]), entries=[True], exits=None)
    assert [row["status"] for row in result.orders] == ["pending"]
    assert result.stats["total_return"] == 0.0
    assert len(result.drawdowns) == 0
    assert result.to_html(tmp_path / "one.html").stat().st_size > 1_000_000


def test_a_ruined_run_is_drawn_too(tmp_path):
    result = ruined()
    assert b"no money left at bar 2" in result.to_html(tmp_path / "ruin.html").read_bytes()
    assert not result.plot().layout.updatemenus


def test_a_result_survives_pickling():
    result = signals()
    again = pickle.loads(pickle.dumps(result))  # noqa: S301
    assert again.stats.to_dict() == pytest.approx(result.stats.to_dict(), nan_ok=True)
    assert again.trades.to_arrow().equals(result.trades.to_arrow())
    assert repr(again) == repr(result)
