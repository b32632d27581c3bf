"""`backtest.run` and `backtest.signals` on bars: which driver runs, and what is refused before it does."""

import inspect
import re

import numpy as np
import pytest
from tests.unit.backtest.runs import bars_of

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.backtest.run import is_capture
from alipes.errors import ConfigError, InputError

BARS = bars_of([10.0, 11.0, 12.0, 11.0, 10.0])
RULES = r.Rules(
    enter_long=r.cross_above(r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))),
    stop_loss=r.param("k") * r.atr(3),
)
PARAMS = {"fast": 1, "slow": 2, "k": 1.5}


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        ("a.jsonl", True), ("a.jsonl.gz", True), ("a.csv", False), ("a.csv.gz", False), ("a.parquet", False),
        (BARS, False), ({"ts": []}, False),
    ],
)  # fmt: skip
def test_the_data_decide_the_driver(tmp_path, data, is_one):
    assert is_capture(data) is is_one
    assert not isinstance(data, str) or is_capture(tmp_path / data) is is_one


def test_a_capture_goes_to_the_event_driver(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        backtest.run(
            "alipes.strategy.library:Quoter", tmp_path / "nowhere.jsonl", venue="binanceusdm",
            instrument="BTC/USDT:USDT", tick_size="0.1", lot_size="0.001",
        )  # fmt: skip


def test_bars_go_to_the_bar_engine():
    with pytest.raises(InputError, match=re.escape("fill='open': expected one of")):
        backtest.run(RULES, BARS, params=PARAMS, fill="open")
    with pytest.raises(InputError, match="no data: expected a strategy or rules, and bars or a capture"):
        backtest.run(RULES)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"fast": 1, "slow": 2}, "no value for 'k'"),
        (None, "no value for 'fast', 'slow', 'k'"),
        (PARAMS | {"fats": 3}, "unknown parameter 'fats'; did you mean 'fast'"),
        (PARAMS | {"fast": "3"}, "fast is '3'; expected a finite number"),
        (PARAMS | {"fast": float("nan")}, "fast is nan; expected a finite number"),
        (PARAMS | {"fast": [3, 5]}, r"fast is \[3, 5\]; expected a finite number"),
    ],
)
def test_wrong_parameters_are_named(params, says):
    with pytest.raises(InputError, match=says):
        backtest.run(RULES, BARS, params=params)


def test_a_parameter_of_rules_without_any_is_named():
    with pytest.raises(InputError, match="unknown parameter 'fast'; the rules have no parameters"):
        backtest.run(r.Rules(enter_long=r.close > 3), BARS, params={"fast": 1})


def test_a_column_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(InputError, match="column 'volumes' that the bars do not have; did you mean 'volume'"):
        backtest.run(r.Rules(enter_long=r.column("volumes") > 3), BARS)


def test_bars_of_other_instruments_are_asked_for_by_name():
    rules = r.Rules(enter_long=r.other("ETH", r.close) > 3)
    with pytest.raises(InputError, match=r"the rules read 'ETH': expected others=\{'ETH': its bars\}"):
        backtest.run(rules, BARS)
    with pytest.raises(InputError, match="'ETC' is not read by the rules; did you mean 'ETH'"):
        backtest.run(rules, BARS, others={"ETC": BARS})
    with pytest.raises(
        InputError, match="'ETH' is not read by the rules; the rules read no other instrument"
    ):
        backtest.run(RULES, BARS, params=PARAMS, others={"ETH": BARS})


def test_what_is_neither_rules_nor_a_strategy_is_refused():
    with pytest.raises((InputError, ConfigError), match="3"):
        backtest.run(3, BARS)


def test_a_mapping_in_the_place_of_the_rules_is_refused_in_a_few_words():
    with pytest.raises(InputError) as caught:
        backtest.run({"ts": [1]}, {"ts": [1]})
    assert str(caught.value) == (
        "run: the first argument is of type dict: expected rules or a strategy, then the bars; ready arrays "
        "of signals are run by signals(bars, entries=...)"
    )


def test_signals_need_an_entry_and_say_their_units():
    with pytest.raises(InputError, match="neither entries nor short_entries is given"):
        backtest.signals(BARS, entries=None)
    with pytest.raises(InputError, match=r"size is 0\.5; its unit is missing"):
        backtest.signals(BARS, entries=np.ones(5, bool), size=0.5)
    with pytest.raises(InputError, match=r"stop_loss is 0\.02; its unit is missing"):
        backtest.signals(BARS, entries=np.ones(5, bool), stop_loss=0.02)
    with pytest.raises(InputError, match=r"size=risk\(\.\.\.\) needs a stop_loss"):
        backtest.signals(BARS, entries=np.ones(5, bool), size=r.risk(0.01))
    with pytest.raises(InputError, match=r"max_bars=1.5: expected a whole number >= 1"):
        backtest.signals(BARS, entries=np.ones(5, bool), max_bars=1.5)
    with pytest.raises(InputError, match=r"opposite='revers': .*; did you mean 'reverse'"):
        backtest.signals(BARS, entries=np.ones(5, bool), opposite="revers")
    with pytest.raises(InputError, match="exits: 4 values for 5 bars"):
        backtest.signals(BARS, entries=np.ones(5, bool), exits=np.ones(4, bool))


@pytest.mark.parametrize("function", [backtest.run, backtest.signals, backtest.sweep])
def test_options_are_in_the_signature_with_their_defaults(function):
    shown = inspect.signature(function).parameters
    assert shown["cash"].default == 10_000.0
    assert shown["fill"].default == "next_open"
    assert shown["convention"].default == "alipes"
    assert "options" not in shown


def test_the_package_lists_what_it_offers():
    assert {"run", "signals", "sweep", "Result", "EventResult", "run_config"} <= set(alipes.backtest.__all__)
    for name in alipes.backtest.__all__:
        assert getattr(alipes.backtest, name) is not None
