"""What must not show: the size of blocks, the number of threads, the jumps between events, a live stream."""

import math
import random
from typing import Any

import numpy as np
import pytest
from tests.counts import scaled

import alipes
import alipes.rules as r
from alipes import _core

MINUTE = 60_000_000_000
BLOCKS = (1, 7, 64, 1000)


def market(seed: int, bars: int = 900) -> Any:
    """Seeded bars with gaps in time and a user column with undefined values."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.004, bars)))
    open_ = np.roll(close, 1) * (1 + rng.normal(0, 0.001, bars))
    open_[0] = 100.0
    high = np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.002, bars)))
    low = np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.002, bars)))
    steps = np.where(rng.random(bars) < 0.01, rng.integers(2, 40, bars), 1)
    ts = 1_700_000_040_000_000_000 + np.cumsum(steps) * MINUTE
    odd = np.where(rng.random(bars) < 0.05, np.nan, rng.normal(0, 1, bars))
    columns = {
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": rng.random(bars),
        "odd": odd,
    }
    return alipes.bars({"ts": ts, **columns}, freq="1min")


def expressions() -> list[Any]:
    """Something of every kind of operator."""
    close, odd = r.close, r.column("odd")
    up = r.cross_above(r.sma(close, 5), r.sma(close, 21))
    bands = r.bollinger(close, 20)
    return [
        r.sma(close, 300), r.ema(close, 17), r.wma(close, 9), r.rsi(close, 14), r.atr(14), *r.macd(close),
        *bands, r.rolling_zscore(odd, 3),
        r.rolling_median(close, 11), r.rolling_rank(close, 30), r.rolling_corr(close, r.volume, 25),
        r.rolling_slope(close, 70), r.rolling_quantile(close, 13, 0.3), r.rolling_max(r.high, 260),
        r.rolling_min(odd, 2), r.ewm_std(close, span=10), r.cumsum(r.diff(close)), r.bars_since(up),
        r.value_when(up, close), r.where(close > r.open, r.high, odd), up, r.shift(up, 70) | (odd > 0),
        r.tf("15m", r.sma(r.close, 4)), r.tf("1h", r.close > r.open), r.obv(), r.cci(20), r.mfi(14),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_block_size_changes_no_bit_of_a_value(seed: int) -> None:
    bars = market(seed)
    graph = r.graph.Graph()
    outputs = [graph.add(term) for term in expressions()]

    def values(block: int) -> list[bytes]:
        found = _core.bar_evaluate(
            graph.nodes, outputs, bars.ts, dict(bars.columns), bars.step, {}, None, block=block
        )
        return [np.where(np.isnan(each), np.nan, each).tobytes() for each in found]

    whole = values(len(bars))
    assert any(not np.isnan(np.frombuffer(each)).all() for each in whole)
    for block in BLOCKS:
        assert values(block) == whole, f"blocks of {block}"


def some_rules(rng: random.Random) -> r.Rules:
    """Rules with some of everything that a run can go through."""
    fast, slow = r.ema(r.close, rng.randint(2, 9)), r.sma(r.close, rng.randint(10, 40))
    atr = r.atr(rng.randint(2, 20))
    chance: Any = lambda value: value if rng.random() < 0.5 else None  # noqa: E731
    return r.Rules(
        enter_long=r.cross_above(fast, slow),
        exit_long=chance(r.cross_below(fast, slow)),
        enter_short=chance(r.rsi(r.close, 7) > 75),
        exit_short=chance(r.rsi(r.close, 7) < 40),
        size=rng.choice([r.equity(1.0), r.equity(0.3), r.units(2.0), r.notional(500.0)]),
        stop_loss=chance(rng.uniform(0.5, 4) * atr),
        take_profit=chance(r.pct(rng.uniform(0.002, 0.03))),
        trailing=chance(rng.uniform(0.5, 4) * atr),
        max_bars=chance(rng.randint(1, 50)),
        pyramid=rng.choice([0, 0, 2]),
        opposite=rng.choice(["reverse", "close", "ignore"]),
    )


def some_terms(rng: random.Random, bars: Any) -> dict[str, Any]:
    every = bars.ts[:: rng.choice([7, 60, 480])]
    funding = {"funding_ts": every, "funding_rate": np.full(len(every), 2e-4)} if rng.random() < 0.5 else {}
    return {
        "cash": 1000.0,
        "fees_bps": rng.choice([0.0, 5.0]),
        "maker_fees_bps": rng.choice([-1.0, 5.0]),
        "fixed_fee": rng.choice([0.0, 0.1]),
        "slippage_bps": rng.choice([0.0, 3.0]),
        "leverage": rng.choice([1.0, 1.0, 4.0]),
        "fill": rng.choice(["next_open", "same_close", "next_close"]),
        "path": rng.choice(["pessimistic", "optimistic", "nearest"]),
        "size_at": rng.choice(["fill", "decision"]),
        "close_at_end": rng.random() < 0.5,
        "convention": rng.choice(["alipes", "vectorbt"]),
    } | funding


def flat(raw: dict[str, Any]) -> dict[str, bytes]:
    """Everything of a run, as bytes."""
    told = {name: raw[name].tobytes() for name in ("equity", "position")}
    for table in ("orders", "trades"):
        told |= {f"{table}.{name}": values.tobytes() for name, values in raw[table].items()}
    told |= {name: repr(raw[name]).encode() for name in ("conflicts", "undefined_exits", "ruined")}
    return told


@pytest.mark.parametrize("seed", range(scaled(25, 1500)))
def test_block_size_and_jumps_change_no_bit_of_a_run(seed: int) -> None:
    rng = random.Random(seed)
    bars, rules = market(seed % 7), some_rules(rng)
    terms = some_terms(rng, bars)
    program = _core.BarProgram(rules.nodes, rules.slots)
    columns = dict(bars.columns)

    def run(**how: Any) -> dict[str, Any]:
        return _core.bar_run(program, bars.ts, columns, bars.step, {}, terms, **how)

    usual = run()
    for block in BLOCKS:
        cut = run(block=block)
        assert flat(cut) == flat(usual), f"blocks of {block}"
        assert repr(cut["stats"]) == repr(usual["stats"]), f"blocks of {block}"
    stepped = run(step_all=True)
    assert flat(stepped) == flat(usual)
    for name, value in stepped["stats"].items():
        # Sums of bar returns are taken in runs or one by one; all else is the same to the bit.
        assert math.isclose(value, usual["stats"][name], rel_tol=1e-9, abs_tol=1e-12) or value != value, name  # noqa: PLR0124


@pytest.mark.parametrize("convention", ["alipes", "vectorbt", "quantstats"])
def test_the_number_of_threads_changes_no_bit_of_a_sweep(convention: str) -> None:
    bars = market(3)
    fast, slow = r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))
    rules = r.Rules(enter_long=r.cross_above(fast, slow), exit_long=r.cross_below(fast, slow))
    grid = {"fast": range(2, 30, 3), "slow": range(5, 300, 20)}
    metrics = ("total_return", "sharpe", "max_drawdown", "max_drawdown_days", "trades", "omega", "var_95")
    tables = [
        alipes.backtest.sweep(
            rules, bars, params=grid, metrics=metrics, workers=workers, convention=convention, fees_bps=4
        )
        for workers in (1, 2, 5)
    ]
    for table in tables[1:]:
        for name in metrics:
            assert table[name].tobytes() == tables[0][name].tobytes(), name


@pytest.mark.parametrize("seed", range(scaled(6, 200)))
def test_a_stream_gives_the_signals_of_the_batch(seed: int) -> None:
    rng = random.Random(seed)
    bars = market(seed)
    base, higher = some_rules(rng), r.tf("15m", r.ema(r.close, 3))
    rules = r.Rules(
        enter_long=base.enter_long & (r.close > higher),
        exit_long=r.cross_below(r.close, r.tf("1h", r.low)),
        enter_short=base.enter_short,
    )
    slots = [rules.enter_long, rules.exit_long] + ([] if rules.enter_short is None else [rules.enter_short])
    batch = r.evaluate(tuple(slots), bars)
    stream = rules.stream(step="1m")
    columns = {name: bars.columns[name].tolist() for name in ("open", "high", "low", "close", "volume")}
    seen = []
    for i, ts in enumerate(bars.ts.tolist()):
        signals = stream.push(ts, **{name: values[i] for name, values in columns.items()})
        seen.append([math.nan if each is None else float(each) for each in signals[: len(slots)]])
    for slot, (values, live) in enumerate(zip(batch, np.array(seen).T, strict=True)):
        assert np.array_equal(values, live, equal_nan=True), slot
