"""Strategies on bars: what a hook sees, when, and what becomes of its orders."""

import math
from decimal import Decimal

import numpy as np
import pytest

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.backtest.bars.driver import BarDriver
from alipes.backtest.bars.options import BarOptions
from alipes.errors import ConfigError, InputError, InvariantError
from alipes.model import OrderState, Side
from alipes.strategy import Strategy

MINUTE = 60_000_000_000
START = 1_700_000_040_000_000_000
SPEC = alipes.InstrumentSpec(
    symbol="AB/CD", kind="spot", base="AB", quote="CD", tick_size="0.5", lot_size="0.1", min_notional="20"
)


def bars_of(rows, **columns):
    """Bars of (open, high, low, close), a minute each."""
    prices = np.array(rows, float).T
    named = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    ts = START + MINUTE * np.arange(len(rows))
    return alipes.bars({"ts": ts, **named, "volume": np.arange(len(rows)) + 1.0, **columns}, freq=MINUTE)


FLAT = [(100, 101, 99, 100)] * 6


class Scripted(Strategy):
    """Does at bar i what `acts[i]` says, and keeps what it hears."""

    def __init__(self, acts=None, symbol="AB/CD", timeframe="1m", warmup=0):
        self.acts, self.symbol, self.timeframe, self.warmup = acts or {}, symbol, timeframe, warmup
        self.heard, self.bars, self.orders, self.i = [], [], [], -1

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_bars(self.symbol, self.timeframe, warmup=self.warmup)

    def on_bar(self, ctx, bar):
        self.i += 1
        self.bars.append(bar)
        self.heard.append(("bar", ctx.now))
        act = self.acts.get(self.i)
        if act is not None:
            self.orders.append(act(ctx, self.market))

    def on_order(self, ctx, order):
        self.heard.append((str(order.state), ctx.now))

    def on_fill(self, ctx, fill):
        self.heard.append(("fill", ctx.now))


def run(strategy, rows=FLAT, **options):
    return backtest.run(strategy, bars_of(rows), **options)


def buy(size, **terms):
    return lambda ctx, market: ctx.buy(market, size, **terms)


def sell(size, **terms):
    return lambda ctx, market: ctx.sell(market, size, **terms)


def filled(result):
    rows = result.orders.where(np.equal(result.orders["status"], "filled"))
    names = ("bar", "kind", "side", "size", "fill_bar", "price")
    return list(zip(*(np.asarray(rows[name]).tolist() for name in names), strict=True))


# What a hook sees, and when


def test_a_bar_is_heard_of_at_its_close():
    strategy = Scripted()
    run(strategy)
    bar = strategy.bars[2]
    assert (bar.ts_open, bar.ts_close, bar.volume) == (START + 2 * MINUTE, START + 3 * MINUTE, 3.0)
    assert strategy.heard == [("bar", START + (i + 1) * MINUTE) for i in range(6)]


def test_warm_up_bars_are_seen_in_ctx_bars_alone():
    seen = []
    strategy = Scripted(
        {0: lambda ctx, market: seen.append([bar.volume for bar in ctx.bars(market, "1m")])}, warmup=2
    )
    run(strategy)
    assert len(strategy.bars) == 4
    assert seen == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize(
    ("fill", "at"),
    [("next_open", MINUTE * 2), ("same_close", MINUTE * 2), ("next_close", MINUTE * 3)],
)
def test_an_order_is_accepted_then_filled_then_told_of(fill, at):
    strategy = Scripted({1: buy(1)})
    result = run(strategy, fill=fill)
    assert strategy.heard[1:5] == [
        ("bar", START + 2 * MINUTE),
        ("accepted", START + 2 * MINUTE),
        ("fill", START + at),
        ("filled", START + at),
    ]
    fill_bar = 1 if fill == "same_close" else 2
    assert filled(result) == [(1, "open", "buy", 1.0, fill_bar, 100.0)]


