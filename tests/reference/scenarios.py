"""Random scenarios for the simulated exchange: a market that lives, orders that do all that orders can."""

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.reference.exchange import Exchange
from tests.reference.market import Fees, Terms

from alipes._core import InstrumentSpec, SimExchange

MS = 1_000_000
LOT = 1000
START = 1_700_000_000_000 * MS
GAPS_MS = [0, 0, 1, 3, 10, 40, 120, 260, 700]
Step = tuple[Any, ...]


@dataclass
class Instrument:
    """One random instrument and the state its random market needs."""

    index: int
    spec: InstrumentSpec
    terms: Terms
    fees: Fees
    position: int
    mid: int = 100
    update_id: int = 1000
    clock: int = START


class Scenario:
    """A seeded list of steps, and the two exchanges to play it on."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        rng = self.rng
        self.latency = (rng.choice([0, 1, 20, 300]) * MS, rng.choice([0, 2, 30]) * MS)
        self.offset = rng.choice([None, None, 0, 15 * MS, -5 * MS])
        self.skew = rng.choice([-40, 0, 0, 5, 60]) * MS
        self.instruments = [self.instrument(index) for index in range(rng.choice([1, 1, 2]))]
        self.names: list[str] = []
        self.now = START
        self.steps = [self.reset(instrument) for instrument in self.instruments]
        self.steps += [self.step() for _ in range(rng.randint(20, 90))]

    def instrument(self, index: int) -> Instrument:
        rng = self.rng
        kind = rng.choice(["linear", "linear", "spot", "inverse"])
        names = {"symbol": "BTC/USDT", "base": "BTC", "quote": "USDT"}
        contract, least = ("100" if kind == "inverse" else "1"), rng.choice([None, None, "3.5"])
        grids = {"tick_size": "0.5", "lot_size": "0.01", "contract_size": contract, "min_notional": least}
        spec = InstrumentSpec(kind=kind, **names, **grids)
        terms = Terms(kind, Fraction(1, 2), Fraction(1, 10**5), LOT, Fraction(contract))
        terms = Terms(**(vars(terms) | {"min_notional": None if least is None else Fraction(least)}))
        maker, taker = rng.choice([("0.0002", "0.0005"), ("-0.00005", "0.00035"), ("0", "0.001")])
        asset, price = rng.choice([("USDT", None), ("BTC", None), ("BNB", "613.7")])
        fee_price = None if price is None else Fraction(price)
        fees = Fees(Fraction(maker), Fraction(taker), asset, fee_price)
        return Instrument(index, spec, terms, fees, rng.choice([0, 0, 4, -4]) * LOT)

    def sim(self) -> SimExchange:
        """The exchange under test."""
        entry, response = self.latency
        sim = SimExchange(entry_latency_ns=entry, response_latency_ns=response, clock_offset_ns=self.offset)
        for each in self.instruments:
            fees = {"maker_fee": str(float(each.fees.maker)), "taker_fee": str(float(each.fees.taker))}
            price = None if each.fees.price is None else str(float(each.fees.price))
            extra = {"fee_asset": each.fees.asset, "fee_price": price, "position_steps": each.position}
            sim.add_instrument(each.index, each.spec, **fees, **extra)
        return sim

    def reference(self) -> Exchange:
        """The reference."""
        reference = Exchange(*self.latency, self.offset)
        for each in self.instruments:
            reference.add_instrument(each.index, each.terms, each.fees, each.position)
        return reference

    # --- The market ---

    def size(self) -> int:
        """Mostly whole lots, sometimes finer."""
        lots = self.rng.choice([1, 1, 2, 3, 5, 8, 13])
        return lots * LOT + (self.rng.randint(-400, 400) if self.rng.random() < 0.1 else 0)

    def levels(self, side: int, mid: int, *, may_remove: bool) -> list[tuple[int, int]]:
        count = self.rng.choice([0, 1, 1, 2, 4]) if may_remove else 6
        offsets = self.rng.sample(range(1, 9), count)
        away = -1 if side == 0 else 1
        removed = 0.3 if may_remove else 0.0
        return [(mid + away * o, 0 if self.rng.random() < removed else self.size()) for o in offsets]

    def event(self, instrument: Instrument) -> Step:
        rng = self.rng
        instrument.clock += rng.choice(GAPS_MS) * MS
        ts_event: int | None = instrument.clock - (
            rng.choice([5, 100, 400]) * MS if rng.random() < 0.15 else 0
        )
        kind = rng.choices(["depth", "touch", "trade", "agg_trade", "reset", "stale"], [8, 5, 8, 3, 1, 0.1])[
            0
        ]
        instrument.mid += rng.choice([-1, 0, 0, 0, 0, 1])
        what = self.body(instrument, kind)
        if kind == "touch" and rng.random() < 0.3:
            ts_event = None
        return (instrument.index, kind, ts_event, *what)

    def body(self, instrument: Instrument, kind: str) -> tuple[Any, ...]:
        rng, mid = self.rng, instrument.mid
        instrument.update_id += rng.choice([-2, 1, 1, 1, 3])
        if kind in {"depth", "reset"}:
            may_remove = kind == "depth"
            bids, asks = (
                self.levels(0, mid, may_remove=may_remove),
                self.levels(1, mid, may_remove=may_remove),
            )
            crossing = [(mid - 2, self.size())] if rng.random() < 0.1 else []
            return (bids, asks + crossing, instrument.update_id)
        if kind == "touch":
            bid, ask = mid - rng.randint(1, 2), mid + rng.randint(0, 2)
            return ((bid, self.size()), (ask, rng.choice([0, self.size()])), instrument.update_id)
        if kind == "stale":
            return ()
        return (mid + rng.randint(-3, 3), self.size(), rng.randint(0, 1), 7)

    def reset(self, instrument: Instrument) -> Step:
        what = self.body(instrument, "reset")
        return ("ingest_events", self.now, [(instrument.index, "reset", START, *what)])

    # --- Our orders ---

    def step(self) -> Step:
        rng = self.rng
        self.now += rng.choice(GAPS_MS) * MS // 4
        action = rng.choices(["frame", "submit", "amend", "cancel", "poll"], [10, 5, 1.5, 1.5, 3])[0]
        if action == "frame":
            events = [self.event(rng.choice(self.instruments)) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
            newest = max(event[2] or 0 for event in events)
            self.now = max(self.now, newest - self.skew)
            return ("ingest_events", self.now, events)
        if action == "submit":
            return self.submit()
        if action == "poll" or not self.names:
            return ("poll", self.now)
        name = rng.choice(self.names[-3:])
        return (
            ("cancel", self.now, name)
            if action == "cancel"
            else ("amend", self.now, name, *self.price_size())
        )

    def price_size(self) -> tuple[int, int]:
        mid = self.instruments[0].mid
        lots = self.rng.choice([1, 2, 3, 6, 20]) * LOT
        return (mid + self.rng.randint(-4, 4), self.rng.choice([lots] * 40 + [0, LOT // 2, -LOT]))

    def submit(self) -> Step:
        rng = self.rng
        name = rng.choice(self.names) if self.names and rng.random() < 0.05 else f"o{len(self.names)}"
        self.names.append(name)
        kind, tif = rng.choices([0, 1], [8, 1])[0], rng.choices([0, 1, 2], [6, 1, 1])[0]
        flags = (rng.random() < 0.15, rng.random() < 0.15)
        index = rng.choice(self.instruments).index
        return ("submit", self.now, name, index, rng.randint(0, 1), kind, tif, *flags, *self.price_size())
