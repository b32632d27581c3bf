"""The Python book equals a dictionary, however its updates are written."""

import math
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled

from alipes import OrderBook

TICK, STEP = Decimal("0.5"), Decimal("0.000001")


class Reference:
    """Sizes in steps by price in ticks, one dictionary a side."""

    def __init__(self):
        self.sides = {"bid": {}, "ask": {}}

    def set(self, side, tick, steps):
        levels = self.sides[side]
        levels[tick] = steps
        if steps == 0:
            del levels[tick]

    def levels(self, side):
        return sorted(self.sides[side].items(), reverse=side == "bid")


def exact(book, side):
    ticks, steps = book.levels_exact(side)
    assert ticks.dtype == steps.dtype == np.int64
    return list(zip(ticks.tolist(), steps.tolist(), strict=True))


def same(book, reference):
    for side in ("bid", "ask"):
        levels = reference.levels(side)
        assert exact(book, side) == levels
        floats = [[float(tick * TICK), float(steps * STEP)] for tick, steps in levels]
        assert book.levels(side).tolist() == floats
        best = floats[0] if floats else [math.nan, math.nan]
        touch = book.bbo()[:2] if side == "bid" else book.bbo()[2:]
        np.testing.assert_array_equal(touch, best)
        np.testing.assert_array_equal(book.best_bid if side == "bid" else book.best_ask, best[0])
    assert len(book) == len(reference.sides["bid"]) + len(reference.sides["ask"])


def strided(array, layout):
    """The same numbers in another memory layout."""
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "reversed":
        return array[::-1].copy()[::-1]
    if layout == "sparse":
        return np.repeat(array, 3, axis=0)[::3]
    if (
        layout == "packed"
    ):  # fields of a packed record: strides that are no multiple of the element, unaligned
        record = np.zeros(len(array), dtype=[("pad", "u1"), ("rows", array.dtype, array.shape[1:])])
        record["rows"] = array
        return record["rows"]
    frozen = array.copy()
    frozen.flags.writeable = False
    return frozen


LAYOUTS = st.sampled_from(["fortran", "reversed", "sparse", "packed", "read only"])
SPELLINGS = st.sampled_from(["pairs", "texts", "decimals", "float64", "int64"])
TICKS = st.one_of(st.integers(1, 60), st.integers(1, 2_000_000))
STEPS = st.one_of(st.just(0), st.integers(1, 10**10))
LEVELS = st.lists(st.tuples(TICKS, STEPS), max_size=12)


def spell(levels, spelling, layout):
    """Levels as a caller may write them."""
    if spelling == "int64":
        return strided(np.array(levels, dtype=np.int64).reshape(-1, 2), layout)
    numbers = [(tick * TICK, steps * STEP) for tick, steps in levels]
    if spelling == "decimals":
        return numbers
    if spelling == "texts":
        return [[str(price), f"{size:f}"] for price, size in numbers]
    floats = [(float(price), float(size)) for price, size in numbers]
    return floats if spelling == "pairs" else strided(np.array(floats, dtype=float).reshape(-1, 2), layout)


CALLS = st.lists(
    st.tuples(st.sampled_from(["apply", "columns"]), LEVELS, LEVELS, SPELLINGS, LAYOUTS), max_size=8
)


@settings(max_examples=scaled(60, 3_000), deadline=None)
@given(calls=CALLS)
def test_any_calls_in_any_spelling_equal_the_reference(calls):
    book, reference = OrderBook(tick_size=TICK, lot_size="0.001"), Reference()
    for call, bids, asks, spelling, layout in calls:
        for side, levels in (("bid", bids), ("ask", asks)):
            for tick, steps in levels:
                reference.sides[side].setdefault(tick, 0)
                reference.set(side, tick, steps)
        if call == "apply":
            book.apply(spell(bids, spelling, layout), spell(asks, spelling, layout))
        else:
            apply_columns(book, bids, asks, spelling, layout)
        same(book, reference)


