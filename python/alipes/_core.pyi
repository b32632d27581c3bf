"""The compiled part of Alipes: books, decoders, features, simulated exchange, accounting.

Everything here is re-exported under the public names of `alipes`; import it from there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from os import PathLike
from typing import Any, Literal, Self, TypeAlias, final, type_check_only

import numpy as np
from numpy.typing import NDArray

_Number: TypeAlias = float | str | Decimal
_Levels: TypeAlias = NDArray[np.float64] | NDArray[np.int64] | Iterable[Sequence[_Number]]
_Column: TypeAlias = NDArray[np.float64] | NDArray[np.int64] | Iterable[_Number]

__version__: str

# --- Instruments (rust/py/src/instrument.rs) ---

@final
class InstrumentSpec:
    """The grids and terms of an instrument: exact conversion between numbers and integer ticks and steps.

    Sizes count base units for spot and linear instruments and contracts for inverse ones. A size step is
    10^-(decimals(lot_size) + 3), three decimals finer than the lot. Numbers are taken as `float`, `str`,
    `Decimal` or `int`: text, `Decimal` and `int` exactly, a float as the grid point within max(1e-6 of a
    step, 8 ulp) of it. Frozen, hashable, comparable and picklable.

    Args:
        symbol: Unified symbol, e.g. ``"BTC/USDT:USDT"``.
        kind: ``"spot"``, ``"linear"`` (settled in quote) or ``"inverse"`` (settled in base).
        base: Asset that is bought and sold.
        quote: Asset that prices are in.
        settle: Asset of profit and fees; by default the quote, for inverse instruments the base.
        tick_size: Price step in quote, > 0.
        lot_size: Order size step in base units or contracts, > 0.
        contract_size: Base units (linear) or quote units (inverse) of one contract, > 0; 1 for spot.
        min_notional: Least price times size of an order in quote, > 0, or `None`.

    Raises:
        InputError: A term is missing, of the wrong type, not positive, or contradicts another one.
    """

    def __new__(
        cls,
        *,
        symbol: str,
        base: str,
        quote: str,
        tick_size: _Number,
        lot_size: _Number,
        kind: str = "linear",
        settle: str | None = None,
        contract_size: _Number | None = None,
        min_notional: _Number | None = None,
    ) -> InstrumentSpec: ...
    @property
    def symbol(self) -> str:
        """Unified symbol."""
    @property
    def kind(self) -> Literal["spot", "linear", "inverse"]:
        """How a position pays."""
    @property
    def base(self) -> str:
        """Asset that is bought and sold."""
    @property
    def quote(self) -> str:
        """Asset that prices are in."""
    @property
    def settle(self) -> str:
        """Asset of profit and fees."""
    @property
    def tick_size(self) -> Decimal:
        """Price step, in quote."""
    @property
    def lot_size(self) -> Decimal:
        """Order size step, in base units or contracts."""
    @property
    def lot_steps(self) -> int:
        """Size steps in one lot."""
    @property
    def contract_size(self) -> Decimal:
        """Base units (linear) or quote units (inverse) of one contract; 1 for spot."""
    @property
    def min_notional(self) -> Decimal | None:
        """Least price times size of an order in quote, where the venue has such a rule."""
    def ticks(self, price: _Number) -> int:
        """Price in ticks.

        Raises:
            OffGridError: The price lies between two ticks; the message names both.
            InputError: It is no finite number, or beyond 64 bits of ticks.
        """
    def ticks_rounded(self, price: _Number, side: str, rounding: str) -> int:
        """Price in ticks, rounded where it lies between two.

        Args:
            price: Price in quote.
            side: ``"buy"`` or ``"sell"``.
            rounding: ``"passive"`` moves away from the other side of the book (a buy down, a sell up),
                ``"aggressive"`` towards it.

        Raises:
            InputError: No finite number, or an unknown side or rounding.
        """
    def steps(self, size: _Number) -> int:
        """Size steps of an order size, which must be a multiple of the lot; negative sizes keep their sign.

        Raises:
            OffGridError: The size lies between two lots; the message names both.
            InputError: It is no finite number, or beyond 64 bits of size steps.
        """
    def price(self, ticks: int) -> Decimal:
        """Exact price of a number of ticks."""
    def size(self, steps: int) -> Decimal:
        """Exact size of a number of size steps."""
    def price_float(self, ticks: int) -> float:
        """Float nearest to the price of a number of ticks."""
    def size_float(self, steps: int) -> float:
        """Float nearest to the size of a number of size steps."""
    def notional(self, ticks: int, steps: int) -> Decimal:
        """Exact value in quote: price times size, or contracts times contract size for inverse instruments.

        Raises:
            InputError: The value needs more than 128 bits.
        """
    def steps_from_notional(self, notional: _Number, ticks: int) -> int:
        """Size steps of the most whole lots that are worth at most `notional`, in quote, at a price in ticks.

        Raises:
            InputError: `notional` or the price is not positive, or the size is out of range.
        """
    def steps_from_contracts(self, contracts: _Number) -> int:
        """Size steps of a number of contracts.

        Raises:
            OffGridError: The size lies between two lots.
            InputError: No finite number, or out of range.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, object]]: ...

# --- Order books (rust/py/src/book.rs) ---

