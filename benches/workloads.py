"""The depth stream that the book benchmarks share: made from a seed, the same for us and for every peer.

A Binance USD-M style stream: tick 0.1, lot 0.001, a thousand live levels a side, a walking mid, about 37
changed levels a message with changes concentrated near the touch, a quarter of them removals, now and then
a sweep through several levels. About 868 bytes a message.
"""

import json
import random
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

TICK_SIZE = "0.1"
LOT_SIZE = "0.001"
STEPS_PER_LOT = 1_000
START_MID = 600_000


@dataclass(frozen=True)
class DepthStream:
    """A snapshot, the messages after it, and the same updates as columns.

    Attributes:
        snapshot: the REST answer, as bytes.
        messages: the depth messages, as bytes.
        is_bid: (n,) bool, side of each update in message order.
        ticks: (n,) int64, price in ticks of 0.1.
        steps: (n,) int64, size in steps of 1e-6.
        ends: (messages,) int64, index one past each message's last update.
        touch: best bid and ask after the last message, in ticks.
    """

    snapshot: bytes
    messages: list[bytes]
    is_bid: NDArray[np.bool_]
    ticks: NDArray[np.int64]
    steps: NDArray[np.int64]
    ends: NDArray[np.int64]
    touch: tuple[int, int]


@dataclass
class _Side:
    """One side of the true book; prices grow away from the touch by ``sign``."""

    sign: int
    best: int
    lots: dict[int, int] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)

    def put(self, price: int, lots: int) -> None:
        """Sets the size of a level, or removes it with zero."""
        self.changed[price] = lots
        if lots:
            self.lots[price] = lots
        else:
            self.lots.pop(price, None)

    def take(self) -> list[tuple[int, int]]:
        """Changes since the last call, best first."""
        changes = sorted(self.changed.items(), key=lambda change: self.sign * change[0])
        self.changed = {}
        return changes


class _Market:
    """The seeded order flow."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 -- a workload, not a secret
        self.bids = _Side(sign=-1, best=START_MID - 1)
        self.asks = _Side(sign=1, best=START_MID + 1)
        for side in (self.bids, self.asks):
            for distance in range(1000):
                side.put(side.best + side.sign * distance, self.lots())
            side.take()

    def lots(self) -> int:
        """A size of about two base units."""
        return 1 + int(self.random.expovariate(1 / 2000))

    def step(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Changed bids and asks of the next message."""
        roll = self.random.random()
        if roll < 0.1:
            self.sweep(self.asks, self.bids)
        elif roll < 0.2:
            self.sweep(self.bids, self.asks)
        for side in (self.bids, self.asks):
            self.requote(side)
        return self.bids.take(), self.asks.take()

    def sweep(self, taken: _Side, follower: _Side) -> None:
        """A taker removes levels of one side; the other side follows."""
        for _ in range(min(1 + int(self.random.expovariate(0.7)), 8)):
            taken.put(taken.best, 0)
            taken.best += taken.sign
            while taken.best not in taken.lots:
                taken.put(taken.best, self.lots())
        follower.best = taken.best - taken.sign
        follower.put(follower.best, self.lots())

    def requote(self, side: _Side) -> None:
        """Twenty placements and cancellations, thinning out away from the touch."""
        for _ in range(20):
            distance = min(int(self.random.expovariate(1 / 60)), 1500)
            price = side.best + side.sign * distance
            if price not in side.changed:
                is_removed = distance > 0 and self.random.random() < 0.25
                side.put(price, 0 if is_removed else self.lots())


def _text(levels: list[tuple[int, int]]) -> list[list[str]]:
    return [[f"{price / 10:.1f}", f"{lots / 1000:.3f}"] for price, lots in levels]


def _message(index: int, first: int, last: int, bids: list[list[str]], asks: list[list[str]]) -> bytes:
    event = 1_700_000_000_000 + index * 100
    body = {"e": "depthUpdate", "E": event, "T": event - 3, "s": "BTCUSDT"}
    body |= {"U": first, "u": last, "pu": first - 1, "b": bids, "a": asks}
    return json.dumps(body, separators=(",", ":")).encode()


@cache
def depth_stream(messages: int = 20_000, seed: int = 7) -> DepthStream:
    """The stream of a seed."""
    market = _Market(seed)
    sides = {
        "bids": _text(sorted(market.bids.lots.items(), reverse=True)),
        "asks": _text(sorted(market.asks.lots.items())),
    }
    update_id = 1000
    snapshot = json.dumps({"lastUpdateId": update_id, **sides}, separators=(",", ":")).encode()
    raws, rows, ends = [], [], []
    for index in range(messages):
        bids, asks = market.step()
        # The first event spans the snapshot, as the venue's rule for joining the stream requires.
        first = update_id if index == 0 else update_id + 1
        update_id += len(bids) + len(asks)
        raws.append(_message(index, first, update_id, _text(bids), _text(asks)))
        rows += [(1, *change) for change in bids]
        rows += [(0, *change) for change in asks]
        ends.append(len(rows))
    columns = np.array(rows, dtype=np.int64)
    return DepthStream(
        snapshot=snapshot,
        messages=raws,
        is_bid=columns[:, 0].astype(np.bool_),
        ticks=np.ascontiguousarray(columns[:, 1]),
        steps=columns[:, 2] * STEPS_PER_LOT,
        ends=np.array(ends, dtype=np.int64),
        touch=(market.bids.best, market.asks.best),
    )
