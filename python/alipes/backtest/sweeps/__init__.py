"""Sweeps: rules over many parameter sets, as a grid or a random sample, and what to make of the rows."""

from alipes.backtest.sweeps.distributions import Distribution, choice, integers, log_uniform, uniform
from alipes.backtest.sweeps.heatmap import Heatmap
from alipes.backtest.sweeps.result import Row, SweepResult
from alipes.backtest.sweeps.run import sweep

__all__ = [
    "Distribution",
    "Heatmap",
    "Row",
    "SweepResult",
    "choice",
    "integers",
    "log_uniform",
    "sweep",
    "uniform",
]
