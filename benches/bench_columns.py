"""Columns of a capture, live features and the synthetic market: the cost of a message."""

import itertools
import os
from pathlib import Path

import pytest

import alipes
from alipes._core import FeatureSet, FeedDecoder, InstrumentSpec, SynthMarket

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
NAMES = ["ts_recv", "mid", "microprice", "imbalance(5)", "ofi", "volume", "ofi(1s)"]
MESSAGES = 20_000
DATA = Path(os.environ.get("ALIPES_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
CAPTURE = DATA / "binance_usdm_btcusdt_20240808.jsonl.gz"
CAPTURE_MESSAGES = 93_954


@pytest.fixture(scope="module")
def frames():
    return list(itertools.islice(SynthMarket(seed=1), MESSAGES))


def of_messages(benchmark, count):
    benchmark.extra_info.update(unit="message", per_round=count)


def test_synth_market(benchmark):
    of_messages(benchmark, MESSAGES)
    benchmark(lambda: sum(1 for _ in itertools.islice(SynthMarket(seed=1), MESSAGES)))


@pytest.mark.parametrize("every", [None, "100ms"])
def test_columns_of_frames(benchmark, frames, every):
    of_messages(benchmark, MESSAGES)
    benchmark(alipes.columns, frames, NAMES, **MARKET, every=every)


@pytest.mark.parametrize("every", [None, "100ms"])
@pytest.mark.skipif(not CAPTURE.is_file(), reason="no real capture: set ALIPES_DATA")
def test_columns_of_the_real_capture_file(benchmark, every):
    of_messages(benchmark, CAPTURE_MESSAGES)
    benchmark.pedantic(alipes.columns, (CAPTURE, NAMES), MARKET | {"every": every}, rounds=7, warmup_rounds=1)


@pytest.mark.skipif(not CAPTURE.is_file(), reason="no real capture: set ALIPES_DATA")
def test_columns_of_depth_on_the_real_capture_file(benchmark):
    of_messages(benchmark, CAPTURE_MESSAGES)
    names = ["depth_bid(10bps)", "depth_ask(10bps)"]
    benchmark.pedantic(alipes.columns, (CAPTURE, names), MARKET, rounds=7, warmup_rounds=1)


def live(frames, names):
    decoder = FeedDecoder(MARKET["venue"])
    spec = InstrumentSpec(
        symbol=MARKET["instrument"], base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001"
    )
    decoder.add(MARKET["instrument"], 0, spec)
    features = FeatureSet(names) if names else None
    for ts_recv, frame in frames:
        decoder.on_frame(frame, ts_recv)
        if features is not None:
            features.on_frame(decoder)


def test_live_decoder_alone(benchmark, frames):
    of_messages(benchmark, MESSAGES)
    benchmark(live, frames, [])


def test_live_decoder_and_features(benchmark, frames):
    of_messages(benchmark, MESSAGES)
    benchmark(live, frames, NAMES)
