"""Risk: limits, the checks before an order may go, and the latches that stop trading.

The numeric checks are one compiled function, the same in backtest, paper and live; here are its limits, its
words and the policy around it. Cancels pass no check and no latch. It knows nothing of the lifecycle of an
order or of a venue.
"""

from alipes.risk.checks import CODES, RiskChecks
from alipes.risk.latches import Latches, TradingState
from alipes.risk.limits import DEFAULT_COLLAR_BPS, InstrumentLimits

__all__ = ["CODES", "DEFAULT_COLLAR_BPS", "InstrumentLimits", "Latches", "RiskChecks", "TradingState"]
