"""The one way to change an order: everyone else holds the same object and can only read it."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec.structs import force_setattr

from alipes.model import Order

Field = Literal[
    "amend_asked_steps",
    "amend_price_ticks",
    "amend_size_steps",
    "asked_steps",
    "cost",
    "denied",
    "end",
    "filled_steps",
    "in_flight",
    "open_steps",
    "price_ticks",
    "reason",
    "size_steps",
    "state",
    "ts_amended",
    "ts_updated",
    "venue_order_id",
]
"""What of an order changes in its life; the rest is what was asked for."""

write: Callable[[Order, Field, Any], None] = force_setattr
"""Sets a field of an order. A bare built-in: a function around it would cost more than the write."""
