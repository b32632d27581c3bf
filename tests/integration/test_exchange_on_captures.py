"""The simulated exchange on real captures, bytes to fills, against the reference fed by Python's json."""

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.counts import scaled
from tests.reference.captures import lines
from tests.reference.exchange import Exchange
from tests.reference.market import Fees, Terms

from alipes._core import FeedDecoder, InstrumentSpec, SimExchange

LINES = scaled(2500, 20_000)
MS = 1_000_000
GRIDS = {
    "binanceusdm": ("BTC/USDT:USDT", "linear", "0.1", "0.001"),
    "binance": ("BTC/USDT", "spot", "0.01", "0.00001"),
}
Event = tuple[Any, ...]


class Reader:
    """Events of a capture, by the alignment rule of the venue's documentation."""

    def __init__(self, venue: str) -> None:
        _, _, tick, lot = GRIDS[venue]
        self.is_future = venue == "binanceusdm"
        self.tick, self.step = Decimal(tick), Decimal(lot) / 1000
        self.waiting: list[dict[str, Any]] | None = []

    def level(self, price: str, size: str) -> tuple[int, int]:
        return int(Decimal(price) / self.tick), round(Decimal(size) / self.step)

    def levels(self, data: list[list[str]]) -> list[tuple[int, int]]:
        return [self.level(price, size) for price, size in data]

    def event(self, raw: bytes) -> list[Event]:
        data = json.loads(raw)
        data = data.get("data", data)
        time = data.get("T", data.get("E"))
        time = None if time is None else time * MS
        kind = data.get("e", "bookTicker" if "B" in data else None)
        if "lastUpdateId" in data:
            return [(0, "reset", time, *self.align(data))]
        if kind == "depthUpdate":
            if self.waiting is not None:
                self.waiting.append(data)
                return []
            return [(0, "depth", time, self.levels(data["b"]), self.levels(data["a"]), data["u"])]
        if kind == "bookTicker":
            bid, ask = self.level(data["b"], data["B"]), self.level(data["a"], data["A"])
            return [(0, "touch", time, bid, ask, data["u"])]
        price, size = self.level(data["p"], data["q"])
        return [(0, "trade", time, price, size, int(data["m"]), data["t"])]

    def align(self, snapshot: dict[str, Any]) -> Event:
        last, waiting = snapshot["lastUpdateId"], self.waiting
        assert waiting is not None
        self.waiting = None
        bids, asks = dict(self.levels(snapshot["bids"])), dict(self.levels(snapshot["asks"]))
        for data in waiting:
            if data["u"] >= last + (0 if self.is_future else 1):
                bids |= dict(self.levels(data["b"]))
                asks |= dict(self.levels(data["a"]))
                last = data["u"]
        return list(bids.items()), list(asks.items()), last


def exchanges(venue: str) -> tuple[SimExchange, FeedDecoder, Exchange]:
    symbol, kind, tick, lot = GRIDS[venue]
    names = {"base": "BTC", "quote": "USDT", "kind": kind}
    spec = InstrumentSpec(symbol=symbol, tick_size=tick, lot_size=lot, **names)
    sim, decoder = SimExchange(entry_latency_ns=4 * MS, response_latency_ns=3 * MS), FeedDecoder(venue)
    decoder.add(symbol, 0, spec)
    sim.add_instrument(0, spec, maker_fee="0.0002", taker_fee="0.0005")
    reference = Exchange(4 * MS, 3 * MS)
    terms = Terms(kind, Fraction(tick), Fraction(lot) / 1000, 1000)
    reference.add_instrument(0, terms, Fees(Fraction("0.0002"), Fraction("0.0005"), "USDT"))
    return sim, decoder, reference


def requests(rng: random.Random, now: int, touch: tuple[int, int]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Now and then an order near the touch, an amend or a cancel."""
    if rng.random() < 0.02:
        side, lots = rng.randint(0, 1), rng.choice([1, 30, 500, 4000])
        price = touch[side] + rng.randint(-2, 2)
        terms = (int(rng.random() < 0.1), rng.choice([0, 0, 0, 0, 1, 2]), rng.random() < 0.2, False)
        yield "submit", (now, f"o{now}", 0, side, *terms, price, lots * 1000)
        yield "cancel", (now + 400 * MS, f"o{now}")
        if rng.random() < 0.5:
            yield "amend", (now + 100 * MS, f"o{now}", touch[side], rng.choice([1, 20]) * 1000)


@pytest.mark.parametrize("venue", GRIDS)
def test_real_data_gives_the_same_fates_as_the_reference(venue: str, captures: dict[str, Path]) -> None:
    sim, decoder, reference = exchanges(venue)
    reader, rng, fills = Reader(venue), random.Random(7), 0
    pending: list[tuple[int, str, tuple[Any, ...]]] = []
    touch = (0, 0)
    for number, (now, raw) in enumerate(lines(captures[venue])):
        if number == LINES:
            break
        decoder.on_frame(raw, now)
        sim.ingest(decoder)
        events = reader.event(raw)
        reference.ingest_events(now, events)
        if events and events[0][1] == "touch":
            touch = (events[0][3][0], events[0][4][0])
        pending += [(arguments[0], verb, arguments) for verb, arguments in requests(rng, now, touch)]
        for entry in [entry for entry in pending if entry[0] <= now]:
            pending.remove(entry)
            for exchange in (sim, reference):
                getattr(exchange, entry[1])(now, *entry[2][1:])
        responses = sim.poll(now)
        assert responses == reference.poll(now), f"line {number + 1}"
        assert sim.next_due() == reference.next_due(), f"line {number + 1}"
        fills += sum(response[0] == 2 for response in responses)
    assert fills > 10
