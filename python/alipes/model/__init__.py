"""The values every part of Alipes speaks of: instruments, orders and their events, fills, market data.

Market data are floats; everything of the account (orders, fills, positions, money) is exact. Prices and sizes
of the account are integers inside (ticks and size steps) and `Decimal` at the edge, computed when they are
asked for.

It knows nothing of the engine, of a venue or of files. Messages are frozen; only `Order` changes, and only
the order lifecycle changes it.
"""

from alipes.model.enums import (
    Mode,
    OrderState,
    OrderType,
    PendingRequest,
    Purpose,
    RequestKind,
    Side,
    TimeInForce,
)
from alipes.model.events import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    NotSent,
    OrderEvent,
    Rejected,
    Triggered,
    Unknown,
)
from alipes.model.instrument import Instrument, Number
from alipes.model.order import Order
from alipes.model.records import (
    AmendIntent,
    CancelIntent,
    Control,
    EventRecord,
    OrderIntent,
    Record,
    StateRecord,
)
from alipes.model.values import Bar, Fill, Position, Trade
from alipes.model.venue import (
    Capabilities,
    KeyPermissions,
    LedgerEntry,
    VenueBalance,
    VenueFill,
    VenueOrder,
    VenuePosition,
    VenueState,
)

__all__ = [
    "Accepted",
    "AmendIntent",
    "AmendRejected",
    "Amended",
    "Bar",
    "CancelIntent",
    "CancelRejected",
    "Cancelled",
    "Capabilities",
    "Control",
    "EventRecord",
    "Expired",
    "Fill",
    "Filled",
    "Instrument",
    "KeyPermissions",
    "LedgerEntry",
    "Mode",
    "NotSent",
    "Number",
    "Order",
    "OrderEvent",
    "OrderIntent",
    "OrderState",
    "OrderType",
    "PendingRequest",
    "Position",
    "Purpose",
    "Record",
    "Rejected",
    "RequestKind",
    "Side",
    "StateRecord",
    "TimeInForce",
    "Trade",
    "Triggered",
    "Unknown",
    "VenueBalance",
    "VenueFill",
    "VenueOrder",
    "VenuePosition",
    "VenueState",
]
