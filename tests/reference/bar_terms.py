"""What the slow bar engine is told and what it tells back: plain lists and dataclasses, nothing computed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Signal = bool | None
Value = float | None


@dataclass(frozen=True)
class Bars:
    """Bars as lists of equal length; `spread` and `mark` are optional columns."""

    ts: Sequence[int]
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    step: int
    spread: Sequence[float] | None = None
    mark: Sequence[float] | None = None

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True)
class Rules:
    """The four signals and what an entry carries, a value a bar; None is undefined, or no such slot."""

    enter_long: Sequence[Signal]
    exit_long: Sequence[Signal]
    enter_short: Sequence[Signal]
    exit_short: Sequence[Signal]
    size_kind: str = "equity"
    size: Sequence[Value] | None = None
    stop_loss: tuple[str, Sequence[Value]] | None = None
    take_profit: tuple[str, Sequence[Value]] | None = None
    trailing: tuple[str, Sequence[Value]] | None = None
    max_bars: Sequence[Value] | None = None
    pyramid: int = 0
    opposite: str = "reverse"


@dataclass(frozen=True)
class Terms:
    """The options of a run, under their names on the page; 0 for tick, lot or minimum is none."""

    cash: float = 10_000.0
    fees_bps: float = 0.0
    maker_fees_bps: float | None = None
    fixed_fee: float = 0.0
    slippage_bps: float = 0.0
    leverage: float = 1.0
    maintenance_margin: float = 0.005
    fill: str = "next_open"
    path: str = "pessimistic"
    size_at: str = "fill"
    close_at_end: bool = False
    spread: bool = False
    funding: Sequence[tuple[int, float]] = ()
    tick: float = 0.0
    lot: float = 0.0
    min_notional: float = 0.0
    detail: Bars | None = None

    @property
    def taker(self) -> float:
        """Taker fee as a ratio of the notional."""
        return self.fees_bps / 1e4

    @property
    def maker(self) -> float:
        """Maker fee as a ratio of the notional; the taker's where none is named."""
        return self.taker if self.maker_fees_bps is None else self.maker_fees_bps / 1e4


@dataclass
class Order:
    """One row of the orders table."""

    id: int
    bar: int
    ts: int
    kind: str
    side: str
    status: str = "pending"
    reason: str = ""
    size: float = 0.0
    fill_bar: int = -1
    fill_ts: int = -1
    price: float = float("nan")
    fee: float = 0.0
    is_maker: bool = False
    is_reduced: bool = False
    trade: int = -1


@dataclass
class Trade:
    """One trade, flat to flat; money sums are kept, the fields of the page are derived by `row`."""

    id: int
    side: int
    entry_ts: int
    entry_bar: int
    size: float = 0.0
    entry_value: float = 0.0
    exit_value: float = 0.0
    exit_ts: int = -1
    exit_bar: int = -1
    fees: float = 0.0
    funding: float = 0.0
    reason: str = ""
    is_open: bool = True
    additions: int = 0

    def row(self) -> dict[str, object]:
        """Trades: pnl = side·(exit value - entry value) - fees - funding; return = pnl / entry value."""
        entry_price = self.entry_value / self.size
        pnl = self.side * (self.exit_value - self.entry_value) - self.fees - self.funding
        return {
            "id": self.id,
            "side": self.side,
            "entry_ts": self.entry_ts,
            "entry_bar": self.entry_bar,
            "entry_price": entry_price,
            "size": self.size,
            "exit_ts": self.exit_ts,
            "exit_bar": self.exit_bar,
            "exit_price": self.exit_value / self.size,
            "fees": self.fees,
            "funding": self.funding,
            "pnl": pnl,
            "return": pnl / (entry_price * self.size),
            "reason": self.reason,
            "is_open": self.is_open,
            "bars": self.exit_bar - self.entry_bar,
        }


@dataclass
class Outcome:
    """All a run gives."""

    equity: list[float] = field(default_factory=list)
    position: list[float] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    conflicts: int = 0
    undefined_exits: int = 0
    ruined: int = -1
    optimistic: bool = False
