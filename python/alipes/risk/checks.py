"""What an order must pass before it may go: the latches, then the compiled numeric gate.

A refusal is a value, a code and a sentence, never an exception.
"""

from alipes._core import Gate
from alipes.model import Instrument, Order, OrderType, Side
from alipes.risk.latches import Latches, Refusal
from alipes.risk.limits import InstrumentLimits

CODES = (
    "",
    "price_rule",
    "lot",
    "max_order_size",
    "max_order_notional",
    "max_position",
    "price_collar",
    "no_reference_price",
    "min_notional",
)
"""Names of the numbers that `alipes._core.Gate.check` returns."""

Touch = tuple[int | None, int | None]
"""Best bid and best ask in ticks; None where that side is empty."""

_SELL = Side.SELL
_MARKET = OrderType.MARKET


class RiskChecks:
    """The checks of an engine.

    Args:
        latches: What stops trading.

    Attributes:
        latches: The same.
    """

    __slots__ = ("_gate", "latches")

    def __init__(self, *, latches: Latches | None = None) -> None:
        self.latches = latches or Latches()
        self._gate = Gate()

    def set_limits(self, instrument: Instrument, limits: InstrumentLimits) -> None:
        """Hold an instrument to limits, which replace those it had.

        Raises:
            InputError: A limit is negative or not a number.
        """
        self._gate.add_instrument(instrument.index, instrument.spec)
        self._gate.set_limits(
            instrument.index,
            max_order_size=limits.max_order_size,
            max_order_notional=limits.max_order_notional,
            max_position=limits.max_position,
            collar_bps=limits.collar_bps,
        )

    def refusal(
        self,
        order: Order,
        *,
        price_ticks: int | None,
        size_steps: int,
        position_steps: int,
        open_buy_steps: int,
        open_sell_steps: int,
        touch: Touch,
    ) -> Refusal | None:
        """Why an order may not go.

        Args:
            order: Its instrument, side and reduce-only flag.
            price_ticks: Its price in ticks, or the one an amend asks for; None for a market order.
            size_steps: Its open size in size steps, or the one an amend asks for.
            position_steps: Signed position of the account, in size steps.
            open_buy_steps: Open size of the other buys, in size steps.
            open_sell_steps: Open size of the other sells, in size steps.
            touch: Best prices now.

        Returns:
            Code and detail, such as ``("max_order_size", "order size 5 is above the limit of 2 BTC")``; None
            if it may go.
        """
        return self.refusal_of(
            order.instrument, order.side, order.reduce_only, price_ticks, size_steps, position_steps,
            open_buy_steps, open_sell_steps, touch,
        )  # fmt: skip

    def refusal_of(  # noqa: PLR0917 - positional: this is the hot path
        self,
        instrument: Instrument,
        side: Side,
        reduce_only: bool,  # noqa: FBT001
        price_ticks: int | None,
        size_steps: int,
        position_steps: int,
        open_buy_steps: int,
        open_sell_steps: int,
        touch: Touch,
    ) -> Refusal | None:
        """Why an order of these terms may not go; see `refusal`."""
        if self.latches.held:
            held = self.latches.refusal(instrument, is_reduce_only=reduce_only)
            if held is not None:
                return held
        question = (
            instrument.index,
            1 if side is _SELL else 0,
            1 if price_ticks is None else 0,
            price_ticks or 0,
            size_steps,
            position_steps,
            open_buy_steps,
            open_sell_steps,
            reduce_only,
            touch[0],
            touch[1],
        )
        code = self._gate.check(*question)
        return (CODES[code], self._gate.explain(*question)) if code else None

    def collar_price(self, instrument: Instrument, side: Side, touch: Touch) -> int | None:
        """The price in ticks of a market order sent as IOC limit; None without collar or best price."""
        best = touch[0] if side is _SELL else touch[1]
        return None if best is None else self._gate.collar_price(instrument.index, side.code, best)
