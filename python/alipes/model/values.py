"""Frozen values that strategies receive: fills and positions (exact), trades and bars (floats)."""

from decimal import Decimal

import msgspec

from alipes.model.enums import Side
from alipes.model.instrument import Instrument


class Fill(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A trade of one of our orders, applied once.

    Attributes:
        client_order_id: Our id of the order.
        trade_id: The venue's id of the trade.
        strategy: Whose order it was.
        instrument: What was traded.
        side: Of our order.
        price_ticks: Trade price in ticks.
        size_steps: Trade size in size steps.
        is_maker: Whether our order was resting.
        fee: Paid, in `fee_asset`; negative for a rebate.
        fee_asset: Currency of the fee; None when the venue did not say.
        ts_event: Venue time, int ns UTC.
        ts_recv: Our time of receipt, int ns UTC.
    """

    client_order_id: str
    trade_id: str
    strategy: str
    instrument: Instrument
    side: Side
    price_ticks: int
    size_steps: int
    is_maker: bool
    fee: Decimal
    fee_asset: str | None
    ts_event: int
    ts_recv: int

    @property
    def price(self) -> Decimal:
        """Trade price."""
        return self.instrument.spec.price(self.price_ticks)

    @property
    def size(self) -> Decimal:
        """Trade size, in base units."""
        return self.instrument.spec.size(self.size_steps)


class Position(msgspec.Struct, frozen=True):
    """Holding of a strategy (or of the account) in an instrument at one moment.

    Attributes:
        instrument: What is held.
        strategy: Whose; None is the whole account.
        size: In base units; negative is short.
        average_price: Of the open part; None when flat.
        realized_pnl: Before fees, in the settlement currency.
        fees: Paid, per asset.
    """

    instrument: Instrument
    strategy: str | None
    size: Decimal
    average_price: Decimal | None
    realized_pnl: Decimal
    fees: dict[str, Decimal]

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held."""
        return not self.size


class Trade(msgspec.Struct, frozen=True):
    """A trade of the market.

    Attributes:
        instrument: What was traded.
        ts_event: Venue time, int ns UTC.
        price: In quote per base.
        size: In base units.
        taker: Side of the order that took.
        trade_id: The venue's id.
    """

    instrument: Instrument
    ts_event: int
    price: float
    size: float
    taker: Side
    trade_id: str


class Bar(msgspec.Struct, frozen=True, gc=False):
    """Trades of one interval, complete.

    Attributes:
        instrument: What was traded.
        ts_open: Start of the interval, int ns UTC, included.
        ts_close: End of the interval, int ns UTC, excluded.
        open: First price.
        high: Highest price.
        low: Lowest price.
        close: Last price.
        volume: In base units.
    """

    instrument: Instrument
    ts_open: int
    ts_close: int
    open: float
    high: float
    low: float
    close: float
    volume: float
