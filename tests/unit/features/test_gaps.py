"""Features of a book that falls out of step: no value is better than a wrong one."""

import itertools
import json

import numpy as np

from alipes._core import SynthMarket
from alipes.data import columns

MARKET = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", "tick_size": "0.1", "lot_size": "0.001"}
NAMES = ["ts_recv", "mid", "imbalance(3)", "ofi", "ofi(10s)", "ewma(mid, 1s)", "trade_count", "last_price"]


def broken_and_whole():
    """A market with an update lost at frame 1,000 and a snapshot at frame 2,000, and the same whole."""
    market, broken, whole = SynthMarket(seed=12), [], []
    is_lost = False
    for at, (ts_recv, frame) in enumerate(itertools.islice(market, 4_000)):
        whole.append((ts_recv, frame))
        if at >= 1_000 and not is_lost and b"depthUpdate" in frame:
            is_lost = True
            continue
        broken.append((ts_recv, frame))
        if at == 2_000:
            broken.append((ts_recv, market.snapshot()))
    return broken, whole


def test_book_features_are_missing_from_the_gap_to_the_snapshot_and_right_afterwards():
    broken, whole = broken_and_whole()
    table, reference = columns(broken, NAMES, **MARKET), columns(whole, NAMES, **MARKET)
    missing = np.isnan(table["mid"])
    first, last = np.flatnonzero(missing)[[0, -1]]
    assert 0 < first < last < len(missing) - 500
    assert missing[first : last + 1].all()
    assert np.isnan(table["imbalance(3)"][first : last + 1]).all()
    assert np.isnan(table["ewma(mid, 1s)"][first : last + 1]).all()
    np.testing.assert_array_equal(table["mid"][-500:], reference["mid"][-500:])
    np.testing.assert_array_equal(table["imbalance(3)"][-500:], reference["imbalance(3)"][-500:])


def test_order_flow_across_the_gap_is_not_guessed():
    broken, _ = broken_and_whole()
    table = columns(broken, NAMES, **MARKET)
    missing = np.isnan(table["mid"])
    assert (table["ofi"][missing] == 0).all()
    back = np.flatnonzero(missing)[-1] + 1
    assert table["ofi"][back] == 0
    np.testing.assert_array_equal(table["ofi"][:500].cumsum().round(3), table["ofi(10s)"][:500].round(3))


def test_trades_go_on_while_the_book_is_out_of_step():
    broken, _ = broken_and_whole()
    table = columns(broken, NAMES, **MARKET)
    missing = np.isnan(table["mid"])
    assert table["trade_count"][missing].sum() > 0
    trades = sum(json.loads(frame).get("data", {}).get("e") == "trade" for _, frame in broken)
    assert table["trade_count"].sum() == trades
