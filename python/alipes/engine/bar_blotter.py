"""Orders and positions of a backtest on bars: market orders need no book and have no collar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes.engine.blotter import Blotter
from alipes.model import OrderType, Purpose, TimeInForce

if TYPE_CHECKING:
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.model import Order, Side
    from alipes.orders import OpenOrders

# Bound once: looking up an enum's member costs as much as the work.
_MARKET, _LIMIT = OrderType.MARKET, OrderType.LIMIT
_GTC, _IOC = TimeInForce.GTC, TimeInForce.IOC
_ORDER = Purpose.ORDER


class BarBlotter(Blotter):
    """See `alipes.engine.blotter.Blotter`."""

    __slots__ = ("_open",)

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._open: OpenOrders | None = None

    def place(
        self,
        runner: Runner,
        market: Market,
        side: Side,
        size_steps: int,
        price_ticks: int | None,
        *,
        tif: TimeInForce = _GTC,
        post_only: bool = False,
        reduce_only: bool = False,
        tag: str | None = None,
        purpose: Purpose = _ORDER,
    ) -> Order:
        """Checks an order, sends it and books its acceptance, or denies it; the last close is the touch."""
        life, turn, instrument = self.lifecycle, self.turn, market.instrument
        if price_ticks is None:
            type_, tif = _MARKET, _IOC if tif is _GTC else tif
        else:
            type_ = _LIMIT
        open_ = self._open
        if open_ is None:  # one object for as long as the engine lives
            open_ = self._open = life.open_of(instrument)
        position = self.ledgers[instrument.account].position_steps(None, instrument.index)
        refusal = self.risk.refusal_of(
            instrument, side, reduce_only, price_ticks, size_steps, position, open_.buy_steps,
            open_.sell_steps, market.touch(),
        )  # fmt: skip
        if not runner.is_active:
            refusal = "faulted", f"strategy {runner.name} is {runner.status}: it may only cancel"
        if refusal is None:
            order = life.send(
                instrument, runner.name, side, type_, size_steps, price_ticks, tif, post_only,
                reduce_only, tag, purpose, True,  # noqa: FBT003 - the account takes whatever passed the gate
            )  # fmt: skip
            if runner.on_order is not None:
                turn.news.append((runner, runner.on_order, order))
            return order
        order = life.create(
            instrument, runner.name, side, type_, size_steps, price_ticks=price_ticks, tif=tif,
            post_only=post_only, reduce_only=reduce_only, tag=tag, purpose=purpose,
        )  # fmt: skip
        self._refuse(runner, order, refusal)
        return order