def test_positions_and_open_orders_are_those_of_the_account():
    seen = []

    def look(ctx, market):
        position = ctx.position(market)
        seen.append((position.size, position.average_price, len(ctx.open_orders(market))))

    strategy = Scripted({0: buy(2), 1: look, 2: sell(0.5, price=150), 3: look})
    run(strategy, [(100, 101, 99, 100), (98, 101, 97, 100), *FLAT])
    assert seen == [(Decimal(2), Decimal(98), 0), (Decimal(2), Decimal(98), 1)]


def test_realised_profit_and_fees_agree_with_the_account():
    positions = []
    strategy = Scripted(
        {0: buy(2), 2: sell(2), 4: lambda ctx, market: positions.append(ctx.position(market))}, symbol="AB/CD"
    )
    rows = [*FLAT[:3], (110, 111, 109, 110), *FLAT]
    result = run(strategy, rows, fees_bps=10.0)
    (position,) = positions
    assert float(position.realized_pnl) == pytest.approx(20, abs=1e-9)
    assert float(position.fees["CD"]) == pytest.approx(0.42, abs=1e-9)
    assert result.trades["pnl"][0] == pytest.approx(20 - 0.42, abs=1e-9)


def test_timers_are_due_at_decisions_after_the_bar():
    calls = []

    class Timed(Scripted):
        def on_start(self, ctx, resumed):
            super().on_start(ctx, resumed)
            ctx.timer("t", every="2m")

        def on_timer(self, ctx, name):
            calls.append((name, ctx.now, self.i))
            if self.i == 1:
                ctx.buy(self.market, 1)

    result = run(Timed())
    assert calls == [("t", START + MINUTE * k, k - 1) for k in (2, 4, 6)]
    assert filled(result) == [(1, "open", "buy", 1.0, 2, 100.0)]


def test_state_is_kept_and_journalled():
    def count(ctx, market):
        ctx.state["seen"] = 7

    driver = BarDriver(Scripted({1: count}), bars_of(FLAT), BarOptions())
    driver.run()
    kept = [record for record in driver.journal.records if type(record).__name__ == "StateRecord"]
    assert [(record.name, record.state) for record in kept] == [("strategy.scripted", {"seen": 7})]


def test_intents_come_before_the_events_they_bring_about():
    driver = BarDriver(Scripted({1: buy(1)}), bars_of(FLAT), BarOptions())
    driver.run()
    kinds = [type(getattr(record, "event", record)).__name__ for record in driver.journal.records]
    assert kinds == ["OrderIntent", "Accepted", "Filled"]


# Sizes and prices


@pytest.mark.parametrize("size", [0.1 + 0.2, 1 / 3, "0.25", Decimal("0.125"), 7])
def test_without_an_instrument_the_account_gets_the_very_number(size):
    strategy = Scripted({0: buy(size), 2: sell(size)})
    result = run(strategy)
    assert [row[3] for row in filled(result)] == [float(size)] * 2
    assert all(order.state is OrderState.FILLED for order in strategy.orders)
    assert result.equity["position"][-1] == 0.0


def test_a_limit_price_reaches_the_account_as_it_was_written():
    price = 99.123456789012345
    strategy = Scripted({0: buy(1.0, price=price)})
    assert filled(run(strategy, path="optimistic")) == [(0, "open", "buy", 1.0, 1, price)]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (buy(0.15), "lot"),
        (buy(1, price=99.7), "price_rule"),
        (buy(math.nan), "lot"),
        (buy(0), "lot"),
        (buy(1, stop_price=101), "unsupported"),
        (buy(1, price=99, tif="IOC"), "unsupported"),
        (buy(1, stop_loss=-2), "price_rule"),
        (buy(1, take_profit=r.pct(0.1), stop_loss=0.0), "price_rule"),
        (buy(1, stop_loss=math.nan), "price_rule"),
        (buy(1, take_profit=math.inf), "price_rule"),
    ],
)
def test_with_an_instrument_what_is_off_its_grid_is_denied(act, code):
    strategy = Scripted({0: act}, symbol="AB/CD")
    assert filled(run(strategy, instrument=SPEC)) == []
    assert strategy.orders[0].denied[0] == code
    assert ("denied", START + MINUTE) in strategy.heard


