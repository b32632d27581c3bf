"""Backtests: over recorded frames the same engine as live, over bars the compiled bar engine."""

from typing import TYPE_CHECKING, Any

from alipes.backtest.bars import BarOptions, Result, signals
from alipes.backtest.run import run
from alipes.backtest.stats import METRICS, Metric, Stats
from alipes.backtest.sweeps import SweepResult, choice, integers, log_uniform, sweep, uniform

if TYPE_CHECKING:
    from alipes.backtest.events import run_config
    from alipes.backtest.lookahead import LookaheadReport, check_lookahead
    from alipes.engine.result import EventResult

__all__ = [
    "METRICS",
    "BarOptions",
    "EventResult",
    "LookaheadReport",
    "Metric",
    "Result",
    "Stats",
    "SweepResult",
    "check_lookahead",
    "choice",
    "integers",
    "log_uniform",
    "run",
    "run_config",
    "signals",
    "sweep",
    "uniform",
]

_LAZY = {
    "EventResult": "alipes.engine.result",
    "LookaheadReport": "alipes.backtest.lookahead",
    "check_lookahead": "alipes.backtest.lookahead",
    "run_config": "alipes.backtest.events",
}


def __getattr__(name: str) -> Any:
    """What needs the engine loads on first use: bars do not."""
    if name in _LAZY:
        import importlib  # noqa: PLC0415

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'alipes.backtest' has no attribute {name!r}")
