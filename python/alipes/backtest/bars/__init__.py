"""Backtests on bars: options in, the compiled bar engine, a `Result` out."""

from alipes.backtest.bars.options import BarOptions, OptionArguments
from alipes.backtest.bars.result import Result

__all__ = ["BarOptions", "OptionArguments", "Result"]