def test_orders_that_are_refused_before_they_are_sent_are_a_warning():
    result = run(Scripted({0: buy(0.15), 1: buy(0), 2: buy(1)}, symbol="AB/CD"), instrument=SPEC)
    assert result.warnings["denied"].startswith("2 orders: refused before being sent, the first for lot: ")
    assert "denied" not in run(Scripted({0: buy(1)})).warnings


def test_an_open_trade_is_told_of():
    assert "\n  one trade is open at the end" in repr(run(Scripted({0: buy(1)})))
    assert "open at the end" not in repr(run(Scripted({0: buy(1), 2: sell(1)})))


@pytest.mark.parametrize("size", [0.0, -1.0, math.nan, math.inf])
def test_without_an_instrument_sizes_are_positive_numbers(size):
    strategy = Scripted({0: buy(size)})
    run(strategy)
    assert strategy.orders[0].denied[0] == "lot"


def test_prices_off_the_tick_are_rounded_where_the_strategy_says_so():
    strategy = Scripted({0: buy(1, price=99.7, round="passive")}, symbol="AB/CD")
    assert filled(run(strategy, instrument=SPEC)) == [(0, "open", "buy", 1.0, 1, 99.5)]


@pytest.mark.parametrize("instrument", [None, SPEC])
def test_a_notional_is_sized_at_the_fill(instrument):
    strategy = Scripted({0: lambda ctx, market: ctx.buy(market, notional=500)})
    rows = [(100, 101, 99, 100), (80, 101, 79, 100), *FLAT]
    expected = 500 / 80 if instrument is None else 6.2
    assert filled(run(strategy, rows, instrument=instrument)) == [(0, "open", "buy", expected, 1, 80.0)]
    order = strategy.orders[0]
    assert order.state is OrderState.FILLED
    assert float(order.filled) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("size", "state", "reason"),
    [(0.1, "expired", "below minimum"), (150, "expired", "short of cash")],
)
def test_what_the_account_skips_or_cuts_is_expired_with_the_reason(size, state, reason):
    strategy = Scripted({0: buy(size)})
    run(strategy, instrument=SPEC)
    order = strategy.orders[0]
    assert (str(order.state), order.reason) == (state, reason)
    assert order.filled == (0 if size < 1 else Decimal("100.0"))


# The life of an order


def test_exits_fill_as_orders_of_the_engine():
    seen = []

    class Protected(Scripted):
        def on_order(self, ctx, order):
            seen.append(
                (order.tag, str(order.side), str(order.state), float(ctx.position(order.instrument).size))
            )

    strategy = Protected({0: buy(1, stop_loss=5, take_profit=r.pct(0.2), tag="mine")})
    result = run(strategy, [*FLAT[:3], (100, 100, 90, 96), *FLAT])
    assert filled(result) == [(0, "open", "buy", 1.0, 1, 100.0), (3, "stop_loss", "sell", 1.0, 3, 95.0)]
    assert seen == [
        ("mine", "buy", "accepted", 0.0),
        ("mine", "buy", "filled", 1.0),
        ("stop_loss", "sell", "filled", 0.0),
    ]


def test_a_take_profit_in_ratios_is_of_the_fill():
    strategy = Scripted({0: sell(1, take_profit=r.pct(0.1))})
    rows = [(100, 101, 99, 100), (110, 111, 109, 110), (110, 110, 90, 95), *FLAT]
    assert filled(run(strategy, rows))[1] == (2, "take_profit", "buy", 1.0, 2, 110 - 0.1 * 110)


def test_cancels_take_a_resting_order_back():
    strategy = Scripted({0: buy(1, price=50), 2: lambda ctx, market: ctx.cancel(ctx.open_orders(market)[0])})
    result = run(strategy)
    assert result.orders["reason"].tolist() == ["withdrawn"]
    assert (str(strategy.orders[0].state), strategy.orders[0].reason) == ("cancelled", "withdrawn")


