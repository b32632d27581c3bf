"""One case per event of the wire, made by the venue's faults: the answer, and that ours and its books agree.

The venue's own books are the oracle: how often the order arrived, how often it was accepted, what it is now.
"""

import asyncio
from dataclasses import dataclass, field

import pytest
from tests.support.rigs import BTC
from tests.support.venue_rigs import HONEST_S, PATH, at_venue

from alipes.model import Accepted, NotSent, OrderState, Rejected, RequestKind, Side, Unknown

QUICK = {"timeout_s": 0.3}
EXISTS, NOT = {"accepted": True}, {"accepted": False}


@dataclass
class Case:
    """What happens, what we are told by which row, and whether the venue has the order."""

    event: type
    row: str
    fault: dict | None = None
    is_there: bool = True
    arrivals: int = 1
    options: dict = field(default_factory=dict)
    address: str | None = None


def lost(row, name, **more):
    """The fate is unknown: once with the order at the venue, once without."""
    options = more.pop("options", {})
    return {
        f"{name} {more} {'accepted' if there else 'not accepted'}".replace("'", ""): Case(
            Unknown, row, {"name": name, "accepted": there, **more}, is_there=there, options=options
        )
        for there in (True, False)
    }


ROWS = {
    "refused": {
        "port closed": Case(
            NotSent, "connection_refused", {"name": "refuse", "ms": 1500}, is_there=False, arrivals=0
        ),
        "nobody there": Case(
            NotSent, "connection_refused", is_there=False, arrivals=0, address="http://127.0.0.1:1/fapi/v1"
        ),
        "no such host": Case(
            NotSent, "name_not_resolved", is_there=False, arrivals=0, address="http://venue.invalid/fapi/v1"
        ),
    },
    "socket dropped": lost("connection_dropped", "socket_drop"),
    "silence, 504, -1007": (
        lost("no_answer", "silence", options=QUICK)
        | lost("no_answer", "bare_status", status=504)
        | lost("no_answer", "backend_timeout")
    ),
    "truncated body": {"truncated": Case(Unknown, "truncated_reply", {"name": "truncated_body"})},
    "200 HTML or empty": lost("unreadable_reply", "html_page") | lost("unreadable_reply", "empty_body"),
    "503 with -1000, -1006": lost("execution_unknown", "unknown_error")
    | lost("execution_unknown", "unexpected_response"),
    "502 and 503 bare": lost("unavailable", "bare_status", status=502)
    | lost("unavailable", "bare_status", status=503),
    "429 and 418": {
        name: Case(
            Rejected, "too_many_requests", {"name": name, "path": PATH, "retry_after_s": 30}, is_there=False
        )
        for name in ("rate_limited", "banned")
    },
    "-1021": {
        "answered so": Case(Rejected, "clock_out_of_step", {"name": "clock_refused"}, is_there=False),
        "the clock is off": Case(
            Rejected, "clock_out_of_step", {"name": "clock_skew", "ms": 9000}, is_there=False
        ),
    },
    "duplicate order sent": {
        "it is there": Case(Accepted, "", {"name": "duplicate_refused", "accepted": True}),
        "it is there, as USD-M words it": Case(
            Accepted, "", {"name": "duplicate_refused", "code": -4116, "accepted": True}
        ),
        "it is the first": Case(Unknown, "already_there", {"name": "duplicate_refused"}, is_there=False),
    },
    "-4120": {"moved": Case(Rejected, "invalid_order", {"name": "moved_endpoint"}, is_there=False)},
}
CASES = {f"{row}: {name}": case for row, cases in ROWS.items() for name, case in cases.items()}


async def submitted(rig, case, **terms):
    """Submits an order; gives it and its one answer."""
    if case.address is not None:
        rig.session.exchange.urls["api"]["fapiPrivate"] = case.address
    if case.fault is not None and case.fault["name"] == "refuse":
        await rig.until(lambda: next(iter(rig.faults)).trigger.fired)
    order = rig.submit(**terms)
    event = await rig.event()
    await rig.settled()
    assert rig.connector.poll(0) == []  # exactly one answer
    return order, event


@pytest.mark.parametrize("is_taker", [False, True], ids=["rests", "is filled"])
@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_right_the_request_arrived_once_and_the_books_agree(name, is_taker):
    case = CASES[name]

    async def main():
        async with at_venue(*([case.fault] if case.fault else []), **case.options) as rig:
            order, event = await submitted(rig, case, price=rig.price(is_taker=is_taker))
            assert type(event) is case.event
            assert getattr(event, "reason", "").split(":")[0] == case.row
            assert (rig.posts(), rig.accepted(order)) == (case.arrivals, case.is_there)
            rig.faults.clear()
            rig.session.exchange.timeout = round(HONEST_S * 1000)
            if case.event is NotSent or rig.session.blocked():
                assert rig.at_venue(order) is None
                return rig.here(order)[0]
            await rig.compare()
            assert rig.posts() == case.arrivals  # nothing is ever sent again
            if case.is_there:
                assert rig.here(order) == rig.at_venue(order)
            else:
                assert rig.at_venue(order) is None
                assert await rig.connector.order(rig.instrument, order.client_order_id) is None
            return rig.here(order)[0]

    state = asyncio.run(main())
    if case.is_there:
        assert state == ("filled" if is_taker else "accepted")
    else:
        assert state == {NotSent: "denied", Rejected: "rejected", Unknown: "unknown"}[case.event]


