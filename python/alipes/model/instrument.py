"""An instrument of an account: a symbol, where it is traded, and its grids."""

from decimal import Decimal

import msgspec

from alipes._core import InstrumentSpec

Number = float | str | Decimal
"""What Python callers may write for a price or a size."""


class Instrument(msgspec.Struct, frozen=True, eq=False):
    """One instrument of one account. There is one object per instrument and engine; it compares by identity.

    Attributes:
        account: Name of the account, the venue id by default.
        symbol: Unified symbol, such as ``BTC/USDT:USDT``.
        index: Position in the engine's list of instruments; what the compiled parts call it by.
        spec: Grids, kind and contract size.
        name: ``account:symbol``, as configurations and the journal write it.
    """

    account: str
    symbol: str
    index: int
    spec: InstrumentSpec
    name: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "name", f"{self.account}:{self.symbol}")

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Instrument({self})"
