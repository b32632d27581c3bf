"""A venue with faults on, and a plain client that sees them."""

import asyncio
from contextlib import asynccontextmanager

from tests.integration.venue.clients import BTC, PATIENCE_S, raw, venue

from alipes.mockvenue import Faults

S = 1_000_000_000
MS = 1_000_000
PATH = "/fapi/v1/order"
ORDER = {
    "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01",
    "price": "59000", "newClientOrderId": "mine",
}  # fmt: skip
MARKS = "/market/ws/btcusdt@markPrice@1s"


@asynccontextmanager
async def faulty(*given, **config):
    """A venue that stands still, with faults on, and a plain client."""
    async with (
        venue(speed=0, symbols=(BTC,), hooks=Faults(given), **config) as server,
        raw(server) as client,
    ):
        yield server, client


async def until(is_so):
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - conditions of several owners
            await asyncio.sleep(0.001)


def place(client, **more):
    return client.send("POST", PATH, {**ORDER, **more})


def taken(server):
    """How many orders of ours the venue accepted."""
    return server.exchange.accepted["mine"]
