"""A made-up run of four bars, in the shape the engine returns it."""

import numpy as np

from alipes.backtest.bars.options import BarOptions
from alipes.backtest.bars.result import Result
from alipes.data.bars import bars as read_bars

HOUR = 3_600_000_000_000
DAY = 24 * HOUR
START = 1_700_006_400_000_000_000  # 2023-11-15 00:00 UTC
NAMES = {
    "kind": ["open", "add", "close", "stop_loss", "trailing", "take_profit", "liquidation", "time", "end"],
    "side": ["buy", "sell"],
    "status": ["filled", "skipped", "cancelled", "pending"],
    "reason": ["", "position closed", "ruin", "below minimum", "short of cash", "undefined size"],
}


def bars_of(close, step=HOUR, start=START, **columns):
    """Bars that open where the last one closed."""
    close = np.array(close, float)
    open_ = np.append(close[0], close[:-1])
    return read_bars(
        {
            "ts": start + step * np.arange(len(close)),
            "open": open_,
            "high": np.maximum(open_, close),
            "low": np.minimum(open_, close),
            "close": close,
            "volume": np.ones(len(close)),
            **columns,
        },
        freq=step,
    )


def raw_run(ts=START, **changes):
    """Bought at bar 1 for 100, sold at bar 3 for 120; an order too small before it, one pending after it."""
    orders = {
        "id": np.arange(4),
        "bar": np.array([0, 0, 2, 3]),
        "ts": ts + HOUR * np.array([1, 1, 3, 4]),
        "kind": np.array([0, 0, 2, 0], np.uint8),
        "side": np.array([0, 0, 1, 0], np.uint8),
        "status": np.array([1, 0, 0, 3], np.uint8),
        "reason": np.array([3, 0, 0, 0], np.uint8),
        "size": np.array([0.0, 10.0, 10.0, 0.0]),
        "fill_bar": np.array([-1, 1, 3, -1]),
        "fill_ts": np.array([-1, ts + HOUR, ts + 3 * HOUR, -1]),
        "price": np.array([np.nan, 100.0, 120.0, np.nan]),
        "fee": np.array([0.0, 1.0, 1.2, 0.0]),
        "is_maker": np.zeros(4, bool),
        "is_reduced": np.zeros(4, bool),
        "trade": np.array([-1, 0, 0, -1]),
    }
    trades = {
        "id": np.array([0]),
        "side": np.array([0], np.uint8),
        "entry_ts": np.array([ts + HOUR]),
        "entry_bar": np.array([1]),
        "entry_price": np.array([100.0]),
        "size": np.array([10.0]),
        "exit_ts": np.array([ts + 3 * HOUR]),
        "exit_bar": np.array([3]),
        "exit_price": np.array([120.0]),
        "fees": np.array([2.2]),
        "funding": np.array([0.0]),
        "pnl": np.array([197.8]),
        "return": np.array([0.1978]),
        "reason": np.array([2], np.int8),
        "is_open": np.array([False]),
        "bars": np.array([2]),
    }
    run = {
        "equity": np.array([1000.0, 899.0, 1199.0, 1197.8]),
        "position": np.array([0.0, 10.0, 10.0, 0.0]),
        "orders": orders,
        "trades": trades,
        "names": NAMES,
        "conflicts": 0,
        "undefined_exits": 0,
        "ruined": -1,
        "optimistic": False,
        "stats": STATS,
        "days": 0,
    }
    return run | changes


STATS = {
    "total_return": 0.1978,
    "sharpe": float("nan"),
    "max_drawdown": 0.101,
    "trades": 1.0,
    "win_rate": 1.0,
}


def result_of(raw=None, bars=None, options=None, **changes):
    return Result(
        raw or raw_run(),
        bars=bars or bars_of([100.0, 90.0, 120.0, 121.0]),
        options=options or BarOptions(cash=1000.0, fees_bps=10.0),
        **({"params": {"fast": 10.0}, "name": "Rules"} | changes),
    )
