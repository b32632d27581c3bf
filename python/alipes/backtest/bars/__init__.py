"""Backtests on bars: rules or signals and options in, the compiled bar engine, a `Result` out."""

from alipes.backtest.bars.options import BarOptions, OptionArguments
from alipes.backtest.bars.result import Result
from alipes.backtest.bars.run import run
from alipes.backtest.bars.signals import signals

__all__ = ["BarOptions", "OptionArguments", "Result", "run", "signals"]
