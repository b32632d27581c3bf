"""A made-up run as a `Sheet`: a walk, trades on it, and the equity they give."""

import numpy as np

from alipes.report.tables import Coded, Table
from alipes.report.tearsheet import Sheet

DAY = 86_400_000_000_000
START = 1_640_995_200_000_000_000  # 2022-01-01
HOUR = DAY // 24


def sheet(bars=2_000, trades=40, step=HOUR, seed=7):
    """`trades` trades in turn long and short over a random walk, all of the money in each."""
    rng = np.random.default_rng(seed)
    close = 30_000 * np.exp(np.cumsum(rng.normal(0, 0.006, bars)))
    ts = START + step * np.arange(1, bars + 1)
    table = _trades(rng, close, ts, trades)
    equity = _equity(close, table)
    return Sheet(
        title="Moving averages <10, 30>",
        subtitle=f"{bars:,} bars of 1h from 2022-01-01",
        ts=ts,
        close=close,
        equity=equity,
        cash=10_000.0,
        first_open=30_000.0,
        trades=table,
        drawdowns=drawdowns(),
        stats=STATS,
        warnings={"gaps": "3 gaps, the longest of 12 bars", "few_days": "a Sharpe of 12 days says little"},
        settings={"fast": "10", "slow": "30", "fees_bps": "5", "fill": "next_open"},
    )


STATS = {
    "total_return": 0.4231, "cagr": 0.381, "volatility": 0.52, "sharpe": 1.17, "sortino": 1.71, "calmar": 1.9,
    "omega": 1.2, "max_drawdown": 0.2013, "max_drawdown_days": 41.2, "trades": 40.0, "win_rate": 0.475,
    "profit_factor": 1.62, "expectancy": 103.1, "sqn": 1.4, "exposure": 0.48, "fees": 412.3,
    "turnover": 82.4, "best_trade": 0.093, "worst_trade": -0.041, "avg_trade": 0.009, "var_95": -0.031,
    "skew": 0.4, "kurtosis": 2.1,
}  # fmt: skip


def drawdowns():
    return Table(
        {
            "peak_ts": START + DAY * np.array([10, 50]),
            "trough_ts": START + DAY * np.array([20, 60]),
            "end_ts": np.array([START + 30 * DAY, -1]),
            "depth": np.array([0.2013, 0.1]),
            "days": np.array([20.0, 33.3]),
        },
        name="drawdowns",
        times=("peak_ts", "trough_ts", "end_ts"),
        absent=("end_ts",),
    )


def _trades(rng, close, ts, count):
    places = np.sort(rng.choice(np.arange(1, len(close) - 1), 2 * count, replace=False))
    entries, exits = places[::2], places[1::2]
    side = np.where(np.arange(count) % 3 == 2, -1, 1)
    ratio = side * (close[exits] / close[entries] - 1)
    is_open = np.zeros(count, bool)
    if count:
        is_open[-1] = True
    return Table(
        {
            "id": np.arange(count),
            "side": Coded((side < 0).astype(np.uint8), ["long", "short"]),
            "entry_ts": ts[entries],
            "entry_bar": entries,
            "entry_price": close[entries],
            "size": 10_000 / close[entries],
            "exit_ts": ts[exits],
            "exit_bar": exits,
            "exit_price": close[exits],
            "pnl": 10_000 * ratio,
            "return": ratio,
            "reason": Coded(np.where(is_open, -1, np.arange(count) % 2), ["close", "stop_loss"]),
            "is_open": is_open,
        },
        name="trades",
        times=("entry_ts", "exit_ts"),
    )


def _equity(close, trades):
    """All of the money in each trade, none in between."""
    equity, money = np.empty(len(close)), 10_000.0
    flat_from = 0
    for row in trades:
        entry, leave, side = row["entry_bar"], row["exit_bar"], 1 if row["side"] == "long" else -1
        equity[flat_from:entry] = money
        equity[entry : leave + 1] = money * (1 + side * (close[entry : leave + 1] / close[entry] - 1))
        money, flat_from = equity[leave], leave + 1
    equity[flat_from:] = money
    return equity
