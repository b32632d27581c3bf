"""`Context`: everything a strategy may do and read, the same in backtest, paper and live.

A thin, typed front: it must not know how a request is checked, journalled or sent, nor whether time is
simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from alipes.model import Side
from alipes.strategy.durations import duration_ns
from alipes.strategy.terms import Distance, Number, QuoteSide, Rounding, Terms

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from alipes._core import BookView
    from alipes.model import Bar, Instrument, Order, Position, Trade
    from alipes.strategy.state import State


# Bound once: looking up an enum's member costs as much as the work.
_BUY, _SELL = Side.BUY, Side.SELL


class Desk(Protocol):
    """Where the orders of one strategy go. The engine's desk is the only real one."""

    def submit(self, side: Side, instrument: Instrument | str, terms: Terms) -> Order:
        """Order, or deny the order."""

    def cancel(self, order: Order) -> None:
        """Ask for an order's end."""

    def cancel_all(self, instrument: Instrument | str | None) -> int:
        """Ask for the end of every open order."""

    def amend(self, order: Order, price: Number | None, size: Number | None, rounding: Rounding) -> None:
        """Ask for another price or size."""

    def quote(
        self, instrument: Instrument | str, bid: QuoteSide | None, ask: QuoteSide | None, terms: Terms
    ) -> None:
        """Make the two-sided quote be this."""

    def target(self, instrument: Instrument | str, size: Number, terms: Terms) -> Order | None:
        """Move the position to this."""

    def open_orders(self, instrument: Instrument | str | None) -> Sequence[Order]:
        """Orders that are not closed, oldest first."""

    def position(self, instrument: Instrument | str) -> Position:
        """Position of this strategy."""


