"""One strategy's way to order: from the words of `Context` to integers, and from wishes to plans.

Whatever a strategy can get wrong without being wrong as a program (a price between two ticks, a size below
the lot) becomes a denied order; wrong types and unknown names raise `InputError`. Checking, sending and
booking are the blotter's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.engine.amounts import Denied, price_ticks, signed_steps, size_steps, supported
from alipes.errors import InputError
from alipes.model import Order, OrderType, Purpose, Side
from alipes.orders import Amend, Place, Quote, plan_quote, plan_target
from alipes.strategy.terms import TIFS, Number, QuoteSide, Rounding, Terms, check_rounding, check_side

if TYPE_CHECKING:
    from alipes.engine.blotter import Blotter
    from alipes.engine.directory import Directory
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.model import Instrument, Position
    from alipes.orders import Action

Wish = tuple[QuoteSide | None, QuoteSide | None, Terms] | tuple[Number, Terms]
"""A quote or a target that could not be reached in one step."""


class StrategyDesk:
    """See `alipes.strategy.context.Desk`, whose methods these are.

    Args:
        runner: Whose desk this is.
        blotter: Where orders go.
        directory: Instruments by name.

    Attributes:
        unsettled: Quotes and targets that wait for the next order event of their instrument, by (instrument
            index, purpose).
    """

    __slots__ = ("_blotter", "_directory", "_runner", "_turn", "unsettled")

    def __init__(self, *, runner: Runner, blotter: Blotter, directory: Directory) -> None:
        self._runner = runner
        self._blotter = blotter
        self._turn = blotter.turn
        self._directory = directory
        self.unsettled: dict[tuple[int, Purpose], tuple[Instrument, Wish]] = {}

    # Single orders

    def submit(self, side: Side, instrument: Instrument | str, terms: Terms) -> Order:
        """Order, or deny the order."""
        self._turn.require_hook()
        market = self._directory.find(instrument)
        try:
            supported(terms)
            price = terms.price
            ticks = None if price is None else self._ticks(market, price, side, terms.round)
            steps = self._steps(market, side, terms, ticks)
        except Denied as refusal:
            type_ = OrderType.MARKET if terms.price is None else OrderType.LIMIT
            return self._deny(market, side, type_, refusal, terms)
        return self._blotter.place(
            self._runner, market, side, steps, ticks,
            tif=TIFS[terms.tif], post_only=terms.post_only, reduce_only=terms.reduce_only, tag=terms.tag,
        )  # fmt: skip

    def cancel(self, order: Order) -> None:
        """Ask for an order's end."""
        self._turn.require_hook()
        self._blotter.cancel(self._own(order))

    def cancel_all(self, instrument: Instrument | str | None) -> int:
        """Ask for the end of every open order."""
        self._turn.require_hook()
        market = None if instrument is None else self._directory.find(instrument)
        for key in list(self.unsettled):
            if market is None or key[0] == market.instrument.index:
                del self.unsettled[key]
        return self._blotter.cancel_all(self._runner, None if market is None else market.instrument)

    def amend(self, order: Order, price: Number | None, size: Number | None, rounding: Rounding) -> None:
        """Ask for another price or size."""
        self._turn.require_hook()
        market = self._directory.find(self._own(order).instrument)
        if price is None and size is None:
            raise InputError("amend: give a price, a size or both")
        check_rounding(rounding)
        try:
            ticks = order.price_ticks if price is None else self._ticks(market, price, order.side, rounding)
            steps = order.size_steps if size is None else self._steps(market, order.side, Terms(size), ticks)
        except Denied as refusal:
            self._blotter.refuse_amend(self._runner, order, (refusal.code, refusal.detail))
            return
        self._blotter.amend(self._runner, market, order, ticks or 0, steps)

    # From the words of a strategy to the instrument's integers

    def _ticks(self, market: Market, price: Number, side: Side, rounding: Rounding) -> int:
        return price_ticks(market.instrument.spec, price, side, rounding)

    def _steps(self, market: Market, side: Side, terms: Terms, ticks: int | None) -> int:
        return size_steps(market, side, terms, ticks)

    def _signed_steps(self, market: Market, size: Number) -> int:
        return signed_steps(market.instrument.spec, size)

    def _own(self, order: Order) -> Order:
        if not isinstance(order, Order):
            raise InputError(f"expected an Order, got {type(order).__name__}")
        if order.strategy != self._runner.name:
            raise InputError(f"order {order.client_order_id} belongs to strategy {order.strategy!r}")
        if self._blotter.lifecycle.get(order.client_order_id) is not order:
            raise InputError(f"order {order.client_order_id} is a copy: give the order that ctx returned")
        return order

    def _deny(self, market: Market, side: Side, type_: OrderType, refusal: Denied, terms: Terms) -> Order:
        return self._blotter.deny(
            self._runner, market, side, type_, (refusal.code, refusal.detail), tag=terms.tag
        )

    # Plans

    def quote(
        self, instrument: Instrument | str, bid: QuoteSide | None, ask: QuoteSide | None, terms: Terms
    ) -> None:
        """Make the two-sided quote be this."""
        self._turn.require_hook()
        market = self._directory.find(instrument)
        found = market.instrument
        sides: list[Quote | None] = []
        for side, wanted in ((Side.BUY, bid), (Side.SELL, ask)):
            try:
                sides.append(None if wanted is None else self._quote_side(market, side, wanted, terms))
            except Denied as refusal:
                self._deny(market, side, OrderType.LIMIT, refusal, terms)
                return
        plan = plan_quote(self._blotter.open_of(self._runner.name, found), *sides)
        self._note(found, Purpose.QUOTE, (bid, ask, terms), is_settled=plan.is_settled)
        for action in plan.actions:
            self._carry_out(market, action, Purpose.QUOTE, terms)

    def _quote_side(self, market: Market, side: Side, wanted: QuoteSide, terms: Terms) -> Quote:
        check_side("bid" if side is Side.BUY else "ask", wanted)
        price, size = wanted
        ticks = self._ticks(market, price, side, terms.round)
        return Quote(ticks, self._steps(market, side, Terms(size), ticks))

    def target(self, instrument: Instrument | str, size: Number, terms: Terms) -> Order | None:
        """Move the position to this."""
        self._turn.require_hook()
        market = self._directory.find(instrument)
        found, name = market.instrument, self._runner.name
        try:
            steps = self._signed_steps(market, size)
            if terms.price is not None:  # judged before anything goes: the plan says the side later
                for side in Side:
                    self._ticks(market, terms.price, side, terms.round)
        except Denied as refusal:
            return self._deny(market, Side.BUY, OrderType.MARKET, refusal, terms)
        plan = plan_target(
            self._blotter.open_of(name, found),
            position_steps=self._blotter.position_steps(name, found),
            target_steps=steps,
        )
        self._note(found, Purpose.TARGET, (size, terms), is_settled=plan.is_settled)
        placed = None
        for action in plan.actions:
            placed = self._carry_out(market, action, Purpose.TARGET, terms) or placed
        return placed

    def settle(self, instrument: Instrument) -> None:
        """Takes the next step of quotes and targets that wait for an event of this instrument."""
        for purpose in (Purpose.QUOTE, Purpose.TARGET):
            waiting = self.unsettled.pop((instrument.index, purpose), None)
            if waiting is None:
                continue
            wish = waiting[1]
            if len(wish) == 3:
                self.quote(instrument, *wish)
            else:
                self.target(instrument, *wish)

    def _note(self, instrument: Instrument, purpose: Purpose, wish: Wish, *, is_settled: bool) -> None:
        key = (instrument.index, purpose)
        if is_settled:
            self.unsettled.pop(key, None)
        else:
            self.unsettled[key] = (instrument, wish)

    def _carry_out(self, market: Market, action: Action, purpose: Purpose, terms: Terms) -> Order | None:
        blotter = self._blotter
        if isinstance(action, Place):
            ticks = action.price_ticks
            if terms.price is not None:
                ticks = self._ticks(market, terms.price, action.side, terms.round)
            return blotter.place(
                self._runner, market, action.side, action.size_steps, ticks, tif=TIFS[terms.tif],
                post_only=terms.post_only, reduce_only=action.reduce_only, tag=terms.tag, purpose=purpose,
            )  # fmt: skip
        if isinstance(action, Amend):
            blotter.amend(self._runner, market, action.order, action.price_ticks, action.size_steps)
        else:
            blotter.cancel(action.order)
        return None

    # Reads

    def open_orders(self, instrument: Instrument | str | None) -> list[Order]:
        """Orders that are not closed, oldest first."""
        found = None if instrument is None else self._directory.find(instrument).instrument
        return self._blotter.open_orders(self._runner.name, found)

    def position(self, instrument: Instrument | str) -> Position:
        """Position of this strategy."""
        return self._blotter.position(self._runner.name, self._directory.find(instrument).instrument)
