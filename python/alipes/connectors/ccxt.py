"""Orders to any venue that ccxt speaks to: one supervised task per request, and its fate by the table.

The engine's side never waits: `submit`, `amend` and `cancel` start a task and return; what became of it is an
order event that `poll` gives, and `wake` tells the driver that there is one. No request is ever repeated, but
for a cancel that overtook its order. A submit is answered by exactly one of accepted, rejected, not sent,
unknown. Streams and reconciliation add what the venue tells later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from alipes.connectors.ccxt_checks import AccountTerms, check_account
from alipes.connectors.ccxt_flights import CancelPauses, Flight
from alipes.connectors.ccxt_private import PrivateStreams
from alipes.connectors.ccxt_reads import CcxtReads
from alipes.connectors.ccxt_replies import end_of, order_of
from alipes.connectors.ccxt_requests import call_of
from alipes.connectors.ccxt_updates import Updates
from alipes.connectors.fates import TABLE, Action, Fate, decide
from alipes.errors import InputError, VenueError
from alipes.model import Accepted, Amended, Cancelled, CancelRejected, NotSent, RequestKind, Unknown
from alipes.net.evidence import UnreadableReplyError, evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from alipes.connectors.fates import Row
    from alipes.model import Instrument, Order, OrderEvent, VenueOrder
    from alipes.net.ccxt_session import CcxtSession
    from alipes.net.evidence import Evidence

    Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

STREAM_PATIENCE_S = 5.0
"""How long opening waits for the account's stream, seconds."""
CANCEL_LOOKS = 3
"""How often an order is looked at after a cancel whose reply does not say how it ended."""
CANCEL_PAUSE_S = 0.2
"""Time between two looks, seconds."""


def _ignore() -> None:
    """Nobody waits for events."""


