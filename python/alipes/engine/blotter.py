"""Orders and positions of the whole engine: what may go, what is open, what was filled.

The meeting point of order lifecycle, risk gate and ledger. State first, news after: what changes here is
queued for the strategy's hooks, which the kernel calls when the running hook has returned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes.errors import StaleBookError
from alipes.model import Filled, OrderType, Position, Purpose, Side, TimeInForce
from alipes.risk import TradingState
from alipes.risk.latches import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes._core import Ledger
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.engine.turn import Turn
    from alipes.model import Instrument, Order, OrderEvent
    from alipes.orders import Alarm, Lifecycle, OpenOrders, Refusal
    from alipes.risk import RiskChecks
    from alipes.risk.checks import Touch


class Blotter:
    """All orders, positions and limits.

    Args:
        turn: The engine's current input.
        lifecycle: Every order.
        ledgers: Positions and balances, by account.
        risk: Limits and latches.
        runners: Strategies by name; filled by the wiring.
        log: Where alarms are reported.
    """

    __slots__ = ("_log", "ledgers", "lifecycle", "risk", "runners", "turn")

    def __init__(
        self, *, turn: Turn, lifecycle: Lifecycle, ledgers: Mapping[str, Ledger], risk: RiskChecks, log: Any
    ) -> None:
        self.turn = turn
        self.lifecycle = lifecycle
        self.ledgers = ledgers
        self.risk = risk
        self.runners: dict[str, Runner] = {}
        self._log = log

    # Requests

    def place(
        self,
        runner: Runner,
        market: Market,
        side: Side,
        size_steps: int,
        price_ticks: int | None,
        *,
        tif: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        reduce_only: bool = False,
        tag: str | None = None,
        purpose: Purpose = Purpose.ORDER,
    ) -> Order:
        """Checks an order and sends it, or denies it; without a price it is an IOC limit at the collar."""
        life = self.lifecycle
        touch, refusal = self._touch(runner, market)
        type_ = OrderType.LIMIT
        if price_ticks is None:
            type_, tif = OrderType.MARKET, TimeInForce.IOC if tif is TimeInForce.GTC else tif
            price_ticks = self.risk.collar_price(market.instrument, side, touch)
        order = life.create(
            market.instrument, runner.name, side, type_, size_steps, price_ticks=price_ticks, tif=tif,
            post_only=post_only, reduce_only=reduce_only, tag=tag, purpose=purpose,
        )  # fmt: skip
        if refusal is None:
            refusal = self._judge(order, touch, price_ticks, size_steps)
        if refusal is None:
            life.submit(order)
        else:
            self._refuse(runner, order, refusal)
        return order

    def exit(self, runner: Runner, instrument: Instrument, side: Side, size_steps: int, tag: str) -> Order:
        """An order that the account made itself, e.g. a stop: nothing is left to judge or to send."""
        life = self.lifecycle
        order = life.send(
            instrument, runner.name, side, OrderType.MARKET, size_steps, None, TimeInForce.IOC,
            False, True, tag, Purpose.ORDER,  # noqa: FBT003
        )  # fmt: skip
        life.requests.pop()
        return order

    def deny(
        self, runner: Runner, market: Market, side: Side, type_: OrderType, refusal: Refusal, **terms: Any
    ) -> Order:
        """An order refused before it had integers to check, e.g. because its price is off the grid."""
        life = self.lifecycle
        order = life.create(market.instrument, runner.name, side, type_, 0, **terms)
        self._refuse(runner, order, refusal)
        return order

    def amend(self, runner: Runner, market: Market, order: Order, price_ticks: int, size_steps: int) -> None:
        """Checks an amend as if it were a new order and asks for it; a refusal is told through `on_order`."""
        life = self.lifecycle
        touch, refusal = self._touch(runner, market)
        if refusal is None:
            refusal = self._judge(order, touch, price_ticks, size_steps - order.filled_steps)
        refusal = refusal or life.request_amend(order, price_ticks=price_ticks, size_steps=size_steps)
        if refusal is not None:
            self.refuse_amend(runner, order, refusal)

    def refuse_amend(self, runner: Runner, order: Order, refusal: Refusal) -> None:
        """Leaves the order as it is and tells its strategy why."""
        self.lifecycle.refuse_amend(order, *refusal)
        self._tell(runner, order)

    def cancel(self, order: Order) -> bool:
        """Asks for the order's end, which nothing here refuses; False if that is not needed (any more)."""
        return self.lifecycle.request_cancel(order) is None

    def cancel_all(self, runner: Runner, instrument: Instrument | None = None) -> int:
        """Cancels a strategy's open orders and returns how many cancels were asked for."""
        return sum(self.cancel(order) for order in self.open_orders(runner.name, instrument))

    def restrict(self, scope: str, state: TradingState, reason: str) -> bool:
        """Tightens a latch; on a halt what is open in its scope is cancelled. False if it was as tight."""
        life, turn = self.lifecycle, self.turn
        row = self.risk.latches.tighten(scope, state, reason, seq=turn.seq, now=turn.now)
        if row is None:
            return False
        life.records.append(row)
        if state is TradingState.HALTED:
            for order in life.open_orders():
                if scope in {EVERYTHING, order.account, order.instrument.name}:
                    self.cancel(order)
        return True

    def release(self, scope: str, state: TradingState, by: str) -> bool:
        """Loosens a latch at someone's command. False if it was as loose."""
        turn = self.turn
        row = self.risk.latches.release(scope, state, by, seq=turn.seq, now=turn.now)
        if row is not None:
            self.lifecycle.records.append(row)
        return row is not None

    # Events

    def apply(self, event: OrderEvent) -> Order | None:
        """Takes in what a connector reports: order, position and balance first, then the news of it."""
        applied = self.lifecycle.apply(event)
        order = applied.order
        if applied.alarms:
            self._report(applied.alarms, event)
        if order is None:
            if isinstance(event, Filled):
                self.restrict(EVERYTHING, TradingState.REDUCING, f"a fill that is not ours: {event.trade_id}")
            return None
        runner = self.runners[order.strategy]
        fill = applied.fill
        if fill is not None:
            instrument, turn = order.instrument, self.turn
            self.ledgers[instrument.account].fill(
                order.strategy, instrument.index, order.side.code, fill.price_ticks, fill.size_steps,
                fill.fee, fill.fee_asset or "",
            )  # fmt: skip
            turn.fills.append(fill)
            if runner.on_fill is not None:
                turn.news.append((runner, runner.on_fill, fill))
        if applied.is_changed and runner.on_order is not None:
            self.turn.news.append((runner, runner.on_order, order))
        return order

    def _report(self, alarms: tuple[Alarm, ...], event: OrderEvent) -> None:
        for alarm in alarms:
            self._log.warning(
                "order alarm", code=alarm.code, detail=alarm.detail, order=event.client_order_id
            )

    # Reads

    def open_orders(self, strategy: str, instrument: Instrument | None = None) -> list[Order]:
        """A strategy's open orders, oldest first."""
        if instrument is None:
            return self.lifecycle.open_orders(strategy)
        return list(self.lifecycle.open_of(instrument, strategy).orders.values())

    def open_of(self, strategy: str, instrument: Instrument) -> OpenOrders:
        """A strategy's open orders in an instrument, with their open sizes."""
        return self.lifecycle.open_of(instrument, strategy)

    def position(self, strategy: str | None, instrument: Instrument) -> Position:
        """Position of a strategy, or of the account if it is None."""
        size, average, realised, fees = self.ledgers[instrument.account].position(strategy, instrument.index)
        return Position(instrument, strategy, size, average, realised, fees)

    def position_steps(self, strategy: str | None, instrument: Instrument) -> int:
        """Signed position in size steps."""
        return self.ledgers[instrument.account].position_steps(strategy, instrument.index)

    # Checks

    def _touch(self, runner: Runner, market: Market) -> tuple[Touch, Refusal | None]:
        if not runner.is_active:
            return (None, None), ("faulted", f"strategy {runner.name} is {runner.status}: it may only cancel")
        try:
            return market.touch(), None
        except StaleBookError as error:
            return (None, None), ("stale_data", str(error))

    def _judge(self, order: Order, touch: Touch, price_ticks: int | None, open_steps: int) -> Refusal | None:
        """What risk says to the order if it were open with this price and size instead of its own."""
        instrument = order.instrument
        everyone = self.lifecycle.open_of(instrument)
        is_buy = order.side is Side.BUY
        return self.risk.refusal(
            order,
            price_ticks=price_ticks,
            size_steps=open_steps,
            position_steps=self.position_steps(None, instrument),
            open_buy_steps=everyone.buy_steps - (order.open_steps if is_buy else 0),
            open_sell_steps=everyone.sell_steps - (0 if is_buy else order.open_steps),
            touch=touch,
        )

    def _refuse(self, runner: Runner, order: Order, refusal: Refusal) -> None:
        self.lifecycle.deny(order, *refusal)
        self._tell(runner, order)

    def _tell(self, runner: Runner, order: Order) -> None:
        if runner.on_order is not None:
            self.turn.news.append((runner, runner.on_order, order))
