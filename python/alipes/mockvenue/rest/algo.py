"""Conditional orders: a list of their own at the venue, which here is always empty.

Clients that look for an order everywhere ask for it; `orders` refuses conditional types with -4120.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.routing import Route

if TYPE_CHECKING:
    from alipes.mockvenue.routing import Context


def none(context: Context) -> object:  # noqa: ARG001 - a handler
    """No conditional orders."""
    return []


def missing(context: Context) -> object:
    """The conditional order that is asked for does not exist.

    Raises:
        ApiError: -1102, it is not named; else -2013.
    """
    params = context.call.params
    if not params.get("algoId") and not params.get("clientAlgoId"):
        raise ApiError(-1102, "algoId")
    raise ApiError(-2013)


ROUTES: Final = (
    Route("GET", "/fapi/v1/openAlgoOrders", none),
    Route("GET", "/fapi/v1/allAlgoOrders", none, 5),
    Route("GET", "/fapi/v1/algoOrder", missing),
)
