"""The kernel: what a hook costs beyond the user's code, and an order from `ctx` to the connector."""

from itertools import islice

import alipes
from alipes import config
from alipes._core import SynthMarket
from alipes.backtest.events import drive
from alipes.engine.kernel import FRAME
from alipes.engine.wiring import build
from alipes.model import Order
from alipes.strategy.library import Quoter

HOOKS = 5_000
ORDERS = 100


class Idle(alipes.Strategy):
    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_book(ctx.instruments[0])

    def on_book(self, ctx, book):
        pass


class Orders(Idle):
    def on_message(self, ctx, message):
        ctx.buy(self.market, "0.01", price=message, post_only=True)


class Cancels(Orders):
    def on_message(self, ctx, message):
        if isinstance(message, Order):
            ctx.cancel(message)
        else:
            super().on_message(ctx, message)


class Quotes(Idle):
    def on_message(self, ctx, message):
        ctx.quote(self.market, bid=(message, 0.01), ask=(message + 1000, 0.01))


TABLES = {
    "run": {"mode": "backtest"},
    "accounts": {"main": {"venue": "binanceusdm", "fees": {"maker": "0.0002", "taker": "0.0005"}}},
    "instruments": {"BTC/USDT:USDT": {"tick_size": "0.1", "lot_size": "0.001"}},
    "feed": {"type": "synthetic"},
    "strategies": {"one": {"class": "given:here"}},
    "risk": {"max_order_size": "1", "max_order_notional": "1000000", "max_position": "1000"},
}


def started(strategy):
    engine = build(config.from_tables(TABLES), strategies={"one": strategy})
    frames = list(islice(SynthMarket(seed=1), 200))
    engine.start(frames[0][0])
    for ts_recv, raw in frames:
        engine.on_frame(engine.sources["main"], ts_recv, raw)
    return engine


def test_kernel_per_hook(benchmark):
    engine = started(Idle())
    process, now = engine.kernel.process, engine.now
    synced_depth = 2 << 26

    def hooks():
        for _ in range(HOOKS):
            process((FRAME, now, synced_depth))

    benchmark.extra_info.update(unit="hook", per_round=HOOKS)
    benchmark(hooks)


def test_kernel_per_frame_of_no_interest(benchmark):
    engine = started(Idle())
    process, now = engine.kernel.process, engine.now
    synced_touch = 2 << 26 | 1 << 16

    def frames():
        for _ in range(HOOKS):
            process((FRAME, now, synced_touch))

    benchmark.extra_info.update(unit="frame", per_round=HOOKS)
    benchmark(frames)


def test_order_from_ctx_to_connector(benchmark):
    def setup():
        return (started(Orders()),), {}

    def orders(engine):
        message = engine.message
        for _ in range(ORDERS):
            message("one", 59_000.0)

    benchmark.extra_info.update(unit="order", per_round=ORDERS)
    benchmark.pedantic(orders, setup=setup, rounds=60)


def test_cancel_from_ctx_to_connector(benchmark):
    def setup():
        engine = started(Cancels())
        for _ in range(ORDERS):
            engine.message("one", 59_000.0)
        return (engine, engine.blotter.lifecycle.open_orders()), {}

    def cancels(engine, orders):
        message = engine.message
        for order in orders:
            message("one", order)

    benchmark.extra_info.update(unit="cancel", per_round=ORDERS)
    benchmark.pedantic(cancels, setup=setup, rounds=60)


def test_unchanged_quote(benchmark):
    engine = started(Quotes())

    def quotes():
        message = engine.message
        for _ in range(ORDERS):
            message("one", 59_000.0)

    benchmark.extra_info.update(unit="quote", per_round=ORDERS)
    benchmark(quotes)


def test_whole_turn_of_a_depth_message(benchmark):
    """Decode, apply, exchange, kernel, one hook."""
    frames = [
        (ts_recv, raw)
        for ts_recv, raw in islice(SynthMarket(seed=1), 200, 20_000)
        if b"depthUpdate" in raw[:80]
    ]

    def turns(engine):
        source, on_frame = engine.sources["main"], engine.on_frame
        for ts_recv, raw in frames:
            on_frame(source, ts_recv, raw)

    benchmark.extra_info.update(unit="turn", per_round=len(frames))
    benchmark.pedantic(turns, setup=lambda: ((started(Idle()),), {}), rounds=10)


def test_backtest_of_the_quoter(benchmark):
    """A minute of the synthetic market through the whole engine."""
    frames = list(SynthMarket(seed=1, seconds=60.0))

    def backtest():
        engine = build(config.from_tables(TABLES), strategies={"one": Quoter()})
        drive(engine, frames)

    benchmark.extra_info.update(unit="message", per_round=len(frames))
    benchmark.pedantic(backtest, rounds=5)
