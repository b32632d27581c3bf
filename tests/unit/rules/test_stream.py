"""`Rules.stream`: signals bar by bar, and what it refuses."""

import pytest
from tests.unit.rules.values import HAS_CORE, MINUTE, START

import alipes
import alipes.rules as r
from alipes.data.bars.clock import time_text
from alipes.errors import AlipesError, DataError, InputError

pytestmark = pytest.mark.skipif(not HAS_CORE, reason="the compiled engine is not built")


def bar(close, **more):
    return {"open": close, "high": close, "low": close, "close": close, "volume": 1.0, **more}


def test_signals_come_at_each_close_and_are_none_where_undefined_or_not_ruled():
    rules = r.Rules(enter_long=r.cross_above(r.close, r.param("level")), exit_long=r.close < 3)
    stream = rules.stream({"level": 5}, step="1m")
    found = [stream.push(START + i * MINUTE, **bar(close)) for i, close in enumerate([6.0, 2.0, 6.0])]
    assert [signals.enter_long for signals in found] == [None, False, True]
    assert [signals.exit_long for signals in found] == [False, True, False]
    assert found[0].enter_short is None
    assert found[0].exit_short is None


def test_further_columns_are_given_by_name():
    stream = r.Rules(enter_long=r.column("mood") > 0).stream()
    assert stream.push(START, **bar(1.0, mood=2.0)).enter_long is True
    with pytest.raises(InputError, match="push: no value for mood"):
        stream.push(START + MINUTE, **bar(1.0))


def test_time_must_go_on_by_whole_steps():
    stream = r.Rules(enter_long=r.close > 0).stream(step="5m")
    stream.push(START, **bar(1.0))
    for at in (START, START - MINUTE, START + MINUTE):
        with pytest.raises(AlipesError, match=str(at)):
            stream.push(at, **bar(1.0))
    assert stream.push(START + 10 * MINUTE, **bar(1.0)).enter_long is True


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (r.Rules(enter_long=r.user(abs, r.close) > 1), "user operators, which take whole arrays"),
        (r.Rules(enter_long=r.other("ETH", r.close > 1)), "the rules read ETH; a stream has one instrument"),
        (r.Rules(enter_long=r.close > r.param("k")), "no value for 'k'"),
    ],
)
def test_what_cannot_be_streamed_is_refused(rules, message):
    with pytest.raises(InputError, match=message):
        rules.stream()


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"open": NAN}, "open nan is no finite price above 0"),
        ({"close": None}, "close nan is no finite price above 0"),
        ({"high": INF}, "high inf is no finite price above 0"),
        ({"low": 0.0}, "low 0.0 is no finite price above 0"),
        ({"close": -1.0}, "close -1.0 is no finite price above 0"),
        ({"high": 1.0, "low": 2.0}, "high 1.0 is below low 2.0"),
        ({"low": 4.5}, "low 4.5 is above open 4.0"),
        ({"volume": -1.0}, "volume -1.0 is no finite number, 0 or more"),
    ],
)
def test_a_bar_that_cannot_be_is_refused_in_the_words_of_bars(change, says):
    stream = r.Rules(enter_long=r.sma(r.close, 2) > 0).stream()
    stream.push(START, **bar(4.0))
    with pytest.raises(DataError, match=rf"^push: bar of {time_text(START + MINUTE)}: {says}$"):
        stream.push(START + MINUTE, **(bar(4.0) | {"high": 5.0} | change))
    data = {name: [4.0, value] for name, value in (bar(4.0) | {"high": 5.0} | change).items()}
    data["high"][0] = 5.0
    with pytest.raises(DataError, match=rf": {says}$"):
        alipes.bars({"ts": [START, START + MINUTE], **data})
    assert stream.push(START + MINUTE, **bar(4.0)).enter_long is True


@pytest.mark.parametrize(
    ("ts", "change", "says"),
    [
        (START // 10**9, {}, r"push: ts', row 0: \d+ is taken as nanoseconds.* look like seconds"),
        (START // 10**6, {}, r"push: ts', row 0: \d+ is taken as nanoseconds.* look like milliseconds"),
        ("now", {}, "push: ts is 'now': expected the bar's open time as int ns UTC"),
        (float(START), {}, "push: ts is .*: expected the bar's open time as int ns"),
        (2**63, {}, "push: ts is"),
        (START, {"close": "4"}, "push: close is text, '4': expected a number"),
        (START, {"close": [4]}, r"push: close is \[4\]: expected a number"),
        (START, {"modo": 1.0}, "push: the rules read no column 'modo'; did you mean 'mood'"),
    ],
)
def test_what_is_pushed_wrongly_is_refused(ts, change, says):
    stream = r.Rules(enter_long=r.column("mood") > 0).stream()
    with pytest.raises(InputError, match=says):
        stream.push(ts, **(bar(4.0, mood=1.0) | change))
    assert stream.push(START, **bar(4.0, mood=1.0, mark=4.0, spread=0.1)).enter_long is True


def test_an_undefined_or_infinite_value_of_a_further_column_is_undefined():
    stream = r.Rules(enter_long=r.column("mood") > 0).stream()
    moods = [NAN, INF, None, 1]
    found = [
        stream.push(START + i * MINUTE, **bar(1.0, mood=mood)).enter_long for i, mood in enumerate(moods)
    ]
    assert found == [None, None, None, True]
