"""Open orders and their open size per side, kept up to date with every event."""

from alipes.model import Instrument, Order, OrderState, Side
from alipes.model.enums import TERMINAL
from alipes.orders.writer import write

_UNKNOWN = OrderState.UNKNOWN
_FILLED = OrderState.FILLED
_BUY = Side.BUY
_OPEN = frozenset(OrderState) - TERMINAL - {OrderState.PENDING}


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


class OpenIndex:
    """All open orders, by instrument and by (strategy, instrument)."""

    __slots__ = ("_by_instrument", "_pairs")

    def __init__(self) -> None:
        self._by_instrument: dict[int, OpenOrders] = {}
        self._pairs: dict[tuple[str, int], tuple[OpenOrders, OpenOrders]] = {}

    def of_instrument(self, instrument: Instrument) -> OpenOrders:
        """Open orders of all strategies."""
        found = self._by_instrument.get(instrument.index)
        if found is None:
            found = self._by_instrument[instrument.index] = OpenOrders()
        return found

    def of_strategy(self, strategy: str, instrument: Instrument) -> OpenOrders:
        """Open orders of one strategy."""
        return self._pair(strategy, instrument)[0]

    def all_of_strategy(self, strategy: str) -> list[Order]:
        """Open orders of one strategy in every instrument, by instrument, then oldest first."""
        keys = sorted(key for key in self._pairs if key[0] == strategy)
        return [order for key in keys for order in self._pairs[key][0].orders.values()]

    def all(self) -> list[Order]:
        """Every open order, by instrument, then oldest first."""
        return [
            order for key in sorted(self._by_instrument) for order in self._by_instrument[key].orders.values()
        ]

    def enter(self, order: Order, state: OrderState) -> None:
        """Put the order into a state and into the lists where it belongs."""
        before = order.state
        write(order, "state", state)
        is_open = state in _OPEN
        if (before in _OPEN) is not is_open:
            if is_open:
                self.add(order)
                self.recount(order)
            else:
                self._leave(order)
        if (before is _UNKNOWN or state is _UNKNOWN) and not order.reduce_only:
            delta = 1 if state is _UNKNOWN else -1
            for each in self._pair(order.strategy, order.instrument):
                each.unknown_entries += delta

    def fill(self, order: Order) -> None:
        """Put an open order of which all has traded into its end; its fate was known."""
        write(order, "state", _FILLED)
        own, everyone = self._pairs[order.strategy, order.instrument.index]
        client_order_id, steps = order.client_order_id, order.open_steps
        del own.orders[client_order_id], everyone.orders[client_order_id]
        write(order, "open_steps", 0)
        if order.side is _BUY:
            own.buy_steps -= steps
            everyone.buy_steps -= steps
        else:
            own.sell_steps -= steps
            everyone.sell_steps -= steps

    def _leave(self, order: Order) -> None:
        own, everyone = self._pairs[order.strategy, order.instrument.index]
        client_order_id = order.client_order_id
        del own.orders[client_order_id], everyone.orders[client_order_id]
        steps = order.open_steps
        if steps:
            write(order, "open_steps", 0)
            if order.side is _BUY:
                own.buy_steps -= steps
                everyone.buy_steps -= steps
            else:
                own.sell_steps -= steps
                everyone.sell_steps -= steps

    def recount(self, order: Order) -> None:
        """Bring the open size up to date after the order's sizes or its state changed."""
        steps = 0
        if order.state in _OPEN:
            amended = order.amend_size_steps
            size = order.size_steps
            if amended is not None and amended > size:
                size = amended
            steps = size - order.filled_steps
            steps = max(steps, 0)
        if steps != order.open_steps:
            self._count(order, steps, *self._pair(order.strategy, order.instrument))

    def add(self, order: Order) -> None:
        """Put an order that is open into the lists, with the open size that it has."""
        pair = self._pairs.get((order.strategy, order.instrument.index))
        own, everyone = pair or self._pair(order.strategy, order.instrument)
        client_order_id = order.client_order_id
        own.orders[client_order_id] = everyone.orders[client_order_id] = order
        steps = order.open_steps
        if steps:
            if order.side is _BUY:
                own.buy_steps += steps
                everyone.buy_steps += steps
            else:
                own.sell_steps += steps
                everyone.sell_steps += steps

    @staticmethod
    def _count(order: Order, steps: int, own: OpenOrders, everyone: OpenOrders) -> None:
        delta = steps - order.open_steps
        write(order, "open_steps", steps)
        if order.side is _BUY:
            own.buy_steps += delta
            everyone.buy_steps += delta
        else:
            own.sell_steps += delta
            everyone.sell_steps += delta

    def _pair(self, strategy: str, instrument: Instrument) -> tuple[OpenOrders, OpenOrders]:
        pair = self._pairs.get((strategy, instrument.index))
        if pair is None:
            pair = OpenOrders(), self.of_instrument(instrument)
            self._pairs[strategy, instrument.index] = pair
        return pair
