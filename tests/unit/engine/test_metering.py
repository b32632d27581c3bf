"""What is read of an engine, against a market and orders that are written down here."""

import pytest
from tests.unit.engine.scripted import MS, START, SYMBOL, Market, Recorder, at, engine_of

from alipes.clock import SimulatedClock
from alipes.engine.kernel import Command
from alipes.engine.metering import Meter
from alipes.monitor.metrics import METRICS
from alipes.risk import TradingState

WALL = 2_000_000_000 * 10**9
MAIN = ("main", "binanceusdm")
BTC = (*MAIN, SYMBOL)


class Metered:
    """An engine with a meter, on a book of 100 x 101; its clock stands still unless it is moved."""

    def __init__(self, *strategies, **options):
        self.clock = SimulatedClock(WALL)
        self.readings = []
        self.engine = engine_of(*strategies, **options)
        self.meter = Meter(self.engine, [self.readings.append], clock=self.clock)
        self.market = Market(self.engine)
        self.engine.start(START)
        self.market.snapshot()

    def read(self, later_ms=0):
        self.meter.read(self.engine.now + later_ms * MS)
        return self.readings[-1].samples

    def values(self, name):
        """By labels, without the mode, which is the same everywhere."""
        mode = next(metric for metric in METRICS if metric.name == name).labels.index("mode")
        return {labels[:mode] + labels[mode + 1 :]: value for labels, value in self.read()[name].items()}


def test_an_engine_that_has_done_nothing_has_positions_of_zero_and_no_counts():
    run = Metered(Recorder())
    assert run.values("position_base") == {(*BTC, "s0"): 0.0}
    assert run.values("orders_open") == {(*BTC, "s0"): 0.0}
    assert run.values("trading_enabled") == {MAIN: 1.0}
    assert run.values("strategy_faulted") == {("s0",): 0.0}
    assert (
        run.values("orders_total") == run.values("fills_total") == run.values("exchange_requests_total") == {}
    )


def test_every_label_of_mode_is_the_engines():
    samples = Metered(Recorder(), mode="paper").read()
    for metric in METRICS:
        assert {labels[metric.labels.index("mode")] for labels in samples[metric.name]} <= {"paper"}


def test_orders_fills_and_positions_are_counted_exactly():
    def trade(ctx, _):
        ctx.buy(SYMBOL, "0.5", price="101")  # takes
        ctx.sell(SYMBOL, "0.2", price="110")  # rests
        ctx.buy(SYMBOL, "0.1", price="100.05")  # between two ticks
        ctx.buy(SYMBOL, "9", price="101", tif="FOK")  # more than there is

    run = Metered(Recorder(book=at(1, trade)))
    run.market.wait(5).wait(5)
    strategy = (*BTC, "s0")
    assert run.values("orders_total") == {
        (*strategy, "buy", "filled"): 1.0,
        (*strategy, "buy", "denied"): 1.0,
        (*strategy, "buy", "expired"): 1.0,
    }
    assert run.values("orders_open") == {strategy: 1.0}
    assert run.values("orders_unknown") == {strategy: 0.0}
    assert run.values("fills_total") == {(*strategy, "buy", "taker"): 1.0}
    assert run.values("position_base") == {strategy: 0.5}
    assert run.values("exchange_requests_total") == {(*MAIN, "submit", "ok"): 3.0}
    within, total = run.values("order_round_trip_seconds")[*MAIN, "submit"]
    assert within[-1] == 3
    assert total == 3 * 0.007  # asked at 1 ms; the market shows at 7 ms what happened there, told 1 ms later


def test_profit_is_marked_at_the_price_of_closing():
    run = Metered(Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="101"))))
    run.market.wait(5).wait(5)
    assert run.values("realized_pnl_quote") == {(*BTC, "s0", "USDT"): 0.0}
    assert run.values("unrealized_pnl_quote") == {(*BTC, "s0", "USDT"): -0.5}


def test_equity_and_drawdown_are_those_of_the_samples():
    run = Metered(
        Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "1", price="101"))), risk={"drawdown": 0.5}
    )
    run.market.wait(5).wait(5).wait(1000)
    fee = 101 * 0.0005
    assert run.values("equity_quote") == {(*MAIN, "USDT"): 100_000 - 1 - fee}
    assert run.values("drawdown_ratio") == {(*MAIN, "USDT"): pytest.approx((1 + fee) / 100_000, rel=1e-12)}
    assert run.values("drawdown_limit_ratio") == {MAIN: 0.5}


