"""One run of a stepped venue through real sockets, everything that was received written to a file.

    python tests/integration/venue/stepped_run.py SEED FILE

Requests are stamped with the venue's time: nothing that is sent depends on the clock or on the process.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import sys
from pathlib import Path
from urllib.parse import urlencode

import orjson

from alipes.mockvenue import VenueConfig, VenueServer

ROUNDS = 40
STEP_NS = 500_000_000
SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")
KINDS = ("depth@100ms", "depth5", "bookTicker", "trade")
WS_KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="
LAST = b'{"method":"LIST_SUBSCRIPTIONS","id":77}'


class Client:
    """A TCP connection to the venue."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, server: VenueServer) -> Client:
        """Connects."""
        host, port = server.address.split(":")
        return cls(*await asyncio.open_connection(host, int(port), limit=1 << 26))

    async def listen(self, path: str) -> None:
        """Becomes a WebSocket."""
        head = f"GET {path} HTTP/1.1\r\nHost: venue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.writer.write(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {WS_KEY}\r\n\r\n".encode())
        assert (await self.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")

    async def rest_of_stream(self) -> bytes:
        """Frames up to the answer to a last request."""
        self.writer.write(bytes((0x81, 0x80 | len(LAST), 0, 0, 0, 0)) + LAST)
        return await self.reader.readuntil(b'"id":77}')

    async def ask(self, method: str, path: str, key: str, secret: str, now: int, **params: str) -> bytes:
        """A signed request; gives head and body of the answer."""
        text = urlencode({**params, "timestamp": now // 1_000_000})
        sign = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        line = (
            f"{method} {path}?{text}&signature={sign} HTTP/1.1\r\nHost: venue\r\nX-MBX-APIKEY: {key}\r\n\r\n"
        )
        self.writer.write(line.encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split()[0])
        return head + await self.reader.readexactly(size)


def order(chance: random.Random, server: VenueServer) -> dict[str, str]:
    """An order that takes, rests, or is refused."""
    market = chance.choice(server.exchange.markets)
    bid, _, ask, _ = market.best()
    assert bid is not None
    assert ask is not None
    terms = {
        "symbol": market.listing.id,
        "side": chance.choice(("BUY", "SELL")),
        "type": chance.choice(("LIMIT", "LIMIT", "MARKET")),
        "quantity": market.listing.size_text(chance.randint(1, 900) * 1000),
    }
    if terms["type"] == "LIMIT":
        terms["price"] = market.listing.price_text(chance.randint(bid - 10, ask + 10))
        terms["timeInForce"] = chance.choice(("GTC", "GTC", "GTX", "IOC"))
    return terms


async def run(seed: int) -> list[bytes]:
    """All answers, both streams, and the ledgers."""
    told: list[bytes] = []
    chance = random.Random(seed)
    async with VenueServer(VenueConfig(symbols=SYMBOLS, seed=seed, speed=0, history_s=2)) as server:
        keys = [server.key, server.exchange.accounts.open()]
        rest, public, private = [await Client.open(server) for _ in range(3)]
        listen_key = server.exchange.users.open(keys[1].key, keys[1].account, server.exchange.now)
        streams = "/".join(f"{each}@{kind}" for each in ("btcusdt", "ethusdt") for kind in KINDS)
        await public.listen(f"/public/stream?streams={streams}")
        await private.listen(f"/private/ws?listenKey={listen_key}")
        for _ in range(ROUNDS):
            server.step(STEP_NS)
            for key in keys:
                signed = (key.key, key.secret, server.exchange.now)
                told.append(await rest.ask("POST", "/fapi/v1/order", *signed, **order(chance, server)))
                told.append(await rest.ask("GET", "/fapi/v3/account", *signed))
        for key in keys:
            signed = (key.key, key.secret, server.exchange.now)
            told.append(await rest.ask("GET", "/fapi/v1/income", *signed, limit="1000"))
        told += [await public.rest_of_stream(), await private.rest_of_stream()]
        ledgers = [server.exchange.live.ledger(number, limit=100_000) for number in range(len(keys) + 1)]
        told.append(orjson.dumps(ledgers, default=str))
    return told


if __name__ == "__main__":
    found = asyncio.run(run(int(sys.argv[1])))
    Path(sys.argv[2]).write_bytes(b"\n".join(found))
    print(orjson.dumps([len(each) for each in found[-3:]]).decode())
