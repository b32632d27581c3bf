"""OrderBook: worked examples, one clear error for each bad input, calls that apply whole or not at all."""

import math
import subprocess
import sys
import threading
from decimal import Decimal

import numpy as np
import pytest

from alipes import OrderBook
from alipes.errors import BookBusyError, InputError, OffGridError

BIDS = [(100.1, 2.0), (100.0, 5.0)]
ASKS = [("100.2", "1"), (Decimal("100.4"), Decimal("0.5"))]


@pytest.fixture
def book():
    book = OrderBook(tick_size="0.1", lot_size="0.001")
    book.apply_snapshot(BIDS, ASKS)
    return book


def content(book):
    return [column.tolist() for side in ("bid", "ask") for column in book.levels_exact(side)]


def test_worked_example(book):
    assert book.bbo() == (100.1, 2.0, 100.2, 1.0)
    assert (book.best_bid, book.best_ask, len(book)) == (100.1, 100.2, 4)
    assert book.mid == 100.15
    assert book.spread == 0.1
    assert book.microprice == pytest.approx(100.1 + 0.1 * 2 / 3)
    assert book.imbalance(1) == pytest.approx(1 / 3)
    assert book.vwap("buy", 1.5) == pytest.approx((100.2 + 0.5 * 100.4) / 1.5)
    assert book.depth_within("ask", 10) == 1.0
    bids, asks = book.depth(1)
    assert (bids.tolist(), asks.tolist()) == ([[100.1, 2.0]], [[100.2, 1.0]])
    assert (book.tick_size, book.lot_size) == (Decimal("0.1"), Decimal("0.001"))
    assert repr(book) == 'OrderBook(tick_size="0.1", bids=2 from 100.1, asks=2 from 100.2)'


def test_size_zero_removes_and_unknown_removals_are_counted(book):
    book.apply([(100.1, 0), (55, 0)], [(100.2, 0)])
    assert book.bbo() == (100.0, 5.0, 100.4, 0.5)
    assert book.unknown_removals == 1
    assert len(book) == 2


def test_an_empty_side_reads_as_nan(book):
    book.apply([], [(100.2, 0), (100.4, 0)])
    assert book.best_bid == 100.1
    assert math.isnan(book.best_ask)
    assert math.isnan(book.mid)
    assert book.depth(3)[1].shape == (0, 2)
    book.clear()
    assert all(math.isnan(number) for number in book.bbo())
    assert math.isnan(book.imbalance(3))
    assert repr(book) == 'OrderBook(tick_size="0.1", bids=0, asks=0)'


def test_prices_need_no_range():
    book = OrderBook(tick_size="0.1", lot_size="0.001")
    book.apply_snapshot([(560, 1), (61_659.7, 1.486)], [(621_368.7, 2), (61_659.8, 0.981)])
    assert book.bbo() == (61_659.7, 1.486, 61_659.8, 0.981)
    assert book.levels("ask").tolist() == [[61_659.8, 0.981], [621_368.7, 2.0]]


@pytest.mark.parametrize("name", ["tick_size", "lot_size"])
@pytest.mark.parametrize("value", [0, -1, "-0.1", float("nan"), float("-inf"), "ten", "", None, True, []])
def test_a_step_must_be_a_positive_number(name, value):
    with pytest.raises(InputError, match=f"^{name} must be"):
        OrderBook(**({"tick_size": "0.1", "lot_size": "0.001"} | {name: value}))


def test_an_off_grid_price_names_row_and_neighbours(book):
    message = r"asks row 1 price: 100.25 is off the grid of 0.1: its neighbours are 100.2 and 100.3"
    for price in (100.25, "100.25", Decimal("100.25")):
        with pytest.raises(OffGridError, match=message):
            book.apply(BIDS, [(100.3, 1), (price, 1)])
    with pytest.raises(OffGridError, match=message):
        book.apply([], np.array([[100.3, 1.0], [100.25, 1.0]]))
    with pytest.raises(OffGridError, match=r"price row 1: 100.25 is off the grid .* 100.2 and 100.3"):
        book.apply_columns([True, True], [100.3, 100.25], [1, 1])
    with pytest.raises(OffGridError, match=r"bids row 0 size: 0.0000001 is off the grid of 0.000001"):
        book.apply([(100, "0.0000001")], [])


