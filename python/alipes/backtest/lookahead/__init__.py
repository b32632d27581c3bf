"""Does a signal function look ahead, and how long is its warm-up: found by taking bars away and comparing."""

from alipes.backtest.lookahead.check import check_lookahead
from alipes.backtest.lookahead.report import LookaheadReport

__all__ = ["LookaheadReport", "check_lookahead"]
