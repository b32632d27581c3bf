"""Random strategies on the synthetic market: whatever they ask for, the engine's books agree."""

import math
import random
from itertools import islice

import pytest
from tests.counts import scaled

from alipes import config
from alipes._core import SynthMarket
from alipes.backtest import run_config
from alipes.backtest.events import drive
from alipes.engine.wiring import build
from alipes.strategy import Strategy

SYMBOL = "BTC/USDT:USDT"
SEEDS = range(scaled(6, 300))
FRAMES = 5000


class Random(Strategy):
    """Asks for anything at any hook: good and bad prices and sizes, amends, cancels, quotes and targets."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hooks = 0

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_book(SYMBOL, every_update=bool(self.random.getrandbits(1)))
        ctx.subscribe_trades(SYMBOL)
        ctx.timer("tick", every=f"{self.random.randint(1, 400)}ms")

    def on_book(self, ctx, book):
        self.act(ctx, 0.5)

    def on_trade(self, ctx, trade):
        self.act(ctx, 0.02)

    def on_timer(self, ctx, name):
        self.act(ctx, 1.0)

    def on_order(self, ctx, order):
        self.act(ctx, 0.05)

    def on_fill(self, ctx, fill):
        self.act(ctx, 0.2)

    def act(self, ctx, chance):
        self.hooks += 1
        if self.random.random() > chance:
            return
        action = self.random.choice(
            [self.order, self.order, self.amend, self.cancel, self.quote, self.target]
        )
        action(ctx, self.random)

    def price(self, ctx, r, away):
        price = ctx.book(self.market).mid + r.choice([-1, 1]) * r.expovariate(1.0) * away
        return r.choice([round(price, 1), round(price, 1), f"{price:.1f}", price, math.nan])

    def size(self, r):
        return r.choice([round(r.uniform(0.001, 0.5), 3), "0.01", 0.05, 0.0005, -0.1, 3])

    def order(self, ctx, r):
        send = r.choice([ctx.buy, ctx.sell])
        price = r.choice([None, self.price(ctx, r, 2.0), self.price(ctx, r, 2.0)])
        send(
            self.market,
            self.size(r),
            price=price,
            tif=r.choice(["GTC", "GTC", "IOC", "FOK"]),
            post_only=r.random() < 0.3,
            reduce_only=r.random() < 0.2,
            round=r.choice(["error", "passive", "aggressive"]),
        )

    def amend(self, ctx, r):
        for order in ctx.open_orders(self.market)[:1]:
            ctx.amend(order, price=self.price(ctx, r, 2.0), size=r.choice([None, self.size(r)]))

    def cancel(self, ctx, r):
        for order in ctx.open_orders():
            if r.random() < 0.5:
                ctx.cancel(order)

    def quote(self, ctx, r):
        mid = ctx.book(self.market).mid
        bid = r.choice([None, (mid - r.random() * 3, "0.02")])
        ask = r.choice([None, (mid + r.random() * 3, "0.02")])
        ctx.quote(self.market, bid=bid, ask=ask, post_only=r.random() < 0.8)

    def target(self, ctx, r):
        ctx.target(self.market, r.choice([0, "0.1", "-0.1", 0.25, 0.0001]))


def setup(seed):
    r = random.Random(seed)
    return config.from_tables(
        {
            "run": {"mode": "backtest", "latency_ms": [r.choice([0, 1, 20]), r.choice([0, 3, 30])]},
            "accounts": {"main": {"venue": "binanceusdm", "fees": {"maker": "-0.0001", "taker": "0.0005"}}},
            "instruments": {SYMBOL: {"tick_size": "0.1", "lot_size": "0.001"}},
            "feed": {"type": "synthetic"},
            "strategies": {"a": {"class": "given:here"}, "b": {"class": "given:here"}},
            "risk": {"max_order_size": "2", "max_position": "3", "collar_bps": 50.0},
        }
    )


def frames(seed):
    return list(islice(SynthMarket(seed=seed), FRAMES))


def strategies(seed):
    return {"a": Random(seed), "b": Random(seed + 10_000)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_books_of_the_engine_agree(seed):
    engine = build(setup(seed), strategies=strategies(seed))
    drive(engine, frames(seed))
    assert not any(runner.fault for runner in engine.runners), [runner.fault for runner in engine.runners]
    life, instrument = engine.blotter.lifecycle, engine.markets[0].instrument
    assert not life.alarms
    signed = sum((1 if fill.side == "buy" else -1) * fill.size_steps for fill in engine.fills)
    exchange = engine.sources["main"].exchange
    late = unheard(engine)
    assert engine.blotter.position_steps(None, instrument) == signed
    assert exchange.position_steps(0) == signed + late
    by_order = {}
    for fill in engine.fills:
        by_order[fill.client_order_id] = by_order.get(fill.client_order_id, 0) + fill.size_steps
    for order in life.orders():
        assert order.filled_steps == by_order.get(order.client_order_id, 0) <= max(order.size_steps, 0)
        assert (order.denied is None) == (str(order.state) != "denied")
    assert len(engine.fills) > 20
    check_open_sizes(life, instrument)


def unheard(engine):
    """Signed size of fills whose answer is still on its way at the end."""
    connector, total = engine.connectors["main"], 0
    for event in connector.poll(1 << 62):
        if type(event).__name__ == "Filled":
            order = engine.blotter.lifecycle.get(event.client_order_id)
            total += (1 if order.side == "buy" else -1) * event.size_steps
    return total


def check_open_sizes(life, instrument):
    kept = life.open_of(instrument)
    found = {"buy": 0, "sell": 0}
    for order in life.open_orders():
        found[str(order.side)] += order.open_steps
    assert (kept.buy_steps, kept.sell_steps) == (found["buy"], found["sell"])


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_same_input_gives_the_same_output(seed):
    data = frames(seed)
    first, second = (run_config(setup(seed), strategies=strategies(seed), frames=data) for _ in range(2))
    keys = [
        [(order.client_order_id, order.state, order.filled_steps, order.ts_updated) for order in each.orders]
        for each in (first, second)
    ]
    assert keys[0] == keys[1]
    assert first.equity == second.equity
