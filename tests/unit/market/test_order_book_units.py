"""What `OrderBook` takes arrays for: units that are told apart, prices that can exist, nothing masked."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from alipes import BookSync, OrderBook
from alipes.errors import InputError

TERMS: dict[str, Any] = {"tick_size": "0.1", "lot_size": "0.005"}
SNAPSHOT = b'{"lastUpdateId":5,"bids":[],"asks":[]}'


def sync() -> BookSync:
    return BookSync("binanceusdm", "BTC/USDT:USDT", **TERMS)


@pytest.mark.parametrize("book", [OrderBook(**TERMS), sync().book], ids=["OrderBook", "BookView"])
def test_a_book_tells_the_units_of_its_integers(book: Any) -> None:
    steps = (book.tick_size, book.lot_size, book.size_step)
    assert steps == (Decimal("0.1"), Decimal("0.005"), Decimal("0.000001"))


def test_integers_times_the_steps_are_prices_and_sizes() -> None:
    book = OrderBook(**TERMS)
    book.apply(np.array([[1001, 2_000_000]]), [])
    price, size = 1001 * book.tick_size, 2_000_000 * book.size_step
    assert book.bbo()[:2] == (float(price), float(size)) == (100.1, 2.0)


@pytest.mark.parametrize(
    ("price", "size"),
    [
        (np.array([100.1]), np.array([2])),
        (np.array([1001]), np.array([2.0])),
        ([100.1], np.array([2])),
    ],
)
def test_columns_that_mix_units_with_numbers_are_refused(price: Any, size: Any) -> None:
    book = OrderBook(**TERMS)
    with pytest.raises(InputError, match="price and size must both be int64 arrays"):
        book.apply_columns([True], price, size)
    assert len(book) == 0


@pytest.mark.parametrize("price", [0, -1])
@pytest.mark.parametrize(
    "form", [lambda rows: np.array(rows, float), lambda rows: np.array(rows, np.int64), list]
)
def test_a_price_that_is_not_positive_is_refused(price: int, form: Any) -> None:
    book = OrderBook(**TERMS)
    rows = form([(5, 1), (price, 1)])
    for apply in (book.apply, book.apply_snapshot):
        with pytest.raises(InputError, match="asks row 1 price must be greater than zero, got"):
            apply([], rows)
    prices, sizes = (form([row[column] for row in rows]) for column in (0, 1))
    with pytest.raises(InputError, match="price row 1 must be greater than zero, got"):
        book.apply_columns([True, True], prices, sizes)
    assert len(book) == 0


def test_masked_arrays_are_refused() -> None:
    """Their plain view still holds what the mask hides."""
    book = OrderBook(**TERMS)
    rows = np.ma.masked_array([[100.1, 1.0], [100.2, 1.0]], mask=[[False, False], [True, True]])
    with pytest.raises(InputError, match="bids must be a plain array, got a masked one"):
        book.apply(rows, [])
    with pytest.raises(InputError, match="price must be a plain array, got a masked one"):
        book.apply_columns([True, True], rows[:, 0], np.ones(2))
    with pytest.raises(InputError, match="is_bid must be a plain array, got a masked one"):
        book.apply_columns(np.ma.masked_array([True, True]), np.ones(2), np.ones(2))
    assert len(book) == 0


def test_a_sync_shows_what_and_how_it_is() -> None:
    one = sync()
    assert repr(one) == "BookSync(binanceusdm BTC/USDT:USDT, empty)"
    one.snapshot(SNAPSHOT)
    assert repr(one) == "BookSync(binanceusdm BTC/USDT:USDT, synced)"
    assert one.__sizeof__() > 100


def test_a_snapshot_without_levels_is_an_empty_market() -> None:
    one = sync()
    assert one.snapshot(SNAPSHOT) == "synced"
    assert len(one.book) == 0


def test_a_message_that_crosses_the_book_is_shown_by_it_until_the_next_snapshot() -> None:
    one = sync()
    one.snapshot(b'{"lastUpdateId":5,"bids":[["100.0","1"]],"asks":[["100.1","1"]]}')
    head = '"e":"depthUpdate","E":5,"T":4,"s":"BTCUSDT","U":5,"u":6,"pu":4'
    assert one.feed(f'{{{head},"b":[["100.2","1"]],"a":[]}}') == "stale"
    assert one.book.bbo()[::2] == (100.2, 100.1)
    assert one.book.is_crossed
    assert one.reason is not None
    assert "crossed" in one.reason
    assert one.snapshot(b'{"lastUpdateId":9,"bids":[["100.0","1"]],"asks":[]}') == "synced"
    assert not one.book.is_crossed
