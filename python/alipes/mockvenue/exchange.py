"""The venue behind its protocol: time, market, matching core, and who hears of what happens.

`Exchange.advance` brings everything to a venue time; every request is handled at the time that this left.
Knows nothing of HTTP.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from alipes._core import LiveExchange
from alipes.errors import InputError
from alipes.mockvenue import core, narrator
from alipes.mockvenue.accounts import MAINTENANCE_RATE, MOST_LEVERAGE, Accounts
from alipes.mockvenue.clock import NS_PER_MS, NS_PER_S
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.listing import on_grids
from alipes.mockvenue.market import FUNDING_MS, Market
from alipes.mockvenue.schedule import Schedule
from alipes.mockvenue.source import open_source, synthetic
from alipes.mockvenue.streams.market import KLINE_MS, SPEEDS, TICKER_MS, MarketStreams
from alipes.mockvenue.streams.user import UserStreams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.config import VenueConfig
    from alipes.mockvenue.core import Event
    from alipes.mockvenue.listing import Terms
    from alipes.mockvenue.state import Saved
    from alipes.mockvenue.streams.hub import Hub

STATUSES: Final = {"trading": "TRADING", "halted": "BREAK", "settling": "SETTLING"}
"""What the venue calls the states of a perpetual."""
FIRST_UPDATE_ID: Final = 1_000_000
MINUTE_NS: Final = 60 * NS_PER_S


class Exchange:
    """A venue.

    Args:
        config: What it lists and plays.
        hub: Where streams are published.
        start_ns: Venue time at the start, int ns UTC.
        saved: Accounts, orders and perpetuals to go on with; new ones by default.

    Attributes:
        now: Venue time that everything stands at, int ns UTC.
        live: The matching core.
        markets: Perpetuals by index.
        accounts: Accounts and API keys.
        users: User data streams.
        schedule: Timers on venue time.
        accepted: How many orders of each client order id were accepted, the market's own aside.

    Raises:
        InputError: A symbol or a parameter of the market is refused.
        DataError: The recording holds no frame.
    """

    def __init__(self, config: VenueConfig, hub: Hub, *, start_ns: int, saved: Saved | None = None) -> None:
        self.config = config
        has_history = config.capture is None and saved is None
        self.now = start_ns - (config.history_s * NS_PER_S if has_history else 0)
        self.accepted: Counter[str] = Counter()
        self.listings = config.listings() if saved is None else saved.listings()
        self.schedule = Schedule()
        self.users = UserStreams(hub, seed=config.seed)
        self.live = self._new_core() if saved is None else saved.live
        self.markets = [
            Market(each, self.live, first_id=FIRST_UPDATE_ID, funding_rate=config.funding_rate)
            for each in self.listings
        ]
        self.accounts = Accounts(self)
        self._by_id = {market.listing.id: market for market in self.markets}
        self._streams = MarketStreams(hub)
        self._source = open_source(config, self.listings, self.now)
        self._open_market(start_ns)
        self._set_timers()

    def market(self, symbol: str) -> Market:
        """The perpetual of a symbol id, such as ``BTCUSDT``.

        Raises:
            ApiError: -1121, none is listed under it.
        """
        try:
            return self._by_id[symbol]
        except KeyError:
            raise ApiError(-1121) from None

    def advance(self, now: int) -> None:
        """Plays the market and runs timers up to a venue time; an earlier one changes nothing."""
        while True:
            due, is_frame = self._next_due()
            if due is None or due > now:
                break
            self.now = max(self.now, due)
            if is_frame:
                index, decoder = self._source.decode_next()
                self._report(self.live.ingest(self.now, decoder))
                self._streams.touch(self.markets[index], self.now)
            else:
                self.schedule.run_next()
        self.now = max(self.now, now)

    def next_due(self) -> int | None:
        """When the next frame or timer is due, ns; `None` where nothing is."""
        return self._next_due()[0]

    def apply(self, events: list[Event]) -> list[Event]:
        """Tells everyone what the core did in one turn: tapes, market streams, user data streams.

        Returns:
            The events.
        """
        self._report(events)
        for market in self.markets:
            self._streams.touch(market, self.now)
        return events

    def _report(self, events: list[Event]) -> None:
        if not events:
            return
        self._print(events)
        for account in dict.fromkeys(event[1] for event in events if event[0] != core.TRADE):
            if account == core.OUTSIDE:
                continue
            self._count(account, events)
            if self.users.has_listeners(account):
                self._tell(account, events)

    def _count(self, account: int, events: Iterable[Event]) -> None:
        for event in events:
            if event[0] == core.ACCEPTED and event[1] == account:
                self.accepted[core.order_of(event).client_id] += 1

    def _tell(self, account: int, events: Iterable[Event]) -> None:
        for message in narrator.messages(events, account, self.listings, self.config.taker_fee):
            self.users.tell(account, message)

    def _print(self, events: list[Event]) -> None:
        by_index: dict[int, list[tuple[int, int, int, bool]]] = {}
        for event in events:
            if event[0] == core.TRADE:
                _, index, _, trade_id, price, size, taker_side = event
                printed = (trade_id, *self.markets[index].on_tape(price, size), taker_side == 0)
                by_index.setdefault(index, []).append(printed)
        for index, trades in by_index.items():
            market = self.markets[index]
            found = market.tape.add(self.now, trades)
            self._streams.trades(market, self.now, trades)
            self._streams.aggregates(market, found)

    def set_instrument(
        self, market: Market, *, tick_size: object = None, lot_size: object = None, status: str | None = None
    ) -> None:
        """Changes a perpetual: its grids, or whether it trades. What is not given stays.

        On other grids the orders that are off them expire, the depth chain breaks, and the synthetic market
        begins anew, a nanosecond later, where the price is.

        Args:
            market: Which.
            tick_size: Price step in quote.
            lot_size: Size step in base units.
            status: ``"trading"``, ``"halted"`` or ``"settling"``.

        Raises:
            InputError: A step or the status is refused, or the grids of a recording would change. Nothing
                has changed then.
        """
        listing = market.listing
        names = {told: name for name, told in STATUSES.items()}
        status = names[listing.status] if status is None else status
        if status not in STATUSES:
            raise InputError(f"status {status!r}: expected trading, halted or settling")
        terms = on_grids(
            listing.terms,
            tick=listing.terms.tick if tick_size is None else tick_size,
            lot=listing.terms.lot if lot_size is None else lot_size,
        )
        if (terms.tick, terms.lot) == (listing.terms.tick, listing.terms.lot):
            self.apply(self.live.set_instrument(self.now, listing.index, listing.spec, status=status))
        else:
            self._change_grids(market, terms, status)
        listing.status = STATUSES[status]

    def _change_grids(self, market: Market, terms: Terms, status: str) -> None:
        if self.config.capture is not None:
            raise InputError("a recording is on its own grids: they cannot change while it plays")
        listing, until, start = market.listing, self.now, self.now + 1
        new = replace(listing, terms=terms, past=[*listing.past, (until, listing.terms)])
        mid = market.mid_ticks()
        price = Decimal(terms.price) if mid is None else listing.spec.price(mid)
        rounded = max(Decimal(1), price // new.spec.tick_size) * new.spec.tick_size
        frames = synthetic(self.config, new, start, f"{rounded:f}")
        events = self.live.set_instrument(until, listing.index, new.spec, status=status)
        market.change_grids(terms, until)
        self._source.restart(listing, frames)
        self.apply(events)
        self.advance(start)

    def _next_due(self) -> tuple[int | None, bool]:
        frame, timer = self._source.next_due(), self.schedule.next_due()
        if frame is not None and (timer is None or frame <= timer):
            return frame, True
        return timer, False

    def _new_core(self) -> LiveExchange:
        live = LiveExchange()
        for listing in self.listings:
            live.add_instrument(
                listing.index,
                listing.spec,
                maker_fee=self.config.maker_fee,
                taker_fee=self.config.taker_fee,
                max_leverage=MOST_LEVERAGE,
                maintenance_rate=MAINTENANCE_RATE,
            )
        return live

    def _open_market(self, start_ns: int) -> None:
        """Plays up to the start and until every book has both sides, the first request meets a market."""
        self.advance(start_ns)
        while any(market.mid_ticks() is None for market in self.markets):
            due = self._source.next_due()
            if due is None:
                break
            self.advance(due)
        self._mark(self.now)

    def _set_timers(self) -> None:
        add = self.schedule.every
        for speed in SPEEDS:
            add(speed * NS_PER_MS, partial(self._flush_depth, speed), start_ns=self.now)
        add(KLINE_MS * NS_PER_MS, self._klines, start_ns=self.now)
        add(TICKER_MS * NS_PER_MS, self._second, start_ns=self.now)
        add(MINUTE_NS, self.users.expire, start_ns=self.now)
        add(FUNDING_MS * NS_PER_MS, self._fund, start_ns=self.now)

    def _flush_depth(self, speed_ms: int, now: int) -> None:
        for market in self.markets:
            self._streams.depth(market, now, speed_ms)

    def _klines(self, now: int) -> None:
        for market in self.markets:
            self._streams.klines(market, now)

    def _second(self, now: int) -> None:
        self._mark(now)
        self._streams.marks(self.markets, now)
        self._streams.tickers(self.markets, now)

    def _mark(self, now: int) -> None:
        for market in self.markets:
            mid = market.mid_ticks()
            if mid is not None:
                market.mark_ticks = mid
                self.apply(self.live.mark(now, market.listing.index, mid))

    def _fund(self, now: int) -> None:
        for market in self.markets:
            if market.mark_ticks:
                self.apply(self.live.fund(now, market.listing.index, market.funding_rate))
