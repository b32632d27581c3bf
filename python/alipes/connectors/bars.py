"""Orders to the bar fill model: the connector of strategies on bars.

The compiled account owns fills and money. This side gives it orders with the very numbers that the strategy
wrote, and turns what it reports into order events in the instrument's integers, so that the engine's books
mirror the account. It must not know how an order is judged or who hears of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from alipes.model import (
    Amended,
    AmendRejected,
    Cancelled,
    CancelRejected,
    Expired,
    Filled,
    Order,
    OrderEvent,
    Rejected,
    Side,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alipes._core import BarAccount
    from alipes.connectors.bar_grid import Grid
    from alipes.model import Instrument

DUST = 1e-12
"""Part of a position below which a reduction leaves nothing; the account's own rule."""
END_OF_DATA = "the data ended"

_FILLED, _SKIPPED, _CANCELLED = 0, 1, 2
_CLOSE = 2
_WITHDRAWN = 7
_KINDS = (
    "open", "add", "close", "stop_loss", "trailing", "take_profit", "liquidation", "time", "end",
)  # fmt: skip
_REASONS = (
    "", "position closed", "ruin", "below minimum", "short of cash", "undefined size", "would take",
    "withdrawn",
)  # fmt: skip
_SELL = Side.SELL
_SIDES = (Side.BUY, _SELL)
_NO_FEE = Decimal(0)

Distance = tuple[str, float]
"""(kind, value): a distance in ``"price"`` or as a ratio of the entry price, ``"pct"``."""

AccountEvent = tuple[int, int, int, int, int, float, float, float, bool, int]
"""(client or -1, kind, status, reason, side, size, price, fee, is_maker, fill_ts): as reported."""


class Time(Protocol):
    """Where the connector reads the engine's time, int ns UTC."""

    now: int


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """What a strategy wrote, beside the integers of its order.

    Attributes:
        kind: ``"units"`` (base) or ``"notional"`` (quote, sized at the fill).
        size: How much, > 0.
        limit: Limit price; None is a market order.
        stop_loss: Distance of the stop from the entry fill.
        take_profit: Distance of the target from the entry fill.
    """

    kind: str
    size: float
    limit: float | None = None
    stop_loss: Distance | None = None
    take_profit: Distance | None = None


class Exit(NamedTuple):
    """A fill of an order that the account made itself: a stop, a target, a liquidation, the end.

    Attributes:
        strategy: Whose position it closes.
        instrument: What is traded.
        side: Of the order.
        reason: What made it, e.g. ``"stop_loss"``.
        trade_id: The account's id of the fill.
        price_ticks: Price in ticks.
        size_steps: Size in size steps.
        is_maker: Whether it rested.
        fee: Paid.
        fee_asset: Currency of the fee.
        ts: Time of the fill, int ns UTC.
    """

    strategy: str
    instrument: Instrument
    side: Side
    reason: str
    trade_id: str
    price_ticks: int
    size_steps: int
    is_maker: bool
    fee: Decimal
    fee_asset: str
    ts: int

    def filled(self, order: Order, now: int) -> Filled:
        """The fill as an event of the order that stands for it, received at `now` (int ns UTC)."""
        return Filled(
            order.client_order_id, self.ts, now, self.trade_id, self.price_ticks, self.size_steps,
            self.is_maker, self.fee, self.fee_asset,
        )  # fmt: skip