@pytest.mark.parametrize("instrument", [None, SPEC])
def test_amends_change_the_order_and_keep_its_exits(instrument):
    def amend(ctx, market):
        ctx.amend(ctx.open_orders(market)[0], price=99.5, size=2)

    strategy = Scripted({0: buy(1, price=50, stop_loss=3), 2: amend})
    result = run(strategy, [*FLAT, (100, 100, 90, 96)], instrument=instrument)
    assert filled(result) == [(2, "open", "buy", 2.0, 3, 99.5), (6, "stop_loss", "sell", 2.0, 6, 96.5)]
    order = strategy.orders[0]
    assert (order.size, str(order.state), order.price) == (2, "filled", Decimal("99.5"))


def test_a_target_is_reached_and_turned():
    strategy = Scripted(
        {
            0: lambda ctx, market: ctx.target(market, 0.3),
            1: lambda ctx, market: ctx.target(market, 0.3),
            2: lambda ctx, market: ctx.target(market, -0.1),
            4: lambda ctx, market: ctx.target(market, 0),
        }
    )
    result = run(strategy)
    assert result.equity["position"].tolist() == pytest.approx([0, 0.3, 0.3, -0.1, -0.1, 0], abs=1e-15)
    assert strategy.orders[1] is None


def test_quotes_rest_and_fill_as_makers():
    strategy = Scripted({0: lambda ctx, market: ctx.quote(market, bid=(99.5, 1), ask=(100.5, 1))})
    result = run(strategy, FLAT[:3], path="optimistic", maker_fees_bps=-1.0)
    assert [row[1:] for row in filled(result)] == [
        ("close", "buy", 1.0, 1, 99.5),
        ("open", "sell", 1.0, 1, 100.5),
    ]
    assert result.orders["is_maker"].tolist() == [True, True]


def test_reduce_only_orders_go_with_their_position():
    strategy = Scripted({0: buy(1, stop_loss=5), 1: sell(1, price=120, reduce_only=True)})
    run(strategy, [*FLAT[:3], (100, 100, 90, 96), *FLAT])
    assert (str(strategy.orders[1].state), strategy.orders[1].reason) == ("cancelled", "position closed")


def test_an_order_that_turns_the_position_is_filled_by_both_legs():
    strategy = Scripted({0: buy(1.0), 1: sell(3.0)})
    result = run(strategy, leverage=5.0)
    assert [row[1:4] for row in filled(result)][1:] == [("close", "sell", 1.0), ("open", "sell", 2.0)]
    assert (str(strategy.orders[1].state), strategy.orders[1].filled) == ("filled", 3)
    assert result.equity["position"][-1] == -2.0


def test_what_waits_at_the_end_is_pending_and_then_cancelled():
    strategy = Scripted({5: buy(1)})
    result = run(strategy)
    assert result.orders["status"].tolist() == ["pending"]
    assert (str(strategy.orders[0].state), strategy.orders[0].reason) == ("cancelled", "the data ended")


def test_orders_of_on_stop_are_rejected():
    class Late(Scripted):
        def on_stop(self, ctx):
            self.orders.append(ctx.buy(self.market, 1))

    strategy = Late()
    run(strategy)
    assert (str(strategy.orders[0].state), strategy.orders[0].reason) == ("rejected", "the data ended")


def test_the_end_sells_what_is_held():
    strategy = Scripted({0: buy(1)})
    result = run(strategy, close_at_end=True)
    assert filled(result)[1] == (5, "end", "sell", 1.0, 5, 100.0)
    assert strategy.heard[-1] == ("filled", START + 6 * MINUTE)


def test_ruin_cancels_what_waits():
    strategy = Scripted({0: buy(500), 1: buy(1, price=10)})
    rows = [(100, 101, 99, 100), (100, 101, 99, 100), (60, 61, 20, 20), *FLAT]
    result = run(strategy, rows, leverage=10.0)
    assert result.ruined == 2
    assert (str(strategy.orders[1].state), strategy.orders[1].reason) == ("cancelled", "ruin")


