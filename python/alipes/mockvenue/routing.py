"""Routes as data: method, path, weight, what a request must prove, and who answers it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from alipes.mockvenue.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alipes.mockvenue.auth import ApiKey
    from alipes.mockvenue.call import Call
    from alipes.mockvenue.desk import Desk
    from alipes.mockvenue.exchange import Exchange


class Security(Enum):
    """What a request must prove."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler works with.

    Attributes:
        exchange: The venue.
        desk: Its orders.
        call: The request.
        key: The API key that it proved; handlers of unsigned routes must not ask.
        charge_orders: Counts orders against the account's limit.
    """

    exchange: Exchange
    desk: Desk
    call: Call
    key: ApiKey
    charge_orders: Callable[[int], None]

    @property
    def account(self) -> int:
        """The account's number at the core."""
        return self.key.account


class Handler(Protocol):
    """Answers a request with a value for JSON, or raises `ApiError`."""

    def __call__(self, context: Context) -> object:
        """The answer."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        method: HTTP method.
        path: Whole path.
        handler: Who answers.
        weight: Request weight, or how it follows from the request.
        security: What a request must prove.
    """

    method: str
    path: str
    handler: Handler
    weight: int | Callable[[Call], int] = 1
    security: Security = Security.SIGNED

    def weight_of(self, call: Call) -> int:
        """Weight of a request."""
        return self.weight if isinstance(self.weight, int) else self.weight(call)


class Router:
    """Finds routes.

    Args:
        routes: All of them.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = {(route.method, route.path): route for route in routes}

    def find(self, method: str, path: str) -> Route:
        """The route of a request.

        Raises:
            ApiError: -5000 with 404, there is none; the text names the path.
        """
        route = self._routes.get((method, path))
        if route is None:
            raise ApiError(-5000, path, method)
        return route

    def paths(self) -> list[tuple[str, str]]:
        """Method and path of every route."""
        return list(self._routes)
