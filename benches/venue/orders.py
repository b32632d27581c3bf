"""Round trips of orders against a venue: by plain aiohttp and by ccxt.

python benches/venue/orders.py '{"rest": …, "stream": …, "key": …, "secret": …, "count": 500}'
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import ccxt.async_support
from host import hold

from alipes.mockvenue import point

SYMBOL = "BTC/USDT:USDT"
PRICE = "58500"
SIZE = "0.01"


async def by_aiohttp(venue: dict[str, Any], count: int) -> dict[str, list[float]]:
    """Places and cancels an order `count` times over one kept connection; gives milliseconds."""
    found: dict[str, list[float]] = {"place": [], "cancel": []}
    async with aiohttp.ClientSession(headers={"X-MBX-APIKEY": venue["key"]}) as session:

        async def send(method: str, **params: str) -> dict[str, Any]:
            text = urlencode({**params, "timestamp": time.time_ns() // 1_000_000})
            sign = hmac.new(venue["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
            address = f"{venue['rest']}/fapi/v1/order?{text}&signature={sign}"
            async with session.request(method, address) as answer:
                told: dict[str, Any] = await answer.json()
                assert answer.status == 200, told
                return told

        for _ in range(count):
            with taken(found["place"]):
                order = await send(
                    "POST",
                    symbol="BTCUSDT",
                    side="BUY",
                    type="LIMIT",
                    timeInForce="GTC",
                    quantity=SIZE,
                    price=PRICE,
                )
            with taken(found["cancel"]):
                await send("DELETE", symbol="BTCUSDT", orderId=str(order["orderId"]))
    return found


async def by_ccxt(venue: dict[str, Any], count: int) -> dict[str, list[float]]:
    """The same by ccxt's asynchronous client, its own throttle off."""
    found: dict[str, list[float]] = {"place": [], "cancel": []}
    client = ccxt.async_support.binanceusdm({"apiKey": venue["key"], "secret": venue["secret"]})
    client.urls["api"] = point(client.urls["api"], rest=venue["rest"], stream=venue["stream"])
    client.enableRateLimit = False
    try:
        await client.load_markets()
        for _ in range(count):
            with taken(found["place"]):
                order = await client.create_order(SYMBOL, "limit", "buy", float(SIZE), float(PRICE))
            with taken(found["cancel"]):
                await client.cancel_order(order["id"], SYMBOL)
    finally:
        await client.close()
    return found


class taken:  # noqa: N801 - read as a phrase
    """Adds the milliseconds that a ``with`` block took to a list."""

    def __init__(self, times: list[float]) -> None:
        self._times = times

    def __enter__(self) -> None:
        self._began = time.perf_counter_ns()

    def __exit__(self, *error: object) -> None:
        self._times.append((time.perf_counter_ns() - self._began) / 1e6)


def main() -> None:
    """Measures, and prints one line: ``by.what.p50_ms``."""
    hold(1)
    venue = json.loads(sys.argv[1])
    told: dict[str, float] = {}
    for name, work in (("aiohttp", by_aiohttp), ("ccxt", by_ccxt)):
        if venue.get("only", name) != name:
            continue
        asyncio.run(work(venue, venue["warm_up"]))  # warm-up: imports, caches
        for what, times in asyncio.run(work(venue, venue["count"])).items():
            times.sort()
            told |= {f"{name}.{what}.p{share}_ms": times[len(times) * share // 100] for share in (50, 99)}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
