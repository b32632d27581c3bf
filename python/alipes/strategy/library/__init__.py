"""Strategies to run and to read."""

from alipes.strategy.library.momentum import Momentum
from alipes.strategy.library.quoter import Quoter

__all__ = ["Momentum", "Quoter"]
