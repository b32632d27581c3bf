"""What is made of market data in Python, where it happens a few times a second: bars from trades."""

from alipes.market.bars import BarBuilder

__all__ = ["BarBuilder"]
