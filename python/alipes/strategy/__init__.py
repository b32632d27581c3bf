"""What users write and call: `Strategy` and its `Context`."""

from alipes.strategy.base import Strategy
from alipes.strategy.context import Context
from alipes.strategy.load import load_strategy

__all__ = ["Context", "Strategy", "load_strategy"]
