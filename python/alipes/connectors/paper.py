"""Orders to the simulated exchange: the connector of backtest and paper.

It translates orders into the exchange's integers and its answers into order events. Matching, queues, latency
and fees are the exchange's, in Rust; none of it is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from alipes.model import (
    Accepted,
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    OrderEvent,
    Rejected,
    TimeInForce,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from alipes._core import SimExchange
    from alipes.model import Order

_TIFS = {TimeInForce.GTC: 0, TimeInForce.IOC: 1, TimeInForce.FOK: 2}
_LIMIT, _MARKET = 0, 1


class Time(Protocol):
    """Where the connector reads the engine's time, int ns UTC."""

    now: int


class PaperConnector:
    """A `alipes.ports.Connector` over the simulated exchange.

    Args:
        exchange: The exchange of one account.
        time: The engine's time.
    """

    def __init__(self, *, exchange: SimExchange, time: Time) -> None:
        self.exchange = exchange
        self._time = time
        self.next_due: Callable[[], int | None] = exchange.next_due

    def submit(self, order: Order) -> None:
        """Sends the order; it arrives after the entry latency."""
        price = order.price_ticks
        self.exchange.submit(
            self._time.now,
            order.client_order_id,
            order.instrument.index,
            order.side.code,
            _MARKET if price is None else _LIMIT,
            _TIFS[order.tif],
            order.post_only,
            order.reduce_only,
            price or 0,
            order.size_steps,
        )

    def amend(self, order: Order) -> None:
        """Asks for the price and total size of the amend in flight."""
        price, size = order.amend_price_ticks, order.amend_size_steps
        self.exchange.amend(
            self._time.now,
            order.client_order_id,
            (order.price_ticks if price is None else price) or 0,
            order.size_steps if size is None else size,
        )

    def cancel(self, order: Order) -> None:
        """Asks for the end of the order."""
        self.exchange.cancel(self._time.now, order.client_order_id)

    def poll(self, now: int) -> list[OrderEvent]:
        """The answers due at `now`, in order."""
        return [_EVENTS[response[0]](response, now) for response in self.exchange.poll(now)]


Response = tuple[Any, ...]
"""(kind, client_order_id, ts_event, venue_order_id, price_ticks, size_steps, trade_id, is_maker, fee,
fee_asset, reason), as `alipes._core.SimExchange.poll` gives it."""


def _filled(response: Response, now: int) -> OrderEvent:
    _, order_id, ts_event, venue_id, price, size, trade_id, is_maker, fee, fee_asset, _ = response
    return Filled(order_id, ts_event, now, trade_id, price, size, is_maker, fee, fee_asset, venue_id)


def _amended(response: Response, now: int) -> OrderEvent:
    return Amended(response[1], response[2], now, response[4], response[5])


_EVENTS: tuple[Callable[[Response, int], OrderEvent], ...] = (
    lambda response, now: Accepted(response[1], response[2], now, response[3]),
    lambda response, now: Rejected(response[1], response[2], now, response[10]),
    _filled,
    lambda response, now: Cancelled(response[1], response[2], now, response[10]),
    lambda response, now: Expired(response[1], response[2], now, response[10]),
    _amended,
    lambda response, now: AmendRejected(response[1], response[2], now, response[10]),
    lambda response, now: CancelRejected(response[1], response[2], now, response[10]),
)
