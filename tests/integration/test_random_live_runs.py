"""A testnet run of random orders: its result is the account that the venue's books hold, to the digit."""

from decimal import Decimal
from random import Random

import pytest
from tests.counts import scaled
from tests.integration.venue.account_views import fills_of

import alipes
from alipes import config
from alipes.engine.live import run_venue
from alipes.errors import StaleBookError
from alipes.mockvenue import VenueConfig, VenueThread

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
GRIDS = {
    BTC: {"tick_size": "0.1", "lot_size": "0.001"},
    ETH: {"tick_size": "0.01", "lot_size": "0.001"},
}
SECONDS = scaled(7, 30)
PAUSE_NS = 90_000_000
"""Shortest time between two decisions, ns: within the rate limit, so that no request waits for its turn."""


class Restless(alipes.Strategy):
    """Orders, amends and cancels at random, near the touch of two books."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.acted, self.touches = 0, {}
        self.amended = self.cancelled = 0

    def on_start(self, ctx, resumed):
        for symbol in (BTC, ETH):
            ctx.subscribe_book(symbol)

    def on_book(self, ctx, book):
        if ctx.now - self.acted < PAUSE_NS:
            return
        try:
            self.touches = {
                symbol: (ctx.book(symbol).best_bid, ctx.book(symbol).best_ask) for symbol in GRIDS
            }
        except StaleBookError:
            return  # one of them is not in step yet
        self.acted = ctx.now
        self._act(ctx)

    def _act(self, ctx):
        random, own = self.random, ctx.open_orders()
        chance = random.random()
        if own and chance < 0.15:
            self.cancelled += 1
            ctx.cancel(random.choice(own))
        elif own and chance < 0.45:
            order = random.choice(own)
            if order.type == "limit" and order.state == "accepted":
                self.amended += 1
                ctx.amend(order, size=order.size + order.instrument.spec.lot_size * random.randint(1, 50))
        else:
            self._order(ctx, random.choice((BTC, ETH)))

    def _order(self, ctx, symbol):
        random = self.random
        send = random.choice((ctx.buy, ctx.sell))
        size = Decimal(random.randint(20, 900)) / 1000
        kind = random.random()
        bid, ask = self.touches[symbol]
        if kind < 0.3:
            send(symbol, size, reduce_only=kind < 0.08)
            return
        tick = Decimal(GRIDS[symbol]["tick_size"])
        offset = tick * random.randint(-20, 4)
        touch, offset = (ask, offset) if send == ctx.buy else (bid, -offset)
        price = Decimal(str(touch)).quantize(tick) + offset
        if kind < 0.75:
            send(symbol, size, price=price)
        elif kind < 0.85:
            send(symbol, size, price=price, post_only=True)
        else:
            send(symbol, size, price=price, tif=random.choice(("IOC", "FOK")))


def run_on(venue, strategy):
    tables = {
        "run": {"mode": "testnet"},
        "accounts": {
            "main": {
                "venue": "binanceusdm",
                "endpoints": {"https": venue.addresses["rest"], "wss": venue.addresses["stream"]},
            }
        },
        "instruments": GRIDS,
        "feed": {"type": "ccxt", "seconds": float(SECONDS)},
        "strategies": {"one": {"class": f"{__name__}:Restless", "params": {"seed": 0}}},
    }
    keys = {"ALIPES_MAIN_KEY": venue.addresses["key"], "ALIPES_MAIN_SECRET": venue.addresses["secret"]}
    return run_venue(config.from_tables(tables), strategies={"one": strategy}, environ=keys)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_run_of_random_orders_leaves_the_account_that_the_venue_has(seed):
    strategy = Restless(seed)
    with VenueThread(VenueConfig(symbols=(BTC, ETH), seed=seed, balance=Decimal(10_000_000))) as venue:
        result = run_on(venue, strategy)
        live, account = venue.server.exchange.live, venue.server.key.account
        wallet = venue.call(live.balances, account)["USDT"]
        exchange = venue.server.exchange
        fills = {index: venue.call(fills_of, exchange, account, index) for index in (0, 1)}
        positions = {row[0]: row[1:5] for row in venue.call(live.positions, account)}
        still_open = venue.call(live.open_orders, account)
    assert result.summary["faults"] == {}
    assert len(result.orders) > 10
    assert len(result.fills) > 5
    assert strategy.amended > 0
    assert strategy.cancelled > 0
    for index, there in fills.items():
        here = [each for each in result.fills if each.instrument.index == index]
        assert [
            (each.trade_id, each.side.code, each.price_ticks, each.size_steps, each.is_maker, each.fee)
            for each in here
        ] == [
            (str(each.trade_id), each.side, each.price, each.size, each.is_maker, each.fee) for each in there
        ]
        assert len(here) > 0
    assert [point.asset for point in result.equity[-1:]] == ["USDT"]
    assert result.equity[-1].balance == wallet
    held = {row["instrument"]: row for row in result.summary["positions"]}
    for index, symbol in enumerate((BTC, ETH)):
        size, entry, _, realised = positions[index]
        row = held.get(f"main:{symbol}")
        assert (row["size"] if row else 0) * 1_000_000 == size
        assert (row["average_price"] if row else None) == entry
        assert (row["realized"] if row else 0) == realised
    assert still_open == []
    assert all(order.state not in {"unknown", "submitted"} for order in result.orders)
