"""`Rules`: its slots, what it refuses, what it knows about itself, and a key that lasts."""

import subprocess
import sys

import pytest

import alipes
import alipes.rules as r
from alipes.errors import InputError

UP = r.close > r.open


def test_slots_hold_the_nodes_of_what_was_given():
    rules = r.Rules(enter_long=UP, stop_loss=r.pct(0.02), take_profit=2 * r.atr(3), max_bars=5, pyramid=1)
    nodes, slots = rules.nodes, rules.slots
    assert nodes[slots["enter_long"]][0] == "gt"
    assert slots["exit_long"] is slots["enter_short"] is slots["exit_short"] is slots["trailing"] is None
    assert slots["size"][0] == "equity"
    assert nodes[slots["size"][1]] == ("const", (), 1.0)
    assert slots["stop_loss"][0] == "pct"
    assert nodes[slots["stop_loss"][1]] == ("const", (), 0.02)
    assert slots["take_profit"][0] == "price"
    assert nodes[slots["take_profit"][1]][0] == "mul"
    assert nodes[slots["max_bars"]] == ("const", (), 5.0)
    assert nodes[slots["pyramid"]] == ("const", (), 1.0)
    assert slots["opposite"] == "reverse"


@pytest.mark.parametrize(
    ("size", "kind", "op"),
    [
        (r.units(2), "units", "const"),
        (r.notional(r.param("money")), "notional", "param"),
        (r.equity(0.5), "equity", "const"),
        (r.risk(0.01), "risk", "const"),
        (r.volatility_target(0.2), "exposure", "div"),
    ],
)
def test_each_size_has_its_kind(size, kind, op):
    rules = r.Rules(enter_long=UP, size=size, stop_loss=r.pct(0.02))
    assert rules.slots["size"][0] == kind
    assert rules.nodes[rules.slots["size"][1]][0] == op


def test_conditions_may_be_given_in_order_and_nothing_else():
    down = r.close < r.open
    assert (
        r.Rules(UP, down, down, UP).key()
        == r.Rules(enter_long=UP, exit_long=down, enter_short=down, exit_short=UP).key()
    )
    with pytest.raises(TypeError):
        r.Rules(UP, down, down, UP, r.equity(1))


def test_true_is_a_condition_that_always_holds():
    rules = r.Rules(enter_long=True)
    assert rules.nodes[rules.slots["enter_long"]] == ("true", (), None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "neither enter_long nor enter_short"),
        ({"exit_long": UP}, "neither enter_long nor enter_short"),
        ({"enter_long": r.close}, "Rules: enter_long is the number close; expected a condition"),
        ({"enter_long": "close > open"}, r"Rules: enter_long is 'close > open' \(str\)"),
        ({"size": 1}, r"size is 1; its unit is missing: units\(x\)"),
        ({"size": r.close}, "size is close; its unit is missing"),
        ({"size": None}, "size is None; its unit is missing"),
        ({"stop_loss": 0.02}, r"stop_loss is 0.02; its unit is missing: r.pct\(0.02\)"),
        ({"take_profit": 50}, "take_profit is 50; its unit is missing"),
        ({"trailing": "2%"}, "trailing is '2%'; its unit is missing"),
        ({"stop_loss": r.const(-1)}, "stop_loss is -1; expected a distance of more than 0"),
        ({"size": r.risk(0.01)}, "needs a stop_loss"),
        ({"max_bars": 0}, "max_bars is 0"),
        ({"max_bars": 2.5}, "max_bars is 2.5"),
        ({"max_bars": 10**400}, r"max_bars is 10+\.\.\. \(int\); expected at most 1\.797"),
        ({"pyramid": -1}, r"pyramid is -1 \(int\); expected a whole number of additions of at least 0"),
        ({"pyramid": 10**9 + 1}, "pyramid is 1000000001 .*; expected at most 1,000,000,000 additions"),
        ({"pyramid": r.close}, "pyramid is close, which changes from bar to bar; expected a whole number"),
        ({"opposite": "flip"}, "opposite is 'flip'; expected 'reverse', 'close' or 'ignore'"),
        ({"order": "limit"}, "order is 'limit'; 'market' is the only kind"),
    ],
)
def test_a_wrong_slot_is_refused_with_its_name(given, message):
    entry = {} if "neither" in message or "enter_long" in given else {"enter_long": UP}
    with pytest.raises(InputError, match=message):
        r.Rules(**entry, **given)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: r.units(-1), "units: -1 is negative"),
        (lambda: r.risk(2), "risk: ratio is 2; expected at most 1"),
        (lambda: r.pct(0), "pct: ratio is 0; expected more than 0"),
        (
            lambda: r.Rules(enter_long=UP, stop_loss=r.pct(5)),
            r"stop_loss is pct\(5\), 500% of the entry price.* at most 1, pct\(0.05\) for 5 percent",
        ),
        (lambda: r.Rules(enter_long=UP, trailing=r.pct(1.5)), r"trailing is pct\(1.5\), .* pct\(0.015\)"),
        (lambda: r.pct("2%"), "pct: ratio is '2%'"),
        (lambda: r.equity(UP), "equity: value is the condition"),
        (lambda: r.volatility_target(0.2, 1), "volatility_target: window is 1.*at least 2"),
    ],
)
def test_sizes_and_ratios_refuse_what_cannot_be(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_parameters_are_named_with_the_slots_that_use_them():
    fast, slow = r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))
    rules = r.Rules(
        enter_long=r.cross_above(fast, slow),
        exit_long=fast < 1,
        stop_loss=r.param("k") * r.atr(r.param("slow")),
    )
    assert rules.params == {
        "fast": ("enter_long", "exit_long"),
        "slow": ("enter_long", "stop_loss"),
        "k": ("stop_loss",),
    }


