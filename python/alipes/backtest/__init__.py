"""Backtests: the same engine as live, moved by recorded time."""

from alipes.backtest.events import run, run_config
from alipes.engine.result import EventResult

__all__ = ["EventResult", "run", "run_config"]