REFUSED = [
    (r"bids row 1 size must be zero or more, got -0.5", [(100, 1), (100.1, -0.5)]),
    (r"bids row 1 size must be zero or more, got -0.5", np.array([[100, 1], [100.1, -0.5]])),
    (r"bids row 1 must be zero or more, got -5 size steps", np.array([[1000, 1], [1001, -5]])),
    (r"bids row 0 size must be a finite float.* got nan", [(100, math.nan)]),
    (r"bids row 0 size: NaN is not a finite number", np.array([[100, math.nan]])),
    (r"bids row 0 price: inf is not a finite number", np.array([[math.inf, 1]])),
    (r"bids row 0 price: .* is out of range", np.array([[1e30, 1]])),
    (r"bids row 0 price must be a number: .* is not a decimal", [("abc", 1)]),
    (r"bids row 0 size must be .* got None", [(100, None)]),
    (r"bids row 0 size must be .* got True", [(100, True)]),
    (r"bids row 0 must be a pair \(price, size\), got tuple", [(100, 1, 2)]),
    (r"bids row 0 must be a pair \(price, size\), got float", [100.0, 1.0]),
    (r"bids row 0 must be a pair \(price, size\), got str", ["ab"]),
    (r"bids must be .* or pairs of \(price, size\), got float", 100.0),
    (r"bids must be .* got NoneType", None),
    (r"got float64 array of shape \(2, 3\)", np.ones((2, 3))),
    (r"got float64 array of shape \(4,\)", np.ones(4)),
    (r"got float64 array of shape \(1, 1, 2\)", np.ones((1, 1, 2))),
    (r"got float32 array of shape \(2, 2\)", np.ones((2, 2), dtype=np.float32)),
    (r"got int32 array of shape \(2, 2\)", np.ones((2, 2), dtype=np.int32)),
    (r"got >f8 array of shape \(2, 2\)", np.ones((2, 2), dtype=">f8")),
    (r"got object array of shape \(1, 2\)", np.array([[Decimal(1), None]])),
]


@pytest.mark.parametrize(("message", "levels"), REFUSED, ids=range(len(REFUSED)))
@pytest.mark.parametrize("call", ["apply", "apply_snapshot"])
def test_a_refused_call_leaves_the_book_untouched(book, call, message, levels):
    before = content(book)
    with pytest.raises(InputError, match=message):
        getattr(book, call)(levels, [(100.2, 9)])
    with pytest.raises(InputError, match=message.replace("bids", "asks")):
        getattr(book, call)([(99.5, 9)], levels)
    assert content(book) == before


BAD_COLUMNS = [
    (r"one length, got is_bid 2, price 1, size 2", [True, False], [1], [1, 1]),
    (r"one length, got is_bid 1, price 2, size 2", np.ones(1, bool), np.ones(2), np.ones(2)),
    (r"is_bid must be .* got int64 array", np.ones(1, np.int64), [1], [1]),
    (r"is_bid must be .* got bool array of shape \(1, 1\)", np.ones((1, 1), bool), [1], [1]),
    (r"is_bid row 1 must be a bool, got int", [True, 1], [1, 1], [1, 1]),
    (r"is_bid must be .* got int", 1, [1], [1]),
    (r"price must be .* got float32 array", [True], np.ones(1, np.float32), [1]),
    (r"price must be .* got float64 array of shape \(1, 2\)", [True], np.ones((1, 2)), [1]),
    (r"price must be .* got float", [True], 1.0, [1]),
    (r"size row 0: NaN is not a finite number", [True], [1], np.array([math.nan])),
    (r"size row 1 must be zero or more, got -2 size steps", [True] * 2, np.array([1, 2]), np.array([1, -2])),
    (r"size row 1 must be zero or more, got -2.5", [True] * 2, [1, 2], np.array([1, -2.5])),
    (r"size row 0 must be a number", [True], [1], ["x"]),
]


@pytest.mark.parametrize(("message", "is_bid", "price", "size"), BAD_COLUMNS, ids=range(len(BAD_COLUMNS)))
def test_refused_columns_leave_the_book_untouched(book, message, is_bid, price, size):
    before = content(book)
    with pytest.raises(InputError, match=message):
        book.apply_columns(is_bid, price, size)
    assert content(book) == before


