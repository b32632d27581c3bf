"""What a venue is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from alipes.errors import InputError
from alipes.mockvenue.listing import CATALOG, Listing, Terms
from alipes.mockvenue.weights import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START_NS = 1_750_000_000_000_000_000
"""Venue time at the start of a stepped venue: 2025-06-15 15:06:40 UTC."""


MOST_PORT: Final = 65_535
MOST_SEED: Final = 2**64 - 1


@dataclass(frozen=True, kw_only=True)
class VenueConfig:
    """A venue.

    Attributes:
        symbols: Unified symbols of linear perpetuals.
        seed: Of the market, keys and ids: the same seed gives the same.
        speed: Venue seconds in a real second; 0 is a stepped venue, whose time moves by the control endpoint.
        start_ns: Venue time at the start, int ns UTC; by default the wall clock's, of a stepped venue
            `START_NS`.
        capture: Recording of Binance USD-M to play in place of the synthetic market; it names one symbol.
        history_s: Seconds of the synthetic market that are played before the venue opens, >= 0: the first
            client finds trades and bars.
        depth_interval_ms: Time between depth changes of the synthetic market.
        rate: Orders per second of the synthetic market in its calm regime.
        terms: Terms by symbol, where they are not those of the catalog.
        balance: Deposit of each account in each settlement asset.
        maker_fee: Share of the value that makers pay; negative is a rebate.
        taker_fee: Share of the value that takers pay.
        leverage: Of every symbol of a new account.
        funding_rate: Paid every eight hours by longs to shorts, as a share of the value.
        limits: Rate limits.
        host: Address of the venue.
        port: Port of REST, streams and WebSocket API; 0 picks a free one.
        control_port: Port of the control endpoint, always on the loopback address; 0 picks a free one.
        state: File to keep accounts and orders in, or `None`.
    """

    symbols: tuple[str, ...] = ("BTC/USDT:USDT",)
    seed: int = 1
    speed: float = 1.0
    start_ns: int | None = None
    capture: Path | None = None
    history_s: int = 30
    depth_interval_ms: int = 50
    rate: float | None = None
    terms: Mapping[str, Terms] = field(default_factory=dict)
    balance: Decimal = Decimal(100_000)
    maker_fee: str = "0.0002"
    taker_fee: str = "0.0005"
    leverage: int = 20
    funding_rate: str = "0.0001"
    limits: Limits = field(default_factory=Limits)
    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    state: Path | None = None

    def __post_init__(self) -> None:
        """Checks what contradicts itself.

        Raises:
            InputError: No or repeated symbols, a port, seed or balance out of range, a negative speed or
                history, a capture of several symbols, or a state file in no folder.
        """
        if not self.symbols or len(set(self.symbols)) < len(self.symbols):
            raise InputError(f"symbols {', '.join(self.symbols) or 'none'}: expected some, each once")
        for name in ("port", "control_port"):
            port = getattr(self, name)
            if not 0 <= port <= MOST_PORT:
                raise InputError(f"{name} {port}: expected 0 to {MOST_PORT}; 0 picks a free one")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"seed {self.seed}: expected 0 to {MOST_SEED}")
        if not (self.balance.is_finite() and self.balance >= 0):
            raise InputError(f"balance {self.balance}: expected 0 or more")
        if self.speed < 0:
            raise InputError(f"speed {self.speed}: expected 1, more for faster, or 0 for a stepped venue")
        if self.history_s < 0:
            raise InputError(f"history_s {self.history_s}: expected seconds, 0 or more")
        if self.state is not None and not self.state.parent.is_dir():
            raise InputError(f"state {self.state}: there is no folder {self.state.parent}")
        if self.capture is not None and len(self.symbols) != 1:
            raise InputError(f"capture {self.capture}: expected one symbol, not {len(self.symbols)}")

    @property
    def is_stepped(self) -> bool:
        """Whether time moves by the control endpoint alone."""
        return self.speed == 0

    def listings(self) -> list[Listing]:
        """The perpetuals, numbered from 0.

        Raises:
            InputError: A symbol is no linear perpetual.
        """
        return [
            Listing(index=index, symbol=symbol, terms=self.terms.get(symbol) or CATALOG.get(symbol, Terms()))
            for index, symbol in enumerate(self.symbols)
        ]
