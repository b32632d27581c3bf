"""From a config to an engine: names, strategies and terms that do not fit are one clear error each."""

import pytest
from tests.unit.engine.scripted import START, SYMBOL, Market, Recorder, start

from alipes import backtest, config
from alipes.engine.wiring import build
from alipes.errors import ConfigError, DataError, InputError
from alipes.feeds import open_feed
from alipes.strategy import Strategy, load_strategy


class Params(Strategy):
    def __init__(self, fast: int, slow: int = 9) -> None:
        self.fast, self.slow = fast, slow


HERE = "tests.unit.engine.test_wiring"


@pytest.mark.parametrize(
    ("path", "params", "says"),
    [
        ("nowhere", {}, "module:Class"),
        ("no.such.module:Quoter", {}, "does not import"),
        ("alipes.strategy.library.quoter:Qouter", {}, "Quoter"),
        ("alipes.errors:Quoter", {}, "holds no strategy"),
        ("alipes.errors:ConfigError", {}, "subclass of alipes.Strategy"),
        (f"{HERE}:HERE", {}, "subclass of alipes.Strategy"),
        (f"{HERE}:Params", {}, "fast"),
        (f"{HERE}:Params", {"fast": 1, "fats": 2}, "fats"),
    ],
)
def test_a_strategy_that_does_not_load_is_one_clear_error(path, params, says):
    with pytest.raises(ConfigError, match=says):
        load_strategy(path, params)


def test_a_strategy_is_given_as_object_class_or_path():
    assert load_strategy(f"{HERE}:Params", {"fast": 3}).fast == 3
    assert load_strategy(Params, {"fast": 3}).slow == 9
    ready = Params(1)
    assert load_strategy(ready) is ready
    with pytest.raises(ConfigError, match="object"):
        load_strategy(ready, {"fast": 2})


def tables(**changes):
    return {
        "run": {"mode": "backtest"},
        "accounts": {"main": {"venue": "binanceusdm"}},
        "instruments": {SYMBOL: {"tick_size": "0.1", "lot_size": "0.001"}},
        "feed": {"type": "synthetic", "seconds": 1},
        "strategies": {"one": {"class": "alipes.strategy.library:Quoter"}},
    } | changes


def test_an_instrument_of_two_accounts_is_ambiguous_by_its_bare_symbol():
    found = {}

    class Looks(Strategy):
        def on_start(self, ctx, resumed):
            found["full"] = str(ctx.subscribe_book(f"second:{SYMBOL}"))
            with pytest.raises(InputError, match=f"ambiguous.*first:{SYMBOL}, second:{SYMBOL}"):
                ctx.subscribe_book(SYMBOL)

    engine = build(
        config.from_tables(
            tables(
                accounts={"first": {"venue": "binanceusdm"}, "second": {"venue": "binanceusdm"}},
                instruments={
                    f"first:{SYMBOL}": {"tick_size": "0.1", "lot_size": "0.001"},
                    f"second:{SYMBOL}": {"tick_size": "0.1", "lot_size": "0.001"},
                },
                feed={"type": "synthetic", "seconds": 1, "account": "first"},
            )
        ),
        strategies={"one": Looks()},
    )
    engine.start(START)
    assert engine.runners[0].fault is None
    assert found["full"] == f"second:{SYMBOL}"


def test_accounts_do_not_mix():
    class Both(Recorder):
        def on_start(self, ctx, resumed):
            for name in ("first", "second"):
                ctx.subscribe_book(f"{name}:{SYMBOL}")

        def on_book(self, ctx, book):
            ctx.target(f"second:{SYMBOL}", "1")

    strategy = Both()
    names = ("first", "second")
    engine = build(
        config.from_tables(
            tables(
                accounts={name: {"venue": "binanceusdm"} for name in names},
                instruments={f"{name}:{SYMBOL}": {"tick_size": "0.1", "lot_size": "0.001"} for name in names},
                feed={"type": "synthetic", "account": "first"},
            )
        ),
        strategies={"one": strategy},
    )
    engine.start(START)
    second = Market(engine, account="second").snapshot(asks=((103.0, 5.0),))
    second.wait(10).wait(10).wait(10)
    first, other = (market.instrument for market in engine.markets)
    assert engine.blotter.position_steps("one", first) == 0
    assert engine.blotter.position_steps("one", other) == 1_000_000
    assert {point.account for point in engine.equity.points} == {"first", "second"}


@pytest.mark.parametrize(
    "terms", [{"tick_size": "0"}, {"tick_size": "-1"}, {"lot_size": "NaN"}, {"lot_size": "x"}]
)
def test_a_bad_tick_or_lot_is_refused(terms):
    instrument = {"tick_size": "0.1", "lot_size": "0.001"} | terms
    with pytest.raises((ConfigError, InputError), match=next(iter(terms))):
        build(config.from_tables(tables(instruments={SYMBOL: instrument})))


def test_the_synthetic_market_plays_its_own_venue_only():
    spot = tables(
        accounts={"main": {"venue": "binance"}}, instruments={"BTC/USDT": {"tick_size": "1", "lot_size": "1"}}
    )
    with pytest.raises(ConfigError, match="binanceusdm"):
        open_feed(config.from_tables(spot))


def test_a_feed_of_other_instruments_is_one_clear_error():
    other = tables(instruments={"ETH/USDT:USDT": {"tick_size": "0.1", "lot_size": "0.001"}})
    frames = open_feed(config.from_tables(tables()))
    with pytest.raises(DataError, match="ETH/USDT:USDT"):
        backtest.run_config(config.from_tables(other), frames=list(frames)[1:])


class Wants(Recorder):
    features = ("mid", "imbalance(1)")


def test_features_are_there_when_a_strategy_names_them():
    seen = []
    strategy = Wants(book=lambda ctx, *_: seen.append(dict(ctx.features(SYMBOL))))
    _, market = start(strategy)
    market.depth(bids=[(100.0, 15)])
    assert seen[-1] == {"mid": 100.5, "imbalance(1)": 0.5}


def test_features_nobody_named_are_an_error():
    strategy = Recorder()
    start(strategy)
    with pytest.raises(InputError, match="features"):
        strategy.ctx.features(SYMBOL)
    Wants.features = ("mit",)
    with pytest.raises(InputError, match="mid"):
        start(Wants())
    Wants.features = ("mid", "imbalance(1)")