def test_an_order_of_on_fill_is_decided_at_that_bar():
    class Chain(Scripted):
        def on_fill(self, ctx, fill):
            if fill.side is Side.BUY:
                ctx.sell(self.market, 1)

    assert filled(run(Chain({0: buy(1)}))) == [
        (0, "open", "buy", 1.0, 1, 100.0),
        (1, "close", "sell", 1.0, 2, 100.0),
    ]


def test_an_order_after_the_close_has_filled_waits_for_the_next_bar():
    class Chain(Scripted):
        def on_fill(self, ctx, fill):
            if fill.side is Side.BUY:
                ctx.sell(self.market, 1)

    assert filled(run(Chain({0: buy(1)}), fill="same_close")) == [
        (0, "open", "buy", 1.0, 0, 100.0),
        (1, "close", "sell", 1.0, 1, 100.0),
    ]


# What goes wrong


def test_another_timeframe_is_refused_by_both_names():
    with pytest.raises(InputError, match=r"bars of 5min of a run over bars of 1min"):
        run(Scripted(timeframe="5m"))


@pytest.mark.parametrize("options", [{}, {"instrument": SPEC}])
def test_a_run_over_bars_has_one_instrument(options):
    class Two(Scripted):
        def on_start(self, ctx, resumed):
            ctx.subscribe_bars("AB/CD", "1m")
            ctx.subscribe_bars("EF/CD", "1m")

    with pytest.raises(InputError, match=r"'EF/CD' is unknown; the bars of this run are AB/CD"):
        run(Two(), **options)


def test_a_full_name_is_the_symbol_in_any_account():
    strategy = Scripted({0: lambda ctx, market: ctx.buy("AB/CD", 1)}, symbol="main:AB/CD")
    assert len(filled(run(strategy, instrument=SPEC))) == 1


@pytest.mark.parametrize("name", ["book", "trades", "features", "subscribe_book", "subscribe_trades"])
def test_bars_have_no_book(name):
    class Reader(Scripted):
        def on_start(self, ctx, resumed):
            super().on_start(ctx, resumed)
            getattr(ctx, name)(self.market)

    with pytest.raises(InputError, match=rf"ctx\.{name}: a run over bars has no"):
        run(Reader())


def test_a_strategy_that_asks_for_no_bars_is_refused():
    class Deaf(Strategy):
        pass

    with pytest.raises(InputError, match="on_start asked for no bars"):
        run(Deaf())


def test_what_on_start_raises_is_raised():
    class Broken(Strategy):
        def on_start(self, ctx, resumed):
            raise ZeroDivisionError("so it is")

    with pytest.raises(ZeroDivisionError, match="so it is"):
        run(Broken())


def test_a_hook_that_raises_ends_the_strategy_and_the_result_says_so():
    strategy = Scripted({0: buy(1, price=50), 2: lambda ctx, market: 1 / 0, 4: buy(1)})
    result = run(strategy)
    assert len(strategy.bars) == 3
    assert result.warnings["fault"].startswith("on_bar at 2023-11-14 22:17:00: ZeroDivisionError")
    assert str(strategy.orders[0].state) == "cancelled"
    assert len(result.equity) == 6


def test_others_are_refused():
    with pytest.raises(InputError, match=r"others=\['X'\]: a strategy on bars reads one market"):
        backtest.run(Scripted(), bars_of(FLAT), others={"X": bars_of(FLAT)})


def test_params_make_the_class():
    result = backtest.run(Scripted, bars_of(FLAT), params={"warmup": 3})
    assert (result.params, result.name) == ({"warmup": 3.0}, "Scripted")
    with pytest.raises(ConfigError, match="nope"):
        backtest.run(Scripted, bars_of(FLAT), params={"nope": 3})


def test_books_that_disagree_with_the_account_halt():
    driver = BarDriver(Scripted({0: buy(1)}), bars_of(FLAT), BarOptions())
    driver._connector.held = 0.5
    with pytest.raises(InvariantError, match=r"the account holds 1\.0, its reports add up to 1\.5"):
        driver.run()


def test_a_strategy_without_orders_keeps_its_cash():
    result = run(Scripted(), cash=5_000.0)
    assert result.equity["equity"].tolist() == [5_000.0] * 6
    assert len(result.orders) == 0
