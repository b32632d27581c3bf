"""`Context.state` holds what JSON gives back unchanged, and says which key does not."""

from decimal import Decimal

import pytest
from tests.unit.engine.scripted import Recorder, at, start

from alipes.errors import InputError
from alipes.strategy.state import State

WRONG = [
    float("nan"),
    float("inf"),
    [1, float("-inf")],
    (1, 2),
    {"a": (1,)},
    {1, 2},
    Decimal("0.1"),
    {1: "one"},
    b"bytes",
    object(),
    "\ud800",
]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_value_that_json_cannot_keep_is_refused_at_once(value):
    state = State({"x": 1})
    with pytest.raises(InputError, match=r"state\['x'\]"):
        state["x"] = value
    assert state["x"] == 1


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_value_that_is_put_in_place_is_refused_when_taken(value):
    state = State({"seen": [], "other": 1})
    state["seen"].append(value)
    with pytest.raises(InputError, match=r"state\['seen'\]"):
        state.take()


def test_a_list_that_holds_itself_is_refused():
    state = State({"seen": []})
    state["seen"].append(state["seen"])
    with pytest.raises(InputError, match=r"state\['seen'\]"):
        state.take()


@pytest.mark.parametrize("value", [None, True, 7, 1 << 70, 0.1, "text", [1, [2.5, None]], {"a": {"b": []}}])
def test_json_values_are_kept(value):
    state = State()
    state["x"] = value
    assert state.take() is not None
    assert state.take() is None
    assert state["x"] == value


@pytest.mark.parametrize("key", [7, None, "\ud800"])
def test_keys_are_text(key):
    with pytest.raises(InputError, match="state"):
        State()[key] = 1


def test_a_state_that_cannot_be_kept_faults_its_strategy():
    def spoil(ctx, _):
        ctx.state["seen"].append({1, 2})

    engine, _ = start(Recorder(book=at(1, spoil)), states={"s0": {"seen": [1]}})
    assert "state['seen']" in engine.runners[0].fault.error
    assert engine.journal.records == []
