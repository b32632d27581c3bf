"""What metrics cost: a frame and an order with a meter on the engine and without; a reading; a scrape."""

from itertools import islice

import pytest
from benches.bench_kernel import TABLES, Idle, Orders
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from alipes import config
from alipes._core import SynthMarket
from alipes.engine.metering import Meter
from alipes.engine.wiring import build
from alipes.monitor.collector import ReadingCollector
from alipes.strategy.library import Quoter

ORDERS = 100
SEED = 1
both = pytest.mark.parametrize("is_metered", [False, True], ids=["without", "with"])


def started(strategy, *, is_metered):
    engine = build(config.from_tables(TABLES), strategies={"one": strategy})
    meter = Meter(engine, [lambda _: None]) if is_metered else None
    frames = list(islice(SynthMarket(seed=SEED), 200))
    engine.start(frames[0][0])
    for ts_recv, raw in frames:
        engine.on_frame(engine.sources["main"], ts_recv, raw)
    return engine, meter


@both
def test_frame(benchmark, is_metered):
    frames = [
        (ts_recv, raw)
        for ts_recv, raw in islice(SynthMarket(seed=SEED), 200, 20_000)
        if b"depthUpdate" in raw[:80]
    ]

    def turns(engine, _):
        source, on_frame = engine.sources["main"], engine.on_frame
        for ts_recv, raw in frames:
            on_frame(source, ts_recv, raw)

    benchmark.extra_info.update(unit="frame", per_round=len(frames))
    benchmark.pedantic(turns, setup=lambda: (started(Idle(), is_metered=is_metered), {}), rounds=20)


@both
def test_order(benchmark, is_metered):
    def orders(engine, _):
        message = engine.message
        for _ in range(ORDERS):
            message("one", 59_000.0)

    benchmark.extra_info.update(unit="order", per_round=ORDERS)
    benchmark.pedantic(orders, setup=lambda: (started(Orders(), is_metered=is_metered), {}), rounds=100)


def test_counting(benchmark):
    """What was appended, counted later: an order's row, ten times a second."""

    def setup():
        engine, meter = started(Orders(), is_metered=True)
        meter.tick(engine.now)
        for _ in range(ORDERS):
            engine.message("one", 59_000.0)
        return (engine, meter), {}

    benchmark.extra_info.update(unit="row", per_round=ORDERS)
    benchmark.pedantic(lambda engine, meter: meter.tick(engine.now), setup=setup, rounds=60)


def traded(readers):
    """A meter on an engine that has quoted for a minute of the market."""
    engine = build(config.from_tables(TABLES), strategies={"one": Quoter()})
    meter = Meter(engine, readers)
    for index, (ts_recv, raw) in enumerate(SynthMarket(seed=SEED, seconds=60.0)):
        if not index:
            engine.start(ts_recv)
        engine.advance(ts_recv)
        engine.on_frame(engine.sources["main"], ts_recv, raw)
    return engine, meter


def test_reading(benchmark):
    """A reading, once a second."""
    engine, meter = traded([lambda _: None])
    benchmark.extra_info.update(unit="reading")
    benchmark(meter.read, engine.now)


@pytest.mark.parametrize("form", [generate_latest, openmetrics.generate_latest], ids=["text", "openmetrics"])
def test_scrape(benchmark, form):
    """The page of a scrape, in the thread of the endpoint; Prometheus asks for OpenMetrics."""
    collector, registry = ReadingCollector(), CollectorRegistry()
    registry.register(collector)
    readings = []
    engine, meter = traded([readings.append])
    meter.read(engine.now)
    collector.reading = readings[-1]
    benchmark.extra_info.update(unit="scrape")
    benchmark(form, registry)