def test_columns_and_other_instruments_are_named():
    rules = r.Rules(enter_long=(r.column("signal") > 0) & r.other("ETH/USDT:USDT", r.open > 0, max_age=3))
    assert rules.columns == ("signal", "open")
    assert rules.others == ("ETH/USDT:USDT",)


def test_user_operators_are_columns_to_be_computed():
    inner = r.user(abs, r.close)
    rules = r.Rules(enter_long=r.user(max, inner, r.param("n") * r.open) > 0)
    assert [made.name for made in rules.user_columns] == ["user:0", "user:1"]
    assert rules.nodes[rules.user_columns[1].args[0]] == ("col", (), "user:0")
    assert rules.columns == ("close", "open")
    assert rules.params == {"n": ("enter_long",)}


def test_the_key_follows_graph_and_slots_only():
    one = r.Rules(enter_long=r.close > r.sma(r.close, 3))
    same = r.Rules(enter_long=r.close > r.rolling_mean(r.close, 3))
    assert one.key() == same.key()
    assert len(one.key()) == 32
    others = [
        r.Rules(enter_long=r.close > r.sma(r.close, 4)),
        r.Rules(enter_short=r.close > r.sma(r.close, 3)),
        r.Rules(enter_long=r.close > r.sma(r.close, 3), opposite="close"),
        r.Rules(enter_long=r.close > r.sma(r.close, 3), stop_loss=r.pct(0.3)),
        r.Rules(enter_long=r.close > r.sma(r.close, 3), stop_loss=r.const(3)),
    ]
    assert len({one.key(), *(other.key() for other in others)}) == 6


def test_the_key_is_the_same_in_another_process():
    code = "import alipes.rules as r; print(r.Rules(enter_long=r.rsi(r.close) > r.param('n')).key().hex())"
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == r.Rules(enter_long=r.rsi(r.close) > r.param("n")).key().hex()


def test_rules_show_what_was_given_and_no_defaults():
    rules = r.Rules(enter_long=UP, stop_loss=r.pct(0.02), opposite="close")
    assert repr(rules) == (
        "Rules(enter_long=close > open, size=equity(1), stop_loss=pct(0.02), opposite='close')"
    )


def test_rules_cannot_be_changed():
    with pytest.raises(AttributeError):
        r.Rules(enter_long=UP).enter_long = None


def test_the_package_offers_rules_on_first_use():
    assert alipes.rules is r
    assert set(r.__all__) <= set(dir(r))
