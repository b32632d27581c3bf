"""What a venue says of an account when it is asked: orders, fills, positions, balances, what its key may do.

Sizes are size steps and prices ticks of the instrument, money `Decimal`, times int ns UTC.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from alipes.model.enums import Side
from alipes.model.instrument import Instrument

VenueState = Literal["open", "filled", "cancelled", "expired", "rejected", "unclear"]
"""How a venue says an order is; ``unclear`` is what has no word of ours."""


class VenueOrder(msgspec.Struct, frozen=True):
    """An order as the venue reports it.

    Attributes:
        instrument: What is traded.
        venue_order_id: The venue's id.
        client_order_id: The id it was sent with; None where the venue kept none.
        state: How it is.
        side: Buy or sell; None where the venue did not say.
        price_ticks: Limit price; None for a market order.
        size_steps: Total size; None where the venue did not say.
        filled_steps: Filled so far; None where the venue did not say.
        is_conditional: Whether it waits for a stop price, in the venue's list of those.
        ts_event: Venue time of the report; 0 where it gave none.
    """

    instrument: Instrument
    venue_order_id: str
    client_order_id: str | None
    state: VenueState
    side: Side | None = None
    price_ticks: int | None = None
    size_steps: int | None = None
    filled_steps: int | None = None
    is_conditional: bool = False
    ts_event: int = 0


class VenueFill(msgspec.Struct, frozen=True):
    """A trade of the account as the venue reports it.

    Attributes:
        instrument: What was traded.
        trade_id: The venue's id, unique within account and instrument.
        venue_order_id: The venue's id of the order; None where it did not say.
        client_order_id: The id the order was sent with; None where the venue did not say.
        side: Buy or sell.
        price_ticks: Price.
        size_steps: Size.
        is_maker: Whether the order was resting.
        fee: Paid, in `fee_asset`; negative for a rebate.
        fee_asset: Currency of the fee; None where the venue did not say.
        ts_event: Venue time.
    """

    instrument: Instrument
    trade_id: str
    venue_order_id: str | None
    client_order_id: str | None
    side: Side
    price_ticks: int
    size_steps: int
    is_maker: bool
    fee: Decimal
    fee_asset: str | None
    ts_event: int


class VenuePosition(msgspec.Struct, frozen=True):
    """A derivatives position as the venue reports it.

    Attributes:
        instrument: What is held.
        size_steps: Size, negative for a short.
        entry_price: Average entry price; None where the venue did not say.
        liquidation_price: Where it would be liquidated; None where the venue did not say.
        unrealized_pnl: In the settle asset; None where the venue did not say.
    """

    instrument: Instrument
    size_steps: int
    entry_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None


class VenueBalance(msgspec.Struct, frozen=True):
    """An asset of the account.

    Attributes:
        asset: Currency.
        total: All of it.
        free: What orders do not hold.
    """

    asset: str
    total: Decimal
    free: Decimal


class LedgerEntry(msgspec.Struct, frozen=True):
    """A movement of money that is not a fill's own: funding, transfer, fee, settlement.

    Attributes:
        id: The venue's id.
        kind: The venue's or ccxt's word for it.
        asset: Currency.
        amount: Positive into the account.
        symbol: What it is about, if anything.
        ts_event: Venue time.
    """

    id: str
    kind: str
    asset: str
    amount: Decimal
    symbol: str | None
    ts_event: int


class KeyPermissions(msgspec.Struct, frozen=True):
    """What a key may do; None where the venue cannot be asked.

    Attributes:
        can_trade: Whether it may place orders.
        can_withdraw: Whether it may move money out, also between accounts of the venue.
        is_ip_restricted: Whether it works from listed addresses only.
    """

    can_trade: bool | None = None
    can_withdraw: bool | None = None
    is_ip_restricted: bool | None = None


class Capabilities(msgspec.Struct, frozen=True):
    """What a connector's venue can do.

    Attributes:
        can_amend: Whether a live order is changed in place.
        keeps_client_ids: Whether orders are found by the ids we send.
        has_fill_stream: Whether trades are streamed; else they are asked for when an order changes.
        has_dead_man_timer: Whether the venue cancels our orders when we fall silent.
        validity_window_s: How long after it was sent a request may still be taken, seconds.
        visibility_lag_s: How long a live order may be missing from what the venue reports, seconds.
    """

    can_amend: bool
    keeps_client_ids: bool
    has_fill_stream: bool
    has_dead_man_timer: bool
    validity_window_s: float
    visibility_lag_s: float
