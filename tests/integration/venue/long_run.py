"""A stepped venue with listeners and a busy account, hour after hour; prints what it holds at every twelfth.

python tests/integration/venue/long_run.py MINUTES ORDERS_A_SECOND
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from alipes.mockvenue import Hooks, VenueConfig
from alipes.mockvenue.clock import NS_PER_S
from alipes.mockvenue.config import START_NS
from alipes.mockvenue.exchange import Exchange
from alipes.mockvenue.rest.history import EVERYTHING
from alipes.mockvenue.streams.hub import Hub

SAMPLES = 12
KINDS = "depth@100ms depth20 bookTicker trade aggTrade kline_1m kline_1h markPrice@1s ticker"
LOT = 1000
BUY, SELL = 0, 1
LIMIT, MARKET = 0, 1


class Counter:
    """Listens and keeps nothing."""

    address, path, is_combined = "127.0.0.1", "/public/ws", True
    frames = 0

    def wants_event(self, event: str) -> bool:
        """Wants all."""
        return bool(event)

    def send_frame(self, frame: bytes) -> None:
        """Counts."""
        self.frames += bool(frame)

    def drop(self) -> None:
        """Goes on."""


class Account:
    """Places, cancels, buys and sells in turn."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.number = exchange.accounts.open().account
        self.made = 0

    def trade(self) -> None:
        """One resting order that is cancelled at once; every tenth takes instead."""
        exchange = self.exchange
        self.made += 1
        bid = exchange.markets[0].best()[0] or 1
        is_taker = self.made % 10 == 0
        terms = {
            "side": SELL if self.made % 20 == 0 else BUY,
            "type": MARKET if is_taker else LIMIT,
            "price_ticks": bid * 99 // 100,
            "size_steps": 10 * LOT,
            "tif": int(is_taker),
        }
        flags = {"post_only": False, "reduce_only": False}
        name = f"order-{self.made}"
        events = exchange.live.submit(exchange.now, self.number, name, 0, **terms, **flags)
        exchange.apply(events)
        if not is_taker:
            exchange.apply(exchange.live.cancel(exchange.now, self.number, events[0][2][0]))


def resident() -> int:
    """Memory that this process holds, bytes; where the system does not tell, the most that it held."""
    file = Path("/proc/self/statm")
    if file.exists():
        return int(file.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(minutes: int, orders_per_s: int) -> dict[str, object]:
    """Plays; gives memory by sample, and the sizes of all histories at the end."""
    hub, counter = Hub(Hooks()), Counter()
    exchange = Exchange(VenueConfig(speed=0), hub, start_ns=START_NS)
    exchange.accounts.open()
    account = Account(exchange)
    market = exchange.markets[0]
    for kind in KINDS.split():
        hub.subscribe(counter, f"{market.stream_id}@{kind}")
    seconds, memory = minutes * 60, []
    for second in range(1, seconds + 1):
        exchange.advance(START_NS + second * NS_PER_S)
        if second % 1800 == 1:  # listen keys live an hour
            listen_key = exchange.users.open("A", account.number, exchange.now)
            hub.subscribe(counter, listen_key)
        for _ in range(orders_per_s):
            account.trade()
        if second % (seconds // SAMPLES) == 0:
            memory.append(resident())
    live = exchange.live
    return {
        "memory": memory,
        "frames": counter.frames,
        "made": account.made,
        "orders": len(live.orders(account.number, 0, limit=EVERYTHING)),
        "fills": len(live.fills(account.number, 0, limit=EVERYTHING)),
        "ledger": len(live.ledger(account.number, limit=EVERYTHING)),
        "outside_fills": len(live.fills(0, 0, limit=EVERYTHING)),
        "outside_ledger": len(live.ledger(0, limit=EVERYTHING)),
        "trades": len(market.tape.trades),
        "aggregates": len(market.tape.aggregates),
        "minutes": len(market.tape.candles.bars("1m")),
        "last_order_is_known": live.order(account.number, client_id=f"order-{account.made}") is not None,
        "total": str(live.total("USDT")),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
