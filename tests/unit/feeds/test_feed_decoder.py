"""`FeedDecoder`: many books of one connection, what each frame did, what the engine may read."""

from typing import NamedTuple

import numpy as np
import pytest

from alipes import InstrumentSpec
from alipes._core import FeedDecoder
from alipes.errors import DecodeError, InputError, StaleBookError

SNAPSHOT = b'{"lastUpdateId":100,"T":7,"bids":[["100.0","1"],["99.9","2"]],"asks":[["100.1","1"]]}'
NOBODY = 0xFFFF


KINDS = ["depth", "touch", "trade", "agg trade", "reset", "ignored"]
STATES = ["empty", "buffering", "synced", "stale"]
FLAGS = {1: "touch", 2: "state", 16: "wanted"}


class Outcome(NamedTuple):
    instrument: int
    kind: str
    state: str
    flags: set[str]


def unpack(packed):
    flags = packed >> 24
    names = {name for bit, name in FLAGS.items() if flags & bit}
    return Outcome(packed & 0xFFFF, KINDS[packed >> 16 & 0xFF], STATES[flags >> 2 & 3], names)


def spec(symbol="BTC/USDT:USDT", tick_size="0.1", lot_size="0.001"):
    base = symbol.split("/")[0]
    return InstrumentSpec(symbol=symbol, base=base, quote="USDT", tick_size=tick_size, lot_size=lot_size)


def depth(first, last, previous, bids="", symbol="BTCUSDT"):
    head = f'"e":"depthUpdate","E":5,"T":4,"s":"{symbol}","U":{first},"u":{last},"pu":{previous}'
    return f'{{{head},"b":[{bids}],"a":[]}}'.encode()


@pytest.fixture
def one():
    """A decoder of one instrument of index 3, and its book."""
    decoder = FeedDecoder("binanceusdm")
    return decoder, decoder.add("BTC/USDT:USDT", 3, spec())


def test_each_frame_says_what_it_did(one):
    decoder, _ = one
    late = SNAPSHOT.replace(b":100,", b":99,")
    frames = [
        (depth(90, 95, 89), (3, "depth", "buffering", {"state", "wanted"})),
        (SNAPSHOT, (3, "reset", "synced", {"state", "touch"})),
        (depth(96, 105, 95, '["99.9","3"]'), (3, "depth", "synced", set())),
        (depth(106, 110, 105, '["100.0","3"]'), (3, "depth", "synced", {"touch"})),
        (depth(106, 110, 105), (3, "ignored", "synced", set())),
        (depth(121, 130, 120), (3, "depth", "stale", {"state", "wanted"})),
        (late, (3, "ignored", "stale", {"wanted"})),
    ]
    for ts_recv, (raw, outcome) in enumerate(frames):
        assert unpack(decoder.on_frame(raw, ts_recv)) == outcome
    assert decoder.reason(3).startswith("snapshot 99 is too old")
    assert decoder.snapshot_from(3) == 121


def test_touch_and_trade_frames(one):
    decoder, _ = one
    decoder.on_frame(SNAPSHOT, 1)
    touch = b'{"e":"bookTicker","u":1,"s":"BTCUSDT","b":"100.0","B":"1","a":"100.1","A":"1","T":5,"E":6}'
    assert unpack(decoder.on_frame(touch, 2))[:2] == (3, "touch")
    assert decoder.last_trades() == []
    trade = b'{"e":"trade","E":6,"T":5,"s":"BTCUSDT","t":42,"p":"100.1","q":"0.5","X":"MARKET","m":false}'
    assert unpack(decoder.on_frame(trade, 3))[:2] == (3, "trade")
    assert decoder.last_trades() == [(3, 5_000_000, 100.1, 0.5, "buy", 42)]
    agg = b'{"e":"aggTrade","E":6,"s":"BTCUSDT","a":43,"p":"100.0","q":"2","f":1,"l":2,"T":5,"m":true}'
    assert unpack(decoder.on_frame(agg, 4))[:2] == (3, "agg trade")
    assert decoder.last_trades() == [(3, 5_000_000, 100.0, 2.0, "sell", 43)]
    fund = trade.replace(b'"MARKET"', b'"INSURANCE_FUND"')
    assert unpack(decoder.on_frame(fund, 5))[:2] == (NOBODY, "ignored")


