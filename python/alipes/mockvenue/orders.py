"""An order request, read and checked as the venue does it, in the integers of the matching core.

What needs the book or the account is decided by the core; what a request's own text decides is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from alipes.errors import OffGridError
from alipes.mockvenue.errors import ApiError

if TYPE_CHECKING:
    from alipes.mockvenue.call import Parameters
    from alipes.mockvenue.listing import Listing
    from alipes.mockvenue.market import Market

SIDES: Final = {"BUY": 0, "SELL": 1}
TYPES: Final = {"LIMIT": 0, "MARKET": 1}
CONDITIONAL: Final = frozenset(
    {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
)
"""Order types that moved to the algo endpoint on 2025-12-09."""
TIFS: Final = {"GTC": (0, False), "IOC": (1, False), "FOK": (2, False), "GTX": (0, True)}
"""Time in force at the core, and whether the order is post-only."""
STP: Final = {"NONE": 0, "EXPIRE_TAKER": 1, "EXPIRE_MAKER": 2, "EXPIRE_BOTH": 3}
RESPONSES: Final = frozenset({"ACK", "RESULT"})
PRICE_BAND: Final = Decimal("0.05")
"""How far a limit price may lie beyond the mark price, as a share of it (PERCENT_PRICE)."""
MOST_PRICE: Final = 100
"""Largest price as a multiple of where the market began (PRICE_FILTER)."""
_NOT_SERVED: Final = ("priceMatch", "goodTillDate", "pegOffsetType")
"""Parameters that the venue has and this one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A new order as the core takes it: ticks, size steps, and the codes of this module's tables."""

    client_id: str | None
    side: int
    type: int
    tif: int
    is_post_only: bool
    is_reduce_only: bool
    price: int
    size: int
    stp: int
    is_result_wanted: bool


def read_order(params: Parameters, market: Market) -> NewOrder:
    """Reads a new order.

    Raises:
        ApiError: The venue's code for the first thing that is wrong.
    """
    _refuse_not_served(params)
    side = _code(SIDES, params.text("side"), -1117)
    name = params.text("type")
    if name in CONDITIONAL:
        raise ApiError(-4120)
    kind = _code(TYPES, name, -1116)
    _check_mode(params, name)
    tif, is_post_only = _time_in_force(params, name)
    response = params.get("newOrderRespType", "ACK")
    if response not in RESPONSES:
        raise ApiError(-1136)
    stp = params.get("selfTradePreventionMode", "NONE")
    is_reduce_only = params.flag("reduceOnly")
    size = read_size(params.number("quantity"), market.listing, is_market=kind == 1)
    price = 0
    if kind == 0:
        price = read_price(params.number("price"), market)
        check_band(side, price, market)
    if not is_reduce_only:
        check_notional(price or market.mark_ticks, size, market.listing)
    return NewOrder(
        client_id=params.client_id("newClientOrderId"),
        side=side,
        type=kind,
        tif=tif,
        is_post_only=is_post_only,
        is_reduce_only=is_reduce_only,
        price=price,
        size=size,
        stp=_code(STP, stp, -1130, "selfTradePreventionMode"),
        is_result_wanted=response == "RESULT",
    )


def _refuse_not_served(params: Parameters) -> None:
    if params.get("timeInForce") == "GTD" or any(
        params.get(name) not in (None, "", "NONE", "0") for name in _NOT_SERVED
    ):
        raise ApiError(-4084)


def _check_mode(params: Parameters, name: str) -> None:
    position_side = params.get("positionSide", "BOTH")
    if position_side not in ("BOTH", "LONG", "SHORT"):
        raise ApiError(-4060)
    if position_side != "BOTH":
        raise ApiError(-4061)
    if params.flag("closePosition"):
        raise ApiError(-4136, name, "true")
    if params.get("stopPrice"):
        raise ApiError(-1106, "stopprice")


def _time_in_force(params: Parameters, name: str) -> tuple[int, bool]:
    if name == "MARKET":
        for unwanted in ("timeInForce", "price"):
            if params.get(unwanted):
                raise ApiError(-1106, unwanted.lower())
        return TIFS["IOC"]
    found = TIFS.get(params.text("timeInForce"))
    if found is None:
        raise ApiError(-1115)
    return found


def _code(codes: dict[str, int], word: str, code: int, *named: object) -> int:
    try:
        return codes[word]
    except KeyError:
        raise ApiError(code, *named) from None


def read_size(size: Decimal, listing: Listing, *, is_market: bool) -> int:
    """A size in size steps.

    Raises:
        ApiError: -4003, -4004 or -4005 for its value, -1111 or -4023 for its decimals.
    """
    if size <= 0:
        raise ApiError(-4003)
    most = listing.terms.most_market if is_market else listing.terms.most
    if size > Decimal(most):
        raise ApiError(-4005)
    if _decimals(size) > listing.lot_decimals:
        raise ApiError(-1111)
    if size < listing.spec.lot_size:
        raise ApiError(-4004)
    try:
        return listing.spec.steps(size)
    except OffGridError:
        raise ApiError(-4023) from None


def read_price(price: Decimal, market: Market) -> int:
    """A price in ticks.

    Raises:
        ApiError: -4001, -4002 or -4013 for its value, -1111 or -4014 for its decimals.
    """
    listing = market.listing
    if price <= 0:
        raise ApiError(-4001)
    if price > Decimal(listing.terms.price) * MOST_PRICE:
        raise ApiError(-4002)
    if _decimals(price) > listing.terms.price_decimals:
        raise ApiError(-1111)
    if price < listing.spec.tick_size:
        raise ApiError(-4013)
    try:
        return listing.spec.ticks(price)
    except OffGridError:
        raise ApiError(-4014) from None


def check_band(side: int, price: int, market: Market) -> None:
    """Refuses a limit price too far beyond the mark price.

    Raises:
        ApiError: -4016 for a buy above, -4024 for a sell below.
    """
    if not market.mark_ticks:
        return
    most = int(market.mark_ticks * (1 + PRICE_BAND))
    least = -int(-market.mark_ticks * (1 - PRICE_BAND) // 1)
    if side == 0 and price > most:
        raise ApiError(-4016, market.listing.price_text(most))
    if side == 1 and price < least:
        raise ApiError(-4024, market.listing.price_text(least))


def check_notional(price: int, size: int, listing: Listing) -> None:
    """Refuses an order of too little value.

    Raises:
        ApiError: -4164.
    """
    least = listing.spec.min_notional
    if least is not None and price and listing.spec.notional(price, size) < least:
        raise ApiError(-4164, listing.terms.min_notional)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
