"""The WebSocket API: the requests of REST as messages, and sessions that log on once.

A message is answered in the order it came; the dispatcher does the same for it as for a REST request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import WSMsgType, web

from alipes.mockvenue.auth import sorted_payload
from alipes.mockvenue.call import Call, Parameters
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.hooks import DropConnection
from alipes.mockvenue.rest.orders import as_text
from alipes.mockvenue.streams.frames import text_frame

if TYPE_CHECKING:
    from alipes.mockvenue.auth import ApiKey
    from alipes.mockvenue.dispatch import Dispatcher
    from alipes.mockvenue.exchange import Exchange

METHODS: Final[dict[str, tuple[str, str]]] = {
    "ping": ("GET", "/fapi/v1/ping"),
    "time": ("GET", "/fapi/v1/time"),
    "exchangeInfo": ("GET", "/fapi/v1/exchangeInfo"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v1/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.test": ("POST", "/fapi/v1/order/test"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "account.balance": ("GET", "/fapi/v2/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
"""REST request of each method."""
PING_S: Final = 180.0
_PREFIX: Final = "/ws-fapi/v1/"


class ApiSession:
    """One connection to the WebSocket API.

    Args:
        dispatcher: Who answers.
        exchange: The venue.
        address: Where the client connected from.
    """

    def __init__(self, dispatcher: Dispatcher, exchange: Exchange, address: str) -> None:
        self._dispatcher = dispatcher
        self._exchange = exchange
        self._address = address
        self._logged_on: ApiKey | None = None
        self._since_ms = exchange.now // NS_PER_MS
        self._authorized_ms = 0

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serves the connection until it ends."""
        socket = web.WebSocketResponse(compress=False, heartbeat=PING_S)
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                answer = await self._answer(message.data)
            except DropConnection:
                if request.transport is not None:
                    request.transport.abort()
                break
            if request.transport is not None:
                request.transport.write(text_frame(answer))
        return socket

    async def _answer(self, text: str) -> bytes:
        try:
            request = orjson.loads(text)
            number, method = request["id"], str(request["method"])
            raw = request.get("params") or {}
            params = Parameters({name: as_text(value) for name, value in raw.items()})
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return orjson.dumps(_refused(None, ApiError(-1130, "request")))
        if method.startswith("session."):
            return orjson.dumps(self._session(number, method, params))
        return await self._dispatched(number, method, params)

    async def _dispatched(self, number: object, method: str, params: Parameters) -> bytes:
        wants_limits = params.get("returnRateLimits") != "false"
        call = self._call(*METHODS.get(method, ("POST", _PREFIX + method)), params)
        reply = await self._dispatcher.handle(call)
        if reply.is_cut:
            raise DropConnection
        word = b'"result":' if reply.status < 400 else b'"error":'
        parts = [b'{"id":', orjson.dumps(number), b',"status":%d,' % reply.status, word, reply.body]
        if wants_limits:
            account = self._logged_on.account if self._logged_on else None
            limits = self._dispatcher.limits.used(self._address, account, self._exchange.now)
            parts += [b',"rateLimits":', orjson.dumps(limits)]
        return b"".join([*parts, b"}"])

    def _call(self, method: str, path: str, params: Parameters) -> Call:
        signature = params.pop("signature", None)
        is_trusted = self._logged_on is not None and "apiKey" not in params
        key = self._logged_on.key if is_trusted and self._logged_on else params.get("apiKey")
        return Call(
            transport="ws-api",
            method=method,
            path=path,
            params=params,
            address=self._address,
            signature=signature,
            payload=sorted_payload(params),
            key=key,
            is_trusted=is_trusted,
        )

    def _session(self, number: object, method: str, params: Parameters) -> dict[str, Any]:
        try:
            self._log(method, params)
        except ApiError as error:
            return _refused(number, error)
        ms = self._exchange.now // NS_PER_MS
        result = {
            "apiKey": self._logged_on.key if self._logged_on else None,
            "authorizedSince": self._authorized_ms if self._logged_on else None,
            "connectedSince": self._since_ms,
            "returnRateLimits": False,
            "serverTime": ms,
        }
        return {"id": number, "status": 200, "result": result}

    def _log(self, method: str, params: Parameters) -> None:
        """Logs a session on or out; its status needs nothing."""
        match method:
            case "session.logon":
                call = self._call("POST", _PREFIX + method, params)
                call.key, call.is_trusted = params.text("apiKey"), False
                key = self._dispatcher.prove(call)
                if not key.public_pem:
                    raise ApiError(-4056)
                self._logged_on, self._authorized_ms = key, self._exchange.now // NS_PER_MS
            case "session.logout":
                self._logged_on = None
            case "session.status":
                pass
            case _:
                raise ApiError(-5000, _PREFIX + method, "POST")


def _refused(number: object, error: ApiError) -> dict[str, Any]:
    return {"id": number, "status": error.status, "error": error.body()}
