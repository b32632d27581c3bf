"""The engine as a strategy on bars sees it: bars, timers, and no book."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from alipes.data.bars.clock import length_text
from alipes.engine.world import StrategyWorld
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alipes._core import BookView
    from alipes.engine.bar_market import BarDirectory, BarMarket
    from alipes.engine.runner import Runner
    from alipes.engine.timers import Timers
    from alipes.engine.turn import Turn
    from alipes.model import Instrument, Trade


class BarWorld(StrategyWorld):
    """See `alipes.strategy.context.World`; what bars do not have is refused by name.

    Args:
        runner: Whose view this is.
        turn: The engine's current input.
        market: The market.
        directory: The market by name.
        timers: Of all strategies.
    """

    __slots__ = ("_bars", "_names")

    def __init__(
        self, *, runner: Runner, turn: Turn, market: BarMarket, directory: BarDirectory, timers: Timers
    ) -> None:
        super().__init__(
            runner=runner, turn=turn, markets=[market], directory=directory, timers=timers, features={},
            runs_tasks=False,
        )  # fmt: skip
        self._bars = market
        self._names = directory

    def subscribe_bars(self, instrument: Instrument | str, interval_ns: int, warmup: int) -> Instrument:
        """Ask for `on_bar`."""
        self._turn.require_hook()
        market = self._bars
        if interval_ns != market.step_ns:
            raise InputError(
                f"subscribe_bars({str(instrument)!r}): bars of {length_text(interval_ns)} of a run over bars"
                f" of {length_text(market.step_ns)}: expected {length_text(market.step_ns)}"
            )
        self._names.name(instrument)
        market.bars = {market.step_ns: market.series}
        return super().subscribe_bars(instrument, interval_ns, warmup)

    def subscribe_book(self, instrument: Instrument | str, *, every_update: bool) -> Instrument:
        """Refused."""
        del instrument, every_update
        _refuse("subscribe_book", "book")

    def subscribe_trades(self, instrument: Instrument | str) -> Instrument:
        """Refused."""
        del instrument
        _refuse("subscribe_trades", "trades")

    def book(self, instrument: Instrument | str) -> BookView:
        """Refused."""
        del instrument
        _refuse("book", "book")

    def trades(self, instrument: Instrument | str) -> Sequence[Trade]:
        """Refused."""
        del instrument
        _refuse("trades", "trades")

    def features(self, instrument: Instrument | str) -> Mapping[str, float]:
        """Refused."""
        del instrument
        _refuse("features", "book or trades to compute features from")


def _refuse(name: str, what: str) -> NoReturn:
    raise InputError(f"ctx.{name}: a run over bars has no {what}: it knows ctx.bars and what on_bar gets")
