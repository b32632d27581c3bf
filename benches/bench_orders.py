"""An order's way through the lifecycle, without engine, gate and exchange: what each step costs."""

import pytest

from alipes._core import InstrumentSpec
from alipes.model import Accepted, Amended, Cancelled, Filled, Instrument, OrderType, Purpose, Side
from alipes.orders import Lifecycle, Quote, plan_quote, plan_target
from alipes.risk import InstrumentLimits, RiskChecks

ORDERS = 500
SPEC = InstrumentSpec(symbol="BTC/USDT:USDT", base="BTC", quote="USDT", tick_size="0.1", lot_size="0.001")
BTC = Instrument("main", "BTC/USDT:USDT", 0, SPEC)
BUY, LIMIT, QUOTE = Side.BUY, OrderType.LIMIT, Purpose.QUOTE


def desk(*events):
    """A lifecycle with live orders that have been through the events, and their client ids."""
    lifecycle = Lifecycle()
    orders = [lifecycle.create(BTC, "maker", BUY, LIMIT, 10_000, price_ticks=1_000) for _ in range(ORDERS)]
    for order in orders:
        lifecycle.submit(order)
    for event in events:
        for order in orders:
            lifecycle.apply(event(order.client_order_id))
    lifecycle.take_effects()
    return lifecycle, orders


def accepted(client_order_id):
    return Accepted(client_order_id, 1, 2, "v1")


def partly_filled(client_order_id):
    return Filled(client_order_id, 1, 2, "a" + client_order_id, 1_000, 4_000)


def filled(client_order_id):
    return Filled(client_order_id, 1, 2, "b" + client_order_id, 1_000, 10_000)


def amended(client_order_id):
    return Amended(client_order_id, 1, 2, 1_001, 20_000)


def cancelled(client_order_id):
    return Cancelled(client_order_id, 1, 2)


def each(function, values):
    for value in values:
        function(value)


def measure(benchmark, unit, setup):
    benchmark.extra_info.update(unit=unit, per_round=ORDERS)
    benchmark.pedantic(each, setup=lambda: (setup(), {}), rounds=60, warmup_rounds=3)


def test_order_create_and_submit(benchmark):
    def setup():
        lifecycle = Lifecycle()

        def send(_):
            lifecycle.submit(lifecycle.create(BTC, "maker", BUY, LIMIT, 10_000, price_ticks=1_000))

        return send, range(ORDERS)

    measure(benchmark, "order", setup)


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (accepted, ()),
        (accepted, (accepted,)),
        (partly_filled, (accepted,)),
        (partly_filled, (accepted, partly_filled)),
        (filled, (accepted,)),
        (amended, (accepted,)),
        (cancelled, (accepted,)),
    ],
    ids=["accepted", "repeated_ack", "partial_fill", "repeated_fill", "full_fill", "amended", "cancelled"],
)
def test_order_event(benchmark, event, before):
    def setup():
        lifecycle, orders = desk(*before)
        return lifecycle.apply, [event(order.client_order_id) for order in orders]

    measure(benchmark, "event", setup)


def test_order_request_cancel(benchmark):
    def setup():
        lifecycle, orders = desk(accepted)
        return lifecycle.request_cancel, orders

    measure(benchmark, "request", setup)


def test_order_request_amend(benchmark):
    def setup():
        lifecycle, orders = desk(accepted)
        return lambda order: lifecycle.request_amend(order, price_ticks=1_001), orders

    measure(benchmark, "request", setup)


def quotes():
    lifecycle = Lifecycle()
    for side, price in ((BUY, 1_000), (Side.SELL, 1_010)):
        order = lifecycle.create(BTC, "maker", side, LIMIT, 10_000, price_ticks=price, purpose=QUOTE)
        lifecycle.submit(order)
        lifecycle.apply(accepted(order.client_order_id))
    return lifecycle.open_of(BTC, "maker")


@pytest.mark.parametrize("bid", [1_000, 999], ids=["keep", "move"])
def test_plan_quote(benchmark, bid):
    mine, wanted = quotes(), (Quote(bid, 10_000), Quote(1_010, 10_000))
    benchmark(plan_quote, mine, *wanted)


def test_plan_target(benchmark):
    benchmark(plan_target, quotes(), position_steps=5_000, target_steps=9_000)


def test_risk_checks(benchmark):
    checks = RiskChecks()
    checks.set_limits(BTC, InstrumentLimits(max_order_size=1, max_order_notional=1_000, max_position=1))
    order = Lifecycle().create(BTC, "maker", BUY, LIMIT, 10_000, price_ticks=1_000)

    def check():
        return checks.refusal(
            order,
            price_ticks=1_000,
            size_steps=10_000,
            position_steps=0,
            open_buy_steps=0,
            open_sell_steps=0,
            touch=(999, 1_000),
        )

    assert check() is None
    benchmark(check)
