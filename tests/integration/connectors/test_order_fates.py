"""What becomes of an order when the wire fails: one case per event of the wire, over real sockets.

Each case states the answer the engine gets and how often the request arrived. Each is run a second time with
the verdict of its row turned round: the answer must turn with it, so the table is what decides.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.rigs import connected
from tests.support.scripted_usdm import React, error

from alipes.connectors.fates import TABLE, Fate, decide
from alipes.model import Accepted, NotSent, Rejected, RequestKind, Unknown
from alipes.net.pacing import Pacer
from alipes.net.wire import Wire

ROUTE = "POST /fapi/v1/order"
EVENTS = {Fate.REJECTED: Rejected, Fate.NOT_SENT: NotSent, Fate.UNKNOWN: Unknown, Fate.ACCEPTED: Accepted}
NOTHING_THERE = "http://127.0.0.1:1/fapi/v1"
NO_SUCH_HOST = "http://venue.invalid/fapi/v1"


@dataclass
class Case:
    """An event of the wire: the row that must judge it, what happens, how often the request arrives."""

    row: str
    fate: Fate
    react: Any = None
    address: str | None = None
    arrivals: int = 1
    options: tuple = ()
    act: Any = None


async def cancel_the_task(rig, order):
    rig.connector.submit(order)
    await rig.server.arrived.wait()
    next(iter(rig.connector._tasks)).cancel()


async def cancel_before_the_first_step(rig, order):
    rig.connector.submit(order)
    next(iter(rig.connector._tasks)).cancel()


async def wait_for_a_turn(rig, order):
    rig.session.order_pacer = Pacer(ms_per_token=1000)
    rig.session.order_pacer.spend(1e9)  # the venue's rate limit, used up
    rig.connector.submit(order)


HTML = "<html><body>Just a moment...</body></html>"
QUICK = (("timeout_s", 0.2),)
CASES = {
    "connection refused": Case("connection_refused", Fate.NOT_SENT, address=NOTHING_THERE, arrivals=0),
    "name not resolved": Case("name_not_resolved", Fate.NOT_SENT, address=NO_SUCH_HOST, arrivals=0),
    "socket dropped": Case("connection_dropped", Fate.UNKNOWN, React(drop=True)),
    "socket dropped, order taken": Case("connection_dropped", Fate.UNKNOWN, React(does=True, drop=True)),
    "silence": Case("no_answer", Fate.UNKNOWN, React(silent=True), options=QUICK),
    "504": Case("no_answer", Fate.UNKNOWN, React(504, "Gateway Time-out")),
    "-1007": Case("no_answer", Fate.UNKNOWN, error(-1007, "Timeout waiting for response from backend", 408)),
    "truncated body": Case("truncated_reply", Fate.UNKNOWN, React(truncated=True)),
    "200 with a page": Case("unreadable_reply", Fate.UNKNOWN, React(200, HTML)),
    "200 with nothing": Case("unreadable_reply", Fate.UNKNOWN, React(200, "")),
    "200 with an order of somebody else": Case(
        "unreadable_reply",
        Fate.UNKNOWN,
        React(
            200, json.dumps({"orderId": 5, "clientOrderId": "theirs", "status": "NEW", "symbol": "BTCUSDT"})
        ),
    ),
    "503 with -1000": Case(
        "execution_unknown", Fate.UNKNOWN, error(-1000, "Unknown error, please check", 503)
    ),
    "-1006": Case("execution_unknown", Fate.UNKNOWN, error(-1006, "Execution status unknown")),
    "502 bare": Case("unavailable", Fate.UNKNOWN, React(502, "Bad Gateway")),
    "503 bare": Case("unavailable", Fate.UNKNOWN, React(503, "")),
    "500 with a code nobody knows": Case("server_error", Fate.UNKNOWN, error(-9999, "?", 500)),
    "429": Case("too_many_requests", Fate.REJECTED, error(-1003, "Too many requests", 429)),
    "418": Case("too_many_requests", Fate.REJECTED, error(-1003, "banned until", 418)),
    "-1021": Case("clock_out_of_step", Fate.REJECTED, error(-1021, "Timestamp for this request was ...")),
    "-1013": Case("bad_request", Fate.REJECTED, error(-1013, "Invalid quantity.")),
    "-2010": Case("invalid_order", Fate.REJECTED, error(-2010, "NEW_ORDER_REJECTED")),
    "insufficient funds": Case("insufficient_funds", Fate.REJECTED, error(-2019, "Margin is insufficient.")),
    "key refused": Case("no_permission", Fate.REJECTED, error(-2014, "API-key format invalid.", 401)),
    "market closed": Case("operation_rejected", Fate.REJECTED, error(-5027, "No need to modify the order.")),
    "duplicate, and not there": Case("already_there", Fate.UNKNOWN, error(-2010, "Duplicate order sent.")),
    "not found after sending": Case("not_found_after_sending", Fate.UNKNOWN, error(-2013, "no such order")),
    "400 with a code nobody knows": Case("refused_with_code", Fate.REJECTED, error(-9999, "?")),
    "-1001": Case("operation_failed", Fate.UNKNOWN, error(-1001, "Internal error; unable to process")),
    "200 with an error": Case("unclear", Fate.UNKNOWN, error(-9999, "?", 200)),
    "redirected": Case(
        "transport_failed", Fate.UNKNOWN, React(307, "", headers={"Location": "http://127.0.0.1:1/elsewhere"})
    ),
    "task cancelled in flight": Case(
        "cancelled_in_flight", Fate.UNKNOWN, React(does=True, silent=True), act=cancel_the_task
    ),
    "task cancelled before it began": Case(
        "stopped_before_sending", Fate.NOT_SENT, arrivals=0, act=cancel_before_the_first_step
    ),
    "deadline passed before its turn": Case(
        "stopped_before_sending",
        Fate.NOT_SENT,
        arrivals=0,
        options=(("deadline_s", 0.5),),
        act=wait_for_a_turn,
    ),
    "deadline passed in flight": Case(
        "deadline_passed", Fate.UNKNOWN, React(silent=True), options=(("deadline_s", 0.5),)
    ),
}


async def outcome(case, table=TABLE):
    async with connected(table=table, **dict(case.options)) as rig:
        if case.react is not None:
            rig.server.on(ROUTE, case.react)
        if case.address is not None:
            rig.session.exchange.urls["api"]["fapiPrivate"] = case.address
        rig.server.arrived.clear()
        order = rig.order()
        if case.act is None:
            rig.submit(order)
        else:
            await case.act(rig, order)
        event = await rig.event()
        await rig.settled()
        assert rig.connector.poll(0) == []  # exactly one answer
        return event, rig.server.counts[ROUTE]


@pytest.mark.parametrize("name", CASES)
def test_a_failure_has_its_fate_and_the_request_arrived_once(name):
    case = CASES[name]
    event, arrivals = asyncio.run(outcome(case))
    assert type(event) is EVENTS[case.fate]
    assert event.reason.split(":")[0] == case.row
    assert arrivals == case.arrivals


@pytest.mark.parametrize("name", CASES)
def test_the_table_is_what_decides(name):
    case = CASES[name]
    other = Fate.REJECTED if case.fate is not Fate.REJECTED else Fate.UNKNOWN
    turned = [replace(row, fate=other) if row.name == case.row else row for row in TABLE]
    event, _ = asyncio.run(outcome(case, turned))
    assert type(event) is EVENTS[other]


def test_every_row_has_a_case():
    elsewhere = {"never_left", "not_found"}  # below: they are not answers to a submit that was sent
    assert {row.name for row in TABLE} - elsewhere == {case.row for case in CASES.values()}


def test_a_conditional_order_on_the_regular_endpoint_is_rejected():
    async def main():
        async with connected() as rig:
            wire = Wire(is_order=True)
            _, failure = await rig.session.once(
                wire,
                "fapiPrivatePostOrder",
                {
                    "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "stopPrice": "1",
                    "quantity": "0.001", "newClientOrderId": "x",
                },
            )  # fmt: skip
            return failure, rig.server.counts[ROUTE]

    failure, arrivals = asyncio.run(main())
    assert failure.code == "-4120"
    assert decide(failure, RequestKind.SUBMIT).fate is Fate.REJECTED
    assert arrivals == 1


def test_a_duplicate_is_looked_for_by_client_id_and_found():
    async def main():
        async with connected() as rig:
            order = rig.order()
            rig.connector.submit(order)
            await rig.event()
            rig.connector.submit(order)  # what a venue makes of a copy on the wire
            event = await rig.event()
            return event, rig.server.counts[ROUTE], rig.server.requests[-1]

    event, arrivals, (route, params) = asyncio.run(main())
    assert type(event) is Accepted
    assert event.venue_order_id == "1000"
    assert arrivals == 2
    assert route == "GET /fapi/v1/order"
    assert params["origClientOrderId"] == event.client_order_id


def test_a_size_off_the_venue_grid_is_not_sent():
    async def main():
        async with connected() as rig:
            rig.session.exchange.markets["BTC/USDT:USDT"]["precision"]["amount"] = 0.01
            rig.submit(size="0.015")
            return await rig.event(), rig.server.counts[ROUTE]

    event, arrivals = asyncio.run(main())
    assert type(event) is NotSent
    assert "off the venue's grid" in event.reason
    assert arrivals == 0


def test_what_ccxt_refuses_itself_is_not_sent():
    async def main():
        async with connected() as rig:
            rig.session.exchange.secret = ""
            rig.submit()
            return await rig.event(), rig.server.counts[ROUTE]

    event, arrivals = asyncio.run(main())
    assert type(event) is NotSent
    assert event.reason.startswith("never_left: AuthenticationError")
    assert arrivals == 0
