"""`Rules.stream`: signals bar by bar, and what it refuses."""

import pytest
from tests.unit.rules.values import HAS_CORE, MINUTE, START

import alipes.rules as r
from alipes.errors import AlipesError, InputError

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
