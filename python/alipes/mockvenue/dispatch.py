"""The one way of every request: hooks, time, limits, key and signature, handler, hooks."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog

from alipes.errors import AlipesError
from alipes.mockvenue.auth import ApiKey
from alipes.mockvenue.call import Reply
from alipes.mockvenue.counts import Counts
from alipes.mockvenue.desk import Desk
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.rest import ROUTES
from alipes.mockvenue.routing import Context, Router, Security
from alipes.mockvenue.weights import RateLimits

if TYPE_CHECKING:
    from alipes.mockvenue.call import Call
    from alipes.mockvenue.clock import VenueClock
    from alipes.mockvenue.exchange import Exchange
    from alipes.mockvenue.hooks import Hooks
    from alipes.mockvenue.routing import Route

_log = structlog.get_logger(__name__)
NOBODY: Final = ApiKey("", "", -1)


class Dispatcher:
    """Answers requests of REST and of the WebSocket API alike.

    Args:
        exchange: The venue.
        clock: Its clock.
        hooks: Where faults are put in.
    """

    def __init__(self, exchange: Exchange, clock: VenueClock, hooks: Hooks) -> None:
        self._exchange = exchange
        self._clock = clock
        self._hooks = hooks
        self._router = Router(ROUTES)
        self._desk = Desk(exchange)
        self.limits = RateLimits(exchange.config.limits)
        self.counts = Counts()

    async def handle(self, call: Call) -> Reply:
        """Answers a request.

        Raises:
            DropConnection: A hook wants the connection to end.
        """
        self.counts.arrived(call)
        reply = await self._hooks.before(call)
        if reply is None:
            reply = self.answer(call)
            if reply.status == HTTPStatus.OK:
                reply = await self._hooks.accepted(call, reply)
        return await self._hooks.on_reply(call, reply)

    def answer(self, call: Call) -> Reply:
        """Answers a request without hooks."""
        headers: dict[str, str] = {}
        try:
            self._exchange.advance(self._clock.now_ns())
            route = self._router.find(call.method, call.path)
            now, weight = self._exchange.now, route.weight_of(call)
            headers.update(self.limits.charge(call.address, weight, now))
            key = self._prove(route, call)

            def charge_orders(count: int) -> None:
                headers.update(self.limits.charge_orders(key.account, count, now))

            context = Context(self._exchange, self._desk, call, key, charge_orders)
            reply = Reply.of(route.handler(context))
        except ApiError as error:
            reply = Reply.of_error(error)
        except AlipesError as error:
            _log.error("a request failed", method=call.method, path=call.path, error=str(error))
            reply = Reply.of_error(ApiError(-1000))
        reply.headers = {**headers, **reply.headers}
        return reply

    def prove(self, call: Call) -> ApiKey:
        """The key that signed a request.

        Raises:
            ApiError: None did.
        """
        self._exchange.advance(self._clock.now_ns())
        return self._exchange.accounts.keys.check(call, self._clock.request_times())

    def _prove(self, route: Route, call: Call) -> ApiKey:
        if route.security is Security.NONE:
            return NOBODY
        keys = self._exchange.accounts.keys
        if route.security is Security.KEY:
            return keys.find(call.key)
        return keys.check(call, self._clock.request_times())
