"""How each venue takes, keeps and finds our client order ids through ccxt, as data.

Each line was seen by running ccxt: what it translates differs by venue and by call.
"""

from __future__ import annotations

from typing import Any

import msgspec


class IdRules(msgspec.Struct, frozen=True):
    """One venue.

    Attributes:
        on_create: Parameter that carries the id when an order is placed.
        on_change: Parameter that names the order when it is cancelled; None: the venue's id does.
        on_amend: Parameter that names it when it is amended, beside the venue's id.
        on_fetch: Parameter of ``fetch_order``; None where it does not find by client id.
        on_list: Parameter of ``fetch_open_orders`` that filters by it; None: the list is searched.
        in_fills: Where the venue's own record of a trade holds the id; None where it does not.
        is_kept: Whether the venue keeps our id.
        can_amend: Whether ccxt's ``edit_order`` changes the order in place and keeps its id.
        takes_conditional: Whether conditional orders are placed, found and cancelled by client id.
        acks_cancels: Whether the reply to a cancel says how the order ended.
    """

    on_create: str = "clientOrderId"
    on_change: str | None = "clientOrderId"
    on_amend: str = "clientOrderId"
    on_fetch: str | None = "clientOrderId"
    on_list: str | None = None
    in_fills: str | None = None
    is_kept: bool = True
    can_amend: bool = False
    takes_conditional: bool = False
    acks_cancels: bool = False

    def create(self, client_order_id: str) -> dict[str, Any]:
        """Parameters of ``create_order``."""
        return {self.on_create: client_order_id}

    def change(self, client_order_id: str) -> dict[str, Any]:
        """Parameters of ``cancel_order``."""
        return {} if self.on_change is None else {self.on_change: client_order_id}

    def amend(self, client_order_id: str) -> dict[str, Any]:
        """Parameters of ``edit_order``."""
        return {self.on_amend: client_order_id}


RULES: dict[str, IdRules] = {
    "binance": IdRules(in_fills="c", acks_cancels=True),
    "binanceusdm": IdRules(
        on_amend="origClientOrderId",  # edit_order passes what it is given through to the venue
        in_fills="c",
        can_amend=True,
        takes_conditional=True,
        acks_cancels=True,
    ),
    "okx": IdRules(in_fills="clOrdId", can_amend=True),
    "bybit": IdRules(
        on_change="orderLinkId",
        on_amend="orderLinkId",
        on_fetch=None,  # fetch_order(None) sends a literal orderId=None
        on_list="orderLinkId",
        in_fills="orderLinkId",
        can_amend=True,
    ),
    "kraken": IdRules(on_fetch=None, in_fills="cl_ord_id"),  # fetch_order sends userref
    "coinbase": IdRules(  # clientOrderId is discarded and another one invented
        on_create="client_order_id", on_change=None, on_fetch=None, in_fills="client_order_id"
    ),
}
"""By ccxt's venue id."""

UNTESTED = IdRules(on_change=None, on_fetch=None, is_kept=False)
"""Any other venue: nothing is taken for granted, so orders go one at a time."""


class KnownIds:
    """Which venue id belongs to which client id, as far as replies have told; the oldest are forgotten.

    Args:
        capacity: Orders to remember.
    """

    __slots__ = ("_capacity", "_clients", "_venues")

    def __init__(self, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._clients: dict[tuple[str, str], str] = {}
        self._venues: dict[str, str] = {}

    def learn(self, symbol: str, client_order_id: str | None, venue_order_id: str | None) -> None:
        """Remembers a pair; an incomplete one changes nothing."""
        if not client_order_id or not venue_order_id:
            return
        self._clients[symbol, venue_order_id] = client_order_id
        self._venues[client_order_id] = venue_order_id
        if len(self._clients) > self._capacity:
            oldest = next(iter(self._clients))
            self._venues.pop(self._clients.pop(oldest), None)

    def client_of(self, symbol: str, venue_order_id: str | None) -> str | None:
        """The client id of an order by its venue id."""
        return None if venue_order_id is None else self._clients.get((symbol, venue_order_id))

    def venue_of(self, client_order_id: str) -> str | None:
        """The venue id of an order by its client id."""
        return self._venues.get(client_order_id)


def rules_of(venue: str) -> IdRules:
    """The rules of a venue."""
    return RULES.get(venue, UNTESTED)
