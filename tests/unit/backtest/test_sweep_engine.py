"""Sweeps over the compiled engine: each row is the run with its parameters, bit for bit, computed anyhow."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.backtest import METRICS, BarOptions
from alipes.backtest.sweeps.evaluator import Evaluator
from alipes.backtest.sweeps.grid import grid
from alipes.errors import DataError, InputError

HOUR = 3_600_000_000_000


def walk(seed: int, count: int = 1500) -> alipes.data.Bars:
    """Seeded bars of an hour."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    open_ = np.r_[100.0, close[:-1]] * np.exp(rng.normal(0, 0.001, count))
    high = np.maximum(open_, close) * (1 + rng.exponential(0.004, count))
    low = np.minimum(open_, close) * (1 - rng.uniform(0, 0.006, count))
    prices = {"open": open_, "high": high, "low": low, "close": close, "volume": rng.uniform(1, 9, count)}
    return alipes.bars({"ts": np.arange(count) * HOUR, **prices})


FAST, SLOW = r.sma(r.close, r.param("fast")), r.ema(r.close, r.param("slow"))
BOTH_WAYS = r.Rules(
    enter_long=r.cross_above(FAST, SLOW),
    enter_short=r.cross_below(FAST, SLOW),
    stop_loss=r.param("k") * r.atr(14),
    size=r.equity(0.9),
)
PARAMS = {"fast": range(3, 15, 3), "slow": [20, 30.0], "k": [1.0, 2.5, 9.0]}
BARS = walk(1)


def same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fees_bps": 5, "slippage_bps": 2, "fill": "next_close", "close_at_end": True},
        {"fees_bps": 5, "maker_fees_bps": -1, "path": "nearest", "leverage": 3, "size_at": "decision"},
        {"fill": "same_close", "convention": "vectorbt"},
        {"convention": "backtesting.py", "fees_bps": 10},
        {"convention": "quantstats", "fixed_fee": 0.5},
        {"score_from": "common", "fees_bps": 1},
    ],
    ids=lambda options: "-".join(map(str, options.values())) or "defaults",
)
def test_each_row_is_the_run_with_its_parameters(options: dict[str, Any]):
    result = backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics=METRICS, **options)
    assert len(result) == 24
    assert result["trades"].min() > 3
    for index in range(0, len(result), 5):
        run = result.run(index)
        row = result.row(index)
        assert run.params == row.params
        for name in METRICS:
            assert same(row[name], run.stats[name]), (name, row.params)
        if options.get("score_from") != "common":
            alone = backtest.run(BOTH_WAYS, BARS, params=row.params, **options)
            assert same(alone.equity["equity"], run.equity["equity"])
            assert alone.trades.to_arrow().equals(run.trades.to_arrow())


def test_threads_and_parts_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("alipes.backtest.sweeps.run.FIRST_CHUNK", 5)
    whole = backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics=METRICS, workers=1)
    for workers in (2, 3, 7):
        other = backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics=METRICS, workers=workers)
        assert all(same(whole[name], other[name]) for name in METRICS)
    path = tmp_path / "rows.parquet"
    parts = backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics=METRICS, resume=path)
    again = backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics=METRICS, resume=path)
    for other in (parts, again):
        assert all(same(whole[name], other[name]) for name in METRICS)


def test_the_order_of_parameters_is_that_of_the_mapping():
    one = backtest.sweep(BOTH_WAYS, BARS, params={"k": [2.0], "slow": [20, 30], "fast": [3, 6]})
    assert one.row(1).params == {"k": 2, "slow": 20, "fast": 6}
    other = backtest.sweep(BOTH_WAYS, BARS, params={"fast": [6], "slow": [20], "k": [2.0]})
    assert one.row(1).metrics == other.row(0).metrics


def test_common_rows_start_where_all_of_them_are_warm():
    rules = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")), exit_long=r.close < r.close.shift(2))
    result = backtest.sweep(rules, BARS, params={"n": [5, 400]}, score_from="common")
    first = [run.trades["entry_bar"].min() for run in map(result.run, range(2))]
    assert min(first) >= 399
    with pytest.raises(
        InputError, match=r"score_from='common': the rules are warm after 1,999 bars and there are"
    ):
        backtest.sweep(rules, BARS, params={"n": [5, 2000]}, score_from="common")


