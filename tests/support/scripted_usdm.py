"""A local server that speaks just enough of Binance USD-M for real ccxt, and misbehaves on demand.

It keeps a ledger of what it took, counts every request, and takes reactions from a script: what to answer to
the next request of a route instead of, or after, doing as asked.
"""

import asyncio
import json
import time
from collections import Counter, defaultdict, deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from aiohttp import web
from tests.support.usdm_documents import (
    ACCOUNT,
    BRACKETS,
    EXCHANGE_INFO,
    INCOME,
    POSITIONS,
    RESTRICTIONS,
    SYMBOL,
)


@dataclass(frozen=True)
class React:
    """What happens to one request.

    It waits `until` the event is set; if nothing else is said, it is then answered as usual. `does` says
    whether it is carried out first; then the first of these: `drop` the connection, stay `silent`, send a
    `truncated` body, answer with `status` and `body`.
    """

    status: int = 200
    body: str = ""
    does: bool = False
    drop: bool = False
    silent: bool = False
    truncated: bool = False
    until: asyncio.Event | None = None
    headers: dict = field(default_factory=dict)


def error(code, message, status=400, **more):
    return React(status=status, body=json.dumps({"code": code, "msg": message}), **more)


class ScriptedUsdm:
    """The server. `counts` by ``"POST /fapi/v1/order"``; `requests` holds (route, parameters)."""

    def __init__(self):
        self.counts = Counter()
        self.requests = []
        self.script = defaultdict(deque)
        self.orders = {}
        self.algo_orders = {}
        self.trades = []
        self.restrictions = dict(RESTRICTIONS)
        self.is_hedged = False
        self.is_ponging = True
        self.lists_newest = False
        self.margin_type = "CROSSED"
        self.skew_ms = 0
        self.arrived = asyncio.Event()
        self.sockets = []
        self.listening = asyncio.Event()
        self.headers = []
        self._runner = None
        self.port = 0

    def on(self, route, *reactions):
        self.script[route].extend(reactions)

    def now_ms(self):
        return int(time.time() * 1000) + self.skew_ms

    async def start(self, port=0):
        app = web.Application()
        app.router.add_get("/private/ws", self._stream)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def stop(self):
        await self._runner.cleanup()

    @property
    def endpoints(self):
        here = f"127.0.0.1:{self.port}"
        return {"https": f"http://{here}", "wss": f"ws://{here}"}

    # Requests

    async def _handle(self, request):
        route = f"{request.method} {request.path}"
        text = await request.text()
        params = dict(request.query) | dict(parse_qsl(text))
        self.counts[route] += 1
        self.requests.append((route, params))
        self.headers.append(dict(request.headers))
        self.arrived.set()
        react = self.script[route].popleft() if self.script[route] else None
        if react is None:
            return self._do(route, params)
        if react.until is not None:
            await react.until.wait()
            react = replace(react, until=None)
            if react == React():
                return self._do(route, params)
        if react.does:
            self._do(route, params)
        if react.drop:
            request.transport.close()
            return web.Response()
        if react.silent:
            await asyncio.Event().wait()
        if react.truncated:
            return await self._truncate(request)
        return web.Response(status=react.status, text=react.body, headers=react.headers)

    async def _truncate(self, request):
        response = web.StreamResponse(headers={"Content-Length": "500", "Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"orderId": 1, "cli')
        request.transport.close()
        return response

    def _do(self, route, params):
        if "timestamp" in params:
            late = self.now_ms() - int(params["timestamp"])
            if late < -1000 or late > int(params.get("recvWindow", 5000)):
                return self._json({"code": -1021, "msg": "Timestamp is outside of the recvWindow."}, 400)
        answer = ROUTES.get(route)
        if answer is None:
            return self._json({"code": -1, "msg": f"no {route}"}, 404)
        return answer(self, params)

    @staticmethod
    def _json(value, status=200):
        return web.Response(status=status, text=json.dumps(value), content_type="application/json")

    def _place(self, params):
        name = params["newClientOrderId"]
        if name in self.orders:
            return self._json({"code": -4116, "msg": "ClientOrderId is duplicated."}, 400)
        if params["type"].startswith("STOP"):
            return self._json({"code": -4120, "msg": "Order type not supported for this endpoint."}, 400)
        self.orders[name] = {
            "orderId": 1000 + len(self.orders),
            "symbol": params["symbol"],
            "status": "NEW",
            "clientOrderId": name,
            "price": params.get("price", "0"),
            "avgPrice": "0",
            "origQty": params["quantity"],
            "executedQty": "0",
            "cumQuote": "0",
            "timeInForce": params.get("timeInForce", "GTC"),
            "type": params["type"],
            "reduceOnly": params.get("reduceOnly") == "true",
            "side": params["side"],
            "positionSide": "BOTH",
            "stopPrice": "0",
            "updateTime": self.now_ms(),
            "time": self.now_ms(),
        }
        return self._json(self.orders[name])

    def _named(self, params):
        name = params.get("origClientOrderId")
        if name is None:
            return next((o for o in self.orders.values() if str(o["orderId"]) == params.get("orderId")), None)
        return self.orders.get(name)

    def _query(self, params):
        order = self._named(params)
        return self._json(
            *(({"code": -2013, "msg": "Order does not exist."}, 400) if order is None else (order,))
        )

    def _amend(self, params):
        order = self._named(params)
        if order is None or order["status"] not in {"NEW", "PARTIALLY_FILLED"}:
            return self._json({"code": -2013, "msg": "Order does not exist."}, 400)
        order.update(price=params["price"], origQty=params["quantity"], updateTime=self.now_ms())
        return self._json(order)

    def _cancel(self, params):
        order = self._named(params)
        if order is None or order["status"] not in {"NEW", "PARTIALLY_FILLED"}:
            return self._json({"code": -2011, "msg": "Unknown order sent."}, 400)
        order.update(status="CANCELED", updateTime=self.now_ms())
        return self._json(order)

    def _place_algo(self, params):
        name = params["clientAlgoId"]
        self.algo_orders[name] = {
            "algoId": 9000 + len(self.algo_orders),
            "clientAlgoId": name,
            "algoType": "CONDITIONAL",
            "orderType": params["type"],
            "symbol": params["symbol"],
            "side": params["side"],
            "positionSide": "BOTH",
            "timeInForce": "GTC",
            "quantity": params["quantity"],
            "algoStatus": "NEW",
            "triggerPrice": params["triggerPrice"],
            "price": params.get("price", "0"),
            "reduceOnly": params.get("reduceOnly") == "true",
            "createTime": self.now_ms(),
            "updateTime": self.now_ms(),
        }
        return self._json(self.algo_orders[name])

    def _query_algo(self, params):
        order = self.algo_orders.get(params.get("clientAlgoId"))
        return self._json(
            *(({"code": -2013, "msg": "Order does not exist."}, 400) if order is None else (order,))
        )

    def _cancel_algo(self, params):
        order = self.algo_orders.get(params.get("clientAlgoId"))
        if order is None or order["algoStatus"] != "NEW":
            return self._json({"code": -2011, "msg": "Unknown order sent."}, 400)
        order["algoStatus"] = "CANCELED"
        return self._json(
            {
                "algoId": order["algoId"],
                "clientAlgoId": order["clientAlgoId"],
                "code": "200",
                "msg": "success",
            }
        )

    def _cancel_all(self, params):
        for order in self.orders.values():
            if order["status"] == "NEW":
                order["status"] = "CANCELED"
        return self._json({"code": 200, "msg": "The operation of cancel all open order is done."})

    def _cancel_all_algo(self, params):
        self.algo_orders.clear()
        return self._json({"code": 200, "msg": "The operation of cancel all open order is done."})

    def _trades_since(self, params):
        start, limit = int(params.get("startTime", 0)), int(params.get("limit", 500))
        end = int(params.get("endTime", 1 << 60))
        if end < 1 << 60 and end - start > 7 * 24 * 3600 * 1000:
            return self._json({"code": -4165, "msg": "Invalid time interval"}, 400)
        found = [each for each in self.trades if start <= each["time"] <= end]
        return self._json(found[-limit:] if self.lists_newest else found[:limit])

    # The account's stream

    def fill(self, name, price, qty, *, trade_id, is_told=True):
        """Trades some of an order; returns the message of the stream."""
        order = self.orders[name]
        done = float(order["executedQty"]) + float(qty)
        order["executedQty"] = f"{done:.3f}"
        order["status"] = "FILLED" if done >= float(order["origQty"]) else "PARTIALLY_FILLED"
        now = self.now_ms()
        self.trades.append(
            {
                "symbol": SYMBOL, "id": trade_id, "orderId": order["orderId"], "side": order["side"],
                "price": price, "qty": qty, "realizedPnl": "0", "quoteQty": "0", "commission": "0.02",
                "commissionAsset": "USDT", "time": now, "positionSide": "BOTH",
                "buyer": order["side"] == "BUY",
                "maker": True,
            }
        )  # fmt: skip
        return self.update(name, "TRADE", l=qty, L=price, t=trade_id, n="0.02", N="USDT", m=True)

    def update(self, name, execution, **more):
        order, now = self.orders[name], self.now_ms()
        return {
            "e": "ORDER_TRADE_UPDATE", "E": now, "T": now,
            "o": {
                "s": SYMBOL, "c": name, "S": order["side"], "o": order["type"], "f": order["timeInForce"],
                "q": order["origQty"], "p": order["price"], "ap": order["price"], "sp": "0", "x": execution,
                "X": order["status"], "i": order["orderId"], "l": "0", "z": order["executedQty"], "L": "0",
                "T": now, "t": 0, "m": False, "R": False, "wt": "CONTRACT_PRICE", "ot": order["type"],
                "ps": "BOTH", **more,
            },
        }  # fmt: skip

    async def tell(self, *messages):
        for socket in self.sockets:
            for message in messages:
                await socket.send_str(json.dumps(message))

    async def break_streams(self):
        sockets, self.sockets = self.sockets, []
        self.listening.clear()
        for socket in sockets:
            await socket.close()

    async def _stream(self, request):
        socket = web.WebSocketResponse(autoping=self.is_ponging)
        await socket.prepare(request)
        self.counts["WS"] += 1
        self.sockets.append(socket)
        self.listening.set()
        async for _ in socket:
            pass
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket


def _constant(value):
    return lambda server, params: server._json(value(server) if callable(value) else value)


def _open(orders, states):
    return [each for each in orders.values() if each.get("status", each.get("algoStatus")) in states]


_LIVE = {"NEW", "PARTIALLY_FILLED"}
ROUTES = {
    "GET /fapi/v1/exchangeInfo": _constant(EXCHANGE_INFO),
    "GET /fapi/v1/time": _constant(lambda server: {"serverTime": server.now_ms()}),
    "GET /sapi/v1/account/apiRestrictions": _constant(lambda server: server.restrictions),
    "GET /fapi/v1/positionSide/dual": _constant(lambda server: {"dualSidePosition": server.is_hedged}),
    "GET /fapi/v1/symbolConfig": _constant(
        lambda server: [{"symbol": SYMBOL, "marginType": server.margin_type, "leverage": 5}]
    ),
    "POST /fapi/v1/order": ScriptedUsdm._place,
    "GET /fapi/v1/order": ScriptedUsdm._query,
    "PUT /fapi/v1/order": ScriptedUsdm._amend,
    "DELETE /fapi/v1/order": ScriptedUsdm._cancel,
    "GET /fapi/v1/openOrders": _constant(lambda server: _open(server.orders, _LIVE)),
    "GET /fapi/v1/allOrders": _constant(lambda server: list(server.orders.values())),
    "POST /fapi/v1/algoOrder": ScriptedUsdm._place_algo,
    "GET /fapi/v1/algoOrder": ScriptedUsdm._query_algo,
    "DELETE /fapi/v1/algoOrder": ScriptedUsdm._cancel_algo,
    "GET /fapi/v1/openAlgoOrders": _constant(lambda server: _open(server.algo_orders, _LIVE)),
    "DELETE /fapi/v1/allOpenOrders": ScriptedUsdm._cancel_all,
    "DELETE /fapi/v1/algoOpenOrders": ScriptedUsdm._cancel_all_algo,
    "POST /fapi/v1/countdownCancelAll": lambda server, params: server._json(params),
    "GET /fapi/v1/userTrades": ScriptedUsdm._trades_since,
    "GET /fapi/v1/income": _constant(INCOME),
    "POST /fapi/v1/listenKey": _constant({"listenKey": "listen-key-canary"}),
    "PUT /fapi/v1/listenKey": _constant({}),
    "GET /fapi/v3/account": _constant(ACCOUNT),
    "GET /fapi/v1/leverageBracket": _constant(BRACKETS),
    "GET /fapi/v3/positionRisk": _constant(POSITIONS),
}


# Spot: the same ledger at its own addresses.
ROUTES |= {
    f"{verb} /api/v3/{spot}": ROUTES[f"{verb} /fapi/v1/{usdm}"]
    for verb, spot, usdm in (
        ("GET", "time", "time"),
        ("POST", "order", "order"),
        ("GET", "order", "order"),
        ("DELETE", "order", "order"),
        ("GET", "openOrders", "openOrders"),
        ("GET", "allOrders", "allOrders"),
        ("GET", "myTrades", "userTrades"),
    )
}
ROUTES["GET /api/v3/account"] = _constant(
    {"accountType": "SPOT", "balances": [{"asset": "BTC", "free": "1.5", "locked": "0.5"}]}
)


@asynccontextmanager
async def serving():
    server = ScriptedUsdm()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
