"""Venue time, watermark and latency of the simulated exchange (rules T1 to T11), worked by hand."""

from typing import Any

import pytest

from alipes._core import InstrumentSpec, SimExchange

MS = 1_000_000
ACCEPTED, REJECTED, FILL, CANCEL_REJECTED = 0, 1, 2, 7
BOOK = ([(99, 9000)], [(101, 5000)])


def exchange(**times: int | None) -> SimExchange:
    exchange = SimExchange(**times)
    spec = InstrumentSpec(symbol="X/Y", kind="spot", base="X", quote="Y", tick_size="1", lot_size="1")
    exchange.add_instrument(0, spec, maker_fee="0", taker_fee="0")
    exchange.ingest_events(0, [(0, "reset", 0, *BOOK, 1)])
    return exchange


def depth(exchange: SimExchange, ts_event: int, asks: Any = (), *, ts_recv: int | None = None) -> None:
    now = ts_event if ts_recv is None else ts_recv
    exchange.ingest_events(now, [(0, "depth", ts_event, [], list(asks), 2)])


def trade(exchange: SimExchange, ts_event: int, price: int = 100, *, ts_recv: int | None = None) -> None:
    now = ts_event if ts_recv is None else ts_recv
    exchange.ingest_events(now, [(0, "trade", ts_event, price, 1000, 0, 1)])


def buy(exchange: SimExchange, now: int, name: str = "a", *, lots: int = 1) -> None:
    terms = {"side": 0, "type": 1, "tif": 0, "post_only": False, "reduce_only": False, "price_ticks": 0}
    exchange.submit(now, name, 0, size_steps=lots * 1000, **terms)


def outcomes(exchange: SimExchange, now: int = 2**60) -> list[tuple[int, int, int]]:
    return [(kind, ts_event, price) for kind, _, ts_event, _, price, *_ in exchange.poll(now)]


def test_an_order_waits_until_the_watermark_is_above_its_arrival() -> None:
    sim = exchange(entry_latency_ns=10 * MS)
    buy(sim, 5 * MS)
    depth(sim, 15 * MS)
    assert sim.next_due() is None
    depth(sim, 16 * MS)
    assert outcomes(sim) == [(ACCEPTED, 15 * MS, 0), (FILL, 15 * MS, 101)]


def test_it_meets_what_happened_before_it_arrived_though_we_heard_of_it_later() -> None:
    sim = exchange(entry_latency_ns=10 * MS)
    buy(sim, 5 * MS)
    depth(sim, 14 * MS, [(101, 0), (103, 2000)])
    depth(sim, 16 * MS, [(103, 0), (107, 2000)])
    assert outcomes(sim)[1] == (FILL, 15 * MS, 103)


def test_the_slowest_stream_holds_matching_for_a_quarter_second_at_most() -> None:
    sim = exchange()
    trade(sim, 1 * MS)
    buy(sim, 2 * MS)
    depth(sim, 252 * MS)
    assert sim.next_due() is None
    depth(sim, 253 * MS)
    assert outcomes(sim)[1] == (FILL, 2 * MS, 101)


def test_a_late_event_takes_effect_at_the_watermark_and_is_counted() -> None:
    sim = exchange()
    depth(sim, 300 * MS)
    trade(sim, 10 * MS)
    assert sim.stats()["late_events"] == 1
    trade(sim, 300 * MS)
    assert sim.stats()["late_events"] == 1


def test_an_event_without_a_time_takes_the_highest_seen() -> None:
    sim = exchange()
    depth(sim, 10 * MS)
    sim.ingest_events(11 * MS, [(0, "touch", None, (99, 1000), (104, 3000), 9)])
    buy(sim, 10 * MS)
    depth(sim, 12 * MS)
    assert outcomes(sim)[1] == (FILL, 10 * MS, 104)


def test_at_one_time_trades_come_first_then_the_book_then_requests() -> None:
    sim = exchange()
    buy(sim, 10 * MS, "market")
    sim.submit(0, "maker", 0, 0, 0, 0, post_only=False, reduce_only=False, price_ticks=99, size_steps=1000)
    depth(sim, 10 * MS, [(101, 0), (105, 9000)])
    sim.ingest_events(10 * MS, [(0, "trade", 10 * MS, 98, 1000, 1, 1)])
    depth(sim, 400 * MS)
    assert outcomes(sim) == [(0, 0, 99), (FILL, 10 * MS, 99), (ACCEPTED, 10 * MS, 0), (FILL, 10 * MS, 105)]


def test_the_venue_clock_runs_ahead_by_the_largest_lead_seen() -> None:
    sim = exchange(entry_latency_ns=1 * MS)
    assert sim.venue_time(50 * MS) == 50 * MS
    depth(sim, 100 * MS, ts_recv=70 * MS)
    depth(sim, 110 * MS, ts_recv=90 * MS)
    assert sim.stats()["clock_offset_ns"] == 30 * MS
    assert sim.venue_time(90 * MS) == 120 * MS
    depth(sim, 300 * MS, ts_recv=300 * MS)
    assert sim.venue_time(200 * MS) == 300 * MS
    assert exchange(clock_offset_ns=-7).venue_time(100) == 93


def test_an_answer_takes_the_response_latency_but_never_comes_before_its_cause() -> None:
    sim = exchange(entry_latency_ns=10 * MS, response_latency_ns=20 * MS)
    buy(sim, 5 * MS)
    depth(sim, 16 * MS, ts_recv=17 * MS)
    assert sim.next_due() == 35 * MS
    assert outcomes(sim, 35 * MS - 1) == []
    assert len(outcomes(sim, 35 * MS)) == 2
    buy(sim, 36 * MS, "b")
    depth(sim, 60 * MS, ts_recv=90 * MS)
    assert sim.next_due() == 90 * MS


@pytest.mark.parametrize("verb", ["cancel", "amend"])
def test_a_request_for_no_order_is_answered_without_the_market(verb: str) -> None:
    sim = exchange(entry_latency_ns=10 * MS, response_latency_ns=20 * MS)
    getattr(sim, verb)(5 * MS, "ghost", *([100, 1000] if verb == "amend" else []))
    assert sim.next_due() == 35 * MS
    assert sim.poll(35 * MS)[0][10] == "unknown_order"


def test_an_id_on_its_way_cannot_be_used_again() -> None:
    sim = exchange(entry_latency_ns=10 * MS, response_latency_ns=20 * MS)
    buy(sim, 5 * MS)
    buy(sim, 6 * MS)
    assert [(row[0], row[10]) for row in sim.poll(36 * MS)] == [(REJECTED, "duplicate_client_order_id")]
    depth(sim, 50 * MS)
    assert [row[0] for row in sim.poll(2**60)] == [ACCEPTED, FILL]
    buy(sim, 51 * MS)
    depth(sim, 90 * MS)
    assert [row[0] for row in sim.poll(2**60)] == [ACCEPTED, FILL]


def test_requests_that_wait_when_the_data_ends_take_effect_at_their_own_time() -> None:
    sim = exchange(entry_latency_ns=10 * MS)
    depth(sim, 4 * MS)
    buy(sim, 5 * MS)
    assert sim.next_due() is None
    sim.finish()
    assert outcomes(sim) == [(ACCEPTED, 15 * MS, 0), (FILL, 15 * MS, 101)]
    sim.finish()
    assert outcomes(sim) == []
