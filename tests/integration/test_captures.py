"""Both real captures, against the venue's own best bid and ask and facts computed once with a plain book."""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from tests.reference.captures import lines
from tests.reference.plain_book import Care, Reader, Reading, Tape, digest, read

from alipes import BookSync, InstrumentSpec
from alipes._core import FeedDecoder, _decode


@dataclass(frozen=True)
class Facts:
    """What is known of a capture."""

    tick_size: str
    lot_size: str
    decimals: tuple[int, int]
    lines: int
    depths: int
    checks: int
    tickers: int
    trades: tuple[int, int]
    changes: tuple[int, int]
    prices: tuple[str, str]
    dropped: int
    replayed: int
    first: tuple[int, int]
    digest: str
    levels: tuple[int, int]
    sums: tuple[str, str]
    touch: tuple[float, float, float, float]
    traded: tuple[str, str, str]


FACTS = {
    "binanceusdm": Facts(
        tick_size="0.1",
        lot_size="0.001",
        decimals=(2, 3),
        lines=93_954,
        depths=6_551,
        checks=6_547,
        tickers=66_089,
        trades=(5266583935, 5266605247),
        changes=(443_521, 96_007),
        prices=("560.00", "621368.70"),
        dropped=4,
        replayed=2,
        first=(5123107850310, 5123107853551),
        digest="7e1e39191f817e5c6773b468925e785649a1ec509f24415641a2247299feca85",
        levels=(5_018, 4_578),
        sums=("9457.538", "8813.296"),
        touch=(61659.7, 1.486, 61659.8, 0.981),
        traded=("2429.366", "1251.576", "149845680.88980"),
    ),
    "binance": Facts(
        tick_size="0.01",
        lot_size="0.00001",
        decimals=(8, 8),
        lines=41_249,
        depths=3_451,
        checks=3_449,
        tickers=28_040,
        trades=(3735683259, 3735693015),
        changes=(124_090, 59_187),
        prices=("15460.80", "200000.00"),
        dropped=2,
        replayed=1,
        first=(50093239208, 50093239224),
        digest="47af70b867cff57c655dee75f7d8d598540dbd629bae0017c65d4ff5408ca134",
        levels=(1_209, 2_196),
        sums=("3087.28043", "3071.44102"),
        touch=(61685.99, 1.0087, 61686.0, 2.29327),
        traded=("212.03315", "96.65118", "13084074.1123886"),
    ),
}
VENUES = sorted(FACTS)
tape_of = cache(read)


def sync_of(venue: str) -> BookSync:
    facts = FACTS[venue]
    return BookSync(venue, "BTCUSDT", tick_size=facts.tick_size, lot_size=facts.lot_size)


def text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def digest_of(sync: BookSync, venue: str) -> str:
    prices, sizes = FACTS[venue].decimals
    sides = (
        [(text(p, prices), text(s, sizes)) for p, s in sync.book.levels(side)] for side in ("bid", "ask")
    )
    return digest(*sides)


def reading_of(venue: str, path: Path, *, is_snapshot_first: bool) -> tuple[Reading, BookSync]:
    """The capture through `BookSync`, and what it looked like after every applied event."""
    sync, out, messages = sync_of(venue), Reading(), [raw for _, raw in lines(path)]
    if is_snapshot_first:
        messages.insert(0, messages.pop(tape_of(path).snapshot_line - 1))
    prices, sizes = FACTS[venue].decimals
    applied = 0
    for line, raw in enumerate(messages, start=1):
        sync.feed(raw)
        stats = sync.stats() if b"depthUpdate" in raw or raw.startswith(b'{"lastUpdateId"') else {}
        if stats and stats["depths"] + stats["replayed"] > applied:
            applied = stats["depths"] + stats["replayed"]
            bid, bid_size, ask, ask_size = sync.book.bbo()
            touch = (text(bid, prices), text(bid_size, sizes), text(ask, prices), text(ask_size, sizes))
            out.touches.append((sync.last_update_id, line, touch))
            out.crossed += sync.book.is_crossed
    return out, sync


def mismatches(reading: Reading, tape: Tape) -> int:
    """Best price and size against the venue's, by update id, after every event."""
    return sum(tape.ticker(update_id) != touch for update_id, _, touch in reading.touches)


