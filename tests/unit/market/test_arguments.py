"""Arguments of a wrong type: `InputError` that names the argument, what came and what was expected."""

import re
from typing import Any

import numpy as np
import pytest

from alipes import BookSync, OrderBook
from alipes._core import FeedDecoder, parse_duration
from alipes.data import columns
from alipes.errors import InputError

TERMS: dict[str, Any] = {"tick_size": "0.1", "lot_size": "0.001"}
MARKET: dict[str, Any] = {"venue": "binanceusdm", "instrument": "BTC/USDT:USDT", **TERMS}
TRADE = b'{"e":"trade","E":1,"T":1,"s":"BTCUSDT","t":1,"p":"1.0","q":"1.000","X":"MARKET","m":true}'


def sync() -> BookSync:
    return BookSync("binanceusdm", "BTC/USDT:USDT", **TERMS)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BookSync(None, "BTCUSDT", **TERMS), "venue must be a str, got None"),  # type: ignore[arg-type]
        (lambda: BookSync("binance", 7, **TERMS), "symbol must be a str, got 7"),  # type: ignore[arg-type]
        (lambda: FeedDecoder(5), "venue must be a str, got 5"),  # type: ignore[arg-type]
        (lambda: OrderBook(**TERMS).depth(10**20), "levels must be an int of at most 64 bits, got 1000"),
        (lambda: OrderBook(**TERMS).depth(2.5), "levels must be an int, got 2.5"),  # type: ignore[arg-type]
        (lambda: OrderBook(**TERMS).imbalance(levels=True), "levels must be an int, got True"),
        (lambda: OrderBook(**TERMS).levels(None), "side must be a str, got None"),  # type: ignore[arg-type]
        (lambda: OrderBook(**TERMS).depth_within("bid", "x"), "bps must be a float, got 'x'"),  # type: ignore[arg-type]
        (lambda: columns([], ["mid"], **MARKET, every=10**30), "every must be an int of at most 64 bits"),
        (lambda: columns(5, ["mid"], **MARKET), "capture must be a path or an iterable"),  # type: ignore[arg-type]
        (lambda: parse_duration(None), "text must be a str, got None"),  # type: ignore[arg-type]
        (lambda: sync().feed_many(b"{}"), "messages must be an iterable of messages, got bytes"),  # type: ignore[arg-type]
        (lambda: sync().feed_many(None), "messages must be an iterable of messages, got NoneType"),  # type: ignore[arg-type]
        (lambda: sync().feed_many((TRADE, 3)), "messages[1]: a message must be bytes"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_named(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        call()


def test_feed_many_takes_any_iterable_of_messages() -> None:
    """Lists, tuples and generators give the same rows."""
    messages = [TRADE, bytearray(TRADE), memoryview(TRADE), TRADE.decode()]
    rows = sync().feed_many(messages)
    assert rows.shape == (4, 4)
    for same in (tuple(messages), (message for message in messages)):
        np.testing.assert_array_equal(sync().feed_many(same), rows)


def test_integers_of_numpy_are_integers() -> None:
    """As counts of levels, say."""
    assert OrderBook(**TERMS).depth(np.int64(3))[0].shape == (0, 2)
