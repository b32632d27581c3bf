"""The exchange, the ledger and the gate as Python sees them."""

from decimal import Decimal

import pytest

from alipes._core import Gate, InstrumentSpec, Ledger, SimExchange
from alipes.errors import InputError

MS = 1_000_000


@pytest.fixture
def spec() -> InstrumentSpec:
    return InstrumentSpec(
        symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001", settle="USDT"
    )


@pytest.fixture
def exchange(spec: InstrumentSpec) -> SimExchange:
    exchange = SimExchange(entry_latency_ns=2 * MS, response_latency_ns=3 * MS)
    exchange.add_instrument(0, spec, maker_fee="0.0002", taker_fee="0.0005")
    bids, asks = [(1000, 5000), (999, 9000)], [(1001, 4000), (1002, 8000)]
    exchange.ingest_events(100 * MS, [(0, "reset", 100 * MS, bids, asks, 1)])
    return exchange


def buy(exchange: SimExchange, name: str, price: int, size: int) -> None:
    terms = {"side": 0, "type": 0, "tif": 0, "post_only": False, "reduce_only": False}
    exchange.submit(100 * MS, name, 0, price_ticks=price, size_steps=size, **terms)


def test_a_taker_sweeps_two_levels_and_pays_the_taker_fee(exchange: SimExchange) -> None:
    buy(exchange, "a", 1002, 6000)
    exchange.ingest_events(110 * MS, [(0, "depth", 110 * MS, [], [(1009, 1000)], 2)])
    assert exchange.next_due() == 110 * MS
    responses = exchange.poll(110 * MS)
    assert [(r[0], r[4], r[5], r[7], r[8], r[9]) for r in responses] == [
        (0, 1002, 6000, False, Decimal(0), ""),
        (2, 1001, 4000, False, Decimal("0.0002002"), "USDT"),
        (2, 1002, 2000, False, Decimal("0.0001002"), "USDT"),
    ]
    assert {r[2] for r in responses} == {102 * MS}


def test_a_maker_waits_for_those_in_front(exchange: SimExchange) -> None:
    buy(exchange, "a", 1000, 2000)
    exchange.ingest_events(
        110 * MS, [(0, "trade", 110 * MS, 1000, 4000, 1, 7), (0, "depth", 111 * MS, [], [], 2)]
    )
    assert exchange.queue_ahead("a") == 5000
    exchange.ingest_events(
        112 * MS, [(0, "trade", 112 * MS, 1000, 2000, 1, 8), (0, "depth", 112 * MS, [], [], 3)]
    )
    assert exchange.queue_ahead("a") == 1000
    exchange.ingest_events(
        113 * MS, [(0, "trade", 113 * MS, 999, 2000, 1, 9), (0, "depth", 113 * MS, [], [], 4)]
    )
    exchange.ingest_events(
        114 * MS, [(0, "trade", 114 * MS, 999, 2000, 1, 9), (0, "depth", 114 * MS, [], [], 5)]
    )
    fills = [r[4:8] for r in exchange.poll(200 * MS) if r[0] == 2]
    assert fills == [(1000, 1000, "1", True), (1000, 1000, "2", True)]
    assert exchange.queue_ahead("a") is None


def test_the_ledger_keeps_exact_cost_and_profit(spec: InstrumentSpec) -> None:
    ledger = Ledger()
    ledger.add_instrument(0, spec)
    ledger.deposit("USDT", "100000")
    ledger.fill("s", 0, 0, 1000, 3_000_000, "0.06", "USDT")
    ledger.fill("s", 0, 1, 1100, 4_000_000, "0.01", "USDT")
    assert ledger.position_steps("s", 0) == -1_000_000
    size, price, realised, fees = ledger.position("s", 0)
    assert (size, price, realised, fees) == (
        Decimal(-1),
        Decimal(110),
        Decimal(30),
        {"USDT": Decimal("0.07")},
    )
    assert ledger.unrealised(None, 0, 1050) == 5
    assert ledger.balances() == {"USDT": Decimal("100029.93")}


def test_the_gate_passes_the_limit_and_stops_one_lot_above(spec: InstrumentSpec) -> None:
    gate = Gate()
    gate.add_instrument(0, spec)
    gate.set_limits(0, max_order_size="2")
    order = (0, 0, 0, 1000, 2_000_000, 0, 0, 0, False, 999, 1001)
    assert gate.check(*order) == 0
    assert gate.explain(*order) == ""
    above = (*order[:4], 2_001_000, *order[5:])
    assert gate.check(*above) == 3
    assert gate.explain(*above) == "size 2.001 is above the limit 2"


def test_wrong_calls_are_one_clear_error(spec: InstrumentSpec) -> None:
    with pytest.raises(InputError, match="instrument 3 was not added"):
        SimExchange().submit(
            0, "a", 3, 0, 0, 0, post_only=False, reduce_only=False, price_ticks=1, size_steps=1
        )
    with pytest.raises(InputError, match="fee_price"):
        SimExchange().add_instrument(0, spec, maker_fee=0, taker_fee=0, fee_asset="BNB")
    with pytest.raises(InputError, match="entry_latency_ns must not be negative"):
        SimExchange(entry_latency_ns=-1)