@pytest.mark.parametrize("venue", VENUES)
def test_touch_equals_the_venues_after_every_event(venue, captures):
    facts, tape = FACTS[venue], tape_of(captures[venue])
    reading, sync = reading_of(venue, captures[venue], is_snapshot_first=True)
    assert len(reading.touches) == facts.checks
    assert mismatches(reading, tape) == 0
    assert reading.crossed == 0
    assert digest_of(sync, venue) == facts.digest
    stats = sync.stats()
    assert (stats["gaps"], stats["stales"], stats["repeats"]) == (0, 0, facts.dropped)


@pytest.mark.parametrize("venue", VENUES)
def test_first_event_follows_the_venues_rule(venue, captures):
    facts, path = FACTS[venue], captures[venue]
    reading, _ = reading_of(venue, path, is_snapshot_first=True)
    assert reading.touches[0][0] == facts.first[1]
    sync = sync_of(venue)
    tape = tape_of(path)
    messages = [raw for _, raw in lines(path)]
    early = [messages[depth.line - 1] for depth in tape.depths if depth.line < tape.snapshot_line]
    assert len(early) == facts.dropped + facts.replayed
    for raw in early:
        assert sync.feed(raw) == "buffering"
    assert sync.wants_snapshot
    assert sync.snapshot_from <= tape.snapshot["lastUpdateId"]
    assert sync.snapshot(messages[tape.snapshot_line - 1]) == "synced"
    assert sync.stats()["replayed"] == facts.replayed


@pytest.mark.parametrize("venue", VENUES)
def test_capture_as_recorded_ends_in_the_known_book(venue, captures):
    facts, path = FACTS[venue], captures[venue]
    reading, sync = reading_of(venue, path, is_snapshot_first=False)
    # The replay's own events are not seen one by one.
    assert len(reading.touches) == facts.checks - facts.replayed + 1
    assert mismatches(reading, tape_of(path)) == 0
    assert digest_of(sync, venue) == facts.digest
    assert sync.book.bbo() == facts.touch
    sides = [sync.book.levels(side) for side in ("bid", "ask")]
    assert tuple(len(side) for side in sides) == facts.levels
    step = Decimal(1).scaleb(-facts.decimals[1])
    sums = [sum(Decimal(text(size, facts.decimals[1])) for size in side[:, 1]) for side in sides]
    assert [total.quantize(step) for total in sums] == [Decimal(total).quantize(step) for total in facts.sums]
    stats = sync.stats()
    assert (stats["messages"], stats["touches"]) == (facts.lines, facts.tickers)
    assert stats["depths"] + stats["replayed"] == facts.checks
    assert stats["scanned"] >= 0.999 * facts.lines
    assert (stats["gaps"], stats["stales"], stats["errors"], stats["sizes_rounded"]) == (0, 0, 0, 0)


@pytest.mark.parametrize("venue", VENUES)
def test_feed_many_gives_the_touch_after_every_message(venue, captures):
    facts, tape = FACTS[venue], tape_of(captures[venue])
    sync, messages = sync_of(venue), [raw for _, raw in lines(captures[venue])]
    rows = sync.feed_many(messages)
    assert rows.shape == (facts.lines, 4)
    assert tuple(rows[-1]) == facts.touch
    live = [depth for depth in tape.depths if depth.line > tape.snapshot_line]
    wrong = sum(tuple(rows[d.line - 1]) != tuple(map(float, tape.ticker(d.last))) for d in live)
    assert wrong == 0


@pytest.mark.parametrize("venue", VENUES)
def test_level_changes_add_up(venue, captures):
    facts = FACTS[venue]
    terms = {"tick_size": facts.tick_size, "lot_size": facts.lot_size, "parser": "scanner"}
    changes = []
    for _, raw in lines(captures[venue]):
        if b"depthUpdate" in raw:
            message = _decode(venue, "BTCUSDT", raw, **terms)
            changes += [*message["bids"], *message["asks"]]
    assert len(changes) == facts.changes[0]
    assert sum(size == 0 for _, size in changes) == facts.changes[1]
    tape, tick = tape_of(captures[venue]), Decimal(facts.tick_size)
    prices = [price * tick for price, _ in changes]
    prices += [Decimal(price) for side in ("bids", "asks") for price, _ in tape.snapshot[side]]
    assert (min(prices), max(prices)) == tuple(map(Decimal, facts.prices))


