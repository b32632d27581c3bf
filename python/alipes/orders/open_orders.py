"""Open orders and their open size per side, kept up to date with every event."""

from alipes.model import Instrument, Order, OrderState, Side
from alipes.model.enums import TERMINAL

_NOT_COUNTED = TERMINAL | {OrderState.PENDING}


class OpenOrders:
    """The open orders of one strategy in one instrument, or of all strategies in it.

    Attributes:
        orders: By client order id, oldest first.
        buy_steps: Open size of the buys, in size steps; both sizes of an amend in flight count with the
        larger. sell_steps: Open size of the sells, in size steps. unknown_entries: Orders whose fate is
        unknown and that could enlarge the position.
    """

    __slots__ = ("buy_steps", "orders", "sell_steps", "unknown_entries")

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.buy_steps = 0
        self.sell_steps = 0
        self.unknown_entries = 0

    def _add_steps(self, side: Side, delta: int) -> None:
        if side is Side.BUY:
            self.buy_steps += delta
        else:
            self.sell_steps += delta


class OpenIndex:
    """All open orders, by instrument and by (strategy, instrument)."""

    __slots__ = ("_by_instrument", "_by_strategy")

    def __init__(self) -> None:
        self._by_instrument: dict[int, OpenOrders] = {}
        self._by_strategy: dict[tuple[str, int], OpenOrders] = {}

    def of_instrument(self, instrument: Instrument) -> OpenOrders:
        """Open orders of all strategies."""
        found = self._by_instrument.get(instrument.index)
        if found is None:
            found = self._by_instrument[instrument.index] = OpenOrders()
        return found

    def of_strategy(self, strategy: str, instrument: Instrument) -> OpenOrders:
        """Open orders of one strategy."""
        key = (strategy, instrument.index)
        found = self._by_strategy.get(key)
        if found is None:
            found = self._by_strategy[key] = OpenOrders()
        return found

    def all_of_strategy(self, strategy: str) -> list[Order]:
        """Open orders of one strategy in every instrument, by instrument, then oldest first."""
        keys = [key for key in self._by_strategy if key[0] == strategy]
        return [order for key in sorted(keys) for order in self._by_strategy[key].orders.values()]

    def all(self) -> list[Order]:
        """Every open order, by instrument, then oldest first."""
        return [
            order for key in sorted(self._by_instrument) for order in self._by_instrument[key].orders.values()
        ]

    def enter(self, order: Order, state: OrderState) -> None:
        """Put the order into a state and into the lists where it belongs."""
        before, order.state = order.state, state
        was_open, is_open = before not in _NOT_COUNTED, state not in _NOT_COUNTED
        if was_open is not is_open:
            self._list(order, is_open=is_open)
            self.recount(order)
        if not order.reduce_only and OrderState.UNKNOWN in (before, state):
            delta = 1 if state is OrderState.UNKNOWN else -1
            for each in self._both(order):
                each.unknown_entries += delta

    def recount(self, order: Order) -> None:
        """Bring the open size up to date after the order's sizes or its state changed."""
        steps = 0
        if order.state not in _NOT_COUNTED:
            amended = order.amend_size_steps
            size = order.size_steps if amended is None or amended < order.size_steps else amended
            steps = max(size - order.filled_steps, 0)
        delta = steps - order.open_steps
        if delta:
            order.open_steps = steps
            side = order.side
            for each in self._both(order):
                each._add_steps(side, delta)  # noqa: SLF001 - one module, one idea

    def _list(self, order: Order, *, is_open: bool) -> None:
        for each in self._both(order):
            if is_open:
                each.orders[order.client_order_id] = order
            else:
                del each.orders[order.client_order_id]

    def _both(self, order: Order) -> tuple[OpenOrders, OpenOrders]:
        instrument = order.instrument
        return self.of_strategy(order.strategy, instrument), self.of_instrument(instrument)
