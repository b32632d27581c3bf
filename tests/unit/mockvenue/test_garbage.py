"""Whatever a request says, it is answered with the venue's own form: 200, or a code it has."""

from __future__ import annotations

from random import Random

import orjson

from alipes.mockvenue.call import Call, Parameters
from alipes.mockvenue.config import VenueConfig
from alipes.mockvenue.errors import TEXTS
from alipes.mockvenue.rest import ROUTES
from alipes.mockvenue.server import VenueServer
from alipes.mockvenue.weights import Limits

NAMES = (
    "symbol",
    "side",
    "type",
    "timeInForce",
    "quantity",
    "price",
    "newClientOrderId",
    "origClientOrderId",
    "orderId",
    "limit",
    "fromId",
    "startTime",
    "endTime",
    "interval",
    "leverage",
    "marginType",
    "dualSidePosition",
    "batchOrders",
    "orderIdList",
    "origClientOrderIdList",
    "countdownTime",
    "incomeType",
    "reduceOnly",
    "positionSide",
    "closePosition",
    "stopPrice",
    "newOrderRespType",
    "selfTradePreventionMode",
    "recvWindow",
)
USUAL = {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "59000",
    "interval": "1m",
    "leverage": "5",
    "orderId": "1",
}
"""What a request says that is nearly right."""
VALUES = (
    "",
    "0",
    "1",
    "-1",
    "7",
    "1000",
    "0.01",
    "59000",
    "59000.1",
    "1e9",
    "999999999999999999",
    "9999999999999999999999",
    "NaN",
    "BTCUSDT",
    "ETHUSDT",
    "BUY",
    "SELL",
    "LIMIT",
    "MARKET",
    "GTC",
    "GTX",
    "FOK",
    "1m",
    "1w",
    "true",
    "false",
    "CROSSED",
    "RESULT",
    "BOTH",
    "EXPIRE_BOTH",
    "COMMISSION",
    "[1,2]",
    '["a"]',
    "[",
    "{}",
    "[{}]",
    '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":0.01,"price":59000}]',
    "\N{SNOWMAN}",
    "a\x00b",
    "x" * 5000,
)
NO_LIMITS = Limits(weight_minute=10**9, orders_10s=10**9, orders_minute=10**9)


def test_no_request_is_beyond_an_answer():
    random = Random(11)
    config = VenueConfig(symbols=("BTC/USDT:USDT",), speed=0, history_s=1, limits=NO_LIMITS)
    server = VenueServer(config)
    seen = set()
    for _ in range(6000):
        route = random.choice(ROUTES)
        wrong = random.sample(NAMES, random.choice((0, 1, 1, 2, 12)))
        params = {**USUAL, "symbol": "BTCUSDT", **{name: random.choice(VALUES) for name in wrong}}
        params["timestamp"] = str(server.exchange.now // 10**6)
        call = Call(
            transport="rest",
            method=route.method,
            path=route.path,
            params=Parameters(params),
            address="",
            key=server.key.key,
            is_trusted=True,
        )
        reply = server.dispatcher.answer(call)
        told = orjson.loads(reply.body)
        if reply.status != 200:
            assert (reply.status, told["code"] in TEXTS) == (400, True), (call, told)
            seen.add(told["code"])
    assert len(seen) >= 20
