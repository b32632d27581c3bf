"""A local book kept the slow and obvious way, and the ways in which a careless reader gets it wrong."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.reference.captures import lines

Levels = dict[Decimal, str]
Touch = tuple[str, str, str, str]


@dataclass(frozen=True)
class Depth:
    """A depth event and the line it came on."""

    line: int
    first: int
    last: int
    bids: list[list[str]]
    asks: list[list[str]]


@dataclass(frozen=True)
class Tape:
    """A capture, parsed."""

    depths: list[Depth]
    snapshot_line: int
    snapshot: dict[str, Any]
    tickers: list[tuple[int, int, Touch]]
    """Update id, line, (bid, bid size, ask, ask size); by update id."""

    def ticker(self, update_id: int) -> Touch:
        """The venue's best bid and ask with the greatest update id not above this one."""
        at = bisect_right(self.tickers, update_id, key=lambda ticker: ticker[0]) - 1
        return self.tickers[at][2]


def read(path: Path) -> Tape:
    """Parses a capture."""
    depths, tickers, snapshot, snapshot_line = [], [], {}, 0
    for line, (_, raw) in enumerate(lines(path), start=1):
        data = json.loads(raw)
        if "lastUpdateId" in data:
            snapshot, snapshot_line = data, line
            continue
        data = data["data"]
        if data.get("e") == "depthUpdate":
            depths.append(Depth(line, data["U"], data["u"], data["b"], data["a"]))
        elif "B" in data:
            tickers.append((data["u"], line, (data["b"], data["B"], data["a"], data["A"])))
    return Tape(depths, snapshot_line, snapshot, sorted(tickers))


@dataclass(frozen=True)
class Care:
    """What a reader takes care of; a careless one leaves something out."""

    replays_buffered: bool = True
    drops_what_snapshot_holds: bool = True
    removes_empty_levels: bool = True
    keeps_far_levels: bool = True
    takes_sizes_off_lot: bool = True
    waits_for_event_after_snapshot: bool = False


@dataclass
class Reading:
    """What came of reading a capture."""

    first: tuple[int, int] = (0, 0)
    touches: list[tuple[int, int, Touch]] = field(default_factory=list)
    """Update id and line of each applied event, and the best bid and ask after it."""
    bids: Levels = field(default_factory=dict)
    asks: Levels = field(default_factory=dict)
    crossed: int = 0

    def digest(self) -> str:
        """Of all levels as text, best first."""
        bids = sorted(self.bids.items(), reverse=True)
        asks = sorted(self.asks.items())
        return digest(((format(p, "f"), s) for p, s in bids), ((format(p, "f"), s) for p, s in asks))


def digest(bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> str:
    """sha256 of ``<price> <size>`` lines: bids, a line ``--``, asks."""
    text = "".join(f"{price} {size}\n" for price, size in bids)
    text += "--\n" + "".join(f"{price} {size}\n" for price, size in asks)
    return hashlib.sha256(text.encode()).hexdigest()


class Reader:
    """Reads a tape with more or less care."""

    def __init__(self, tape: Tape, venue: str, lot: str, care: Care) -> None:
        self.tape, self.care, self.lot = tape, care, Decimal(lot)
        # The first update that the first event must hold.
        self.wanted = tape.snapshot["lastUpdateId"] + (venue == "binance")
        self.out = Reading()

    def read(self) -> Reading:
        """The whole tape."""
        for side, name in ((self.out.bids, "bids"), (self.out.asks, "asks")):
            side.update((Decimal(price), size) for price, size in self.tape.snapshot[name])
        self.bid, self.ask = max(self.out.bids), min(self.out.asks)
        self.range = min(self.out.bids), max(self.out.asks)
        for depth in self.tape.depths:
            if self.is_due(depth):
                self.apply(depth)
        return self.out

    def is_due(self, depth: Depth) -> bool:
        care, is_early = self.care, depth.line < self.tape.snapshot_line
        if care.waits_for_event_after_snapshot and depth.first <= self.wanted:
            return False
        if not care.replays_buffered and is_early:
            return False
        return depth.last >= self.wanted or not care.drops_what_snapshot_holds

    def apply(self, depth: Depth) -> None:
        out = self.out
        if not out.touches:
            out.first = (depth.first, depth.last)
        for side, changes in ((out.bids, depth.bids), (out.asks, depth.asks)):
            for text, size in changes:
                self.put(side, Decimal(text), size)
        if not (out.bids and out.asks):
            return
        self.bid = self.bid if self.bid in out.bids else max(out.bids)
        self.ask = self.ask if self.ask in out.asks else min(out.asks)
        out.crossed += self.bid >= self.ask
        touch = (format(self.bid, "f"), out.bids[self.bid], format(self.ask, "f"), out.asks[self.ask])
        out.touches.append((depth.last, depth.line, touch))

    def put(self, side: Levels, price: Decimal, size: str) -> None:
        care = self.care
        if not care.keeps_far_levels and not self.range[0] <= price <= self.range[1]:
            return
        if not care.takes_sizes_off_lot and Decimal(size) % self.lot:
            return
        if care.removes_empty_levels and Decimal(size) == 0:
            side.pop(price, None)
        else:
            side[price] = size
            if side is self.out.bids:
                self.bid = max(self.bid, price)
            else:
                self.ask = min(self.ask, price)