@pytest.mark.parametrize("venue", VENUES)
def test_trades_are_contiguous_and_add_up(venue, captures):
    facts, decoder = FACTS[venue], FeedDecoder(venue)
    grids = {"tick_size": facts.tick_size, "lot_size": facts.lot_size}
    decoder.add("BTCUSDT", 3, InstrumentSpec(symbol="BTCUSDT", base="BTC", quote="USDT", **grids))
    trades = []
    for ts_recv, raw in lines(captures[venue]):
        decoder.on_frame(raw, ts_recv)
        rows = decoder.last_trades()
        trades += rows
        # The receive clock of the captures was slow; a reader of absolute latency would see it negative.
        assert all(ts_event > ts_recv for _, ts_event, *_ in rows)
    ids = [trade[5] for trade in trades]
    assert (ids[0], ids[-1]) == facts.trades
    assert all(b == a + 1 for a, b in pairwise(ids))
    assert {trade[0] for trade in trades} == {3}
    exact = [(Decimal(repr(price)), Decimal(repr(size)), taker) for _, _, price, size, taker, _ in trades]
    size = sum(size for _, size, _ in exact)
    bought = sum(size for _, size, taker in exact if taker == "buy")
    value = sum(price * size for price, size, _ in exact)
    assert (size, bought, value) == tuple(map(Decimal, facts.traded))


def plain(venue: str, path: Path, care: Care) -> Reading:
    return Reader(tape_of(path), venue, FACTS[venue].lot_size, care).read()


def failed_checks(venue: str, path: Path, care: Care) -> set[str]:
    reading = plain(venue, path, care)
    facts = FACTS[venue]
    checks = {
        "touch": mismatches(reading, tape_of(path)) == 0,
        "first": reading.first == facts.first,
        "digest": reading.digest() == facts.digest,
        "crossed": reading.crossed == 0,
    }
    return {name for name, holds in checks.items() if not holds}


@pytest.mark.parametrize("venue", VENUES)
def test_a_careful_plain_reader_passes_every_check(venue, captures):
    assert failed_checks(venue, captures[venue], Care()) == set()


CARELESS = {
    "skips the replay": (Care(replays_buffered=False), {"first", "digest"}, {"touch", "first", "digest"}),
    "replays everything": (Care(drops_what_snapshot_holds=False), {"first"}, {"first"}),
    "joins one event late": (Care(waits_for_event_after_snapshot=True), {"first"}, {"first"}),
    "ignores removals": (Care(removes_empty_levels=False), {"touch"}, {"touch"}),
    "drops far levels": (Care(keeps_far_levels=False), {"digest"}, {"digest"}),
    "refuses sizes off the lot": (Care(takes_sizes_off_lot=False), set(), {"digest"}),
}


@pytest.mark.parametrize("reader", sorted(CARELESS))
def test_each_careless_reading_is_caught(reader, captures):
    care, usdm, spot = CARELESS[reader]
    assert failed_checks("binanceusdm", captures["binanceusdm"], care) >= usdm
    assert failed_checks("binance", captures["binance"], care) >= spot


def test_comparing_by_line_order_is_caught(captures):
    tape = tape_of(captures["binanceusdm"])
    reading = plain("binanceusdm", captures["binanceusdm"], Care())
    ids, lines_of, touches = zip(*tape.tickers, strict=True)
    wrong = 0
    for update_id, line, touch in reading.touches:
        at = bisect_right(ids, update_id) - 1
        while lines_of[at] > line:
            at -= 1
        wrong += touches[at] != touch
    assert wrong == 230


def test_skipping_the_replay_breaks_the_spot_book_as_documented(captures):
    care = Care(replays_buffered=False)
    spot = plain("binance", captures["binance"], care)
    assert (mismatches(spot, tape_of(captures["binance"])), len(spot.touches)) == (2_573, 3_448)
    assert (max(spot.bids), min(spot.asks)) == (Decimal("61820.99"), Decimal("61686.00"))
    # In the futures capture the touch alone would not show it.
    usdm = plain("binanceusdm", captures["binanceusdm"], care)
    assert (mismatches(usdm, tape_of(captures["binanceusdm"])), len(usdm.touches)) == (0, 6_545)
