"""The life of every order, in memory: from the wish to the last fill.

It decides by the table in `transitions`, counts fills once, and keeps open sizes. It does no I/O: the rows to
keep and the requests to send wait in `records` and `requests` until the kernel takes them, rows first. It
never guesses: an order whose answer was lost stays open until evidence arrives.
"""

from collections import Counter

from alipes.model import (
    Accepted,
    AmendIntent,
    CancelIntent,
    EventRecord,
    Instrument,
    Order,
    OrderEvent,
    OrderIntent,
    OrderState,
    OrderType,
    Purpose,
    Record,
    RequestKind,
    Side,
    TimeInForce,
)
from alipes.orders.ids import ClientIds
from alipes.orders.open_orders import OpenOrders
from alipes.orders.reactions import Alarm, Applied, Input, Reactions
from alipes.orders.transitions import IN_FLIGHT, TABLE, Cause
from alipes.orders.writer import write

Refusal = tuple[str, str]
"""Code and detail of a request turned down here: ``("in_flight", "a cancel awaits its answer")``."""

Request = tuple[RequestKind, Order]
"""What a connector is to do."""

# Bound once: looking up an enum's member costs as much as the work.
_SUBMIT = TABLE[Cause.SUBMIT]
_SUBMIT_REQUEST = RequestKind.SUBMIT
_SUBMITTED = OrderState.SUBMITTED
_ACCEPTED = OrderState.ACCEPTED
_EMULATED = OrderState.EMULATED


