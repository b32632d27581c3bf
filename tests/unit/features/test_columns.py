"""`alipes.columns` against the slow reference, on real captures and the synthetic market."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.counts import scaled
from tests.unit.features.slow import Grid, Slow

from alipes._core import CaptureReader, FeatureSet, FeedDecoder, InstrumentSpec, SynthMarket
from alipes.data import columns
from alipes.errors import DataError, DecodeError, InputError
from alipes.features import catalogue, step_ns

EXACT = [
    "ts_event", "ts_recv", "bid", "ask", "bid_size", "ask_size", "mid", "spread", "microprice", "imbalance",
    "imbalance(5)", "depth_bid(2bps)", "depth_ask(2.5bps)", "ofi", "ofi_ticker", "trade_count", "buy_count",
    "sell_count", "volume", "buy_volume", "sell_volume", "last_price", "last_size", "ofi(250ms)",
    "trade_count(1s)", "buy_volume(500ms)",
]  # fmt: skip
CLOSE = ["ewma(mid, 1s)", "ewma(imbalance(3), 200ms)"]

USDM = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
SPOT = {"venue": "binance", "instrument": "BTC/USDT", "tick_size": "0.01", "lot_size": "0.00001"}
GRIDS = {
    "binanceusdm": {"price": Grid(1, 1), "size": Grid(1, 6), "is_usdm": True},
    "binance": {"price": Grid(1, 2), "size": Grid(1, 8), "is_usdm": False},
}


def assert_equal_to_reference(frames, market, every):
    names = EXACT + CLOSE
    fast = columns(frames, names, **market, every=every)
    slow = Slow(names, **GRIDS[market["venue"]], every=every).run(frames)
    assert len(fast["mid"]) == len(slow["mid"]) > 5
    for name in EXACT:
        np.testing.assert_array_equal(fast[name], slow[name], err_msg=name)
    for name in CLOSE:
        np.testing.assert_allclose(fast[name], slow[name], rtol=1e-12, atol=1e-12, err_msg=name)
    for name, values in fast.items():
        assert values.dtype == (np.int64 if name.startswith("ts_") else np.float64)


@pytest.mark.parametrize("every", [None, "100ms", "1s"])
@pytest.mark.parametrize("market", [USDM, SPOT], ids=["usdm", "spot"])
def test_columns_of_a_real_capture_equal_the_reference(captures, market, every):
    count = scaled(2_500, 12_000)
    frames = list(itertools.islice(CaptureReader(captures[market["venue"]]), count))
    assert_equal_to_reference(frames, market, every)


@pytest.mark.parametrize("every", [None, "20ms"])
def test_columns_of_the_synthetic_market_equal_the_reference(every):
    frames = list(itertools.islice(SynthMarket(seed=17), scaled(3_000, 20_000)))
    assert_equal_to_reference(frames, USDM, every)


@pytest.mark.parametrize("every", [None, "100ms", "37ms"])
def test_streaming_equals_columns_bit_for_bit(captures, every):
    names, spec = (
        EXACT + CLOSE,
        InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001"),
    )
    for frames in (
        list(itertools.islice(CaptureReader(captures["binanceusdm"]), scaled(6_000, 93_954))),
        list(itertools.islice(SynthMarket(seed=23), scaled(6_000, 60_000))),
    ):
        decoder, features = FeedDecoder("binanceusdm"), FeatureSet(names, every_ns=step_ns(every))
        decoder.add("BTC/USDT:USDT", 3, spec)
        rows = []
        for ts_recv, frame in frames:
            decoder.on_frame(frame, ts_recv)
            completed = features.on_frame(decoder)
            if completed:
                rows.extend([None] * (completed - 1) + [list(features.values(3).values())])
        batch = columns(frames, names, **USDM, every=every)
        assert len(rows) == len(batch["mid"])
        # Of several rows that one frame completed only the last can be read.
        seen = [at for at, row in enumerate(rows) if row is not None]
        for position, name in enumerate(names):
            stream = np.array([rows[at][position] for at in seen], dtype=batch[name].dtype)
            assert stream.tobytes() == batch[name][seen].tobytes(), name


def test_a_whole_capture_by_path_equals_its_frames(captures):
    path = captures["binanceusdm"]
    from_path = columns(path, EXACT, **USDM, every="1s")
    from_frames = columns(CaptureReader(path), EXACT, **USDM, every="1s")
    for name in EXACT:
        np.testing.assert_array_equal(from_path[name], from_frames[name])
    assert len(from_path["mid"]) == 344


def test_totals_of_the_real_capture_are_those_counted_elsewhere(captures):
    names = ["trade_count", "volume", "buy_volume", "mid", "bid", "ask"]
    table = columns(captures["binanceusdm"], names, **USDM)
    assert table["trade_count"].sum() == 21_313
    assert table["volume"].sum() == pytest.approx(2429.366, abs=1e-6)
    assert table["buy_volume"].sum() == pytest.approx(1251.576, abs=1e-6)
    assert (table["bid"][-1], table["ask"][-1]) == (61659.7, 61659.8)
    assert len(table["mid"]) == 93_954 - 6


def test_steps_partition_flows():
    frames = list(itertools.islice(SynthMarket(seed=3), 5_000))
    by_message = columns(frames, ["ts_recv", "ofi", "volume"], **USDM)
    by_step = columns(frames, ["ts_recv", "ofi", "volume", "ofi(50ms)"], **USDM, every="50ms")
    done = by_message["ts_recv"] < by_step["ts_recv"][-1]
    for name in ("ofi", "volume"):
        assert by_step[name].sum() == pytest.approx(by_message[name][done].sum(), abs=1e-9)
    np.testing.assert_array_equal(by_step["ofi"], by_step["ofi(50ms)"])
    assert set(np.diff(by_step["ts_recv"])) == {50_000_000}


def test_a_header_supplies_what_is_left_out_and_contradictions_are_refused(tmp_path):
    path = tmp_path / "c.jsonl.gz"
    SynthMarket(seed=3).write(path, 2.0)
    table = columns(path, ["mid"])
    np.testing.assert_array_equal(table["mid"], columns(path, ["mid"], **USDM)["mid"])
    with pytest.raises(InputError, match=r"of venue 'binanceusdm', not 'binance'"):
        columns(path, ["mid"], venue="binance")
    with pytest.raises(InputError, match="no header that names its venue, instrument, tick_size, lot_size"):
        columns([(1, b"{}")], ["mid"])


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["mdi"], {}, 'unknown column "mdi"; the nearest names are mid'),
        (["imbalance(0)"], {}, "number of levels from 1"),
        ([], {}, "no columns"),
        ("mid", {}, "must be a sequence"),
        (["mid"], {"every": "0s"}, "no length of time"),
        (["mid"], {"every": "soon"}, "no length of time"),
        (["mid"], {"every": -1}, "must be positive"),
        (["mid"], {"every": 1.5}, "text such as '100ms'"),
        (["mid"], {"every": 10}, "use a longer step"),
        (["mid"], {"venue": "binanse"}, "unknown venue"),
        (["mid"], {"instrument": "btc"}, "no symbol of binanceusdm"),
        (["mid"], {"tick_size": "0"}, "tick_size"),
        (["mid"], {"lot_size": float("nan")}, "lot_size"),
    ],
)
def test_wrong_arguments_are_named(names, options, message):
    frames = [*itertools.islice(SynthMarket(seed=3), 2)]
    frames.append((frames[-1][0] + 10**9, frames[-1][1]))
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        columns(frames, names, **(USDM | options))


def test_a_capture_of_another_venue_or_instrument_is_refused(captures):
    with pytest.raises(DecodeError, match=r"line 1: expected no pu on binance \(binanceusdm sends it\)"):
        columns(captures["binanceusdm"], ["mid"], **SPOT)
    with pytest.raises(DecodeError, match="line 1: "):
        columns(captures["binance"], ["mid"], **USDM)
    other = USDM | {"instrument": "ETH/USDT:USDT"}
    with pytest.raises(DataError, match=r"holds no messages of ETHUSDT on binanceusdm; it holds BTCUSDT"):
        columns(
            [f for f in itertools.islice(SynthMarket(seed=3), 500) if b"stream" in f[1]], ["mid"], **other
        )


def test_book_columns_without_a_book_are_refused_and_trades_are_not():
    frames = [f for f in itertools.islice(SynthMarket(seed=3), 500) if b"lastUpdateId" not in f[1]]
    with pytest.raises(DataError, match="never in step"):
        columns(frames, ["mid"], **USDM)
    assert columns(frames, ["trade_count"], **USDM)["trade_count"].sum() > 0


def test_frames_of_another_form_are_refused():
    with pytest.raises(DecodeError, match="frame 1: "):
        columns([next(SynthMarket()), (5, b"{nonsense")], ["mid"], **USDM)
    with pytest.raises(InputError, match="iterable of"):
        columns([b"{}"], ["mid"], **USDM)


def test_every_catalogue_name_with_arguments_filled_in_is_a_column():
    forms = {
        "imbalance(n)": "imbalance(3)",
        "ofi(window)": "ofi(1s)",
        "ewma(column, half-life)": "ewma(mid, 1s)",
    }
    names = [forms.get(name, name.replace("(x bps)", "(5bps)")) for name in catalogue()]
    table = columns(list(itertools.islice(SynthMarket(seed=3), 300)), names, **USDM)
    assert list(table) == names


def test_the_documented_names_are_the_catalogue():
    page = (Path(__file__).parents[3] / "docs" / "columns.md").read_text()
    rows = dict(re.findall(r"^\| `(.+)` \| (.+) \|$", page, re.MULTILINE))
    assert rows == catalogue()


def test_other_threads_run_during_a_pass(captures):
    ticks = 0
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(columns, captures["binanceusdm"], ["mid", "depth_bid(20bps)"], **USDM)
        while not done.done():
            ticks += 1
    assert len(done.result()["mid"]) == 93_948
    # Held for the whole pass, the GIL would let this thread in once per switch interval of 5 ms.
    assert ticks > 1_000
