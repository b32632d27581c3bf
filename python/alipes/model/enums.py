"""Closed sets of names. Each member is its own text, so it prints, compares and serialises as a string."""

from enum import StrEnum


class Side(StrEnum):
    """Which side of the market an order or a taker is on."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    def __init__(self, value: str) -> None:
        # Attributes, not properties: they are read with every fill.
        self.sign = 1 if value == "buy" else -1
        self.code = 0 if value == "buy" else 1


class OrderType(StrEnum):
    """What makes an order trade; the stop types wait for their stop price first."""

    LIMIT = "limit"
    MARKET = "market"
    STOP_LIMIT = "stop_limit"
    STOP_MARKET = "stop_market"


class TimeInForce(StrEnum):
    """How long an order stays: good till cancelled, immediate or cancel, fill or kill."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderState(StrEnum):
    """What is known about the execution of an order. A pending cancel or amend is kept apart from it."""

    PENDING = "pending"
    """Created; nothing has left yet."""
    DENIED = "denied"
    """Refused here, or proven not sent. The venue never saw it."""
    EMULATED = "emulated"
    """Held here until its condition is met."""
    SUBMITTED = "submitted"
    """Sent; no answer yet."""
    UNKNOWN = "unknown"
    """Sent; the answer was lost. Open until evidence arrives."""
    ACCEPTED = "accepted"
    """At the venue, nothing filled."""
    TRIGGERED = "triggered"
    """A conditional order whose condition was met, nothing filled."""
    PARTIALLY_FILLED = "partially_filled"
    """At the venue, partly filled."""
    FILLED = "filled"
    """All of it traded."""
    CANCELLED = "cancelled"
    """Taken off the market before all of it traded."""
    REJECTED = "rejected"
    """Refused by the venue, or proven absent there."""
    EXPIRED = "expired"
    """Ended by the venue's own rules: time in force, post-only, end of the contract."""

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more is expected of the order. A late fill is still applied."""
        return self in TERMINAL


TERMINAL = frozenset(
    {
        OrderState.DENIED,
        OrderState.FILLED,
        OrderState.CANCELLED,
        OrderState.REJECTED,
        OrderState.EXPIRED,
    }
)
"""States of which nothing more is expected."""


class PendingRequest(StrEnum):
    """The request about a live order that awaits its answer. A cancel outranks an amend."""

    NONE = "none"
    CANCEL = "cancel"
    AMEND = "amend"


class RequestKind(StrEnum):
    """What a connector was asked to do."""

    SUBMIT = "submit"
    AMEND = "amend"
    CANCEL = "cancel"


class Purpose(StrEnum):
    """Which call of a strategy owns an order: `ctx.quote` and `ctx.target` touch only their own."""

    ORDER = "order"
    QUOTE = "quote"
    TARGET = "target"


class Mode(StrEnum):
    """Where orders go. It is in every log line and metric."""

    BACKTEST = "backtest"
    PAPER = "paper"
    TESTNET = "testnet"
    LIVE = "live"