def test_common_rows_of_bars_shorter_than_a_second_start_where_they_are_warm_too():
    given = {"ts": BARS.ts // HOUR * 500_000_000, **BARS.columns}
    swept = backtest.sweep(
        BOTH_WAYS, alipes.bars(given), params={"fast": 5, "slow": [40], "k": 1.0}, score_from="common"
    )
    warm = BOTH_WAYS.warmup_bars({"fast": 5, "slow": 40, "k": 1.0})
    assert swept.run(0).trades["entry_bar"].min() > warm > 500


def test_user_operators_may_depend_on_parameters():
    def smooth(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return np.convolve(values, np.ones(5) / 5)[: len(values)] * weight

    mine = r.user(smooth, r.close, r.param("weight"), causal=True)
    rules = r.Rules(enter_long=r.close > mine, exit_long=r.close < r.sma(r.close, r.param("n")))
    params = {"n": [3, 5], "weight": [0.99, 1.0, 1.01]}
    result = backtest.sweep(rules, BARS, params=params, metrics=["total_return", "trades"])
    for index in range(6):
        alone = backtest.run(rules, BARS, params=result.row(index).params)
        assert result["total_return"][index] == alone.stats["total_return"]
    assert len(np.unique(result["total_return"])) > 3


def test_other_instruments_are_read():
    rules = r.Rules(enter_long=r.close > r.other("ETH", r.sma(r.close, r.param("n"))))
    with pytest.raises(InputError, match=r"expected others=\{'ETH': its bars\}"):
        backtest.sweep(rules, BARS, params={"n": [5]})
    result = backtest.sweep(rules, BARS, params={"n": [5, 50]}, others={"ETH": walk(2)})
    alone = backtest.run(rules, BARS, params={"n": 50}, others={"ETH": walk(2)})
    assert result["total_return"][1] == alone.stats["total_return"]


def test_a_random_search_runs_what_it_draws():
    params = {"fast": backtest.integers(2, 19), "slow": [20, 40], "k": backtest.log_uniform(0.5, 8)}
    result = backtest.sweep(BOTH_WAYS, BARS, params=params, sample=30, seed=4, where="fast < slow")
    again = backtest.sweep(BOTH_WAYS, BARS, params=params, sample=30, seed=4, where="fast < slow")
    assert same(result["sharpe"], again["sharpe"])
    best = result.best()
    assert backtest.run(BOTH_WAYS, BARS, params=best.params).stats["sharpe"] == best["sharpe"]


def test_the_file_tells_bars_options_and_other_instruments_apart():
    def key(bars: Any = BARS, eth: Any = BARS, **options: Any) -> dict[str, Any]:
        rules = r.Rules(enter_long=r.close > r.other("ETH", r.sma(r.close, r.param("n"))))
        terms, sets = BarOptions.of(options), grid({"n": [5]})
        others = {"ETH": eth}
        made = Evaluator(rules, bars, terms, sets=sets, others=others, metrics=("sharpe",), workers=1)
        return made.identity()

    changed = {name: values.copy() for name, values in BARS.columns.items()}
    changed["close"][700] *= 1 + 1e-12
    touched = alipes.bars({"ts": BARS.ts, **changed})
    assert key() == key(walk(1), walk(1))
    assert {name for name, value in key(touched).items() if value != key()[name]} == {"bars"}
    assert {name for name, value in key(eth=touched).items() if value != key()[name]} == {"bars of ETH"}
    assert {name for name, value in key(fees_bps=1).items() if value != key()[name]} == {"options"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"params": {"fast": [3], "slow": [9]}}, "params lacks 'k' (in stop_loss): give each parameter"),
        ({"params": {**PARAMS, "fats": [1]}}, "the rules have no parameter 'fats'; did you mean 'fast'?"),
        ({"params": [1, 2]}, "params=[1, 2]: expected values by name"),
        ({"params": {**PARAMS, "fast": []}}, "params 'fast': there is no value in []"),
        ({"where": "fast > 100"}, "where='fast > 100' removes all 24 combinations, such as {'fast': 3"),
        ({"metrics": []}, "metrics is empty"),
        ({"metrics": ["sharpe", "sharpe"]}, "metrics: 'sharpe' is there twice"),
        ({"metrics": "sharp"}, "metrics: there is no 'sharp'; did you mean 'sharpe'?"),
        ({"workers": 0}, "workers=0: expected a whole number >= 1"),
        ({"fee_bps": 5}, "unknown option 'fee_bps'; did you mean 'fees_bps'?"),
        ({"others": {"ETH": BARS}}, "others: 'ETH' is not read by the rules"),
        ({"params": {**PARAMS, "fast": [3, 2.5]}}, "with fast = 2.5, slow = 20, k = 1: mean: window must be"),
        (
            {"params": {**PARAMS, "fast": [-1]}},
            "with fast = -1, slow = 20, k = 1: mean: window must be a whole",
        ),
        (
            {"params": {**PARAMS, "fast": [10**15]}},
            "k = 1: mean: window must be a whole number from 1 to 4,000,000,000, got 1000000000000000",
        ),
        ({"params": {**PARAMS, "k": [-1]}}, "with fast = 3, slow = 20, k = -1: stop_loss must be > 0"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], message: str):
    with pytest.raises((InputError, DataError)) as caught:
        backtest.sweep(BOTH_WAYS, BARS, **({"params": PARAMS} | change))
    assert message in str(caught.value)