def test_a_crossed_snapshot_is_refused(book):
    before = content(book)
    for bids in ([(100.2, 1)], np.array([[100.0, 1.0], [100.3, 1.0]])):
        with pytest.raises(InputError, match=r"crossed snapshot: its best bid 100.\d must be below .* 100.2"):
            book.apply_snapshot(bids, [(100.2, 1)])
    assert content(book) == before
    book.apply_snapshot([(100.3, 0), (100.1, 1)], [(100.2, 1)])
    assert book.best_bid == 100.1


def test_rows_that_raise_midway_leave_the_book_untouched(book):
    def rows():
        yield (100.0, 1)
        raise RuntimeError("the feed broke")

    before = content(book)
    with pytest.raises(RuntimeError, match="the feed broke"):
        book.apply(rows(), [])
    assert content(book) == before


def test_bad_arguments_of_reads(book):
    for call in (book.depth, book.imbalance):
        for levels in (0, -1):
            with pytest.raises(InputError, match=f"levels must be at least 1, got {levels}"):
                call(levels)
    with pytest.raises(InputError, match='side must be "buy" or "sell", got "bid"'):
        book.vwap("bid", 1)
    for size in (0, -1):
        with pytest.raises(InputError, match="size must be greater than zero"):
            book.vwap("buy", size)
    for call in (book.levels, book.levels_exact):
        with pytest.raises(InputError, match='side must be "bid" or "ask", got "buy"'):
            call("buy")
    for bps in (-1, math.nan):
        with pytest.raises(InputError, match="bps must be zero or more"):
            book.depth_within("bid", bps)


def test_a_bool_array_may_hold_any_byte(book):
    odd = np.array([2, 0, 255], dtype=np.uint8).view(bool)
    book.apply_columns(odd, np.array([990, 1010, 991]), np.array([7, 8, 9]))
    assert book.levels_exact("bid")[0].tolist() == [1001, 1000, 991, 990]
    assert book.levels_exact("ask")[0].tolist() == [1002, 1004, 1010]


def test_empty_batches_are_fine(book):
    before = content(book)
    book.apply([], np.empty((0, 2)))
    book.apply(np.array([]), ())
    book.apply_columns(np.array([], dtype=bool), [], np.array([]))
    assert content(book) == before


def test_a_batch_in_another_thread_makes_the_book_busy():
    book, size = OrderBook(tick_size="0.1", lot_size="0.001"), 4_000_000
    prices = 600_000 + np.arange(size) % 50_000  # beyond the window: slow on purpose
    columns = (np.ones(size, dtype=bool), prices, np.ones(size, dtype=np.int64))
    batch = threading.Thread(target=book.apply_columns, args=columns)
    seen = set()
    batch.start()
    while batch.is_alive():
        try:
            seen.add(math.isnan(book.best_bid))
        except BookBusyError as error:
            seen.add(str(error))
    batch.join()
    assert "the book is busy: another thread applies a batch to it" in seen
    assert book.best_bid == 64_999.9


def test_a_thousand_books_in_one_process():
    """Untouched parts of a window take no memory: a small book takes some pages, not its whole window."""
    script = """if True:
        import resource
        import numpy as np
        from alipes import OrderBook
        levels = np.arange(1, 101)
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        books = [OrderBook(tick_size="0.1", lot_size="0.001") for _ in range(1000)]
        for book in books:
            book.apply_snapshot(np.column_stack((600_000 - levels, levels)),
                                np.column_stack((600_000 + levels, levels)))
        assert all(book.best_bid == 59_999.9 for book in books)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 1000 * 64 * 1024


def test_a_book_stays_below_a_megabyte(book):
    assert sys.getsizeof(OrderBook(tick_size=1, lot_size=1)) < 8_192
    rng = np.random.default_rng(1)
    ticks = np.unique(rng.integers(5_600, 6_213_687, 10_000))
    book.apply_columns(np.arange(len(ticks)) % 2 == 0, ticks, np.ones(len(ticks), dtype=np.int64))
    assert len(book) > 9_000
    assert sys.getsizeof(book) < 1 << 20
