"""The one class a user writes: `Strategy`, with a hook for everything that can happen to it.

A strategy knows only its context (`alipes.strategy.Context`). It must not know whether time is simulated,
whether orders are real, or who else trades on the account: that is what lets one object run in backtest,
paper and live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alipes._core import BookView
    from alipes.model import Bar, Fill, Order, Trade
    from alipes.strategy.context import Context


class Strategy:
    """Base of every strategy: override the hooks you need; the others cost nothing.

    Parameters are the keyword arguments of your ``__init__``. The kernel calls one hook at a time, never one
    inside another: what an order brings about (an ack, a fill, a refusal) is delivered after the hook that
    sent it returns. State is updated before a hook runs, and `on_fill` comes before the `on_order` of the
    same event.

    A hook that raises marks the strategy FAULTED: its hooks stop and its open orders are cancelled, unless
    `on_fault` says ``"keep"``. The other strategies go on.
    """

    features: Sequence[str] = ()
    """Streaming features wanted in `Context.features`: names as `alipes.columns` takes them."""
    on_fault: str = "cancel"
    """What happens to open orders when a hook raises: ``"cancel"`` or ``"keep"``."""

    def on_start(self, ctx: Context, resumed: bool) -> None:  # noqa: FBT001 - the hook's public signature
        """Called once before any other hook: subscribe here.

        Args:
            ctx: The strategy's context, the same object in every hook.
            resumed: True when `Context.state` was restored from an earlier run.
        """

    def on_book(self, ctx: Context, book: BookView) -> None:
        """Called when a subscribed book changed; never with a stale book.

        Args:
            ctx: The context.
            book: The live, read-only book; valid after the hook too, but it will have moved on.
        """

    def on_trade(self, ctx: Context, trade: Trade) -> None:
        """Called for each public trade of a subscribed instrument."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Called when a subscribed bar has closed."""

    def on_timer(self, ctx: Context, name: str) -> None:
        """Called when the timer of that name is due (`Context.timer`)."""

    def on_order(self, ctx: Context, order: Order) -> None:
        """Called after any change of one of the strategy's orders, a refusal (state ``denied``) included."""

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """Called for each fill, after position and order were updated and before `on_order`."""

    def on_message(self, ctx: Context, message: Any) -> None:
        """Called with the result of a coroutine given to `Context.run`, or with the exception it raised."""

    def on_stop(self, ctx: Context) -> None:
        """Called once when the engine stops; open orders are cancelled after it returns."""