@pytest.mark.parametrize(
    ("terms", "row"),
    [
        ({"size": "100.000"}, "insufficient_funds"),
        ({"size": "1500.000"}, "bad_request"),
        ({"price": "1.0", "side": Side.SELL}, "bad_request"),
        ({"post_only": True}, "invalid_order"),
    ],
    ids=["margin, -2019", "size, -4005", "price band, -4024", "post-only, -5022"],
)
def test_what_the_venue_itself_refuses_is_rejected(terms, row):
    async def main():
        async with at_venue() as rig:
            given = {"price": rig.price(is_taker="post_only" in terms), **terms}
            order = rig.submit(**given)
            return await rig.event(), rig.posts(), rig.accepted(order), rig.here(order)[0]

    event, posts, accepted, state = asyncio.run(main())
    assert type(event) is Rejected
    assert event.reason.split(":")[0] == row
    assert (posts, accepted, state) == (1, 0, "rejected")


def test_after_a_refusal_for_its_time_the_clock_is_measured_and_the_next_order_goes():
    async def main():
        async with at_venue({"name": "clock_skew", "ms": 9000}) as rig:
            first = rig.submit(price=rig.price(is_taker=False))
            refused = await rig.event()
            await rig.until(lambda: abs(rig.session.clock_offset_ns - 9_000_000_000) < 500_000_000)
            second = rig.submit(price=rig.price(is_taker=False))
            told = await rig.event()
            return type(refused), type(told), rig.here(second) == rig.at_venue(second), rig.accepted(first)

    assert asyncio.run(main()) == (Rejected, Accepted, True, 0)


@pytest.mark.parametrize(("fault", "status"), [("rate_limited", "429"), ("banned", "418")])
def test_nothing_is_sent_until_the_venue_said_come_back(fault, status):
    async def main():
        async with at_venue({"name": fault, "path": PATH, "retry_after_s": 1}) as rig:
            rig.submit(price=rig.price(is_taker=False))
            await rig.event()
            rig.submit(price=rig.price(is_taker=False))
            held = await rig.event()
            posts = rig.posts()
            rig.faults.clear()
            await rig.until(lambda: rig.session.blocked() is None)
            order = rig.submit(price=rig.price(is_taker=False))
            return held, posts, await rig.event(), rig.here(order) == rig.at_venue(order)

    held, posts, told, agrees = asyncio.run(main())
    assert type(held) is NotSent
    assert f"the venue answered {status}" in held.reason
    assert posts == 1
    assert type(told) is Accepted
    assert agrees


def test_an_order_that_queries_do_not_show_stays_unknown_until_they_do():
    async def main():
        async with at_venue({"name": "invisible_order", "ms": 600_000}, {"name": "socket_drop"}) as rig:
            order = rig.submit(price=rig.price(is_taker=False))
            assert type(await rig.event()) is Unknown
            assert await rig.connector.order(rig.instrument, order.client_order_id) is None
            await rig.compare()
            assert order.state is OrderState.UNKNOWN
            assert (rig.posts(), rig.accepted(order)) == (1, 1)
            rig.faults.clear()
            await rig.compare()
            assert rig.here(order) == rig.at_venue(order) == ("accepted", 0)
            assert rig.posts() == 1

    asyncio.run(main())


@pytest.mark.parametrize("kind", [RequestKind.AMEND, RequestKind.CANCEL])
@pytest.mark.parametrize("accepted", [True, False])
def test_a_lost_answer_to_a_change_is_settled_by_what_the_venue_shows(kind, accepted):
    async def main():
        async with at_venue() as rig:
            order = rig.submit(price=rig.price(is_taker=False))
            await rig.event()
            method = "PUT" if kind is RequestKind.AMEND else "DELETE"
            rig.faults.add("socket_drop", method=method, accepted=accepted)
            if kind is RequestKind.AMEND:
                rig.amend(order, rig.price(is_taker=False), "0.020")
            else:
                rig.cancel(order)
            event = await rig.event()
            assert type(event) is Unknown
            assert event.request is kind
            assert rig.server.dispatcher.counts.of(method, PATH) == 1
            await rig.compare()
            return rig.here(order), rig.at_venue(order)

    here, there = asyncio.run(main())
    assert here == there


# Orders over the WebSocket API: ccxt alone, the connector places by REST


async def over_the_socket(rig, patience_s):
    exchange = rig.session.exchange
    price = float(rig.price(is_taker=False))
    params = {"clientOrderId": "byws"}
    request = exchange.create_order_ws(BTC, "limit", "buy", 0.01, price, params)
    return await asyncio.wait_for(request, patience_s)


@pytest.mark.parametrize(("fault", "raised"), [("socket_drop", "NetworkError"), ("silence", "TimeoutError")])
def test_an_order_over_the_websocket_api_is_lost_to_its_client_and_stands(fault, raised):
    async def main():
        async with at_venue({"name": fault, "transport": "ws-api"}) as rig:
            with pytest.raises(Exception) as told:
                await over_the_socket(rig, 1.0)
            names = {each.__name__ for each in type(told.value).__mro__}
            return names, rig.server.exchange.accepted["byws"], rig.posts()

    names, accepted, posts = asyncio.run(main())
    assert raised in names
    assert (accepted, posts) == (1, 1)
