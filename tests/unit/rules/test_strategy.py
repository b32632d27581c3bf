"""Rules as a strategy: what it orders through its context for what is signalled and held."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from tests.unit.rules.values import HAS_CORE, MINUTE, START

import alipes
import alipes.rules as r
from alipes.errors import InputError
from alipes.model import Side
from alipes.rules.decisions import Decision, decide
from alipes.rules.stream import Signals

BUY, SELL = Side.BUY, Side.SELL


def signals(text):
    """`"el xs"` as signals; what is not named is undefined."""
    named = text.split()
    return Signals(*((name in named) or None for name in ("el", "xl", "es", "xs")))


@pytest.mark.parametrize(
    ("text", "held", "opposite", "has_room", "expected"),
    [
        ("", 0, "reverse", True, Decision()),
        ("el", 0, "reverse", False, Decision(side=BUY)),
        ("es", 0, "reverse", False, Decision(side=SELL)),
        ("el es", 0, "reverse", True, Decision()),
        ("xl xs", 0, "reverse", True, Decision()),
        ("xl", 1, "reverse", True, Decision(closes=True)),
        ("xl el", 1, "reverse", True, Decision(closes=True)),
        ("xs", 1, "reverse", True, Decision()),
        ("es", 1, "reverse", True, Decision(closes=True, side=SELL)),
        ("es xl", 1, "reverse", True, Decision(closes=True, side=SELL)),
        ("es xl", 1, "close", True, Decision(closes=True)),
        ("es", 1, "close", True, Decision(closes=True)),
        ("es", 1, "ignore", True, Decision()),
        ("es xl", 1, "ignore", True, Decision(closes=True)),
        ("el es xl", 1, "reverse", True, Decision(closes=True)),
        ("el es", 1, "reverse", True, Decision()),
        ("el", 1, "reverse", True, Decision(side=BUY, adds=True)),
        ("el", 1, "reverse", False, Decision()),
        ("xs", -1, "reverse", True, Decision(closes=True)),
        ("el", -1, "reverse", True, Decision(closes=True, side=BUY)),
        ("el", -1, "close", True, Decision(closes=True)),
        ("es", -1, "reverse", True, Decision(side=SELL, adds=True)),
    ],
)
def test_decisions_are_those_of_b9(text, held, opposite, has_room, expected):
    assert decide(signals(text), held, opposite, has_room=has_room) == expected


class Desk:
    """A context that fills at once and keeps what was asked for."""

    def __init__(self):
        self.asked = []
        self.size = Decimal(0)
        self.open = []
        self.instrument = SimpleNamespace(spec=SimpleNamespace(lot_size=Decimal("0.1")))
        self.log = SimpleNamespace(info=lambda *_, **values: self.asked.append(("skipped", values)))

    def subscribe_bars(self, name, timeframe):
        self.asked.append(("bars", name, timeframe))
        return self.instrument

    def open_orders(self, _instrument):
        return self.open

    def position(self, _instrument):
        return SimpleNamespace(size=self.size, average_price=Decimal(100), realized_pnl=Decimal(0), fees={})

    def buy(self, _instrument, size=Decimal(0), **terms):
        self.asked.append(("buy", size, terms))
        self.size += size

    def sell(self, _instrument, size=Decimal(0), **terms):
        self.asked.append(("sell", size, terms))
        self.size -= size


def traded(rules, closes, params=None, **options):
    desk = Desk()
    strategy = r.RulesStrategy(rules, "A", "1m", params or {}, **options)
    strategy.on_start(desk, resumed=False)
    for i, close in enumerate(closes):
        at = START + i * MINUTE
        prices = dict.fromkeys(("open", "high", "low", "close"), float(close))
        strategy.on_bar(desk, SimpleNamespace(ts_open=at, volume=1.0, **prices))
    return desk.asked


needs_core = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")


@needs_core
def test_it_subscribes_to_its_bars():
    rules = r.Rules(enter_long=r.close > 1)
    assert traded(rules, []) == [("bars", "A", "1m")]
    assert isinstance(rules.strategy("A", "1m"), alipes.Strategy)


@needs_core
def test_an_entry_is_sized_floored_to_the_lot_and_carries_its_exits_as_distances():
    rules = r.Rules(
        enter_long=r.close > 101,
        size=r.units(r.param("much") / 10),
        stop_loss=r.close - r.close.shift(1),
        take_profit=r.pct(0.1),
    )
    ((side, size, terms),) = traded(rules, [100, 104], {"much": 96.5})[1:]
    assert (side, size, terms["tag"], terms["stop_loss"]) == ("buy", Decimal("9.6"), "entry", 4.0)
    assert repr(terms["take_profit"]) == "pct(0.1)"


@needs_core
def test_a_notional_goes_with_the_order_as_it_is():
    rules = r.Rules(enter_long=r.close > 101, size=r.notional(r.param("money")))
    found = traded(rules, [100, 104], {"money": 1000})
    assert found[1:] == [
        ("buy", Decimal(0), {"notional": 1000.0, "stop_loss": None, "take_profit": None, "tag": "entry"})
    ]


@needs_core
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (r.units(2.55), "2.5"),
        (r.equity(0.5), "50.0"),
        (r.risk(0.01), "25.0"),
    ],
)
def test_each_size_is_counted_from_the_close_and_the_equity(size, expected):
    rules = r.Rules(enter_short=True, size=size, stop_loss=r.const(4))
    side, units, _ = traded(rules, [100], cash=10_000)[1]
    assert (side, units) == ("sell", Decimal(expected))


@needs_core
def test_a_reversal_closes_and_opens():
    rules = r.Rules(enter_long=r.close > 100, enter_short=r.close < 100, size=r.units(1))
    found = traded(rules, [101, 99])
    assert [(kind, size, terms["tag"]) for kind, size, terms in found[1:]] == [
        ("buy", Decimal(1), "entry"),
        ("sell", Decimal(1), "close"),
        ("sell", Decimal(1), "entry"),
    ]


@needs_core
def test_additions_stop_at_pyramid():
    rules = r.Rules(enter_long=True, size=r.units(1), pyramid=2)
    assert len(traded(rules, [100] * 6)) == 1 + 3


@needs_core
def test_an_undefined_size_is_skipped_and_logged():
    rules = r.Rules(enter_long=True, size=r.units(r.close.shift(3)))
    kind, values = traded(rules, [100])[1]
    assert kind == "skipped"
    assert str(values["wanted"]) == "nan"


@needs_core
@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ({"trailing": r.pct(0.1)}, "have trailing, which an order cannot carry"),
        ({"max_bars": 3}, "have max_bars, which an order cannot carry"),
        ({"exit_long": r.column("mood") > 1}, "the rules read mood"),
    ],
)
def test_what_orders_cannot_say_is_refused(slots, message):
    with pytest.raises(InputError, match=message):
        r.Rules(enter_long=True, **slots).strategy("A", "1m")
