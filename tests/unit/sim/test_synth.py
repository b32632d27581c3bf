"""The synthetic market is a market: ids chain, the book never crosses, trades come out of its depth."""

import itertools
import json
from decimal import Decimal

import pytest
from tests.counts import scaled

from alipes._core import SynthMarket
from alipes.errors import InputError

NS_PER_MS = 1_000_000


class DictBook:
    """The venue's alignment rule on plain dictionaries."""

    def __init__(self, snapshot):
        self.last = snapshot["lastUpdateId"]
        self.is_first = True
        self.sides = [
            {Decimal(p): Decimal(q) for p, q in snapshot["bids"]},
            {Decimal(p): Decimal(q) for p, q in snapshot["asks"]},
        ]

    def apply(self, event):
        if self.is_first:
            assert event["U"] <= self.last <= event["u"]
            self.is_first = False
        else:
            assert event["pu"] == self.last
        assert event["U"] <= event["u"]
        self.last = event["u"]
        for side, levels in zip(self.sides, (event["b"], event["a"]), strict=True):
            for price, size in levels:
                if Decimal(size) == 0:
                    side.pop(Decimal(price), None)
                else:
                    side[Decimal(price)] = Decimal(size)

    def touch(self):
        bid, ask = max(self.sides[0]), min(self.sides[1])
        return bid, self.sides[0][bid], ask, self.sides[1][ask]


def frames(count, **params):
    market = SynthMarket(**params)
    return [(ts, json.loads(frame)) for ts, frame in itertools.islice(market, count)]


def ticker_touch(data):
    return tuple(Decimal(data[key]) for key in "bBaA")


@pytest.mark.parametrize("regime", [None, "calm", "trending", "volatile"])
def test_depth_chains_and_agrees_with_the_best_prices(regime):
    seed = 11
    stream = frames(scaled(6_000, 60_000), seed=seed, regime=regime)
    book, touch, checks = DictBook(stream[0][1]), None, 0
    for _, frame in stream[1:]:
        data = frame["data"]
        if data["e"] == "depthUpdate":
            book.apply(data)
            bid, _, ask, _ = book.touch()
            assert bid < ask, f"seed {seed}"
            if touch is not None:
                assert book.touch() == touch, f"seed {seed}, u {data['u']}"
                checks += 1
        elif data["e"] == "bookTicker":
            touch = ticker_touch(data)
    assert checks > 50


def test_trades_print_at_the_touch_and_take_from_it():
    touch, seen = None, 0
    for _, frame in frames(8_000, seed=5)[1:]:
        data = frame["data"]
        if data["e"] == "bookTicker":
            touch, taken = ticker_touch(data), {}
        elif data["e"] == "trade" and touch is not None:
            bid, bid_size, ask, ask_size = touch
            price, size = Decimal(data["p"]), Decimal(data["q"])
            taken[price] = taken.get(price, 0) + size
            is_sell = data["m"]
            assert price <= bid if is_sell else price >= ask
            if price == (bid if is_sell else ask):
                assert taken[price] <= (bid_size if is_sell else ask_size)
            seen += 1
    assert seen > 300


def test_times_and_ids_only_grow():
    stream = frames(20_000, seed=2, latency_ms=3)
    assert all(a[0] <= b[0] for a, b in itertools.pairwise(stream))
    trades = [f["data"] for _, f in stream[1:] if f["data"]["e"] == "trade"]
    assert all(b["t"] == a["t"] + 1 for a, b in itertools.pairwise(trades))
    for ts_recv, frame in stream[1:]:
        assert frame["data"]["T"] <= frame["data"]["E"]
        assert ts_recv >= frame["data"]["E"] * NS_PER_MS + 3 * NS_PER_MS


def test_regimes_take_turns_and_differ_in_volatility():
    market, seen = SynthMarket(seed=4, regime_seconds=2), set()
    for _ in itertools.islice(market, 20_000):
        seen.add(market.regime)
    assert seen == {"calm", "trending", "volatile"}


def test_a_snapshot_amid_the_stream_aligns_with_what_follows():
    market = SynthMarket(seed=6)
    for _ in itertools.islice(market, 5_000):
        pass
    book = DictBook(json.loads(market.snapshot()))
    events = (json.loads(frame)["data"] for _, frame in itertools.islice(market, 500))
    kept = (e for e in events if e["e"] == "depthUpdate" and e["u"] >= book.last)
    for event in kept:
        book.apply(event)
    assert not book.is_first


@pytest.mark.parametrize("step", [("0.01", "0.00001", "2500"), ("0.0001", "1", "0.6"), ("5", "10", "60000")])
def test_any_grid_makes_a_market(step):
    tick, lot, price = step
    for _, frame in frames(2_000, tick_size=tick, lot_size=lot, price=price, symbol="X/USDT:USDT")[1:]:
        if frame["data"]["e"] == "trade":
            assert Decimal(frame["data"]["p"]) % Decimal(tick) == 0
            assert Decimal(frame["data"]["q"]) % Decimal(lot) == 0


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"tick_size": "0"}, "tick_size"),
        ({"tick_size": float("nan")}, "tick_size"),
        ({"lot_size": "-1"}, "lot_size"),
        ({"price": "60000.05"}, "price"),
        ({"price": "1"}, "price"),
        ({"rate": 0}, "rate"),
        ({"levels": 3}, "levels"),
        ({"seconds": -1}, "seconds"),
        ({"regime": "stormy"}, "regime"),
        ({"symbol": "BTC/USDT"}, "symbol"),
        ({"latency_ms": float("inf")}, "latency_ms"),
        ({"depth_interval_ms": 0}, "depth_interval_ms"),
        ({"start_ns": -1}, "start_ns"),
    ],
)
def test_a_parameter_out_of_range_is_named(params, named):
    with pytest.raises(InputError, match=named):
        SynthMarket(**params)