class World(Protocol):
    """What one strategy can see and ask of the engine besides orders."""

    @property
    def now(self) -> int:
        """The engine's time, int ns UTC."""

    def instruments(self) -> Sequence[Instrument]:
        """Every instrument."""

    def subscribe_book(self, instrument: Instrument | str, *, every_update: bool) -> Instrument:
        """Ask for `on_book`."""

    def subscribe_trades(self, instrument: Instrument | str) -> Instrument:
        """Ask for `on_trade`."""

    def subscribe_bars(self, instrument: Instrument | str, interval_ns: int, warmup: int) -> Instrument:
        """Ask for `on_bar`."""

    def book(self, instrument: Instrument | str) -> BookView:
        """The live book."""

    def trades(self, instrument: Instrument | str) -> Sequence[Trade]:
        """The last trades, oldest first."""

    def bars(self, instrument: Instrument | str, interval_ns: int) -> Sequence[Bar]:
        """The last closed bars, oldest first."""

    def features(self, instrument: Instrument | str) -> Mapping[str, float]:
        """Streaming features by name."""

    def set_timer(self, name: str, at: int, every: int) -> None:
        """Arm a timer."""

    def drop_timer(self, name: str) -> None:
        """Disarm a timer."""

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine beside the engine."""


class Context:
    """The strategy's way to the engine: one object per strategy, given to each of its hooks.

    Prices and sizes may be given as float, str or Decimal: a float within rounding of a grid point is that
    point, text and Decimal must be exact. Sizes are base units. An instrument is the object that a
    ``subscribe_…`` call returned, or its name: ``"main:BTC/USDT:USDT"``, or the bare symbol while that is
    unambiguous.

    A request that cannot go is never an exception: the order comes back in state ``denied`` with
    ``order.denied == (code, detail)``, and `Strategy.on_order` is told after the hook. Wrong types and
    unknown names are programming errors and raise `alipes.errors.InputError`; so does whatever acts (orders,
    cancels, subscriptions, timers, `run`, changes of `state`) outside of a hook, e.g. a coroutine or thread.

    Attributes:
        name: The strategy's name.
        state: A JSON mapping, journalled with the intents of the hook that changed it and restored before
            `Strategy.on_start` after a restart.
        log: A logger bound to strategy and mode.
    """

    __slots__ = ("_desk", "_world", "log", "name", "state")

    def __init__(self, *, name: str, desk: Desk, world: World, state: State, log: Any) -> None:
        self.name = name
        self.state = state
        self.log = log
        self._desk = desk
        self._world = world

    # Orders

    def buy(
        self,
        instrument: Instrument | str,
        size: Number | None = None,
        *,
        notional: Number | None = None,
        contracts: Number | None = None,
        price: Number | None = None,
        stop_price: Number | None = None,
        tif: str = "GTC",
        post_only: bool = False,
        reduce_only: bool = False,
        round: Rounding = "error",  # noqa: A002 - the word of the public API
        stop_loss: Distance | None = None,
        take_profit: Distance | None = None,
        tag: str | None = None,
    ) -> Order:
        """Orders to buy; exactly one of `size`, `notional` and `contracts` says how much.

        Args:
            instrument: What to buy.
            size: In base units, a multiple of the lot.
            notional: In quote units; rounded down to the lot at the limit price, or at the best ask.
            contracts: In contracts of the venue.
            price: Limit price; None is a market order: an IOC limit at the price collar, but on bars.
            stop_price: Price at which the order becomes active.
            tif: ``"GTC"``, ``"IOC"`` or ``"FOK"``.
            post_only: Refuse rather than take.
            reduce_only: Never increase the position.
            round: For a price off the grid: ``"error"`` denies the order, naming both neighbours;
                ``"passive"`` rounds away from the other side, ``"aggressive"`` towards it.
            stop_loss: Distance of a protective stop from the entry fill, > 0: in price, or a ratio of the
                fill's price (`alipes.rules.pct`).
            take_profit: Distance of a protective take-profit, likewise.
            tag: Free text kept with the order.

        Returns:
            The order, possibly already ``denied``. What a venue or feed does not support yet is denied with
            code ``unsupported``.

        Raises:
            InputError: An unknown or ambiguous instrument, a value of the wrong type, no or more than one
                size.
        """
        terms = Terms(
            size,
            notional,
            contracts,
            price,
            stop_price,
            tif,
            post_only,
            reduce_only,
            round,
            stop_loss,
            take_profit,
            tag,
        )
        return self._desk.submit(_BUY, instrument, terms)

    def sell(
        self,
        instrument: Instrument | str,
        size: Number | None = None,
        *,
        notional: Number | None = None,
        contracts: Number | None = None,
        price: Number | None = None,
        stop_price: Number | None = None,
        tif: str = "GTC",
        post_only: bool = False,
        reduce_only: bool = False,
        round: Rounding = "error",  # noqa: A002 - the word of the public API
        stop_loss: Distance | None = None,
        take_profit: Distance | None = None,
        tag: str | None = None,
    ) -> Order:
        """Orders to sell; arguments, result and errors as for `buy`."""
        terms = Terms(
            size,
            notional,
            contracts,
            price,
            stop_price,
            tif,
            post_only,
            reduce_only,
            round,
            stop_loss,
            take_profit,
            tag,
        )
        return self._desk.submit(_SELL, instrument, terms)

    def cancel(self, order: Order) -> None:
        """Asks for the cancel of an open order; does nothing if it is closed or a cancel is under way."""
        self._desk.cancel(order)

    def cancel_all(self, instrument: Instrument | str | None = None) -> int:
        """Cancels the strategy's open orders, of one instrument or all; returns how many cancels went."""
        return self._desk.cancel_all(instrument)

    def amend(
        self,
        order: Order,
        *,
        price: Number | None = None,
        size: Number | None = None,
        round: Rounding = "error",  # noqa: A002 - the word of the public API
    ) -> None:
        """Asks for a new price, a new total size, or both; a refusal reaches `Strategy.on_order`.

        Raises:
            InputError: Neither is given, or a value of the wrong type.
        """
        self._desk.amend(order, price, size, round)

    def quote(
        self,
        instrument: Instrument | str,
        *,
        bid: QuoteSide | None = None,
        ask: QuoteSide | None = None,
        post_only: bool = True,
        round: Rounding = "passive",  # noqa: A002 - the word of the public API
        tag: str | None = None,
    ) -> None:
        """Makes the strategy's two-sided quote be this: keeps, amends or replaces what rests. Idempotent.

        Args:
            instrument: What to quote.
            bid: (price, size) of the bid; None takes it away.
            ask: (price, size) of the ask; None takes it away.
            post_only: Refuse rather than take.
            round: As in `buy`; passive by default, so that a computed price never crosses by rounding.
            tag: Free text kept with new orders.
        """
        terms = Terms(post_only=post_only, round=round, tag=tag)
        self._desk.quote(instrument, bid, ask, terms)

    def target(
        self,
        instrument: Instrument | str,
        size: Number,
        *,
        price: Number | None = None,
        tif: str = "GTC",
        round: Rounding = "error",  # noqa: A002 - the word of the public API
        tag: str | None = None,
    ) -> Order | None:
        """Moves the strategy's position to `size` (base units, negative is short).

        Sends the difference between the target and the position plus its own open target orders, so calling
        it twice sends once. A target the other way first cancels what is open. Nothing goes while an order of
        the instrument is in state unknown.

        Args:
            instrument: What to hold.
            size: The position wanted.
            price: Limit price; None is a market order.
            tif: Time in force of a limit order.
            round: As in `buy`.
            tag: Free text kept with the order.

        Returns:
            The order that was sent or denied, or None if none was needed.
        """
        terms = Terms(price=price, tif=tif, round=round, tag=tag)
        return self._desk.target(instrument, size, terms)

    def open_orders(self, instrument: Instrument | str | None = None) -> Sequence[Order]:
        """The strategy's orders that are not closed, oldest first."""
        return self._desk.open_orders(instrument)

    def position(self, instrument: Instrument | str) -> Position:
        """The strategy's own position: exact size, average price, realised PnL, fees."""
        return self._desk.position(instrument)

    # Market

    @property
    def now(self) -> int:
        """The engine's time: int ns UTC."""
        return self._world.now

    @property
    def instruments(self) -> Sequence[Instrument]:
        """Every instrument the engine knows."""
        return self._world.instruments()

    def subscribe_book(self, instrument: Instrument | str, *, every_update: bool = False) -> Instrument:
        """Asks for `Strategy.on_book`: at most once per turn, or at each update if `every_update`."""
        return self._world.subscribe_book(instrument, every_update=every_update)

    def subscribe_trades(self, instrument: Instrument | str) -> Instrument:
        """Asks for `Strategy.on_trade`."""
        return self._world.subscribe_trades(instrument)

    def subscribe_bars(self, instrument: Instrument | str, tf: str | float, *, warmup: int = 0) -> Instrument:
        """Asks for `Strategy.on_bar`: the bars of the data, or bars built from trades.

        Args:
            instrument: Whose bars.
            tf: Their length: ``"1s"``, ``"1m"``, … or seconds.
            warmup: Bars that must have closed before the first `Strategy.on_bar`, at least 0.
        """
        return self._world.subscribe_bars(instrument, duration_ns(tf), warmup)

    def book(self, instrument: Instrument | str) -> BookView:
        """The live book, read-only.

        Raises:
            StaleBookError: When it is read while it is out of step with the venue.
        """
        return self._world.book(instrument)

    def trades(self, instrument: Instrument | str) -> Sequence[Trade]:
        """The last trades of a subscribed instrument, oldest first (at most 1,000)."""
        return self._world.trades(instrument)

    def bars(self, instrument: Instrument | str, tf: str | float) -> Sequence[Bar]:
        """The last closed bars of a subscription, oldest first (at most 1,000)."""
        return self._world.bars(instrument, duration_ns(tf))

    def features(self, instrument: Instrument | str) -> Mapping[str, float]:
        """The instrument's streaming features after the last frame, by name: those of `Strategy.features`.

        Raises:
            InputError: No strategy of the engine asks for any.
        """
        return self._world.features(instrument)

    # Time and the outside

    def timer(
        self,
        name: str,
        *,
        after: str | float | None = None,
        every: str | float | None = None,
        at: int | None = None,
    ) -> None:
        """Sets the timer `name` (replacing it): `Strategy.on_timer` is called when it is due.

        Args:
            name: Its name.
            after: Time from now: ``"250ms"``, … or seconds.
            every: Repeats at this interval, the first time after one interval unless `after` or `at` says
                otherwise.
            at: Absolute time, int ns UTC.

        With none of the three, the timer is taken away.

        Raises:
            InputError: A name that is no text, a time that is no whole number of ns, no such length of time.
        """
        if after is None and every is None and at is None:
            self._world.drop_timer(name)
            return
        interval = 0 if every is None else duration_ns(every)
        first = interval if after is None else duration_ns(after)
        self._world.set_timer(name, self._world.now + first if at is None else at, interval)

    def run(self, coro: Coroutine[Any, Any, Any]) -> None:
        """Runs a coroutine beside the engine; its result reaches `Strategy.on_message`.

        Raises:
            InputError: Not a coroutine; or in a backtest, where nothing outside of the recorded data may be
                awaited.
        """
        self._world.run(coro)
