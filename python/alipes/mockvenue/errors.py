"""Error codes of Binance USD-M as data, and what a refusal of the matching core is called there.

Texts are those of the venue's error-code page; ``{}`` stands for what a text names.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

TEXTS: Final[dict[int, str]] = {
    -1000: "An unknown error occured while processing the request.",
    -1003: "Too many requests; current limit of IP({}) is {} requests per minute. "
    "Please use the websocket for live updates to avoid polling the API.",
    -1015: "Too many new orders; current limit is {} orders per {}.",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1100: "Illegal characters found in parameter '{}'; legal range is '{}'.",
    -1101: "Duplicate values for parameter '{}' detected.",
    -1102: "Mandatory parameter '{}' was not sent, was empty/null, or malformed.",
    -1106: "Parameter '{}' sent when not required.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1120: "Invalid interval.",
    -1121: "Invalid symbol.",
    -1125: "This listenKey does not exist.",
    -1128: "Combination of optional parameters invalid.",
    -1130: "Data sent for parameter '{}' is not valid.",
    -1131: "recvWindow must be less than 60000",
    -1136: "Invalid newOrderRespType.",
    -2010: "NEW_ORDER_REJECTED",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2019: "Margin is insufficient.",
    -2022: "ReduceOnly Order is rejected.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2028: "Leverage is smaller than permitted: insufficient margin balance.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id length should not be more than 36 chars",
    -4016: "Limit price can't be higher than {}.",
    -4021: "'{}' is not valid depth limit.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than {}.",
    -4028: "Leverage {} is not valid",
    -4032: "Exceed maximum cancel order size.",
    -4046: "No need to change margin type.",
    -4056: "Invalid api key type.",
    -4059: "No need to change position side.",
    -4060: "Invalid position side.",
    -4061: "Order's position side does not match user's setting.",
    -4082: "Invalid number of batch place orders.",
    -4084: "Method is not allowed currently. Upcoming soon.",
    -4108: "Symbol is on delivering or delivered or settling or closed or pre-trading",
    -4116: "ClientOrderId is duplicated.",
    -4120: "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
    -4136: "Target strategy invalid for orderType '{}',closePosition '{}'",
    -4165: "Invalid time interval",
    -4164: "Order's notional must be no smaller than {} (unless you choose reduce only).",
    -5000: "Path {}, Method {} is invalid",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected. "
    "The order will not be recorded in the order history",
    -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected. "
    "The order will not be recorded in the order history",
    -5027: "No need to modify the order.",
}
"""Text of every code that the venue answers with."""

AHEAD: Final = "Timestamp for this request was 1000ms ahead of the server's time."
"""The other text of -1021."""
BANNED: Final = (
    "Way too many requests; IP({}) banned until {}. Please use the websocket for live updates to avoid bans."
)
"""The other text of -1003, with HTTP 418; the time is in ms."""

_STATUS: Final[dict[int, HTTPStatus]] = {
    -1003: HTTPStatus.TOO_MANY_REQUESTS,
    -1015: HTTPStatus.TOO_MANY_REQUESTS,
    -1000: HTTPStatus.INTERNAL_SERVER_ERROR,
    -2014: HTTPStatus.UNAUTHORIZED,
    -2015: HTTPStatus.UNAUTHORIZED,
    -5000: HTTPStatus.NOT_FOUND,
}


class ApiError(Exception):
    """A request that the venue refuses.

    Args:
        code: A key of `TEXTS`.
        *named: What its text names.
        status: HTTP status, where it is not the code's usual one.
        text: Another text of the code.
        headers: HTTP headers of the answer.
    """

    def __init__(
        self,
        code: int,
        *named: object,
        status: int | None = None,
        text: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.code = code
        self.message = (text or TEXTS[code]).format(*named)
        self.status = int(status or _STATUS.get(code, HTTPStatus.BAD_REQUEST))
        self.headers = headers or {}
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, object]:
        """What the client is told."""
        return {"code": self.code, "msg": self.message}


REASONS: Final[dict[str, int]] = {
    "duplicate_client_order_id": -4116,
    "unknown_order": -2013,
    "lot": -4023,
    "price_rule": -4014,
    "post_only_tif": -1128,
    "post_only_would_take": -5022,
    "reduce_only": -2022,
    "min_notional": -4164,
    "fok": -5021,
    "notional_too_large": -2027,
    "not_trading": -4108,
    "insufficient_margin": -2019,
    "leverage": -2028,
}
"""Code of every refusal of the matching core."""


def refusal(reason: str, *, least: str) -> ApiError:
    """The answer to a refusal of the matching core.

    Args:
        reason: The core's word.
        least: The least notional, which the text of one refusal names.
    """
    code = REASONS.get(reason, -2010)
    return ApiError(code, least) if code == -4164 else ApiError(code)
