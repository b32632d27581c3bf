"""One request, whichever way it came, and its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

import orjson

from alipes.mockvenue.errors import ApiError

NUMBER: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
CLIENT_ID: Final = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
_WHOLE: Final = r"^[0-9]{1,18}$"
_TRUTH: Final = {"true": True, "false": False}


class Parameters(dict[str, str]):
    """Parameters of a request: text by name, read with the venue's own refusals."""

    def text(self, name: str) -> str:
        """A mandatory parameter.

        Raises:
            ApiError: -1102, it is missing or empty.
        """
        value = self.get(name)
        if not value:
            raise ApiError(-1102, name)
        return value

    def number(self, name: str) -> Decimal:
        """A mandatory number without sign or exponent.

        Raises:
            ApiError: -1102, it is missing; -1100, it is something else.
        """
        value = self.text(name)
        if re.match(NUMBER, value) is None:
            raise ApiError(-1100, name, NUMBER)
        return Decimal(value)

    def whole(self, name: str) -> int | None:
        """An optional whole number >= 0.

        Raises:
            ApiError: -1100, it is something else.
        """
        value = self.get(name)
        if not value:
            return None
        if re.match(_WHOLE, value) is None:
            raise ApiError(-1100, name, _WHOLE)
        return int(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """An optional truth value.

        Raises:
            ApiError: -1102, neither true nor false.
        """
        value = self.get(name)
        if not value:
            return default
        try:
            return _TRUTH[value.lower()]
        except KeyError:
            raise ApiError(-1102, name) from None

    def limit(self, default: int, most: int) -> int:
        """The ``limit`` of a listing.

        Raises:
            ApiError: -1130, it is 0 or above `most`; -1100, no whole number.
        """
        value = self.whole("limit")
        if value is None:
            return default
        if not 0 < value <= most:
            raise ApiError(-1130, "limit")
        return value

    def client_id(self, name: str) -> str | None:
        """An optional client order id.

        Raises:
            ApiError: -4015, it is too long; -1100, it holds another character.
        """
        value = self.get(name)
        if not value:
            return None
        if len(value) > 36:
            raise ApiError(-4015)
        if re.match(CLIENT_ID, value) is None:
            raise ApiError(-1100, name, CLIENT_ID)
        return value


@dataclass(slots=True, kw_only=True)
class Call:
    """A request.

    Attributes:
        transport: Whether it came over HTTP or the WebSocket API.
        method: HTTP method, of a WebSocket API request that of the same REST request.
        path: Path of the REST request.
        params: Its parameters, without the signature.
        signature: As sent, or `None`.
        payload: The text that the signature is made of.
        key: API key, or `None`.
        address: Where the client connected from.
        is_trusted: It came over a session that has logged on and needs no signature.
        met: What the hooks keep of it between its arrival and its answer.
    """

    transport: Literal["rest", "ws-api"]
    method: str
    path: str
    params: Parameters
    address: str
    signature: str | None = None
    payload: str = ""
    key: str | None = None
    is_trusted: bool = False
    met: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Reply:
    """An answer: HTTP status, body and headers. The WebSocket API wraps the body.

    With `is_cut` the connection ends in the middle of the body; over the WebSocket API, without an answer.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False

    @classmethod
    def of(cls, value: object, *, status: int = 200) -> Reply:
        """The answer that holds a value as JSON."""
        return cls(status, orjson.dumps(value))

    @classmethod
    def of_error(cls, error: ApiError) -> Reply:
        """The answer that refuses."""
        return cls(error.status, orjson.dumps(error.body()), dict(error.headers))
