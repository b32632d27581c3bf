"""A scripted market and an engine on it, so that each test says exactly what happens when."""

import inspect
import json

from alipes import config
from alipes.engine.wiring import build
from alipes.strategy import Strategy

MS = 1_000_000
START = 1_700_000_000_000 * MS
SYMBOL = "BTC/USDT:USDT"


class Market:
    """Binance USD-M frames of one instrument, 1 ms apart in venue time and receipt unless told otherwise."""

    def __init__(self, engine, *, wire="BTCUSDT", account="main"):
        self.engine = engine
        self.wire = wire
        self.source = engine.sources[account]
        self.now = START
        self.update = 1000
        self.trades = 0

    def snapshot(self, bids=((100.0, 5.0),), asks=((101.0, 5.0),)):
        self.update += 1
        self._send({
            "lastUpdateId": self.update, "E": self._ms(), "T": self._ms(),
            "bids": levels(bids), "asks": levels(asks),
        })  # fmt: skip
        return self.depth()

    def depth(self, bids=(), asks=(), *, skip=0):
        previous = self.update + skip
        self.update = previous + 1
        return self._send({
            "e": "depthUpdate", "E": self._ms(), "T": self._ms(), "s": self.wire,
            "U": previous, "u": self.update, "pu": previous, "b": levels(bids), "a": levels(asks),
        })  # fmt: skip

    def trade(self, price, size, taker="buy"):
        self.trades += 1
        return self._send({
            "e": "trade", "E": self._ms(), "T": self._ms(), "s": self.wire, "t": self.trades,
            "p": str(price), "q": str(size), "X": "MARKET", "m": taker == "sell",
        })  # fmt: skip

    def aggregate(self, price, size, taker="buy"):
        return self._send({
            "e": "aggTrade", "E": self._ms(), "T": self._ms(), "s": self.wire, "a": 1, "f": 1, "l": 1,
            "p": str(price), "q": str(size), "m": taker == "sell",
        })  # fmt: skip

    def wait(self, milliseconds):
        """Lets time pass: what is due happens; the venue's time moves with an empty depth message."""
        self.now += milliseconds * MS
        self.engine.advance(self.now)
        return self.depth()

    def _ms(self):
        return self.now // MS

    def _send(self, message):
        self.engine.advance(self.now)
        self.engine.on_frame(self.source, self.now, json.dumps(message).encode())
        self.now += MS
        return self


def levels(pairs):
    return [[str(price), str(size)] for price, size in pairs]


def engine_of(*strategies, latency=(1.0, 1.0), mode="backtest", risk=None, states=None, budget=0, **named):
    """An engine over given strategy objects, named ``s0``, ``s1``, …, or by keyword."""
    objects = {f"s{number}": each for number, each in enumerate(strategies)} | named
    tables = {
        "run": {"mode": mode, "latency_ms": list(latency)},
        "accounts": {"main": {"venue": "binanceusdm", "fees": {"maker": "0.0002", "taker": "0.0005"}}},
        "instruments": {SYMBOL: {"tick_size": "0.1", "lot_size": "0.001"}},
        "feed": {"type": "synthetic"},
        "strategies": {name: {"class": "tests:given"} for name in objects},
        "risk": {"collar_bps": 1000.0, **(risk or {})},
    }
    return build(config.from_tables(tables), strategies=objects, states=states, hook_budget_ns=budget)


def start(*strategies, **options):
    """A started engine with a book of 100 x 101 (5.0 each), and its market."""
    engine = engine_of(*strategies, **options)
    market = Market(engine)
    engine.start(START)
    market.snapshot()
    for runner in engine.runners:
        if isinstance(runner.strategy, Recorder):
            runner.strategy.ctx = Inside(engine.kernel.turn, runner.ctx)
    return engine, market


class Inside:
    """A strategy's context for a test: each call counts as made in a hook."""

    def __init__(self, turn, ctx):
        self.turn = turn
        self.ctx = ctx

    def __getattr__(self, name):
        found = getattr(self.ctx, name)
        return self.inside(found) if inspect.ismethod(found) else found

    def inside(self, method):
        def call(*args, **named):
            before, self.turn.is_running = self.turn.is_running, True
            try:
                return method(*args, **named)
            finally:
                self.turn.is_running = before

        return call


class Recorder(Strategy):
    """Notes every hook in order; does what its script says for the n-th call of a hook."""

    def __init__(self, **script):
        self.log = []
        self.script = script
        self.calls = {}
        self.depth = 0
        self.deepest = 0

    def note(self, hook, ctx, item):
        self.log.append((hook, item))
        number = self.calls[hook] = self.calls.get(hook, 0) + 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        action = self.script.get(hook)
        if action is not None:
            action(ctx, item, number)
        self.depth -= 1

    def on_start(self, ctx, resumed):
        self.ctx = ctx
        self.btc = ctx.subscribe_book(SYMBOL)
        ctx.subscribe_trades(SYMBOL)
        self.note("start", ctx, resumed)

    def on_book(self, ctx, book):
        self.note("book", ctx, book.bbo())

    def on_trade(self, ctx, trade):
        self.note("trade", ctx, trade)

    def on_timer(self, ctx, name):
        self.note("timer", ctx, name)

    def on_order(self, ctx, order):
        self.note("order", ctx, (str(order.state), order))

    def on_fill(self, ctx, fill):
        self.note("fill", ctx, fill)

    def on_stop(self, ctx):
        self.note("stop", ctx, None)

    def hooks(self):
        """Names of the hooks in order, with the state of the order at that time."""
        return [f"order {item[0]}" if hook == "order" else hook for hook, item in self.log]


def at(number, action):
    """Does something at the n-th call of a hook only."""

    def scripted(ctx, item, call):
        if call == number:
            action(ctx, item)

    return scripted
