"""Columns equal the slow reference for any market, step, window and disorder of receive times."""

import itertools
import os

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.counts import IS_LONG, scaled
from tests.unit.features.slow import Grid, Slow

from alipes._core import FeatureSet, FeedDecoder, InstrumentSpec, SynthMarket
from alipes.data import columns

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
NAMES = ["ts_event", "ts_recv", "bid", "ask_size", "microprice", "imbalance(4)", "last_price"]
FLOWS = ["ofi", "ofi_ticker", "trade_count", "buy_count", "sell_volume", "volume"]
MS = 10**6

# A mutant has only to be noticed; the smallest example that shows it would take minutes to find.
PHASES = [Phase.generate] if os.environ.get("ALIPES_MUTANT") else list(Phase)
SETTINGS = {"deadline": None, "phases": PHASES, "derandomize": not IS_LONG}

steps = st.sampled_from([None, "5ms", "20ms", "100ms", "33ms"])
windows = st.sampled_from(["5ms", "40ms", "250ms", "1s"])
markets = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32),
        "regime": st.sampled_from([None, "calm", "trending", "volatile"]),
        "latency_ms": st.integers(0, 50),
        "start_ns": st.integers(0, 2 * 10**18),
        "levels": st.integers(20, 60),
    }
)


@st.composite
def streams(draw):
    """Frames whose receive times fall on the boundaries of steps, repeat and now and then go back."""
    frames = list(itertools.islice(SynthMarket(**draw(markets)), draw(st.integers(50, 500))))
    coarse = draw(st.sampled_from([1, MS, 5 * MS]))
    back = draw(st.sets(st.integers(1, len(frames) - 1), max_size=5))
    return [(ts // coarse * coarse - 7 * MS * (at in back), frame) for at, (ts, frame) in enumerate(frames)]


@settings(max_examples=scaled(40, 1_000), **SETTINGS)
@given(frames=streams(), every=steps, window=windows)
def test_columns_equal_the_slow_reference(frames, every, window):
    names = NAMES + FLOWS + [f"{flow}({window})" for flow in FLOWS]
    fast = columns(frames, names, **MARKET, every=every)
    slow = Slow(names, price=Grid(1, 1), size=Grid(1, 6), is_usdm=True, every=every).run(frames)
    for name in names:
        np.testing.assert_array_equal(fast[name], slow[name], err_msg=name)


@settings(max_examples=scaled(20, 1_000), **SETTINGS)
@given(frames=streams(), window=windows)
def test_the_last_live_row_is_the_last_row_of_the_columns(frames, window):
    names = [*NAMES, *FLOWS, f"ofi({window})"]
    decoder, features = FeedDecoder(MARKET["venue"]), FeatureSet(names)
    spec = InstrumentSpec(
        symbol=MARKET["instrument"], base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001"
    )
    decoder.add(MARKET["instrument"], 0, spec)
    for ts_recv, frame in frames:
        decoder.on_frame(frame, ts_recv)
        features.on_frame(decoder)
    batch = columns(frames, names, **MARKET)
    for name, value in features.values(0).items():
        np.testing.assert_array_equal(batch[name][-1], value, err_msg=name)