@type_check_only
class _BookReads:
    """What every book can be asked. Prices in quote, sizes in base units (contracts of inverse instruments).

    Every read raises BookBusyError while a batch call of another thread holds the book.
    """

    @property
    def best_bid(self) -> float:
        """Highest bid, nan when there is none."""
    @property
    def best_ask(self) -> float:
        """Lowest ask, nan when there is none."""
    def bbo(self) -> tuple[float, float, float, float]:
        """Best bid, its size, best ask, its size; nan for both numbers of an empty side."""
    @property
    def mid(self) -> float:
        """Half way between best bid and best ask; nan unless both sides have levels."""
    @property
    def spread(self) -> float:
        """Best ask minus best bid, negative while crossed; nan unless both sides have levels."""
    @property
    def microprice(self) -> float:
        """Mid weighted by the sizes at the touch: best bid + spread * bid size / (bid size + ask size).

        nan unless both sides have levels.
        """
    def imbalance(self, levels: int) -> float:
        """(bid size - ask size) / (bid size + ask size) over the best `levels` of each side, in -1 to 1.

        nan for an empty book.

        Raises:
            InputError: `levels` is below 1.
        """
    def vwap(self, side: str, size: _Number) -> float:
        """Average price at which a market order would fill; nan where the book does not hold as much.

        Args:
            side: ``"buy"`` takes from the asks, ``"sell"`` from the bids.
            size: Size of the order, > 0, on the book's size steps.

        Raises:
            InputError: Unknown side, or a size that is not greater than zero.
            OffGridError: A size between two size steps.
        """
    def depth_within(self, side: str, bps: float) -> float:
        """Size on a side (``"bid"`` or ``"ask"``) within `bps` hundredths of a percent of the mid.

        nan unless both sides have levels.

        Raises:
            InputError: Unknown side, or `bps` negative or nan.
        """
    def depth(self, levels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The best `levels` of each side, best first.

        Returns:
            Bids and asks: ``(k, 2)`` float64 arrays of price and size, k <= `levels`.

        Raises:
            InputError: `levels` is below 1.
        """
    def levels(self, side: str) -> NDArray[np.float64]:
        """All levels of ``"bid"`` or ``"ask"``, best first: a ``(k, 2)`` float64 array of price and size.

        Raises:
            InputError: Unknown side.
        """
    def levels_exact(self, side: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All levels of ``"bid"`` or ``"ask"``, best first: ``(k,)`` int64 ticks, ``(k,)`` int64 size steps.

        Raises:
            InputError: Unknown side.
        """
    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
    @property
    def tick_size(self) -> Decimal:
        """Price step, in quote; a price of n int ticks is n times it."""
    @property
    def lot_size(self) -> Decimal:
        """Order size step, in base units."""
    @property
    def size_step(self) -> Decimal:
        """What an int size counts, in base units: 10^-(decimals(lot_size) + 3), finer than the lot."""
    def __len__(self) -> int:
        """Number of levels, both sides together."""

@final
class OrderBook(_BookReads):
    """A local order book by price level, fed with absolute sizes.

    There is no price range to set. Prices and sizes come as ``(n, 2)`` float64 arrays, as ``(n, 2)`` int64
    arrays of ticks and size steps, or as pairs of numbers (`float`, `str`, `Decimal` or `int`); arrays may
    have any strides and be read-only. A size step is 10^-(decimals(lot_size) + 3). A call is applied as a
    whole or not at all: everything is checked before the book is touched, and the error names the row. Calls
    with 4,096 levels or more release the GIL.

    Args:
        tick_size: Price step in quote, > 0.
        lot_size: Order size step in base units, > 0.

    Raises:
        InputError: A step is no number greater than zero.

    Example:
        >>> book = OrderBook(tick_size="0.1", lot_size="0.001")
        >>> book.apply_snapshot([(100.1, 2), (100.0, 5)], [(100.2, 1)])
        >>> book.bbo()
        (100.1, 2.0, 100.2, 1.0)
    """

    def __new__(cls, *, tick_size: _Number, lot_size: _Number) -> OrderBook: ...
    @property
    def unknown_removals(self) -> int:
        """How many removals named a level that was not there; they change nothing."""
    def __sizeof__(self) -> int:
        """Memory of the book, in bytes."""
    def apply_snapshot(self, bids: _Levels, asks: _Levels) -> None:
        """Replaces the whole book. Rows may come in any order; of a repeated price the last row counts.

        Float arrays and pairs hold prices and sizes; int64 arrays hold ticks and size steps (`size_step`).

        Raises:
            OffGridError: A price or size between two grid points; the message names row and neighbours.
            InputError: Wrong dtype or shape, a masked array, a number that is nan, infinite or out of range,
                a price that is not positive, a negative size, or a best bid that is not below the best ask.
            BookBusyError: A batch call of another thread holds the book.
        """
    def apply(self, bids: _Levels, asks: _Levels) -> None:
        """Sets absolute sizes, in order; a size of 0 removes the level, if there is one.

        Float arrays and pairs hold prices and sizes; int64 arrays hold ticks and size steps (`size_step`).

        Raises:
            OffGridError: A price or size between two grid points; the message names row and neighbours.
            InputError: Wrong dtype or shape, a masked array, a number that is nan, infinite or out of range,
                a price that is not positive, a negative size.
            BookBusyError: A batch call of another thread holds the book.
        """
    def apply_columns(
        self, is_bid: NDArray[np.bool_] | Iterable[bool], price: _Column, size: _Column
    ) -> None:
        """Sets absolute sizes by columns, in order; a size of 0 removes the level, if there is one.

        Either both columns are int64 arrays, ticks and size steps (`size_step`), or both hold numbers.

        Args:
            is_bid: ``(n,)`` bool: the side of each update.
            price: ``(n,)`` float64 prices, int64 ticks, or numbers.
            size: ``(n,)`` float64 sizes, int64 size steps, or numbers.

        Raises:
            OffGridError: A price or size between two grid points; the message names row and neighbours.
            InputError: Wrong dtype, shape or length, int64 units mixed with numbers, a masked array, a number
                that is nan, infinite or out of range, a price that is not positive, a negative size.
            BookBusyError: A batch call of another thread holds the book.
        """
    def clear(self) -> None:
        """Removes every level.

        Raises:
            BookBusyError: A batch call of another thread holds the book.
        """

# --- Captures and the synthetic market (rust/py/src/{capture,synth}.rs) ---

@final
class CaptureReader(Iterator[tuple[int, bytes]]):
    """Iterates over a capture: lines ``<receive time, ns> <JSON>``, plain or gzipped (told by content).

    Yields ``(ts_recv, frame)``: int ns UTC and the frame's JSON bytes.

    Args:
        path: The capture file.

    Raises:
        InputError: The file is missing or unreadable.
        DataError: It holds no frame, or its gzip data is cut off or damaged.
        DecodeError: A line is not of that form; the message names its number.
    """

    def __new__(cls, path: str | PathLike[str]) -> Self: ...
    @property
    def path(self) -> Any:
        """The file (``pathlib.Path``)."""

    @property
    def header(self) -> dict[str, Any] | None:
        """What a recording made by Alipes says of itself (venue, instrument, tick_size, ...), else None."""

    @property
    def line_number(self) -> int:
        """Number of the last line read, counted from 1, the header included."""
    @property
    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1, in blocks of 128 KiB; 0 where that cannot be told."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[int, bytes]: ...

@final
class SynthMarket(Iterator[tuple[int, bytes]]):
    """A seeded synthetic market that speaks Binance USD-M wire frames.

    Yields ``(ts_recv, frame)`` as a capture does: first a REST depth snapshot, then depth updates (``U``,
    ``u``, ``pu``), best prices and trades. The order flow has zero intelligence around a mean-reverting
    fundamental that goes through calm, trending and volatile regimes. The same seed gives the same bytes on
    every platform; the book is never crossed; trades take from the depth they print at.

    Args:
        symbol: Unified symbol of a linear perpetual (default ``BTC/USDT:USDT``).
        seed: 0 to 2**64 - 1.
        tick_size: Price step (default 0.1).
        lot_size: Size step (default 0.001).
        price: Price the fundamental returns to, on the tick grid (default 60000).
        mean_lots: Mean order size in lots (default 150).
        start_ns: Venue time at the start, int ns UTC.
        seconds: Length in venue time; endless if None.
        rate: Orders per second in the calm regime, 0.1 to 1e6 (default 300); others are busier.
        levels: Most levels a side, 20 to 5000 (default 400).
        depth_interval_ms: Time between depth updates (default 100).
        latency_ms: Least time from venue to receipt (default 2).
        regime: One regime for ever; if None they take turns.
        regime_seconds: Mean length of a regime (default 20).

    Raises:
        InputError: A parameter is out of range; the message names it and its range.
    """

    def __new__(
        cls,
        *,
        symbol: str | None = None,
        seed: int = 1,
        tick_size: float | str | Decimal | None = None,
        lot_size: float | str | Decimal | None = None,
        price: float | str | Decimal | None = None,
        mean_lots: float | None = None,
        start_ns: int | None = None,
        seconds: float | None = None,
        rate: float | None = None,
        levels: int | None = None,
        depth_interval_ms: int | None = None,
        latency_ms: float | None = None,
        regime: Literal["calm", "trending", "volatile"] | None = None,
        regime_seconds: float | None = None,
    ) -> Self: ...
    @property
    def header(self) -> dict[str, Any]:
        """What a capture of it says in its header: venue, instrument, tick_size, lot_size, source."""

    @property
    def regime(self) -> str:
        """The current regime: ``calm``, ``trending`` or ``volatile``."""

    @property
    def venue_time(self) -> int:
        """Venue time of the last order, int ns UTC."""

    def snapshot(self) -> bytes:
        """A REST depth answer as of now, to resynchronise with."""

    def write(self, path: str | PathLike[str], seconds: float) -> int:
        """Writes the next ``seconds`` of venue time as a capture with a header, gzipped if named .gz.

        Returns:
            The number of frames written. Releases the GIL.

        Raises:
            InputError: ``seconds`` is not positive, or the file cannot be written.
        """

    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[int, bytes]: ...

# --- Feeds: decoders and sequence rules (rust/py/src/{sync,feed,view,state}.rs) ---

_Message: TypeAlias = bytes | bytearray | memoryview | str

class SyncState(StrEnum):
    """How far a book can be trusted."""

    EMPTY = "empty"
    BUFFERING = "buffering"
    SYNCED = "synced"
    STALE = "stale"

@final
class BookView(_BookReads):
    """A read-only book that a `BookSync` or a `FeedDecoder` keeps in step.

    Views that a `FeedDecoder` gave (the engine's) raise `StaleBookError` where the book is not synced; the
    view of a `BookSync` reads what is there. Any read raises `BookBusyError` while a batch call in another
    thread holds the books.
    """

    @property
    def symbol(self) -> str:
        """Unified symbol."""
    @property
    def state(self) -> SyncState:
        """How far the book can be trusted; never raises `StaleBookError`."""

@final
class BookSync:
    """One local order book, kept in step with its venue from raw messages.

    Starts ``empty``; the first depth event makes it ``buffering``; a snapshot that the waiting events can
    follow makes it ``synced``. A gap, a crossed book, a price off the grid or a lost connection makes it
    ``stale``: events wait again, and the next good snapshot brings it back by itself. A message is applied
    whole or not at all. One that crosses the book is applied, so that `book` shows what crossed until the
    next snapshot. A snapshot without levels is a good one, of an empty market.

    A message is `bytes` (read in place), `bytearray`, `memoryview` of contiguous bytes, or `str`. Depth
    events, REST snapshots, best bid/ask and trade messages are understood, bare or in the combined-stream
    wrapper; other streams and other symbols are counted and ignored.

    Args:
        venue: ``"binance"`` (spot) or ``"binanceusdm"`` (USD-M futures).
        symbol: Unified (``"BTC/USDT:USDT"``) or the venue's own (``"BTCUSDT"``).
        tick_size: Price step, in quote, > 0.
        lot_size: Size step of orders, in base units, > 0. Sizes count in steps three decimals finer.

    Raises:
        InputError: Unknown venue, no symbol of the venue, or a step that is not a positive number.
    """

    def __new__(
        cls,
        venue: str,
        symbol: str,
        *,
        tick_size: float | str | Decimal,
        lot_size: float | str | Decimal,
    ) -> BookSync: ...
    @property
    def venue(self) -> str:
        """Id at ccxt of the venue."""
    @property
    def symbol(self) -> str:
        """The symbol as given."""
    @property
    def state(self) -> SyncState:
        """How far the book can be trusted."""
    @property
    def reason(self) -> str | None:
        """Why the book is stale, or why the last snapshot was refused."""
    @property
    def book(self) -> BookView:
        """The book, read-only."""
    @property
    def last_update_id(self) -> int | None:
        """The venue's id of the last update in the book; `None` unless synced."""
    @property
    def wants_snapshot(self) -> bool:
        """Whether events wait for a snapshot, so that fetching one now would help."""
    @property
    def snapshot_from(self) -> int | None:
        """The lowest ``lastUpdateId`` that the waiting events can follow; `None` where none wait."""
    def feed(self, raw: _Message) -> SyncState:
        """Decodes and applies one message of any stream, a snapshot included.

        Args:
            raw: The message.

        Returns:
            The state after it.

        Raises:
            DecodeError: No message of the venue; names what is wrong and at which byte. The book is
                untouched.
            InputError: `raw` is not bytes-like or text.
            BookBusyError: A batch call in another thread holds the book.
        """
    def snapshot(self, raw: _Message) -> SyncState:
        """As `feed`, but the message must be a REST snapshot.

        A snapshot older than a synced book is ignored; one that the waiting events cannot follow is
        refused (see `reason` and `snapshot_from`).

        Raises:
            DecodeError: No snapshot of the venue.
            InputError: `raw` is not bytes-like or text.
            BookBusyError: A batch call in another thread holds the book.
        """
    def feed_many(self, messages: Iterable[_Message]) -> NDArray[np.float64]:
        """Feeds messages in order with the GIL released.

        Args:
            messages: Messages as `feed` takes them, in any iterable; it is read to its end first.

        Returns:
            (n, 4) float64: best bid, its size, best ask, its size after each message; NaN while not synced.

        Raises:
            DecodeError: A message is none of the venue; the ones before it are applied, the ones after are
                not.
            InputError: An item is not bytes-like or text (its index is named); nothing was applied.
            BookBusyError: Another batch call holds the book.
        """
    def disconnect(self) -> SyncState:
        """The connection is lost: waiting events are dropped, and a book that was in use becomes stale."""
    def stats(self) -> dict[str, int]:
        """Running counts; see `FeedDecoder.stats`."""
    def __sizeof__(self) -> int:
        """Memory of the decoder and its book, in bytes."""
    def _force_parser(self, name: str) -> None: ...

@final
class FeedDecoder:
    """All books of one connection, as the engine drives them.

    Args:
        venue: ``"binance"`` (spot) or ``"binanceusdm"`` (USD-M futures).

    Raises:
        InputError: Unknown venue.
    """

    def __new__(cls, venue: str) -> FeedDecoder: ...
    @property
    def venue(self) -> str:
        """Id at ccxt of the venue."""
    def add(
        self, symbol: str, index: int, spec: InstrumentSpec, *, wire_symbol: str | None = None
    ) -> BookView:
        """Adds an instrument.

        Args:
            symbol: Unified or the venue's own.
            index: 0 to 65534, the instrument's number in everything this decoder gives.
            spec: Its grids.
            wire_symbol: The venue's symbol where it does not follow from `symbol`.

        Returns:
            Its book; reads raise `StaleBookError` unless it is synced.

        Raises:
            InputError: No symbol of the venue, or symbol or index taken.
        """
    def on_frame(self, raw: _Message, ts_recv: int) -> int:
        """Decodes and applies one frame.

        Args:
            raw: The frame, bytes-like or text.
            ts_recv: When it was received, ns UTC.

        Returns:
            ``instrument | kind << 16 | flags << 24``. Instrument 0xFFFF is none. Kind: 0 depth, 1 best
            bid/ask, 2 trade, 3 aggregated trade, 4 snapshot applied, 5 ignored (unknown stream or symbol,
            repeat, refused snapshot). Flags: bit 0 best price or size changed, bit 1 state changed, bits
            2-3 the state (0 empty, 1 buffering, 2 synced, 3 stale), bit 4 a snapshot is wanted.

        Raises:
            DecodeError: No message of the venue. Books are untouched.
            BookBusyError: A batch call in another thread holds the books.
        """
    def on_snapshot(self, index: int, raw: _Message, ts_recv: int) -> int:
        """As `on_frame` for the REST snapshot of one instrument, which does not name it.

        Raises:
            DecodeError: No snapshot of the venue.
            InputError: Unknown index.
        """
    def on_disconnect(self, ts_recv: int) -> None:
        """The connection is lost: every book in use becomes stale and waits for a new snapshot."""
    def last_trades(self) -> list[tuple[int, int | None, float, float, str, int]]:
        """Trades of the last frame.

        Returns:
            Rows of (instrument, ts_event in ns or `None`, price, size, taker "buy" or "sell", trade id).
        """
    def touch(self, index: int) -> tuple[float, float, float, float]:
        """Best bid, its size, best ask, its size; NaN where the book is not synced."""
    def state(self, index: int) -> SyncState:
        """How far a book can be trusted."""
    def reason(self, index: int) -> str | None:
        """Why a book is stale, or why its last snapshot was refused."""
    def snapshot_from(self, index: int) -> int | None:
        """The lowest ``lastUpdateId`` that the waiting events can follow; `None` where none wait."""
    def stats(self) -> dict[str, int]:
        """Running counts.

        ``messages``, of them ``scanned`` (taken by the direct scanner) and ``strict`` (by the strict
        parser), of which ``errors`` were refused; ``depths`` applied, ``touches``, ``trades``,
        ``snapshots`` applied and ``snapshots_refused``, waiting events ``replayed``; ``repeats``,
        ``gaps``, ``stales`` (any reason), ``resyncs``; waiting events ``dropped``; ``sizes_rounded``;
        ``other_streams`` and ``other_symbols`` ignored.
        """
    def _force_parser(self, name: str) -> None: ...

# --- Accounting (rust/py/src/account.rs) ---

@final
class Ledger:
    """Positions by strategy and instrument, profit, fees and balances: exact, in integers.

    The rules are in docs/accounting.md. Realised profit never contains fees; fees are kept by asset. Where
    `strategy` is `None`, figures are sums over all strategies.
    """

    def __new__(cls) -> Ledger: ...
    def add_instrument(self, index: int, spec: InstrumentSpec) -> None:
        """Adds an instrument under an index (0 to 65,535).

        Raises:
            InputError: The index is taken.
        """

    def deposit(self, asset: str, amount: float | str | Decimal) -> None:
        """Adds an amount to the balance of an asset; a negative amount is a withdrawal."""

    def fill(
        self,
        strategy: str,
        index: int,
        side: int,
        price_ticks: int,
        size_steps: int,
        fee: float | str | Decimal,
        fee_asset: str,
    ) -> None:
        """Applies a fill and its fee, whole or not at all.

        Args:
            strategy: Name of the strategy that the fill belongs to.
            index: The instrument.
            side: 0 buy, 1 sell.
            price_ticks: Price in ticks, > 0.
            size_steps: Size in size steps, > 0.
            fee: Fee paid, in units of `fee_asset`; negative is a rebate.
            fee_asset: Asset of the fee; ignored where the fee is zero.

        Raises:
            InputError: The instrument is unknown, an argument out of range, a base fee of a spot fill finer
                than its position counts, or a result beyond 128 bits.
        """

    def position_steps(self, strategy: str | None, index: int) -> int:
        """Signed position in whole size steps (a spot position with base fees may hold a fraction more)."""

    def position(
        self, strategy: str | None, index: int
    ) -> tuple[Decimal, Decimal | None, Decimal, dict[str, Decimal]]:
        """Position as (size, average price, realised profit, fees by asset).

        The size is signed, in base units (contracts for inverse instruments). The average price is rounded
        half to even at 8 decimals beyond those of the tick, and `None` without a position. Realised profit
        is in the settlement asset, before fees.
        """

    def unrealised(self, strategy: str | None, index: int, mark_ticks: int) -> Decimal:
        """Profit that closing at a mark price (ticks, > 0) would realise, in the settlement asset."""

    def balances(self) -> dict[str, Decimal]:
        """Balance of every asset: deposits, realised profit, spot assets bought and sold, less fees."""

# --- Risk gate (rust/py/src/gate.rs) ---

@final
class Gate:
    """The numeric risk checks of an order, the same for live, paper and backtest.

    Codes, in the order in which rules are checked: 1 price_rule, 2 lot, 3 max_order_size, 4
    max_order_notional (or 7 no_reference_price, 8 min_notional), 5 max_position, 6 price_collar (or 7); 0
    is none broken. A value equal to its limit passes.
    """

    def __new__(cls) -> Gate: ...
    def add_instrument(self, index: int, spec: InstrumentSpec) -> None:
        """Adds an instrument without limits, or replaces the terms of one and keeps its limits."""

    def set_limits(
        self,
        index: int,
        *,
        max_order_size: float | str | Decimal | None = None,
        max_order_notional: float | str | Decimal | None = None,
        max_position: float | str | Decimal | None = None,
        collar_bps: float | str | Decimal | None = None,
    ) -> None:
        """Replaces all limits of an instrument; `None` does not limit.

        Args:
            index: The instrument.
            max_order_size: In base units (contracts for inverse instruments), >= 0.
            max_order_notional: In quote, >= 0. A market order counts at the collar, without one at the best
                price.
            max_position: Largest absolute position that the open orders of one side together with the order
                could lead to, in base units (contracts), >= 0. Reduce-only orders are exempt.
            collar_bps: How far a buy may reach above the best ask and a sell below the best bid, in basis
                points of that price, >= 0. Where that side is empty the other one's best price counts.

        Raises:
            InputError: The instrument is unknown or a limit negative or not a number.
        """

    def check(
        self,
        index: int,
        side: int,
        type: int,  # noqa: A002
        price_ticks: int,
        size_steps: int,
        position_steps: int,
        open_buy_steps: int,
        open_sell_steps: int,
        reduce_only: bool,
        best_bid_ticks: int | None,
        best_ask_ticks: int | None,
    ) -> int:
        """Code of the first rule that an order breaks, 0 for none.

        Args:
            index: The instrument.
            side: 0 buy, 1 sell.
            type: 0 limit, 1 market.
            price_ticks: Limit price in ticks; ignored for market orders.
            size_steps: Size in size steps.
            position_steps: Signed position in size steps.
            open_buy_steps: Unfilled size of own open buys, in size steps.
            open_sell_steps: Unfilled size of own open sells, in size steps.
            reduce_only: Whether the venue lets the order only reduce the position.
            best_bid_ticks: Best bid in ticks, `None` where there is none.
            best_ask_ticks: Best ask in ticks, `None` where there is none.

        Raises:
            InputError: The instrument is unknown, or side or type is no valid code.
        """

    def explain(
        self,
        index: int,
        side: int,
        type: int,  # noqa: A002
        price_ticks: int,
        size_steps: int,
        position_steps: int,
        open_buy_steps: int,
        open_sell_steps: int,
        reduce_only: bool,
        best_bid_ticks: int | None,
        best_ask_ticks: int | None,
    ) -> str:
        """The first rule that an order breaks in words, with the value and its limit; empty for none."""

    def collar_price(self, index: int, side: int, best_ticks: int) -> int | None:
        """The farthest price, in ticks, that a taker may reach from the opposite best price.

        Rounded towards that price; `None` where the instrument has no collar.
        """

# --- Simulated exchange (rust/py/src/sim.rs) ---

@final
class SimExchange:
    """The simulated exchange: market data in, fates of our orders out (docs/simulated-exchange.md).

    Times are int ns UTC; `now` is our clock and never runs backwards. A request sent at `now` arrives at
    ``venue_time(now) + entry_latency_ns``, is matched when the instrument's watermark passes its arrival,
    and is answered `response_latency_ns` after.

    Args:
        entry_latency_ns: From our send to the exchange, >= 0.
        response_latency_ns: From the exchange to us, >= 0.
        clock_offset_ns: Measured venue clock minus ours; `None` estimates it as the largest ts_event -
            ts_recv so far, if positive.

    Raises:
        InputError: A latency is negative.
    """

    def __new__(
        cls, *, entry_latency_ns: int = 0, response_latency_ns: int = 0, clock_offset_ns: int | None = None
    ) -> SimExchange: ...
    def add_instrument(
        self,
        index: int,
        spec: InstrumentSpec,
        *,
        maker_fee: float | str | Decimal,
        taker_fee: float | str | Decimal,
        fee_asset: str | None = None,
        fee_price: float | str | Decimal | None = None,
        position_steps: int = 0,
    ) -> None:
        """Adds an instrument under the index that its market events carry.

        Args:
            index: 0 to 65,535.
            spec: Its terms.
            maker_fee: Share of the traded value that makers pay (0.0002 is 2 bps); negative is a rebate.
            taker_fee: Share of the traded value that takers pay.
            fee_asset: Base, quote or a third asset; by default the quote, for inverse instruments the base.
            fee_price: Price of one unit of a third fee asset in quote, > 0.
            position_steps: Signed position that we hold already, in size steps; reduce-only orders need it.

        Raises:
            InputError: The index is taken, or a third fee asset has no price.
        """

    def ingest(self, decoder: FeedDecoder) -> None:
        """Takes in the events of the last frame that a decoder decoded: one turn.

        Raises:
            BookBusyError: A batch call in another thread holds the decoder's books.
        """

    def ingest_events(self, ts_recv: int, events: list[tuple[Any, ...]]) -> None:
        """Takes in one turn's market events given as tuples: custom feeds and scripted tests.

        Each is ``(index, kind, ts_event or None, ...)`` with prices in ticks and sizes in size steps:
        ``"reset"`` and ``"depth"``: bids, asks (lists of (price, size)), update id; ``"touch"``: (bid, size),
        (ask, size), update id; ``"trade"`` and ``"agg_trade"``: price, size, taker (0 buy, 1 sell), trade id;
        ``"stale"``: nothing more.

        Raises:
            InputError: An unknown kind or a negative size.
        """

    def submit(
        self,
        now: int,
        client_order_id: str,
        index: int,
        side: int,
        type: int,  # noqa: A002
        tif: int,
        post_only: bool,
        reduce_only: bool,
        price_ticks: int,
        size_steps: int,
    ) -> None:
        """Sends a new order; everything about its fate, refusals included, comes through `poll`.

        Args:
            now: Our time, ns.
            client_order_id: Our id; refused while an order with it is open or on its way.
            index: The instrument.
            side: 0 buy, 1 sell.
            type: 0 limit, 1 market.
            tif: 0 GTC, 1 IOC, 2 FOK.
            post_only: Refused if it would take.
            reduce_only: Only ever reduces the position.
            price_ticks: Limit price in ticks; ignored for market orders.
            size_steps: Size in size steps.

        Raises:
            InputError: The instrument is unknown, or side, type or tif is no valid code.
        """

    def amend(self, now: int, client_order_id: str, price_ticks: int, size_steps: int) -> None:
        """Sends a change of price (ticks) and total size (size steps, what is filled included)."""

    def cancel(self, now: int, client_order_id: str) -> None:
        """Sends a withdrawal."""

    def poll(self, now: int) -> list[tuple[int, str, int, str, int, int, str, bool, Decimal, str, str]]:
        """Responses due at or before `now`, in order.

        Each is (kind, client_order_id, ts_event, venue_order_id, price_ticks, size_steps, trade_id,
        is_maker, fee, fee_asset, reason). Kinds: 0 accepted, 1 rejected, 2 fill, 3 cancelled, 4 expired, 5
        amended, 6 amend_rejected, 7 cancel_rejected. Price and size are the fill's; the size of a cancelled
        or expired order is what was left of it. Ids, fee_asset and reason are empty where they do not
        apply.
        """

    def finish(self) -> None:
        """Ends the data: nothing more comes before what waits, so all of it takes effect at its own time."""

    def next_due(self) -> int | None:
        """When the next response is due, by our clock (ns); `None` where none is under way."""

    def queue_ahead(self, client_order_id: str) -> int | None:
        """Size of others in front of a resting order, in size steps; `None` where it does not rest."""

    def venue_time(self, now: int) -> int:
        """The venue's time at our time `now`, as far as we can know it."""

    def position_steps(self, index: int) -> int:
        """Signed position that the exchange holds for us, in size steps.

        Raises:
            InputError: The instrument is unknown.
        """

    def stats(self) -> dict[str, int]:
        """Counters: late_events, waiting (events and requests before the watermark), clock_offset_ns."""

# --- Live exchange (rust/py/src/live/) ---

@final
class LiveExchange:
    """The matching core of the local venue: accounts and an outside market in one book.

    The rules are in docs/exchange-rules.md. Account 0 is the outside market, driven by `ingest` and
    `ingest_events`; accounts 1, 2, ... are ours. Every call carries the venue's time `now` (int ns UTC; an
    earlier time counts as the latest one given). Prices are ticks, sizes size steps, money is `Decimal`.
    Calls that change something return the events they caused, in order, for all accounts. An event is a
    tuple whose first field is its kind:

    0 accepted, 1 rejected, 3 cancelled, 4 expired, 5 amended, 6 amend_rejected, 7 cancel_rejected: (kind,
    account, order, now, reason). 2 fill: (kind, account, order, now, trade_id, price, size, is_maker, fee,
    fee_asset, realised_pnl). 8 trade: (kind, index, now, trade_id, price, size, taker_side). 9 balance:
    (kind, account, asset, wallet, change, now, why). 10 position: (kind, account, index, size_steps,
    entry_price or None, unrealised, realised_cum, now).

    An order is (order_id, client_id, index, side, type, tif, post_only, reduce_only, price, size, filled,
    average_price or None, status, ts_created, ts_updated, stp); a refused one has order_id 0.
    """

    def __new__(cls) -> LiveExchange: ...
    @classmethod
    def restore(
        cls,
        state: bytes,
    ) -> LiveExchange:
        """The exchange of a `state`.

        Raises:
            DataError: The bytes are of another version, torn or changed.
        """

    def add_instrument(
        self,
        index: int,
        spec: InstrumentSpec,
        *,
        maker_fee: _Number,
        taker_fee: _Number,
        fee_asset: str | None = None,
        fee_price: _Number | None = None,
        max_leverage: int = 125,
        maintenance_rate: _Number | None = None,
    ) -> None:
        """Adds a linear instrument under the index that its market events carry.

        Args:
            index: 0 to 65,535.
            spec: Its terms.
            maker_fee: Share of the traded value that makers pay (0.0002 is 2 bps); negative is a rebate.
            taker_fee: Share of the traded value that takers pay.
            fee_asset: Base, quote or a third asset; by default the settlement asset.
            fee_price: Price of one unit of a third fee asset in quote, > 0.
            max_leverage: Highest leverage, >= 1.
            maintenance_rate: Maintenance margin as a share of the position's value, >= 0.

        Raises:
            InputError: The index is taken, the instrument is not linear, or a number is out of range.
        """

    def set_instrument(
        self,
        now: int,
        index: int,
        spec: InstrumentSpec,
        *,
        status: str,
    ) -> list[tuple[Any, ...]]:
        """Changes an instrument's grids, least notional or status.

        Open orders off the new grids expire (`price_rule`, `lot`); the others keep their places and count on
        the new grids, as does everything after; closed orders, fills and trades keep the old. Where a grid
        changes the outside market leaves until its next reset, and depth has to be read anew.

        Args:
            now: Venue time, ns.
            index: The instrument.
            spec: Its new terms: the same symbol, assets and contract size.
            status: ``"trading"``, ``"halted"`` or ``"settling"``.

        Raises:
            InputError: The instrument or status is unknown, or the spec is one of another instrument.
        """

    def add_account(
        self,
    ) -> int:
        """Opens an account and gives its number, from 1."""

    def deposit(
        self,
        now: int,
        account: int,
        asset: str,
        amount: _Number,
    ) -> list[tuple[Any, ...]]:
        """Adds to a wallet; a negative amount is a withdrawal.

        Raises:
            InputError: The account is unknown, or the wallet does not hold what is withdrawn.
        """

    def set_leverage(
        self,
        account: int,
        index: int,
        leverage: int,
    ) -> str | None:
        """Sets an account's leverage in an instrument; gives the reason of a refusal, else `None`.

        Raises:
            InputError: The account or the instrument is unknown.
        """

    def set_fees(
        self,
        account: int,
        index: int,
        *,
        maker_fee: _Number,
        taker_fee: _Number,
        fee_asset: str | None = None,
        fee_price: _Number | None = None,
    ) -> None:
        """Sets an account's own fee rates in an instrument; see `add_instrument`.

        Raises:
            InputError: The account or the instrument is unknown, or a third fee asset has no price.
        """

    def ingest(
        self,
        now: int,
        decoder: FeedDecoder,
    ) -> list[tuple[Any, ...]]:
        """Takes in the events of the last frame that a decoder decoded, as the outside market.

        Raises:
            BookBusyError: A batch call in another thread holds the decoder's books.
        """

    def ingest_events(
        self,
        now: int,
        events: list[tuple[Any, ...]],
    ) -> list[tuple[Any, ...]]:
        """Takes in market events of the outside market, given as the tuples of `SimExchange.ingest_events`.

        Raises:
            InputError: An unknown kind or a negative size.
        """

    def submit(
        self,
        now: int,
        account: int,
        client_id: str,
        index: int,
        side: int,
        type: int,  # noqa: A002
        tif: int,
        post_only: bool,
        reduce_only: bool,
        price_ticks: int,
        size_steps: int,
        stp: int = 0,
    ) -> list[tuple[Any, ...]]:
        """A new order arrives.

        Args:
            now: Venue time, ns.
            account: Whose it is, from 1.
            client_id: Its owner's id; refused while an open order of the account has it.
            index: The instrument.
            side: 0 buy, 1 sell.
            type: 0 limit, 1 market.
            tif: 0 GTC, 1 IOC, 2 FOK.
            post_only: Refused if it would take.
            reduce_only: Only ever reduces the position.
            price_ticks: Limit price in ticks; ignored for market orders.
            size_steps: Size in size steps.
            stp: Where it would trade with its own account: 0 it does, 1 the taker's rest expires, 2 the maker
                expires, 3 both.

        Raises:
            InputError: The account or instrument is unknown, or side, type, tif or stp is no valid code.
        """

    def amend(
        self,
        now: int,
        account: int,
        order_id: int,
        price_ticks: int,
        size_steps: int,
    ) -> list[tuple[Any, ...]]:
        """New price (ticks) and total size (size steps, what is filled included) of an open order.

        Raises:
            InputError: The account is unknown.
        """

    def cancel(
        self,
        now: int,
        account: int,
        order_id: int,
    ) -> list[tuple[Any, ...]]:
        """Withdraws an open order.

        Raises:
            InputError: The account is unknown.
        """

    def cancel_all(
        self,
        now: int,
        account: int,
        index: int,
    ) -> list[tuple[Any, ...]]:
        """Withdraws all open orders of an account in an instrument, by id.

        Raises:
            InputError: The account or the instrument is unknown.
        """

    def mark(
        self,
        now: int,
        index: int,
        price_ticks: int,
    ) -> list[tuple[Any, ...]]:
        """A new mark price, 1 to 10^12; accounts below their maintenance margin are liquidated.

        Raises:
            InputError: The instrument is unknown or the price out of range.
        """

    def fund(
        self,
        now: int,
        index: int,
        rate: _Number,
    ) -> list[tuple[Any, ...]]:
        """Pays funding at the mark: longs pay value times rate, shorts receive it; a negative rate turns it.

        Raises:
            InputError: The instrument is unknown or has no mark price yet.
        """

    def order(
        self,
        account: int,
        *,
        order_id: int | None = None,
        client_id: str | None = None,
    ) -> tuple[Any, ...] | None:
        """An order, open or closed, by its id or as the newest with a client id; `None` if unknown.

        Raises:
            InputError: The account is unknown, or neither or both of the ids are given.
        """

    def open_orders(
        self,
        account: int,
        index: int | None = None,
    ) -> list[tuple[Any, ...]]:
        """Open orders of an account by id, in one instrument or all."""

    def orders(
        self,
        account: int,
        index: int,
        *,
        from_id: int = 0,
        limit: int = 500,
    ) -> list[tuple[Any, ...]]:
        """At most `limit` orders of every state with an id of at least `from_id`, by id."""

    def fills(
        self,
        account: int,
        index: int,
        *,
        from_id: int = 0,
        limit: int = 500,
    ) -> list[tuple[Any, ...]]:
        """At most `limit` fills with a trade id of at least `from_id`, by trade id.

        Each is (trade_id, order_id, now, side, price, size, is_maker, fee, fee_asset, realised_pnl).
        """

    def trades(
        self,
        index: int,
        *,
        limit: int = 500,
    ) -> list[tuple[Any, ...]]:
        """The last public trades, oldest first, of the 10,000 that are kept.

        Each is (trade_id, now, price, size, taker_side).
        """

    def state(
        self,
    ) -> bytes:
        """Everything, exactly, as bytes for `restore`."""

    def balances(
        self,
        account: int,
    ) -> dict[str, Decimal]:
        """Wallets by asset."""

    def positions(
        self,
        account: int,
    ) -> list[tuple[Any, ...]]:
        """Positions in every instrument in which the account traded or set something.

        Each is (index, size_steps, entry_price or None, unrealised, realised_cum, initial_margin,
        maintenance_margin, leverage).
        """

    def margin(
        self,
        account: int,
        asset: str,
    ) -> tuple[Decimal, ...]:
        """Margin in an asset.

        (wallet, unrealised, initial of positions, initial of open orders, maintenance, available); available
        is negative where the margin is not covered.
        """

    def ledger(
        self,
        account: int,
        *,
        from_id: int = 0,
        limit: int = 1000,
    ) -> list[tuple[Any, ...]]:
        """At most `limit` ledger entries with an id of at least `from_id`, by id.

        Each is (id, now, asset, amount, kind, index or None, trade_id or None). Kinds: transfer,
        realized_pnl, commission, funding, insurance_clear.
        """

    def fee_account(
        self,
    ) -> dict[str, Decimal]:
        """What the exchange earned in fees, by asset."""

    def total(
        self,
        asset: str,
    ) -> Decimal:
        """All wallets, unrealised profits and fees of an asset: what was deposited less withdrawn."""

    def depth(
        self,
        index: int,
        levels: int,
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """The best `levels` bids and asks, outside and ours, as (price_ticks, size_steps), best first."""

    def take_depth(
        self,
        index: int,
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Bids and asks that changed since the last call, as (price_ticks, size_steps); 0 if gone."""

    def best(
        self,
        index: int,
    ) -> tuple[int | None, int | None, int | None, int | None]:
        """(bid, bid_size, ask, ask_size) in ticks and size steps, each `None` on an empty side."""

    def mark_price(
        self,
        index: int,
    ) -> int | None:
        """The mark price in ticks, `None` before the first."""

# --- Columns and features (rust/py/src/{columns,features}.rs) ---

def columns(
    capture: str | PathLike[str] | Iterable[tuple[int, bytes]],
    names: list[str],
    *,
    venue: str,
    instrument: str,
    tick_size: float | str | Decimal,
    lot_size: float | str | Decimal,
    every_ns: int | None = None,
) -> dict[str, NDArray[Any]]:
    """Compute features over a capture; see `alipes.columns`, which documents it."""

def event_log(
    capture: str | PathLike[str] | Iterable[tuple[int, bytes]],
    *,
    venue: str,
    instrument: str,
    tick_size: float | str | Decimal,
    lot_size: float | str | Decimal,
) -> dict[str, NDArray[Any]]:
    """Decode a capture into its event log; see `alipes.data.event_log`, which documents it."""

def feature_catalogue() -> list[tuple[str, str]]:
    """Every column's name, with the form of its arguments, and what it is."""

def parse_duration(text: str) -> int:
    """Nanoseconds of a text such as ``100ms``, ``1s``, ``0.5s`` or ``5m``.

    Raises:
        InputError: It is no positive whole number of nanoseconds.
    """

@final
class FeatureSet:
    """Live features of every instrument of a decoder: the numbers of `alipes.columns`, bit for bit.

    Args:
        names: Columns, as for `alipes.columns`.
        every_ns: Time between rows, int ns; a row at each message if None.

    Raises:
        InputError: An unknown column (with the nearest names), or a step that is not positive.
    """

    def __new__(cls, names: list[str], *, every_ns: int | None = None) -> Self: ...
    @property
    def names(self) -> list[str]:
        """As given."""
    @property
    def every_ns(self) -> int | None:
        """As given."""
    def on_frame(self, decoder: FeedDecoder) -> int:
        """Take in what the decoder's last frame did; call it once after each frame.

        Returns:
            The number of rows it completed: 0 or 1 per instrument of the frame, or one per step that passed.

        Raises:
            BookBusyError: The decoder is in use by a batch call in another thread.
        """
    def values(self, index: int) -> dict[str, float]:
        """Give the last row of an instrument by name: int ns for times, float otherwise.

        Before the first row times are 0 and the rest is NaN.
        """

# --- Backtests on bars (rust/py/src/bars/) ---

_Floats: TypeAlias = NDArray[np.float64]
_Columns: TypeAlias = dict[str, _Floats]
_OtherBars: TypeAlias = dict[str, tuple[NDArray[np.int64], _Columns, int]]
_Distance: TypeAlias = tuple[str, float] | None
_BarEvent: TypeAlias = tuple[int, int, int, int, int, float, float, float, bool, int]

@final
class BarProgram:
    """Rules as a checked graph, ready to be bound to parameters and bars.

    Args:
        nodes: `(op, args, value)` in topological order, as `alipes.rules` makes them.
        slots: Which node fills which slot of the rules.

    Raises:
        InputError: An unknown operator, an argument of the wrong kind, a slot without a node.
    """

    def __new__(
        cls, nodes: Sequence[tuple[str, Sequence[int], float | str | None]], slots: dict[str, Any]
    ) -> Self: ...
    @property
    def params(self) -> tuple[str, ...]:
        """Names of parameters, in order of appearance."""
    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are read, in order of appearance."""

@final
class BarRecords:
    """Orders and trades of a run, kept as its log until somebody asks for tables."""

    def orders(self) -> dict[str, NDArray[Any]]:
        """Every order by id, as equal-length arrays by field."""
    def holdings(self) -> dict[str, NDArray[Any]]:
        """`holding_bar`, from whose close on, (k,) int64, `holding_cash` and `holding_units` were held."""
    def trades(self) -> dict[str, NDArray[Any]]:
        """Every trade by id, as equal-length arrays by field."""

@final
class BarStream:
    """Rules fed bar by bar: the same signals as in a run from the same first bar.

    Args:
        program: The rules.
        params: Value of each parameter.
        step: Δ of the bars in ns.

    Raises:
        InputError: A missing parameter, a number out of range, rules that read another instrument.
    """

    def __new__(cls, program: BarProgram, params: dict[str, float], step: int) -> Self: ...
    def push(
        self, ts: int, values: dict[str, float]
    ) -> tuple[bool | None, bool | None, bool | None, bool | None]:
        """Takes a bar and gives enter long, exit long, enter short, exit short at its close.

        `None` is undefined.

        Args:
            ts: Open time, int ns UTC, after that of the last bar.
            values: The columns by name.

        Raises:
            DataError: The bar is not later than the last one by a multiple of the step.
            InputError: A column is missing.
        """
    def values(self) -> dict[str, float]:
        """The numbers of the rules at the last bar's close, by slot; nan where undefined.

        `size` and `pyramid` always; `stop_loss`, `take_profit`, `trailing`, `max_bars` where rules have them.
        """

@final
class BarAccount:
    """The bar fill model of docs/bar-engine.md, stepped bar by bar by who decides for himself.

    Per bar: `begin`, then any `submit` and `cancel`, then `settle`. An event is a tuple `(client, kind,
    status, reason, side, size, price, fee, is_maker, fill_ts)`: client is -1 for exits, codes are those
    of a run's tables.

    Args:
        terms: As `bar_run` takes them.
        step: Δ of the bars in ns.

    Raises:
        InputError: A term out of range.
    """

    def __new__(cls, terms: dict[str, Any], step: int) -> Self: ...
    def begin(
        self,
        ts: int,
        open: float,  # noqa: A002 - a bar's field
        high: float,
        low: float,
        close: float,
        spread: float = 0.0,
        mark: float | None = None,
    ) -> Sequence[_BarEvent]:
        """Takes the next bar up to its close: funding, fills at the open, the path, fills at the close.

        Returns:
            What happened, in order.
        """
    def submit(
        self,
        client: int,
        side: int,
        size: tuple[str, float],
        limit: float | None = None,
        reduce_only: bool = False,
        post_only: bool = False,
        stop_loss: _Distance = None,
        take_profit: _Distance = None,
        trailing: _Distance = None,
        max_bars: float | None = None,
    ) -> None:
        """Takes an order decided at the close of the bar.

        Args:
            client: The caller's id, >= 0.
            side: 0 buy, 1 sell.
            size: `(kind, value)`, kind `"units"`, `"notional"`, `"equity"`, `"exposure"` or `"risk"`.
            limit: Limit price; `None` is a market order.
            reduce_only: Never opens or adds.
            post_only: Cancelled instead of taking.
            stop_loss: `(kind, value)`, kind `"price"` (a distance) or `"pct"`, or `None`.
            take_profit: Likewise.
            trailing: Likewise.
            max_bars: Time stop in bars, or `None`.

        Raises:
            DataError: A negative size, a distance or a limit that is not positive.
        """
    def cancel(self, client: int) -> bool:
        """Takes an order back; false if it waits no more."""
    def settle(self, last: bool = False) -> Sequence[_BarEvent]:
        """Ends the bar: fills at its close what is to fill there and marks equity; `last` ends the run.

        Returns:
            What happened, in order.
        """
    @property
    def cash(self) -> float:
        """Money account; a short sale adds to it."""
    @property
    def units(self) -> float:
        """Signed position in base units."""
    def equity_at(self, price: float) -> float:
        """Cash plus the position's value at a price."""
    def finish(self) -> dict[str, Any]:
        """Ends the account and gives what `bar_run` gives.

        Raises:
            InputError: There was no bar, or it has ended already.
        """

def bar_evaluate(
    nodes: Sequence[tuple[str, Sequence[int], float | str | None]],
    outputs: list[int],
    ts: NDArray[np.int64],
    columns: _Columns,
    step: int,
    params: dict[str, float],
    others: _OtherBars | None = None,
    block: int = 1024,
) -> list[_Floats]:
    """Evaluate outputs of a graph on every bar; see `alipes.rules.evaluate`, which documents it."""

def bar_fault(
    open: _Floats,  # noqa: A002 - a bar's field
    high: _Floats,
    low: _Floats,
    close: _Floats,
    volume: _Floats,
) -> tuple[int, str] | None:
    """The first bar whose prices or volume cannot be.

    Args:
        open: (n,) float64.
        high: (n,) float64.
        low: (n,) float64.
        close: (n,) float64.
        volume: (n,) float64.

    Returns:
        Its row and the name of the first rule that it breaks, of `open`, `high`, `low`, `close`: a finite
        price above 0; `high_over_low`, `high_over_open`, `high_over_close`, `low_under_open`,
        `low_under_close`; `volume`: finite, 0 or more. None where all is well.
    """

def bar_steps(ts: NDArray[np.int64]) -> tuple[int, int | None]:
    """The smallest step between times.

    Args:
        ts: (n,) int64.

    Returns:
        The step, 2**63 - 1 for fewer than two times, and the first row whose time is not before the next
        row's; None for that where times rise, and a step of 0 where they do not.
    """

def bar_gaps(ts: NDArray[np.int64], step: int) -> tuple[NDArray[np.int64], int | None]:
    """Where bars are missing.

    Args:
        ts: (n,) int64, rising.
        step: The bars' length in the same unit, > 0.

    Returns:
        (gaps,) int64, the rows after which the next time is more than a step away, and the first row after
        which it is no whole number of steps away, None where there is none; with one, the gaps are empty.
    """

def bar_metrics(
    convention: str,
    initial: float,
    ts: NDArray[np.int64],
    equity: _Floats,
    step: int,
    trades: dict[str, NDArray[Any]] | None = None,
) -> dict[str, float]:
    """Statistics of an equity curve by a convention; see `alipes.backtest.stats`, which documents them.

    Args:
        convention: `"alipes"`, `"vectorbt"`, `"backtesting.py"` or `"quantstats"`.
        initial: Initial cash.
        ts: (n,) int64 ns open times.
        equity: (n,) float64 equity at each close.
        step: Δ in ns.
        trades: Columns `pnl`, `return`, `entry_ts`, `exit_ts`, `entry_bar`, `exit_bar`, `fees`,
            `value`, `is_open`.
    """

def bar_equity(
    bar: NDArray[np.int64], cash: _Floats, units: _Floats, close: _Floats
) -> tuple[_Floats, _Floats]:
    """Equity and position of every bar, from what a run held.

    Args:
        bar: `holding_bar` of its records.
        cash: `holding_cash` of its records.
        units: `holding_units` of its records.
        close: (n,) float64 closes of its bars.

    Returns:
        (n,) float64 equity and (n,) float64 units after each bar.
    """

def bar_run(
    program: BarProgram,
    ts: NDArray[np.int64],
    columns: _Columns,
    step: int,
    params: dict[str, float],
    terms: dict[str, Any],
    others: _OtherBars | None = None,
    block: int | None = None,
    step_all: bool = False,
    whole: bool = True,
) -> dict[str, Any]:
    """Run rules on bars; see `alipes.backtest.run`, which documents it."""

def bar_signals(
    ts: NDArray[np.int64],
    columns: _Columns,
    step: int,
    enter_long: NDArray[np.bool_] | None,
    exit_long: NDArray[np.bool_] | None,
    enter_short: NDArray[np.bool_] | None,
    exit_short: NDArray[np.bool_] | None,
    values: dict[str, Any],
    terms: dict[str, Any],
    whole: bool = True,
) -> dict[str, Any]:
    """Run ready-made signals on bars; see `alipes.backtest.signals`, which documents it.

    In `values`: `size`, `stop_loss`, `take_profit`, `trailing` as `(kind, number or (n,) float64)`,
    `max_bars` as a number or (n,) float64, `pyramid` as an int, `opposite` as a word. Absent ones are
    none; the size is all equity.
    """

def bar_sweep(
    program: BarProgram,
    ts: NDArray[np.int64],
    columns: _Columns,
    step: int,
    names: list[str],
    values: _Floats,
    terms: dict[str, Any],
    metrics: list[str],
    threads: int,
    report: Callable[[int], object],
    others: _OtherBars | None = None,
) -> tuple[dict[str, _Floats], NDArray[np.bool_]]:
    """Run many parameter sets; see `alipes.backtest.sweep`, which documents it.

    `values` is (n, k) float64, a set a row and a parameter a column, named by `names`. `report` is
    called now and then with the number of sets' worth of work done; what it raises stops the sweep, and
    after a `KeyboardInterrupt` what is done comes back: (n,) float64 by metric, and (n,) bool, which
    sets were run.
    """
