"""An account rebuilt from its stream alone is the account that REST tells, after any run of orders."""

from __future__ import annotations

import json
from random import Random

import pytest
from tests.integration.venue.clients import BTC, raw, run, soon, stream, venue

SYMBOL = {"symbol": "BTCUSDT"}
REFUSALS = {-2011, -2013, -2022, -4164, -5021, -5022, -5027}
"""What random requests may be refused with."""


class _Rebuilt:
    """What a client knows that reads nothing but its user data stream."""

    def __init__(self):
        self.orders, self.fills, self.wallet, self.position = {}, {}, None, None
        self.last = 0

    def take(self, message):
        assert message["T"] >= self.last
        self.last = message["T"]
        if message["e"] == "ACCOUNT_UPDATE":
            for row in message["a"]["B"]:
                self.wallet = row["wb"]
            for row in message["a"]["P"]:
                self.position = (row["pa"], row["ep"])
            return
        told = message["o"]
        self.orders[told["i"]] = (told["c"], told["X"], told["q"], told["p"], told["z"], told["ap"])
        if told["x"] == "TRADE":
            assert told["t"] not in self.fills
            self.fills[told["t"]] = (told["i"], told["L"], told["l"], told["m"], told["n"], told["rp"])


def _request(random, touch, own):
    """A random request: method, path, parameters."""
    bid, ask = touch
    side = random.choice(("BUY", "SELL"))
    near = (bid if side == "BUY" else ask) + random.randint(-12, 12)
    size = f"0.{random.randint(2, 300):03d}"
    limit = {"type": "LIMIT", "price": f"{near // 10}.{near % 10}", "side": side, "quantity": size, **SYMBOL}
    kind = random.random()
    if kind < 0.15:
        market = {"type": "MARKET", "side": side, "quantity": size, **SYMBOL}
        return "POST", "/fapi/v1/order", market | random.choice(({}, {"reduceOnly": "true"}))
    if kind < 0.65 or not own:
        tif = random.choice(("GTC", "GTC", "GTC", "GTX", "IOC", "FOK"))
        stp = random.choice(("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"))
        return "POST", "/fapi/v1/order", {**limit, "timeInForce": tif, "selfTradePreventionMode": stp}
    order_id, own_side = random.choice(own)
    if kind < 0.82:
        return "PUT", "/fapi/v1/order", {**limit, "orderId": order_id, "side": own_side}
    if kind < 0.98:
        return "DELETE", "/fapi/v1/order", {**SYMBOL, "orderId": order_id}
    return "DELETE", "/fapi/v1/allOpenOrders", SYMBOL


async def _read_on(socket, rebuilt, number):
    """Takes in all that was sent before now."""
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
    while True:
        message = await soon(socket.receive_json())
        if message.get("id") == number:
            return
        rebuilt.take(message)


async def _get(client, path, **params):
    _, _, body = await client.send("GET", path, {**SYMBOL, **params})
    return json.loads(body)


async def _compare(client, rebuilt):
    orders = await _get(client, "/fapi/v1/allOrders", limit=1000)
    told = {
        row["orderId"]: tuple(
            row[name] for name in ("clientOrderId", "status", "origQty", "price", "executedQty", "avgPrice")
        )
        for row in orders
    }
    known = {
        number: (row[0], row[1].replace("EXPIRED_IN_MATCH", "EXPIRED"), *row[2:])
        for number, row in rebuilt.orders.items()
    }
    assert known == told
    names = ("orderId", "price", "qty", "maker", "commission", "realizedPnl")
    fills = await _get(client, "/fapi/v1/userTrades", limit=1000)
    assert rebuilt.fills == {row["id"]: tuple(row[name] for name in names) for row in fills}
    account = await _get(client, "/fapi/v3/account")
    assert rebuilt.wallet in (None, account["totalWalletBalance"])
    held = [row["positionAmt"] for row in account["positions"] if float(row["positionAmt"])]
    assert held == ([rebuilt.position[0]] if rebuilt.position and float(rebuilt.position[0]) else [])


@pytest.mark.parametrize("seed", range(4))
def test_stream_and_rest_tell_the_same_account(seed):
    async def check():
        random, rebuilt = Random(seed), _Rebuilt()
        async with venue(speed=0, symbols=(BTC,), seed=seed) as server, raw(server) as client:
            headers = {"X-MBX-APIKEY": server.key.key}
            _, _, body = await client.public("POST", "/fapi/v1/listenKey", headers=headers)
            async with stream(server, f"/private/ws?listenKey={json.loads(body)['listenKey']}") as socket:
                await _read_on(socket, rebuilt, 0)
                for number in range(1, 121):
                    touch = server.exchange.markets[0].best()[::2]
                    own = [(row["orderId"], row["side"]) for row in await _get(client, "/fapi/v1/openOrders")]
                    status, _, body = await client.send(*_request(random, touch, own))
                    assert status == 200 or json.loads(body)["code"] in REFUSALS
                    server.step(random.choice((1, 20, 100)) * 1_000_000)
                    if number % 20 == 0:
                        await _read_on(socket, rebuilt, number)
                        await _compare(client, rebuilt)
            assert len(rebuilt.fills) > 20

    run(check())