def test_what_is_for_nobody(one):
    decoder, _ = one
    for raw in (b'{"result":null,"id":1}', depth(1, 2, 0, symbol="ETHUSDT")):
        assert unpack(decoder.on_frame(raw, 1))[:2] == (NOBODY, "ignored")


def test_the_engines_view_raises_unless_the_book_is_in_step(one):
    decoder, view = one
    with pytest.raises(StaleBookError, match="BTC/USDT:USDT is empty"):
        _ = view.best_bid
    decoder.on_frame(SNAPSHOT, 1)
    assert view.bbo() == (100.0, 1.0, 100.1, 1.0)
    assert decoder.touch(3) == view.bbo()
    decoder.on_frame(depth(200, 201, 199), 2)
    assert view.state == "stale"
    with pytest.raises(StaleBookError, match="is stale: gap"):
        view.depth(5)
    assert np.isnan(decoder.touch(3)).all()


def test_a_disconnect_makes_every_book_in_use_stale():
    decoder = FeedDecoder("binanceusdm")
    symbols = ["A/USDT:USDT", "B/USDT:USDT", "C/USDT:USDT"]
    views = [decoder.add(symbol, index, spec(symbol)) for index, symbol in enumerate(symbols)]
    for index in (0, 1):
        decoder.on_snapshot(index, SNAPSHOT, 1)
    decoder.on_disconnect(2)
    assert [view.state.value for view in views] == ["stale", "stale", "empty"]
    assert unpack(decoder.on_snapshot(1, SNAPSHOT, 3)).state == "synced"


def test_a_snapshot_without_a_name_needs_an_index_among_several():
    decoder = FeedDecoder("binanceusdm")
    decoder.add("BTC/USDT:USDT", 0, spec())
    decoder.add("ETH/USDT:USDT", 9, spec("ETH/USDT:USDT", tick_size="0.01"))
    with pytest.raises(DecodeError, match="does not name its instrument"):
        decoder.on_frame(SNAPSHOT, 1)
    assert unpack(decoder.on_snapshot(9, SNAPSHOT, 1))[:2] == (9, "reset")
    assert (decoder.state(0), decoder.state(9)) == ("empty", "synced")


def test_instruments_that_clash_are_refused(one):
    decoder, _ = one
    for symbol, index, why in (
        ("ETH/USDT:USDT", 3, "added before"),
        ("BTCUSDT", 4, "added before"),
        ("ETH/USDT:USDT", 0xFFFF, "index must be 0 to 65534"),
    ):
        with pytest.raises(InputError, match=why):
            decoder.add(symbol, index, spec())
    decoder.add("BTC/USDT:USDT-261225", 5, spec(), wire_symbol="BTCUSDT_261225")
    assert unpack(decoder.on_frame(depth(1, 2, 0, symbol="BTCUSDT_261225"), 1)).instrument == 5
    with pytest.raises(InputError, match="no instrument of index 7"):
        decoder.touch(7)


def test_a_thousand_books_live_in_one_decoder():
    decoder = FeedDecoder("binanceusdm")
    for index in range(1_000):
        decoder.add(f"X{index}USDT", index, spec())
    for index in range(1_000):
        decoder.on_snapshot(index, SNAPSHOT, 1)
    for index in range(1_000):
        raw = depth(100, 101, 99, f'["99.9","{index + 1}"]', symbol=f"X{index}USDT")
        assert unpack(decoder.on_frame(raw, 2))[:2] == (index, "depth")
    assert decoder.stats()["depths"] == 1_000
