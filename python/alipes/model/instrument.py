"""An instrument of an account, and the grid arithmetic it needs."""

from decimal import Decimal
from typing import Literal, Protocol

import msgspec

Number = float | str | Decimal
"""What Python callers may write for a price or a size."""


class InstrumentRules(Protocol):
    """Grids of an instrument, as `alipes._core.InstrumentSpec` has them; exact in every direction."""

    def ticks(self, price: Number) -> int:
        """The price in ticks.

        Raises:
            OffGridError: The price lies between two ticks; the message names both.
        """

    def ticks_rounded(self, price: Number, side: str, policy: Literal["passive", "aggressive"]) -> int:
        """The price in ticks, moved off the market (passive) or into it (aggressive) to a tick."""

    def steps(self, size: Number) -> int:
        """The size in size steps.

        Raises:
            OffGridError: The size lies between two lots; the message names both.
        """

    def price(self, ticks: int) -> Decimal:
        """The exact price of a number of ticks."""

    def size(self, steps: int) -> Decimal:
        """The exact size, in base units, of a number of size steps."""

    def notional(self, ticks: int, steps: int) -> Decimal:
        """The exact value of a size at a price, in the currency the instrument is priced in."""

    @property
    def tick_size(self) -> Decimal:
        """Distance between two prices."""

    @property
    def lot_size(self) -> Decimal:
        """Smallest size, in base units."""

    @property
    def lot_steps(self) -> int:
        """Size steps in one lot."""


class Instrument(msgspec.Struct, frozen=True, eq=False):
    """One instrument of one account. There is one object per instrument and engine; it compares by identity.

    Attributes:
        account: Name of the account, the venue id by default.
        symbol: Unified symbol, such as ``BTC/USDT:USDT``.
        index: Position in the engine's list of instruments; what the compiled parts call it by.
        spec: Grids, kind and contract size.
    """

    account: str
    symbol: str
    index: int
    spec: InstrumentRules

    def __str__(self) -> str:
        return f"{self.account}:{self.symbol}"

    def __repr__(self) -> str:
        return f"Instrument({self})"