class Lifecycle:
    """Every order of the engine.

    Args:
        current: The engine's current input: rows carry its number and time. Its own one if None (`stamp`).
        installation: What tells this installation's client ids from others'.
        epoch: Number of the store, raised whenever one is created.

    Attributes:
        records: Rows for the journal, in order, since the kernel last took them.
        requests: Requests for connectors, in order, since the kernel last took them.
        alarms: How often each alarm code was raised.
    """

    __slots__ = (
        "_epoch",
        "_handlers",
        "_ids",
        "_input",
        "_installation",
        "_orders",
        "_reactions",
        "alarms",
        "records",
        "requests",
    )

    def __init__(self, *, current: Input | None = None, installation: str = "local", epoch: int = 0) -> None:
        self._input = current = current or Input()
        self._installation = installation
        self._epoch = epoch
        self._ids: dict[str, ClientIds] = {}
        self._orders: dict[str, Order] = {}
        self._reactions = Reactions(current)
        self._handlers = self._reactions.handlers
        self.records: list[Record] = []
        self.requests: list[Request] = []
        self.alarms: Counter[str] = Counter()

    def stamp(self, seq: int, now: int) -> None:
        """Start an input, where no engine does: rows that follow are of number `seq` at `now`, int ns UTC."""
        self._input.seq, self._input.now = seq, now

    def take_effects(self) -> tuple[list[Record], list[Request]]:
        """Hand over what waits: the rows, to be written first, and the requests."""
        effects = self.records, self.requests
        self.records, self.requests = [], []
        return effects

    def create(
        self,
        instrument: Instrument,
        strategy: str,
        side: Side,
        type: OrderType,  # noqa: A002 - the field's own word, as in the order
        size_steps: int,
        *,
        price_ticks: int | None = None,
        stop_ticks: int | None = None,
        tif: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        reduce_only: bool = False,
        tag: str | None = None,
        purpose: Purpose = Purpose.ORDER,
    ) -> Order:
        """A new order in state `pending`. It counts nowhere until it is submitted or denied.

        Args:
            instrument: What to trade.
            strategy: Who asks.
            side: Buy or sell.
            type: Limit, market or conditional.
            size_steps: Size in size steps.
            price_ticks: Limit price in ticks; None for a market order.
            stop_ticks: Stop price in ticks of a conditional order.
            tif: Time in force.
            post_only: Whether it must not take.
            reduce_only: Whether it may only make the position smaller.
            tag: Free text.
            purpose: Which call owns it.
        """
        ids = self._ids.get(instrument.account) or self._ids_of(instrument.account)
        order = Order(
            ids.take(),
            instrument,
            strategy,
            side,
            type,
            size_steps,
            price_ticks,
            stop_ticks,
            tif,
            post_only,
            reduce_only,
            tag,
            purpose,
            self._input.now,
            asked_steps=size_steps,
        )
        self._orders[order.client_order_id] = order
        return order

    def adopt(self, order: Order) -> None:
        """Take over a pending order that has its client id already; the id is not given again."""
        self._orders[order.client_order_id] = order
        self._ids_of(order.account).skip_past(order.client_order_id)

    def submit(self, order: Order) -> bool:
        """Write the intent and ask for the order to be sent. An order is sent once.

        Returns:
            Whether it was; False for an order that is not new.
        """
        if self._reactions.move(order, _SUBMIT).next is None:
            return False
        self.records.append(self._intent(order))
        self.requests.append((_SUBMIT_REQUEST, order))
        return True

    def send(  # noqa: PLR0917
        self,
        instrument: Instrument,
        strategy: str,
        side: Side,
        type: OrderType,  # noqa: A002 - the field's own word, as in the order
        size_steps: int,
        price_ticks: int | None,
        tif: TimeInForce,
        post_only: bool,  # noqa: FBT001 - positional: this is the hot path
        reduce_only: bool,  # noqa: FBT001
        tag: str | None,
        purpose: Purpose,
        is_taken: bool = False,  # noqa: FBT001, FBT002
    ) -> Order:
        """A new order that goes at once: `create` and `submit` in one step, arguments as for `create`.

        One that `is_taken` is certain of its acceptance, which is booked with it: no answer comes.
        """
        seq, now, index = self._input.seq, self._input.now, self._reactions.index
        name = (self._ids.get(instrument.account) or self._ids_of(instrument.account)).take()
        self._orders[name] = order = Order(
            name, instrument, strategy, side, type, size_steps, price_ticks, None, tif, post_only,
            reduce_only, tag, purpose, now, _ACCEPTED if is_taken else _SUBMITTED, None, None, None, 0, 0,
            None, None, size_steps, 0, size_steps, 0, now,
        )  # fmt: skip
        index.add(order)
        records = self.records
        records.append(
            OrderIntent(
                seq, now, name, instrument.name, strategy, side, type, size_steps, price_ticks, None, tif,
                post_only, reduce_only, tag, purpose,
            )
        )  # fmt: skip
        if is_taken:
            records.append(EventRecord(seq, now, Accepted(name, now, now)))
        self.requests.append((_SUBMIT_REQUEST, order))
        return order

    def emulate(self, order: Order) -> bool:
        """Hold the order here until its condition is met; `submit` releases it.

        Returns:
            Whether it is held; False for an order that is not new.
        """
        if self._reactions.move(order, TABLE[Cause.EMULATE]).next is None:
            return False
        self.records.append(self._intent(order))
        return True

    def deny(self, order: Order, code: str, detail: str) -> bool:
        """Refuse the order before it is sent.

        Args:
            order: A new order.
            code: Why, for programs.
            detail: Why, for people.

        Returns:
            Whether it was; False for an order that is not new.
        """
        if self._reactions.move(order, TABLE[Cause.DENY]).next is None:
            return False
        write(order, "denied", (code, detail))
        self.records.append(self._intent(order))
        return True

    def request_cancel(self, order: Order, *, again: bool = False) -> Refusal | None:
        """Ask for the order's end, in any state that is not an end, `unknown` included.

        Args:
            order: Which.
            again: Send another cancel although one awaits its answer.

        Returns:
            None when a cancel was queued, else why not.
        """
        if TABLE[Cause.CANCEL][order.state].is_refused:
            return "terminal", f"the order is {order.state}"
        bits = IN_FLIGHT[Cause.CANCEL][order.in_flight]
        if bits is None and not again:
            return "in_flight", "a cancel awaits its answer"
        if bits is not None:
            write(order, "in_flight", bits)
        write(order, "ts_updated", self._input.now)
        self.records.append(CancelIntent(self._input.seq, self._input.now, order.client_order_id))
        self.requests.append((RequestKind.CANCEL, order))
        return None

    def request_amend(
        self, order: Order, *, price_ticks: int | None = None, size_steps: int | None = None
    ) -> Refusal | None:
        """Ask for another price or total size. At most one submit or amend of an order is in flight.

        Args:
            order: Which.
            price_ticks: New price in ticks; None keeps it.
            size_steps: New total size in size steps, what is filled included; None keeps it.

        Returns:
            None when an amend was queued, else why not.
        """
        if TABLE[Cause.AMEND][order.state].is_refused:
            code = "in_flight" if order.is_open else "terminal"
            return code, f"the order is {order.state}"
        bits = IN_FLIGHT[Cause.AMEND][order.in_flight]
        if bits is None:
            return "in_flight", f"the order's {order.pending} awaits its answer"
        write(order, "in_flight", bits)
        size = order.size_steps if size_steps is None else size_steps
        write(order, "amend_price_ticks", order.price_ticks if price_ticks is None else price_ticks)
        write(order, "amend_size_steps", size)
        write(order, "amend_asked_steps", size - order.filled_steps)
        write(order, "ts_updated", self._input.now)
        self._reactions.index.recount(order)
        intent = AmendIntent(
            self._input.seq, self._input.now, order.client_order_id, order.amend_price_ticks, size
        )
        self.records.append(intent)
        self.requests.append((RequestKind.AMEND, order))
        return None

    def refuse_amend(self, order: Order, code: str, detail: str) -> None:
        """Leave the order as it is and note why its amend was not asked for."""
        write(order, "reason", f"amend refused: {code}: {detail}")

    def apply(self, event: OrderEvent) -> Applied:
        """Take in what a connector reports. Repetitions and late news are harmless; every row is kept."""
        self.records.append(EventRecord(self._input.seq, self._input.now, event))  # type: ignore[arg-type]
        order = self._orders.get(event.client_order_id)
        if order is not None:
            applied = self._handlers[type(event)](order, event)
        else:
            detail = f"{type(event).__name__} for an order that is not ours: {event.client_order_id!r}"
            applied = Applied(None, alarms=(Alarm("foreign_order", detail, event.client_order_id),))
        if applied.alarms:
            for alarm in applied.alarms:
                self.alarms[alarm.code] += 1
        return applied

    def get(self, client_order_id: str) -> Order | None:
        """The order of a client id, whatever its state; None when it is not ours."""
        return self._orders.get(client_order_id)

    def open_of(self, instrument: Instrument, strategy: str | None = None) -> OpenOrders:
        """Open orders in an instrument: of one strategy, or of all."""
        index = self._reactions.index
        return (
            index.of_instrument(instrument) if strategy is None else index.of_strategy(strategy, instrument)
        )

    def open_orders(self, strategy: str | None = None) -> list[Order]:
        """Open orders in every instrument: of one strategy, or of all; by instrument, then oldest first."""
        index = self._reactions.index
        return index.all() if strategy is None else index.all_of_strategy(strategy)

    def orders(self) -> list[Order]:
        """Every order there ever was, oldest first."""
        return list(self._orders.values())

    def _ids_of(self, account: str) -> ClientIds:
        ids = self._ids.get(account)
        if ids is None:
            ids = ClientIds(account=account, installation=self._installation, epoch=self._epoch)
            self._ids[account] = ids
        return ids

    def _intent(self, order: Order) -> OrderIntent:
        return OrderIntent(
            self._input.seq,
            self._input.now,
            order.client_order_id,
            order.instrument.name,
            order.strategy,
            order.side,
            order.type,
            order.size_steps,
            order.price_ticks,
            order.stop_ticks,
            order.tif,
            order.post_only,
            order.reduce_only,
            order.tag,
            order.purpose,
            order.denied,
            order.state is _EMULATED,
        )
