"""The exchange in a box: a local server that speaks Binance USD-M, for clients that do not know of it.

`VenueServer` serves a `VenueConfig`, `VenueThread` does so in a thread. A request goes `server` → `dispatch`
(hooks, limits, signature) → `rest` → `desk` → the matching core; what the core did goes `exchange` →
`streams`. `docs/venue.md` lists endpoints and codes.
"""

from __future__ import annotations

from alipes.mockvenue.clients import point
from alipes.mockvenue.config import VenueConfig
from alipes.mockvenue.faults import Faults
from alipes.mockvenue.hooks import DropConnection, Hooks
from alipes.mockvenue.listing import Terms
from alipes.mockvenue.server import VenueServer
from alipes.mockvenue.thread import VenueThread
from alipes.mockvenue.weights import Limits

__all__ = [
    "DropConnection",
    "Faults",
    "Hooks",
    "Limits",
    "Terms",
    "VenueConfig",
    "VenueServer",
    "VenueThread",
    "point",
]
