"""Backtests: the same engine as live, moved by recorded time."""

from alipes.backtest.result import EventResult
from alipes.backtest.run import run, run_config

__all__ = ["EventResult", "run", "run_config"]
