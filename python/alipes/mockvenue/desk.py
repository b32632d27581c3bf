"""Placing, changing and cancelling orders: from a request's terms to the core's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alipes.mockvenue import core
from alipes.mockvenue.core import Order
from alipes.mockvenue.errors import ApiError, refusal

if TYPE_CHECKING:
    from alipes.mockvenue.call import Parameters
    from alipes.mockvenue.exchange import Exchange
    from alipes.mockvenue.market import Market
    from alipes.mockvenue.orders import NewOrder

MOST_OPEN: Final = 200
"""Open orders of an account at one perpetual (MAX_NUM_ORDERS)."""
_CANCELLING_AMENDS: Final = frozenset({"post_only_would_take", "size_not_above_filled"})
"""A change that is refused with one of these cancels the order, as the venue does it."""


class Desk:
    """Orders of all accounts.

    Args:
        exchange: The venue.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def submit(self, account: int, market: Market, new: NewOrder) -> Order:
        """Places an order.

        Returns:
            The order as it was accepted, or, where the result is wanted, after all that it caused.

        Raises:
            ApiError: The core refuses it, or there are too many open.
        """
        exchange, index = self._exchange, market.listing.index
        if len(exchange.live.open_orders(account, index)) >= MOST_OPEN:
            raise ApiError(-2025)
        client_id = new.client_id or exchange.accounts.next_client_id()
        events = exchange.live.submit(
            exchange.now,
            account,
            client_id,
            index,
            new.side,
            new.type,
            new.tif,
            new.is_post_only,
            new.is_reduce_only,
            new.price,
            new.size,
            new.stp,
        )
        least, first = market.listing.terms.min_notional, events[0]
        is_killed = any(event[0] == core.EXPIRED and event[4] == "fok" for event in events)
        exchange.apply([event for event in events if not (is_killed and event[0] in core.ORDER_EVENTS)])
        if is_killed or first[0] == core.REJECTED:
            raise refusal("fok" if is_killed else first[4], least=least)
        order = core.order_of(first)
        return self._find(account, order.order_id) if new.is_result_wanted else order

    def amend(self, account: int, order: Order, price: int, size: int) -> Order:
        """Changes price and size of an open order.

        Raises:
            ApiError: The core refuses it.
        """
        exchange = self._exchange
        events = exchange.apply(exchange.live.amend(exchange.now, account, order.order_id, price, size))
        for event in events:
            if event[0] == core.AMEND_REJECTED and event[1] == account:
                if event[4] in _CANCELLING_AMENDS:
                    return self.cancel(account, order)
                least = exchange.listings[order.instrument].terms.min_notional
                raise refusal(event[4], least=least)
        return self._find(account, order.order_id)

    def cancel(self, account: int, order: Order) -> Order:
        """Cancels an open order.

        Raises:
            ApiError: -2011, it is not open.
        """
        exchange = self._exchange
        events = exchange.apply(exchange.live.cancel(exchange.now, account, order.order_id))
        if any(event[0] == core.CANCEL_REJECTED for event in events):
            raise ApiError(-2011)
        return self._find(account, order.order_id)

    def cancel_all(self, account: int, market: Market) -> None:
        """Cancels all open orders of an account at a perpetual."""
        exchange = self._exchange
        exchange.apply(exchange.live.cancel_all(exchange.now, account, market.listing.index))

    def named(self, account: int, params: Parameters, market: Market, *, missing: int) -> Order:
        """The order that a request names by ``orderId`` or ``origClientOrderId``.

        Args:
            account: Whose.
            params: The request's parameters.
            market: Where.
            missing: Code where there is none: -2011 where it is to be cancelled, else -2013.

        Raises:
            ApiError: -1102, it names none; `missing`, there is none.
        """
        order_id, client_id = params.whole("orderId"), params.get("origClientOrderId")
        if order_id is None and not client_id:
            raise ApiError(
                -1102,
                "orderId",
                text="Param '{}' or 'origClientOrderId' must be sent, but both were empty/null!",
            )
        by = {"client_id": client_id} if order_id is None else {"order_id": order_id}
        found = self._exchange.live.order(account, **by)
        order = None if found is None else Order(*found)
        if order is None or order.instrument != market.listing.index or not core.is_recorded(order):
            raise ApiError(missing)
        return order

    def open(self, account: int, market: Market | None = None) -> list[Order]:
        """Open orders of an account, of one perpetual or of all."""
        index = None if market is None else market.listing.index
        return [Order(*row) for row in self._exchange.live.open_orders(account, index)]

    def _find(self, account: int, order_id: int) -> Order:
        found = self._exchange.live.order(account, order_id=order_id)
        if found is None:
            raise ApiError(-2013)
        return Order(*found)
