"""What a venue tells beside the answers to requests: streamed orders and trades, and comparisons with it.

Everything here may come twice or late; the order lifecycle counts each fill once. A comparison asks for the
fills since the last one, minus a minute, and looks at every order that is open here and not there. Average
prices depend on the order of fills: where a stream may have lost some, its next ones wait for a comparison.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from alipes.connectors.ccxt_replies import end_of, fill_of, filled, order_of
from alipes.errors import VenueError
from alipes.model import Accepted, Amended, OrderState, OrderType, Rejected, RequestKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alipes.connectors.ccxt_flights import Flight
    from alipes.connectors.ccxt_reads import CcxtReads
    from alipes.model import Instrument, Order, OrderEvent, Side, VenueFill, VenueOrder

OVERLAP_NS = 60_000_000_000
"""How far back before the last comparison fills are asked for, ns."""
MOST_HELD_S = 2.0
"""How long a streamed fill waits at most for what was lost before it, seconds."""
REMEMBERED = 100_000
"""Fills and orders remembered as told."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
"""Times before a comparison that failed is tried again, seconds; each is twice the one before."""
_PRICED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_UNSETTLED = frozenset({OrderState.SUBMITTED, OrderState.UNKNOWN})


class Updates:
    """Turns what the venue tells into order events.

    Args:
        reads: What the venue is asked through.
        flights: Requests on their way, by (client order id, kind).
        emit: Takes the events.
        every_s: Time between two comparisons, seconds; 0 only when asked.

    Attributes:
        comparisons: How many were completed.
    """

    def __init__(
        self,
        reads: CcxtReads,
        flights: Mapping[tuple[str, RequestKind], Flight],
        emit: Callable[[OrderEvent], None],
        *,
        every_s: float,
    ) -> None:
        self.comparisons = 0
        self._reads, self._flights, self._emit, self._every = reads, flights, emit, every_s
        self._asked = asyncio.Event()
        self._orders: dict[str, Order] = {}
        self._told: dict[tuple[str, str, Side], None] = {}
        self._acked: dict[str, None] = {}
        self._since: int | None = None
        self._gaps = 0
        self._held: list[tuple[str, VenueFill]] | None = None
        self._release_at: asyncio.TimerHandle | None = None
        self._log = structlog.get_logger("alipes").bind(account=reads.session.account)

    def follow(self, order: Order) -> None:
        """Looks after an order until it has ended."""
        self._orders[order.client_order_id] = order

    def acked(self, client_order_id: str) -> bool:
        """Takes note that the engine is told that the venue has an order; whether that is news."""
        return _is_news(self._acked, client_order_id)

    def ask(self) -> None:
        """Asks for a comparison as soon as possible."""
        self._asked.set()

    def on_gap(self) -> None:
        """Takes note that a stream may have lost something: a comparison goes before what follows."""
        self._gaps += 1
        if self._held is None:
            self._held = []
            self._release_at = asyncio.get_running_loop().call_later(MOST_HELD_S, self._release)
        self.ask()

    async def begin(self) -> None:
        """Takes note of the fills before this run, which are in the account as it is found and no news.

        Raises:
            VenueError: The venue did not answer.
        """
        session = self._reads.session
        since = session.now() + session.clock_offset_ns - 2 * OVERLAP_NS
        for instrument in self._reads.instruments.values():
            for fill in await self._reads.fills(instrument, since):
                if fill.client_order_id not in self._orders:
                    _is_news(self._told, _key(fill))

    # Streams

    def on_order(self, reply: dict[str, Any]) -> None:
        """Takes an order structure from a stream."""
        instrument = self._reads.instruments.get(str(reply.get("symbol")))
        if instrument is None or reply.get("id") is None:
            return
        seen = order_of(instrument, reply)
        name = seen.client_order_id or self._reads.ids.client_of(instrument.symbol, seen.venue_order_id)
        self._reads.ids.learn(instrument.symbol, name, seen.venue_order_id)
        if name is not None:
            self._tell(name, seen)

    def on_trade(self, reply: dict[str, Any]) -> None:
        """Takes a trade structure from a stream."""
        instrument = self._reads.instruments.get(str(reply.get("symbol")))
        if instrument is not None:
            fill = fill_of(instrument, reply, self._reads.rules)
            name = fill.client_order_id or self._reads.ids.client_of(instrument.symbol, fill.venue_order_id)
            if name is None:
                self.ask()  # the comparison asks whose it is
            elif self._held is not None:
                self._held.append((name, fill))
            else:
                self._fill(name, fill)

    def _tell(self, name: str, seen: VenueOrder) -> None:
        submit = self._flights.get((name, RequestKind.SUBMIT))
        if submit is not None and seen.state != "rejected":
            submit.seen_as = seen.venue_order_id
        now = self._reads.session.now()
        order = self._orders.get(name)
        if submit is None and (order is None or order.state in _UNSETTLED):
            if seen.state == "rejected":
                self._emit(Rejected(name, seen.ts_event or now, now, "rejected at the venue"))
            elif seen.state == "open" and self.acked(name):
                self._emit(Accepted(name, seen.ts_event or now, now, seen.venue_order_id))
        elif order is not None and seen.state == "open" and self._is_amended(order, seen):
            self._emit(Amended(name, seen.ts_event or now, now, seen.price_ticks, seen.size_steps))
        end = end_of(seen, name, now)
        if end is not None:
            self._settle(name, end)

    def _is_amended(self, order: Order, seen: VenueOrder) -> bool:
        """Whether an order is another one at the venue while no amend of ours is on its way."""
        if (order.client_order_id, RequestKind.AMEND) in self._flights:
            return False
        price, size = seen.price_ticks, seen.size_steps
        if order.type not in _PRICED:
            price = None  # what a venue names there is no limit
        return (price is not None and price != order.price_ticks) or (
            size is not None and size != order.size_steps
        )

    def _settle(self, name: str, end: OrderEvent) -> None:
        """Tells an end; a cancel on its way has its answer with it."""
        cancel = self._flights.get((name, RequestKind.CANCEL))
        if cancel is not None:
            cancel.is_answered = True
        self._emit(end)

    def _fill(self, name: str, fill: VenueFill) -> None:
        if _is_news(self._told, _key(fill)):
            self._emit(filled(fill, name, self._reads.session.now()))

    def _release(self) -> None:
        """Tells the fills that waited."""
        if self._release_at is not None:
            self._release_at.cancel()
        held, self._held, self._release_at = self._held or [], None, None
        for name, fill in held:
            self._fill(name, fill)

    # Comparisons

    async def keep(self) -> None:
        """Compares with the venue when asked and every so often, until it is cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every or None):
                    await self._asked.wait()
            self._asked.clear()
            try:
                await self.compare()
                pause = FIRST_PAUSE_S
                continue
            except VenueError as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - one reply that nobody expected must not end comparing
                reason = type(error).__name__
            self._log.warning("comparison failed", reason=reason, again_in_s=pause)
            await asyncio.sleep(pause)
            self._asked.set()
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def compare(self) -> None:
        """Asks for what may have been missed and tells it.

        Raises:
            VenueError: The venue did not answer; nothing is lost, the next comparison starts where this did.
        """
        started, gaps = self._reads.session.now() + self._reads.session.clock_offset_ns, self._gaps
        since = (started if self._since is None else self._since) - OVERLAP_NS
        for instrument in self._reads.instruments.values():
            for fill in await self._reads.fills(instrument, since):
                self._fill(fill.client_order_id or f"venue:{fill.venue_order_id}", fill)
            await self._compare_orders(instrument)
        if gaps == self._gaps:
            self._release()
        self._since = started
        self.comparisons += 1

    async def _compare_orders(self, instrument: Instrument) -> None:
        self._orders = {name: order for name, order in self._orders.items() if order.is_open}
        mine = [
            order
            for name, order in self._orders.items()
            if order.instrument is instrument and (name, RequestKind.SUBMIT) not in self._flights
        ]
        if not mine:
            return
        resting = {each.client_order_id: each for each in await self._reads.open_orders(instrument)}
        for order in mine:
            name = order.client_order_id
            found = resting.get(name) or await self._reads.order(instrument, name)
            if found is not None:
                self._tell(name, found)


def _key(fill: VenueFill) -> tuple[str, str, Side]:
    """What tells fills apart: a trade with oneself has two sides."""
    return fill.instrument.symbol, fill.trade_id, fill.side


def _is_news(known: dict[Any, None], key: Any) -> bool:
    """Whether a key was not known; it is from now on, until many newer ones have come."""
    if key in known:
        return False
    known[key] = None
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
    return True
