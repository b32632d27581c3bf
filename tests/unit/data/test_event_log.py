"""The event log as arrays and as a table."""

import itertools
import json

import numpy as np
import pytest

from alipes._core import SynthMarket
from alipes.data import columns, event_log
from alipes.data.columns import event_table
from alipes.errors import DataError

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
BATCH_END, SNAPSHOT, BUY, FRAME_END, HAS_AUX = 1, 2, 4, 64, 128


def frames():
    return list(itertools.islice(SynthMarket(seed=8), 1_000))


def test_rows_are_the_levels_and_trades_of_the_messages():
    messages = [json.loads(frame) for _, frame in frames()]
    log = event_log(frames(), **MARKET)
    assert {name: values.dtype.name for name, values in log.items()} == {
        "ts_event": "int64", "ts_recv": "int64", "instrument": "uint16", "kind": "uint8",
        "flags": "uint8", "price": "int64", "size": "int64", "aux": "uint64",
    }  # fmt: skip
    snapshot = messages[0]
    assert ((log["flags"] & SNAPSHOT) != 0).sum() == len(snapshot["bids"]) + len(snapshot["asks"])
    trades = [message["data"] for message in messages[1:] if message["data"]["e"] == "trade"]
    rows = log["kind"] == 2
    np.testing.assert_array_equal(log["price"][rows], [round(float(t["p"]) * 10) for t in trades])
    np.testing.assert_array_equal(log["size"][rows], [round(float(t["q"]) * 10**6) for t in trades])
    np.testing.assert_array_equal((log["flags"][rows] & BUY) == 0, [t["m"] for t in trades])
    np.testing.assert_array_equal(log["aux"][rows], [t["t"] for t in trades])
    assert ((log["flags"] & FRAME_END) != 0).sum() == len(messages)


def test_a_table_holds_null_where_there_is_no_id():
    log = event_log(frames(), **MARKET)
    table = event_table(log)
    assert table.num_rows == len(log["price"])
    assert table["aux"].null_count == ((log["flags"] & HAS_AUX) == 0).sum() > 0
    assert ((log["flags"] & BATCH_END) != 0).sum() == table.num_rows - table["aux"].null_count


@pytest.mark.parametrize("every", [None, "100s"])
def test_an_unnamed_snapshot_is_not_taken_for_another_instrument(every):
    """A REST snapshot names no symbol; where all other messages are of BTC, it is no book of ETH."""
    other = MARKET | {"instrument": "ETH/USDT:USDT"}
    expected = "holds no messages of ETHUSDT on binanceusdm; it holds BTCUSDT"
    with pytest.raises(DataError, match=expected):
        columns(frames(), ["mid"], **other, every=every)
    with pytest.raises(DataError, match=expected):
        event_log(frames(), **other)


def test_a_capture_of_one_snapshot_is_of_whoever_asks():
    """Nothing in it speaks against the instrument."""
    assert columns(frames()[:1], ["mid"], **MARKET)["mid"].shape == (1,)