def test_only_rules_with_parameters_are_swept():
    with pytest.raises(InputError, match="these rules have no parameter: put "):
        backtest.sweep(r.Rules(enter_long=r.close > 1), BARS, params={})
    with pytest.raises(InputError, match=r"expected alipes\.rules\.Rules; strategies run one at a time"):
        backtest.sweep(alipes.Strategy, BARS, params={"n": [1]})
    with pytest.raises(InputError, match="'trades' is also a parameter of the rules"):
        backtest.sweep(r.Rules(enter_long=r.close > r.param("trades")), BARS, params={"trades": [1]})


def test_a_bare_name_of_a_metric_will_do():
    assert list(backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, metrics="sharpe").metrics) == ["sharpe"]


def test_a_combination_is_not_run_on_bars_that_were_changed_after_the_sweep():
    close = np.array(BARS.columns["close"])
    given = dict.fromkeys(("open", "high", "low", "close"), close) | {"ts": np.array(BARS.ts)}
    swept = backtest.sweep(
        r.Rules(enter_long=r.close > r.sma(r.close, r.param("n"))), given, params={"n": [3, 5]}
    )
    close[7] *= 1.5
    with pytest.raises(DataError, match="the arrays of the bars were changed after the sweep"):
        swept.run(0)


def test_a_sweep_shows_the_warnings_of_its_bars():
    rows = np.r_[0:30, 40:60]
    given = {name: BARS.columns[name][rows] for name in ("open", "high", "low", "close")} | {
        "ts": BARS.ts[rows]
    }
    swept = backtest.sweep(r.Rules(enter_long=r.close > r.param("level")), given, params={"level": [3, 5]})
    assert "\nwarning: gaps: bars are missing in 1 place" in repr(swept)
    assert "<li>gaps: bars are missing in 1 place" in swept._repr_html_()


def test_a_sweep_says_with_how_many_combinations_the_rules_never_settle():
    rules = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")))
    swept = backtest.sweep(rules, BARS, params={"n": [5, 1500, 1501, 2000]})
    (warning,) = swept.warnings
    assert warning == (
        "warm_up: with 2 of 4 combinations the rules settle after more bars than the 1,500 there are, "
        "at most after 1,999"
    )
    assert f"\nwarning: {warning}" in repr(swept)
    assert backtest.sweep(rules, BARS, params={"n": [5, 1500]}).warnings == ()
    alone = backtest.sweep(rules, BARS, params={"n": 1501})
    assert alone.warnings[0].startswith("warm_up: with 1 of 1 combination the rules settle")
    assert "warm_up" in alone.run(0).warnings


def test_an_interrupted_sweep_warns_of_what_is_done():
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    rules = r.Rules(enter_long=r.close > r.sma(r.close, r.param("n")))
    swept = backtest.sweep(rules, BARS, params={"n": [5, 2000]}, workers=1, progress=stop)
    assert swept.interrupted
    assert len(swept.warnings) == swept.done[1]


def test_what_a_progress_function_raises_comes_out_of_the_engine_with_its_note():
    seen: list[str] = []

    def progress(*counts: int) -> None:
        seen.append(", ".join(map(str, counts)))
        raise ValueError("the display is gone")

    with pytest.raises(ValueError, match="the display is gone") as caught:
        backtest.sweep(BOTH_WAYS, BARS, params=PARAMS, progress=progress)
    assert caught.value.__notes__ == [f"raised by progress, called with {each}" for each in seen[:1]]