class BarConnector:
    """A `alipes.ports.Connector` over the bar fill model.

    Args:
        account: The fill model of the run.
        instrument: What is traded.
        grid: Its grid, or the fine one that stands in where it has none.
        time: The engine's time.
        strategy: Name of the strategy.
        slack_steps: How far sizes may be apart by rounding to the grid alone, in size steps.

    Attributes:
        answers: What `poll` gives next.
        wanted: What the strategy wrote, by client order id, until the order is submitted.
        held: The account's position as its reports make it, base units, signed.
        steps: The same in size steps.
        is_between: Whether the last bar has settled and the next one has not begun: what is submitted waits.
        is_over: Whether the data have ended.
        fee_asset: Currency of the fees.
    """

    __slots__ = (
        "_account", "_fills", "_grid", "_instrument", "_late", "_lot_steps", "_lots", "_next",
        "_open", "_slack", "_strategy", "_ticks", "_time", "answers", "fee_asset", "held", "is_between",
        "is_over", "steps", "wanted",
    )  # fmt: skip

    def __init__(
        self,
        *,
        account: BarAccount,
        instrument: Instrument,
        grid: Grid,
        time: Time,
        strategy: str,
        slack_steps: int,
    ) -> None:
        self._account = account
        self._instrument = instrument
        self._grid = grid
        self._time = time
        self._strategy = strategy
        self._lots, self._lot_steps, self._ticks = grid.lots_per_unit, grid.lot_steps, grid.ticks_per_unit
        self._slack = slack_steps
        self.answers: list[OrderEvent] = []
        self._open: dict[int, tuple[Order, Wanted]] = {}
        self._late: list[tuple[Order, Wanted]] = []
        self._next = 0
        self._fills = 0
        self.wanted: dict[str, Wanted] = {}
        self.held = 0.0
        self.steps = 0
        self.is_between = False
        self.is_over = False
        self.fee_asset = instrument.spec.settle

    # The port

    def submit(self, order: Order) -> None:
        """Gives the order to the account, with the numbers that the strategy wrote.

        The account takes what passed the gate, so the engine has booked that already
        (`alipes.engine.bar_blotter`); only a refusal is answered.
        """
        wanted = self.wanted.pop(order.client_order_id, None) or self._as_written(order)
        if not self.is_over:
            self._hand_over(order, wanted)
            return
        now = self._time.now
        self.answers.append(Rejected(order.client_order_id, now, now, END_OF_DATA))

    def amend(self, order: Order) -> None:
        """Takes the order back and submits it with the price and size of the amend in flight."""
        now, name = self._time.now, order.client_order_id
        wanted = self.wanted.pop(name, None) or self._as_written(order)
        former = self._withdraw(order)
        if former is None:
            self.answers.append(AmendRejected(name, now, now, "it waits no more"))
            return
        wanted = replace(wanted, stop_loss=former.stop_loss, take_profit=former.take_profit)
        if order.amend_size_steps == order.size_steps:
            wanted = replace(wanted, kind=former.kind, size=former.size)
        self._hand_over(order, wanted)
        ticks, steps = order.amend_price_ticks, order.amend_size_steps
        self.answers.append(Amended(name, now, now, ticks, steps))

    def cancel(self, order: Order) -> None:
        """Takes the order back."""
        now, name = self._time.now, order.client_order_id
        if self._withdraw(order) is not None:
            self.answers.append(Cancelled(name, now, now, "withdrawn"))
        elif self.is_over and self._client_of(order) is not None:
            self.answers.append(Cancelled(name, now, now, END_OF_DATA))
        else:
            self.answers.append(CancelRejected(name, now, now, "it waits no more"))

    def answer(self, event: OrderEvent) -> None:
        """Adds an answer that the driver knows: a request that never left."""
        self.answers.append(event)

    def poll(self, now: int) -> Sequence[OrderEvent]:  # noqa: ARG002 - the port's signature
        """The answers to requests so far; fills come with the bars (`translate`)."""
        answers = self.answers
        if answers:
            self.answers = []
        return answers

    def next_due(self) -> int | None:
        """The engine's time while there are answers, which are due at once."""
        return self._time.now if self.answers else None

    # Bars

    def begin(self) -> None:
        """Hands over what was submitted after the last bar had settled; the next one has begun."""
        self.is_between = False
        late, self._late = self._late, []
        for order, wanted in late:
            self._hand_over(order, wanted)

    def translate(self, event: AccountEvent, now: int, *, is_last: bool) -> Sequence[OrderEvent | Exit]:
        """What the engine is to hear of something that happened in the account.

        Args:
            event: What happened.
            now: The engine's time of it, int ns UTC.
            is_last: Whether nothing more of the same order follows.
        """
        client, status, reason = event[0], event[2], event[3]
        if status == _FILLED:
            return self._exit(event) if client < 0 else self._filled(event, now, is_last)
        found = self._open.get(client)
        if found is None or not is_last:
            return ()
        name = found[0].client_order_id
        if status == _SKIPPED:
            del self._open[client]
            return (Expired(name, now, now, _REASONS[reason]),)
        if status == _CANCELLED and reason != _WITHDRAWN:
            del self._open[client]
            return (Cancelled(name, now, now, _REASONS[reason]),)
        return ()

    def whole_fill(self, event: AccountEvent, now: int) -> Filled | None:
        """The usual event: an order that waits fills in one go; None for everything else (`translate`)."""
        client, _, status, _, side, size, price, fee, is_maker, ts = event
        if status != _FILLED or client < 0:
            return None
        order = self._open[client][0]
        held, total = self._after(side, size)
        before = self.steps
        steps = total - before if total > before else before - total
        if steps != order.open_steps:
            return None
        del self._open[client]
        self.held, self.steps = held, total
        self._fills = number = self._fills + 1
        return Filled(
            order.client_order_id, ts, now, str(number), round(price * self._ticks) or 1, steps, is_maker,
            Decimal(f"{fee:.15f}") if fee else _NO_FEE, self.fee_asset,
        )  # fmt: skip

    def _filled(self, event: AccountEvent, now: int, is_last: bool) -> Sequence[OrderEvent]:  # noqa: FBT001
        client, kind, _, _, side, size, price, fee, is_maker, ts = event
        order, wanted = self._open[client]
        name = order.client_order_id
        steps = self._book(side, size)
        self._fills = number = self._fills + 1
        fill = Filled(
            name, ts, now, str(number), round(price * self._ticks) or 1, steps, is_maker,
            Decimal(f"{fee:.15f}") if fee else _NO_FEE, self.fee_asset,
        )  # fmt: skip
        if not is_last:
            return (fill,)
        del self._open[client]
        if steps == order.open_steps:  # the usual case
            return (fill,)
        total = order.filled_steps + steps
        short = order.size_steps - total
        if not short:
            return (fill,)
        told: list[OrderEvent] = [fill] if steps else []
        if total and (short <= self._slack or wanted.kind == "notional"):
            told.insert(0, Amended(name, now, now, None, total))
        else:
            told.append(Expired(name, now, now, "position closed" if kind == _CLOSE else "short of cash"))
        return told

    def _exit(self, event: AccountEvent) -> Sequence[Exit]:
        _, kind, _, _, side, size, price, fee, is_maker, ts = event
        steps = self._book(side, size)
        if not steps:
            return ()
        self._fills = number = self._fills + 1
        return (
            Exit(
                self._strategy, self._instrument, _SIDES[side], _KINDS[kind], str(number),
                round(price * self._ticks) or 1, steps, is_maker,
                Decimal(f"{fee:.15f}") if fee else _NO_FEE, self.fee_asset, ts,
            ),
        )  # fmt: skip

    def _book(self, side: int, size: float) -> int:
        """Takes a fill into the position and returns its size in size steps."""
        before = self.steps
        self.held, self.steps = self._after(side, size)
        return abs(self.steps - before)

    def _after(self, side: int, size: float) -> tuple[float, int]:
        """The position after a fill, as the account counts it, in base units and in size steps."""
        held, signed = self.held, -size if side else size
        if held and held * signed < 0 and abs(held) - size <= abs(held) * DUST:
            held = 0.0
        else:
            held += signed
        return held, round(held * self._lots) * self._lot_steps

    # Orders in the account

    def _hand_over(self, order: Order, wanted: Wanted) -> None:
        if self.is_between:
            self._late.append((order, wanted))
            return
        client = self._next
        self._next = client + 1
        side, size = 1 if order.side is _SELL else 0, wanted.size
        if (
            self.steps
            and wanted.kind == "units"
            and order.size_steps == (-self.steps if side == 0 else self.steps)
        ):
            size = abs(self.held)  # as large as the position: all of it
        self._account.submit(
            client, side, (wanted.kind, size), wanted.limit, order.reduce_only, order.post_only,
            wanted.stop_loss, wanted.take_profit,
        )  # fmt: skip
        self._open[client] = order, wanted

    def _withdraw(self, order: Order) -> Wanted | None:
        """Takes an order out of the account; what it wanted, or None if it waits no more."""
        for place, (late, wanted) in enumerate(self._late):
            if late is order:
                del self._late[place]
                return wanted
        client = self._client_of(order)
        if client is None or self.is_over or not self._account.cancel(client):
            return None
        return self._open.pop(client)[1]

    def _client_of(self, order: Order) -> int | None:
        return next((client for client, (each, _) in self._open.items() if each is order), None)

    def _as_written(self, order: Order) -> Wanted:
        """What the integers of an order, or of its amend in flight, say."""
        ticks = order.price_ticks if order.amend_price_ticks is None else order.amend_price_ticks
        steps = order.size_steps if order.amend_size_steps is None else order.amend_size_steps
        return Wanted("units", self._grid.units(steps), None if ticks is None else self._grid.price(ticks))