def test_a_limit_that_is_not_set_is_not_shown():
    assert Metered(Recorder()).values("drawdown_limit_ratio") == {}


@pytest.mark.parametrize("scope", ["", "main"])
@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_a_latch_shows_as_trading_that_is_not_enabled(scope, state):
    run = Metered(Recorder())
    run.engine.command(Command(scope, state, "a test"))
    assert run.values("trading_enabled") == {MAIN: 0.0}
    run.engine.command(Command(scope, TradingState.ACTIVE, "a test", is_release=True))
    assert run.values("trading_enabled") == {MAIN: 1.0}


def test_a_faulted_strategy_is_named():
    run = Metered(Recorder(book=at(1, lambda ctx, _: 1 / 0)), Recorder())
    assert run.values("strategy_faulted") == {("s0",): 1.0, ("s1",): 0.0}


def test_times_are_times_of_day_by_their_age_in_the_feed():
    run = Metered(Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "0.5", price="101"))))
    run.market.wait(5).wait(5)
    filled = run.engine.now - run.engine.fills[0].ts_recv
    samples = run.read(later_ms=2_500)
    last = samples["market_data_last_update_timestamp_seconds"][*BTC, "backtest"]
    assert last == WALL / 1e9 - 2.5
    fill = samples["last_fill_timestamp_seconds"][*BTC, "s0", "backtest"]
    assert fill == (WALL - filled - 2_500 * MS) / 1e9
    assert samples["heartbeat_timestamp_seconds"] == {("backtest",): WALL / 1e9}


def test_only_frames_that_cause_requests_are_timed_to_the_order():
    run = Metered(Recorder(book=at(2, lambda ctx, _: ctx.buy(SYMBOL, "0.1", price="99"))))
    run.market.depth().depth().depth()
    within, total = run.values("tick_to_order_seconds")[()]
    assert within[-1] == 1
    assert total > 0


def test_a_book_that_is_put_right_is_counted():
    run = Metered(Recorder())
    run.market.depth(skip=5)
    assert run.values("book_resyncs_total") == {MAIN: 0.0}
    run.market.snapshot()
    assert run.values("book_resyncs_total") == {MAIN: 1.0}


def test_messages_of_the_feed_are_counted():
    run = Metered(Recorder())
    before = run.values("market_data_messages_total")[MAIN]
    run.market.depth().trade(100.5, 1)
    assert run.values("market_data_messages_total") == {MAIN: before + 2}
    assert run.values("market_data_errors_total") == {MAIN: 0.0}


def test_looking_changes_nothing_that_a_sample_of_equity_shows():
    """The book moves after a sample and is out of step at the next: that is marked where the first was."""
    points = []
    for is_watched in (False, True):
        run = Metered(Recorder(book=at(1, lambda ctx, _: ctx.buy(SYMBOL, "1", price="101"))))
        run.market.wait(5).wait(5).wait(1000)
        run.market.depth(bids=[(100.0, 0), (90.0, 5.0)])
        if is_watched:
            assert run.values("unrealized_pnl_quote") == {(*BTC, "s0", "USDT"): -11.0}
        run.market.depth(skip=5).wait(1000)
        assert run.engine.equity.points[-1].unrealized == -1
        points.append(run.engine.equity.points)
    assert points[0] == points[1]


def test_the_first_reading_of_a_tick_is_a_second_after_the_start_and_the_next_a_second_later():
    run = Metered(Recorder())
    taken = []
    for second in (0.0, 0.999, 1.0, 1.5, 1.999, 2.0):
        run.clock.advance_to(WALL + int(second * 1e9))
        run.meter.tick(run.engine.now)
        taken.append(len(run.readings))
    assert taken == [0, 0, 1, 1, 1, 2]


def test_rows_do_not_pile_up_between_readings():
    run = Metered(Recorder(book=lambda ctx, _, call: ctx.buy(SYMBOL, "0.1", price="99")))
    run.market.depth()
    assert len(run.engine.tap.records) > 0
    run.meter.tick(run.engine.now)
    assert run.engine.tap.records == []
    assert run.readings == []


def test_a_reader_that_raises_stops_nothing(capsys):
    def fails(_):
        raise OSError("disk full")

    meter = Meter(engine_of(Recorder()), [fails])
    meter.read(START)
    assert "OSError: disk full" in capsys.readouterr().out