def apply_columns(book, bids, asks, spelling, layout):
    is_bid = np.array([True] * len(bids) + [False] * len(asks), dtype=bool)
    if spelling in {"int64", "float64"}:
        rows = np.array(spell([*bids, *asks], spelling, "read only"))
        price, size = (strided(column, layout) for column in rows.T)
        book.apply_columns(strided(is_bid, layout), price, size)
    else:
        rows = spell([*bids, *asks], spelling, layout)
        book.apply_columns(is_bid.tolist(), [row[0] for row in rows], [row[1] for row in rows])


@settings(max_examples=scaled(60, 3_000), deadline=None)
@given(bids=LEVELS, asks=LEVELS, before=LEVELS, spelling=SPELLINGS, layout=LAYOUTS)
def test_a_snapshot_replaces_everything(bids, asks, before, spelling, layout):
    book, reference = OrderBook(tick_size=TICK, lot_size="0.001"), Reference()
    book.apply(spell(before, "int64", layout), spell(before, "int64", layout))
    asks = [(tick + 2_000_001, steps) for tick, steps in asks]
    book.apply_snapshot(spell(bids, spelling, layout), spell(asks, spelling, layout))
    for side, levels in (("bid", bids), ("ask", asks)):
        reference.sides[side] = {tick: steps for tick, steps in dict(levels).items() if steps}
    same(book, reference)


@settings(max_examples=scaled(60, 3_000), deadline=None)
@given(bids=LEVELS, asks=LEVELS, levels=st.integers(1, 15), bps=st.floats(0, 1e5))
def test_measures_follow_from_the_levels(bids, asks, levels, bps):
    book = OrderBook(tick_size=TICK, lot_size="0.001")
    book.apply(spell(bids, "pairs", ""), spell(asks, "pairs", ""))
    best_bids, best_asks = book.depth(levels)
    np.testing.assert_array_equal(best_bids, book.levels("bid")[:levels])
    np.testing.assert_array_equal(best_asks, book.levels("ask")[:levels])
    bid_size, ask_size = best_bids[:, 1].sum(), best_asks[:, 1].sum()
    if bid_size + ask_size:
        assert math.isclose(
            book.imbalance(levels), (bid_size - ask_size) / (bid_size + ask_size), rel_tol=1e-9, abs_tol=1e-9
        )
    bid, bid_size, ask, ask_size = book.bbo()
    np.testing.assert_allclose(
        [book.mid, book.spread, book.microprice],
        [(bid + ask) / 2, ask - bid, (bid * ask_size + ask * bid_size) / (bid_size + ask_size)],
    )
    assert book.is_crossed == (bid >= ask)
    for side in ("bid", "ask"):
        rows = book.levels(side)
        if math.isnan(book.mid):
            assert math.isnan(book.depth_within(side, bps))
        elif not book.is_crossed:
            reach = np.abs(rows[:, 0] - book.mid) - book.mid * bps / 1e4
            sure, maybe = rows[reach < -1e-9, 1].sum(), rows[reach < 1e-9, 1].sum()
            assert sure - 1e-6 <= book.depth_within(side, bps) <= maybe + 1e-6


@settings(max_examples=scaled(60, 3_000), deadline=None)
@given(levels=LEVELS, side=st.sampled_from(["buy", "sell"]), steps=st.integers(1, 10**11))
def test_vwap_walks_the_levels(levels, side, steps):
    book = OrderBook(tick_size=TICK, lot_size="0.001")
    book.apply(spell(levels, "decimals", ""), spell(levels, "decimals", ""))
    left, cost = steps, 0
    for tick, held in exact(book, "ask" if side == "buy" else "bid"):
        taken = min(left, held)
        left, cost = left - taken, cost + taken * tick
    expected = float(Decimal(cost) / steps * TICK) if left == 0 else math.nan
    np.testing.assert_allclose(book.vwap(side, steps * STEP), expected, rtol=1e-12)
