"""When a fault acts."""

from dataclasses import dataclass
from random import Random

import orjson
import pytest

from alipes.mockvenue.call import Call, Parameters
from alipes.mockvenue.faults.trigger import KEYS, Trigger
from alipes.mockvenue.streams.frames import combined, payload_of, text_frame


def call(method="POST", path="/fapi/v1/order", transport="rest", **params):
    return Call(transport=transport, method=method, path=path, params=Parameters(params), address="127.0.0.1")


def fired(trigger, calls, random=None):
    """Numbers, from 1, of the calls that it acted on, one a second."""
    random = random or Random(1)
    times = enumerate(calls)
    return [n + 1 for n, each in times if trigger.fires_on_call(each, n * 1_000_000_000, random)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 2}, [2]),
        ({"count": 2}, [1, 2]),
        ({"nth": 3, "count": 2}, [3, 4]),
        ({"from_s": 1.0, "until_s": 4.0}, [2, 3, 4]),
        ({"from_s": 1.0, "nth": 2}, [3]),
        ({"rate": 0.0}, []),
    ],
)
def test_it_acts_in_its_turn(given, expected):
    assert fired(Trigger(**given), [call()] * 6) == expected


def test_a_rate_is_drawn_by_the_seed():
    calls = [call()] * 1000
    first, again, other = (fired(Trigger(rate=0.25), calls, Random(seed)) for seed in (7, 7, 8))
    assert first == again != other
    assert 200 < len(first) < 300


def test_it_acts_on_what_it_is_about_and_counts_only_that():
    calls = [
        call(method="GET"), call(path="/fapi/v1/depth"), call(transport="ws-api"), call(side="SELL"),
        call(side="BUY", reduceOnly="true"), call(side="BUY", reduceOnly="true"),
    ]  # fmt: skip
    assert fired(Trigger(method="POST"), calls) == [2, 3, 4, 5, 6]
    assert fired(Trigger(path="/fapi/*/order"), calls) == [1, 3, 4, 5, 6]
    assert fired(Trigger(transport="ws-api"), calls) == [3]
    trigger = Trigger(where={"side": "BUY", "reduceOnly": True}, nth=2)
    assert fired(trigger, calls) == [6]
    assert (trigger.matched, trigger.fired) == (2, 1)


@dataclass(frozen=True)
class Listener:
    path: str


def test_frames_are_known_by_connection_stream_event_and_fields():
    event = orjson.dumps({"e": "ORDER_TRADE_UPDATE", "o": {"c": "mine", "t": 5}})
    frames = [text_frame(event), text_frame(combined("key", event)), text_frame(b"[1]")]

    def meets(path="/private/ws", **given):
        trigger, random = Trigger(**given), Random(1)
        return [trigger.fires_on_frame(Listener(path), "key", each, 0, random) for each in frames]

    assert meets() == [True, True, True]
    assert meets(event="ORDER_TRADE_UPDATE") == [True, True, False]
    assert meets(event="ACCOUNT_UPDATE") == [False, False, False]
    assert meets(where={"c": "mine", "t": 5}) == [True, True, False]
    assert meets(where={"c": "theirs"}) == [False, False, False]
    assert meets(stream="k*") == [True, True, True]
    assert meets(path="/public/ws", stream="key") == [True, True, True]
    assert (
        Trigger(path="/private/*").fires_on_frame(Listener("/public/ws"), "key", frames[0], 0, Random(1))
        is False
    )


def test_every_key_is_a_field_of_a_trigger():
    fields = set(Trigger.__dataclass_fields__) - {"matched", "fired"}
    assert {key.name for key in KEYS} == fields


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_gives_its_payload_back(size):
    assert payload_of(text_frame(b"x" * size)) == b"x" * size
