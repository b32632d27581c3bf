"""Random bars with random faults: what `alipes.bars` says is what a plain loop over the rows says."""

import math
import re
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.unit.data.made_bars import MINUTE, made

import alipes
from alipes.errors import DataError

PRICES = ("open", "high", "low", "close")
VALUES = [
    math.nan,
    math.inf,
    -math.inf,
    0.0,
    -0.0,
    -1.0,
    5e-324,
    98.5,
    99.0,
    100.5,
    101.0,
    102.0,
    103.5,
    1e308,
]
FAULTS = st.tuples(st.integers(0, 39), st.sampled_from([*PRICES, "volume"]), st.sampled_from(VALUES))

LEAD = st.sampled_from([0, 0, 0, 32_768])
"""Sound rows before the random ones: none, or as many as bring these to the edge of a block."""


def is_sound(row: dict[str, float]) -> bool:
    prices = [row[name] for name in PRICES]
    return (
        all(math.isfinite(price) and price > 0 for price in prices)
        and row["low"] == min(prices)
        and row["high"] == max(prices)
        and math.isfinite(row["volume"])
        and row["volume"] >= 0
    )


def first_fault(mapping: dict[str, Any], offset: int) -> int | None:
    """The first row from `offset` on that cannot be."""
    rows = zip(*(mapping[name][offset:].tolist() for name in (*PRICES, "volume")), strict=True)
    sound = [is_sound(dict(zip((*PRICES, "volume"), row, strict=True))) for row in rows]
    return offset + sound.index(False) if False in sound else None


def first_broken_rule(row: dict[str, float]) -> str:
    """The text of the first rule that a bar breaks, each asked in turn."""
    for name in PRICES:
        if not (math.isfinite(row[name]) and row[name] > 0):
            return f"{name} {row[name]} is no finite price above 0"
    for name in ("low", "open", "close"):
        if row["high"] < row[name]:
            return f"high {row['high']} is below {name} {row[name]}"
    for name in ("open", "close"):
        if row["low"] > row[name]:
            return f"low {row['low']} is above {name} {row[name]}"
    return f"volume {row['volume']} is no finite number, 0 or more"


@given(st.integers(1, 40), st.lists(FAULTS, max_size=4), LEAD)
@settings(max_examples=scaled(200, 5_000), deadline=None)
def test_the_first_bar_that_cannot_be_is_named(count: int, faults: list, lead: int):
    offset = max(lead - count // 2, 0)
    mapping = made(offset + count)
    for row, name, value in faults:
        mapping[name][offset + row % count] = value
    expected = first_fault(mapping, offset)
    try:
        bars = alipes.bars(mapping, freq="1min")
    except DataError as error:
        found = re.fullmatch(r"row (\d+) \(.*?\): (.*)", str(error))
        row = {each: float(mapping[each][expected]) for each in (*PRICES, "volume")}
        assert (int(found[1]), found[2]) == (expected, first_broken_rule(row))
    else:
        assert expected is None
        assert all(np.shares_memory(bars[name], mapping[name]) for name in bars.columns)


@given(
    st.lists(st.sampled_from([-1, 0, 1, 1, 1, 2, 3, 6]), min_size=1, max_size=30),
    st.sampled_from([None, 1, 2, 3]),
    LEAD,
)
@settings(max_examples=scaled(200, 5_000), deadline=None)
def test_steps_and_gaps_are_those_of_a_plain_loop(steps: list[int], freq: int | None, lead: int):
    before = [freq or 1] * max(lead - len(steps) // 2, 0)
    steps = before + steps
    mapping = made(len(steps) + 1)
    mapping["ts"][1:] = mapping["ts"][0] + np.cumsum(steps) * MINUTE
    length = freq or min(steps)
    disorder = next((row for row, step in enumerate(steps) if step <= 0), None)
    common = next(
        (step for step in set(steps) if freq is None and 2 * steps.count(step) > len(steps)), length
    )
    off = (
        disorder
        if disorder is not None
        else None
        if not any(step % length for step in steps)
        else next(row for row, step in enumerate(steps) if step % common)
    )
    try:
        bars = alipes.bars(mapping, freq=None if freq is None else freq * MINUTE)
    except DataError as error:
        assert int(re.match(r"row (\d+):", str(error))[1]) == off + 1  # noqa: PT017 - the row is what is compared
        return
    assert off is None
    gaps = [row for row, step in enumerate(steps) if step != length]
    assert bars.step == length * MINUTE
    assert bars.gap_rows.tolist() == gaps
    longest = max(steps)
    assert bars.gaps == (
        (len(gaps), (longest - length) * MINUTE, steps.index(longest)) if gaps else (0, 0, -1)
    )