class CcxtConnector(CcxtReads):
    """An `alipes.ports.AccountConnector` over ccxt.

    Args:
        session: The account's session.
        instruments: What the account trades.
        spawn: Starts a task under the driver's supervision.
        wake: Called when an event is ready for `poll`.
        terms: What the config says of the account.
        table: What failures mean.
        reconcile_every_s: Time between two comparisons with the venue, seconds; 0 only when streams break.
    """

    def __init__(
        self,
        *,
        session: CcxtSession,
        instruments: Iterable[Instrument],
        spawn: Spawn,
        wake: Callable[[], None] = _ignore,
        terms: AccountTerms = AccountTerms(),  # noqa: B008 - frozen
        table: Sequence[Row] = TABLE,
        reconcile_every_s: float = 30.0,
    ) -> None:
        super().__init__(session=session, instruments=instruments)
        self._spawn, self._wake, self._terms, self._table = spawn, wake, terms, table
        self._events: deque[OrderEvent] = deque()
        self._flights: dict[tuple[str, RequestKind], Flight] = {}
        self._pauses = CancelPauses()
        self._tasks: set[asyncio.Task[None]] = set()
        self._streams: PrivateStreams | None = None
        self._log = structlog.get_logger("alipes").bind(account=session.account)
        self.updates = Updates(self, self._flights, self._emit, every_s=reconcile_every_s)

    async def open(self) -> None:
        """Opens the session if it is not, checks key and account, and waits for the account's stream.

        Raises:
            ConfigError: The account is not as the config says, or its key may do too much or too little.
            VenueError: The venue did not answer.
        """
        if not self.session.is_open:
            await self.session.open()
        await self.updates.begin()
        await check_account(self, self._terms)
        self._streams = PrivateStreams(
            session=self.session,
            on_order=self.updates.on_order,
            on_trade=self.updates.on_trade,
            on_gap=self.updates.on_gap,
        )
        watches = self._streams.watches()
        for _, watch in watches:
            self._start(watch)
        self._start(self.updates.keep())
        if watches:
            await self._hear(self._streams)

    async def _hear(self, streams: PrivateStreams) -> None:
        """Waits until the account's stream is up: fills of the first orders then come in their order."""
        try:
            await asyncio.wait_for(streams.came_up.wait(), STREAM_PATIENCE_S)
        except TimeoutError:
            self._log.warning("the account's stream is not up; comparisons with the venue stand in for it")

    async def close(self) -> None:
        """Ends streams and requests; what was on its way is unknown, and `poll` says so."""
        if self._streams is not None:
            self._streams.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.session.close()

    def follow(self, order: Order) -> None:
        """Looks after an order of an earlier run until it has ended."""
        self.updates.follow(order)

    # The engine's port

    def submit(self, order: Order) -> None:
        """Sends the order in a task of its own."""
        self.updates.follow(order)
        self._request(RequestKind.SUBMIT, order)

    def amend(self, order: Order) -> None:
        """Asks for the price and total size of the amend in flight, in a task of its own."""
        self._request(RequestKind.AMEND, order)

    def cancel(self, order: Order) -> None:
        """Asks for the end of the order by client id in a task; an order that waits here never leaves."""
        self.updates.follow(order)
        if not self._called_back(order):
            self._request(RequestKind.CANCEL, order)

    def poll(self, now: int) -> Sequence[OrderEvent]:  # noqa: ARG002 - the port's signature
        """What has been told since the last call, in order."""
        events = list(self._events)
        self._events.clear()
        return events

    def next_due(self) -> int | None:
        """When the first waiting event was received, int ns UTC; None while there is none."""
        return self._events[0].ts_recv if self._events else None

    # A request and its answer

    def _request(self, kind: RequestKind, order: Order) -> None:
        flight = Flight(kind, order)
        pause_s = 0.0
        if kind is RequestKind.CANCEL:
            pause_s = self._pauses.wait_s(order.client_order_id, asyncio.get_running_loop().time())
        try:
            if not pause_s:
                self._admit(kind)
            call = call_of(
                kind, order,
                exchange=self.session.exchange,
                rules=self.rules,
                venue_order_id=order.venue_order_id or self.ids.venue_of(order.client_order_id),
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - ccxt refuses numbers by several classes; nothing has left
            self._not_sent(flight, self.session.scrub(str(error)))
            return
        self._flights[order.client_order_id, kind] = flight
        if kind is RequestKind.CANCEL:
            flight.ahead = self._flights.get((order.client_order_id, RequestKind.SUBMIT))
        flight.task = self._start(self._carry(flight, call.method, call.args, pause_s))
        flight.task.add_done_callback(partial(self._landed, flight))

    def _called_back(self, order: Order) -> bool:
        """Whether the order's submit had not left, and now never will."""
        submit = self._flights.get((order.client_order_id, RequestKind.SUBMIT))
        if submit is None or submit.task is None or submit.wire.is_sent:
            return False
        now, reason = self.session.now(), "called back: a cancel came before the order had left"
        self._not_sent(submit, reason)
        submit.task.cancel()
        self._emit(NotSent(order.client_order_id, now, now, reason, RequestKind.CANCEL))
        return True

    def _admit(self, kind: RequestKind) -> None:
        blocked = self.session.blocked(is_cancel=kind is RequestKind.CANCEL)
        if blocked is not None:
            raise InputError(blocked)

    async def _carry(self, flight: Flight, method: str, args: tuple[Any, ...], pause_s: float) -> None:
        if pause_s and not await self._may_leave(flight, pause_s):
            return
        reply, failure = await self.session.once(flight.wire, method, *args)
        if failure is not None and await self._has_overtaken(flight, failure):
            flight.wire = flight.new_wire()
            reply, failure = await self.session.once(flight.wire, method, *args)
        if failure is None and not _is_about(reply, flight, acks_cancels=self.rules.acks_cancels):
            failure = self._facts(UnreadableReplyError("the reply does not name the order"), flight)
        try:
            if failure is None:
                await self._succeeded(flight, reply)
            else:
                await self._failed(flight, failure)
        except Exception as error:  # noqa: BLE001 - a reply that nobody expected says nothing about the order
            await self._failed(flight, self._facts(error, flight))

    async def _may_leave(self, flight: Flight, pause_s: float) -> bool:
        """Whether a cancel is still wanted and allowed after its pause; answers it if not."""
        await asyncio.sleep(pause_s)
        reason = self.session.blocked(is_cancel=True)
        if not flight.order.is_open:
            reason = "the order has ended meanwhile"
        if reason is not None:
            self._not_sent(flight, reason)
        return not flight.is_answered

    async def _has_overtaken(self, flight: Flight, failure: Evidence) -> bool:
        """Whether a cancel found no order because it came first; answers when the submit is over."""
        submit = None if flight.ahead is None else flight.ahead.task
        if submit is None or decide(failure, flight.kind, self._table).name != "not_found":
            return False
        await asyncio.wait({submit})
        return not flight.is_answered

    def _facts(self, error: BaseException, flight: Flight) -> Evidence:
        return evidence_of(error, flight.wire, self.session.scrub)

    async def _succeeded(self, flight: Flight, reply: dict[str, Any]) -> None:
        if reply.get("id") is None:
            await self._cancelled(flight, None)
            return
        order = order_of(flight.instrument, reply, is_conditional=flight.order.stop_ticks is not None)
        self.ids.learn(flight.instrument.symbol, flight.client_order_id, order.venue_order_id)
        if flight.kind is RequestKind.SUBMIT:
            self._submitted(flight, order)
        elif flight.kind is RequestKind.AMEND:
            self._amended(flight, order)
        else:
            await self._cancelled(flight, order)

    def _landed(self, flight: Flight, task: asyncio.Task[None]) -> None:
        """Answers a request whose task was cancelled, maybe before its first step."""
        if not flight.is_answered:
            error = asyncio.CancelledError("the task was cancelled") if task.cancelled() else task.exception()
            evidence = self._facts(error or RuntimeError("the task ended"), flight)
            row = decide(evidence, flight.kind, self._table)
            self._answer(flight, self._verdict(flight, row, evidence))
        self._forget(flight)

    async def _failed(self, flight: Flight, evidence: Evidence) -> None:
        row = decide(evidence, flight.kind, self._table)
        log = self._log.debug if row.fate is Fate.REJECTED else self._log.warning  # strategies hear of it
        log(
            "request failed", request=flight.kind, client_order_id=flight.client_order_id, fate=row.fate,
            row=row.name, reason=str(evidence),
        )  # fmt: skip
        if row.action is Action.RESYNC_CLOCK:
            self._start(self.session.resync())
        elif row.action is Action.BACK_OFF and self.session.blocked() is None:
            self.session.pause()  # a venue that says it with another status, without a time
        elif row.action is Action.QUERY:
            self.updates.ask()
        if row.action is Action.FETCH:
            found = await self._look(flight)
            if found is not None:
                self._submitted(flight, found)
                return
        self._answer(flight, self._verdict(flight, row, evidence))

    def _verdict(self, flight: Flight, row: Row, evidence: Evidence) -> OrderEvent:
        now = self.session.now()
        if row.fate is Fate.ACCEPTED or (row.fate is Fate.UNKNOWN and flight.seen_as is not None):
            return Accepted(flight.client_order_id, now, now, flight.seen_as)
        return flight.failed(row.fate, f"{row.name}: {evidence}", now)

    def _submitted(self, flight: Flight, order: VenueOrder) -> None:
        now, name = self.session.now(), flight.client_order_id
        if order.state == "rejected":
            self._answer(flight, flight.failed(Fate.REJECTED, "rejected at the venue", now))
            return
        self._answer(flight, Accepted(name, order.ts_event or now, now, order.venue_order_id))
        end = end_of(order, name, now)
        if end is not None:
            self._emit(end)
        if order.filled_steps:
            self.updates.ask()

    def _amended(self, flight: Flight, order: VenueOrder) -> None:
        now = self.session.now()
        price = flight.price_ticks if order.price_ticks is None else order.price_ticks
        size = flight.size_steps if order.size_steps is None else order.size_steps
        event = Amended(flight.client_order_id, order.ts_event or now, now, price, size, order.venue_order_id)
        self._answer(flight, event)

    async def _cancelled(self, flight: Flight, order: VenueOrder | None) -> None:
        """Tells how the order ended: most venues' reply to a cancel only says that it was received."""
        found = order if self.rules.acks_cancels else None
        for look in range(CANCEL_LOOKS):
            if found is not None and found.state in {"cancelled", "expired", "filled"}:
                break
            if look:
                await asyncio.sleep(CANCEL_PAUSE_S)
            found = await self._look(flight)
        now, name = self.session.now(), flight.client_order_id
        if found is None or found.state not in {"cancelled", "expired", "filled"}:
            self._answer(flight, flight.failed(Fate.UNKNOWN, "the venue has the cancel", now))
        elif found.state == "filled":
            self._answer(flight, CancelRejected(name, now, now, "filled at the venue"))
            self.updates.ask()
        else:
            end = end_of(found, name, now)
            self._answer(flight, end or Cancelled(name, now, now))

    async def _look(self, flight: Flight) -> VenueOrder | None:
        try:
            return await self.order(flight.instrument, flight.client_order_id)
        except VenueError as error:
            self._log.warning(
                "order not found out", client_order_id=flight.client_order_id, reason=str(error)
            )
            return None

    # Events and tasks

    def _answer(self, flight: Flight, event: OrderEvent) -> None:
        if not flight.is_answered:
            flight.is_answered = True
            if flight.kind is RequestKind.CANCEL and isinstance(event, (CancelRejected, NotSent, Unknown)):
                self._note_failure(flight.client_order_id, event.reason)
            if isinstance(event, Accepted):
                self.updates.acked(event.client_order_id)
            self._forget(flight)
            self._emit(event)

    def _not_sent(self, flight: Flight, reason: str) -> None:
        self._answer(flight, flight.failed(Fate.NOT_SENT, reason, self.session.now()))

    def _note_failure(self, client_order_id: str, reason: str | None) -> None:
        """Lets the next cancel of the order wait, and says so at the second."""
        times = self._pauses.failed(client_order_id, asyncio.get_running_loop().time())
        if times > 1:
            self._log.warning(
                "cancels do not end an order", client_order_id=client_order_id, cancels=times, reason=reason
            )

    def _forget(self, flight: Flight) -> None:
        key = flight.client_order_id, flight.kind
        if self._flights.get(key) is flight:
            del self._flights[key]

    def _emit(self, event: OrderEvent) -> None:
        self._events.append(event)
        self._wake()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._spawn(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _is_about(reply: Any, flight: Flight, *, acks_cancels: bool) -> bool:
    """Whether a reply is an order structure that names our order; a bare success will do for some cancels."""
    if not isinstance(reply, dict):
        return False
    if flight.kind is RequestKind.CANCEL and not acks_cancels:
        return flight.wire.is_readable
    known = {None, flight.client_order_id}
    is_ours = flight.kind is not RequestKind.SUBMIT or (reply.get("clientOrderId") or None) in known
    return is_ours and reply.get("id") is not None
