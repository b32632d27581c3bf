"""What the engine needs from the outside, as protocols: one side to fake in tests, many to implement.

A port's methods never wait, except the reads of `AccountReads`, which recovery and reconciliation await. A
connector's answer to a request is an order event that `poll` returns later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from alipes._core import InstrumentSpec
from alipes.model import (
    Capabilities,
    Instrument,
    KeyPermissions,
    LedgerEntry,
    Order,
    OrderEvent,
    Record,
    VenueBalance,
    VenueFill,
    VenueOrder,
    VenuePosition,
)


class Connector(Protocol):
    """The way to one account at one venue.

    Each `submit` is answered by exactly one of accepted, rejected, not sent, unknown; each `amend` and
    `cancel` by its outcome, not sent or unknown. The order's intent is in the journal before a request is
    made.
    """

    def submit(self, order: Order) -> None:
        """Send the order."""

    def amend(self, order: Order) -> None:
        """Ask for the price and total size in `order.amend_price_ticks` and `order.amend_size_steps`."""

    def cancel(self, order: Order) -> None:
        """Ask the venue to take the order off the market, by client id."""

    def poll(self, now: int) -> Sequence[OrderEvent]:
        """Take the events that are due at `now` (int ns UTC), in order."""

    def next_due(self) -> int | None:
        """When the next event is due, int ns UTC; None when nothing is scheduled or time is not simulated."""


class AccountReads(Protocol):
    """What a venue says of an account, as recovery and reconciliation ask for it.

    Every method that waits has a deadline and raises `alipes.errors.VenueError` or a subclass when the venue
    did not answer or refused. What returns is complete: a read that could not be completed raises.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What the venue can do."""

    async def instrument_specs(self, *, reload: bool = False) -> dict[str, InstrumentSpec]:
        """Grids and terms of everything the venue lists, by symbol; asked anew with `reload`."""

    async def order(self, instrument: Instrument, client_order_id: str) -> VenueOrder | None:
        """The order with that client id, regular or conditional; None where the venue knows none now.

        Right after a request None proves nothing: `Capabilities.visibility_lag_s`.
        """

    async def open_orders(self, instrument: Instrument | None = None) -> list[VenueOrder]:
        """Every open order, conditional ones included."""

    async def closed_orders(self, instrument: Instrument, since: int) -> list[VenueOrder]:
        """Orders that ended, created since `since` (int ns UTC) or earlier."""

    async def fills(self, instrument: Instrument, since: int) -> list[VenueFill]:
        """Every trade since `since` (int ns UTC), oldest first."""

    async def balances(self) -> dict[str, VenueBalance]:
        """What the account holds, by asset."""

    async def positions(self) -> list[VenuePosition]:
        """Derivatives positions that are not flat."""

    async def ledger(self, since: int) -> list[LedgerEntry]:
        """Movements of money since `since` (int ns UTC), oldest first."""

    async def server_time(self) -> int:
        """The venue's time, int ns UTC."""

    async def key_permissions(self) -> KeyPermissions:
        """What the key may do."""

    async def cancel_all(self, instrument: Instrument) -> None:
        """Takes every order in the instrument off the market, foreign ones included."""

    async def cancel_all_after(self, instrument: Instrument, timeout_s: float) -> None:
        """Sets the venue's dead-man timer, in seconds; 0 switches it off."""


class AccountConnector(Connector, AccountReads, Protocol):
    """The way to a real account: requests, and everything that can be asked."""


class Feed(Protocol):
    """Market data of one connection, as it arrived."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield (receipt time int ns UTC, raw message)."""


class Journal(Protocol):
    """Where intents, order events, state changes and commands are kept, in order, for ever."""

    def append(self, record: Record) -> None:
        """Add a row.

        Raises:
            StoreError: It could not be kept; nothing may be sent.
        """

    def commit(self) -> None:
        """Make the rows appended so far survive the end of the process; once per input that added some.

        Raises:
            StoreError: They could not be kept; nothing may be sent.
        """


class StatusSource(Protocol):
    """A part of the engine that can say how it is."""

    def status(self) -> Mapping[str, object]:
        """Names and values, cheap to read and safe to print."""
