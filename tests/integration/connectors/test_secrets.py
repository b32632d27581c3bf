"""Keys show nowhere: not in a repr, a log line of any level, an error, a traceback with its locals."""

import asyncio
import copy
import io
import logging
import pickle
import traceback

import pytest
from structlog.testing import capture_logs
from tests.support.rigs import KEY, SECRET, connected
from tests.support.scripted_usdm import React, error

from alipes.errors import AuthError, ConfigError, VenueError
from alipes.net.ccxt_session import READ_ATTEMPTS, CcxtSession
from alipes.net.secrets import Credentials, Secret

CANARIES = (KEY, SECRET, "listen-key-canary")
ECHO = error(-2015, f"Invalid key {KEY} with {SECRET}", 401)
REACTIONS = [
    React(drop=True),
    React(truncated=True),
    React(502, f"Bad {KEY}"),
    error(-1013, f"no {SECRET}"),
    ECHO,
    React(200, "<html>"),
]


def shown(failure):
    """Everything a program could print of an exception, the locals of our frames included."""
    ours = [
        (frame, line)
        for frame, line in traceback.walk_tb(failure.__traceback__)
        if frame.f_code.co_filename != __file__
    ]
    assert ours
    told = traceback.StackSummary.extract(iter(ours), capture_locals=True).format()
    return "".join([*told, *traceback.format_exception_only(failure), repr(failure)])


async def misbehave(rig, seen):
    for react in REACTIONS:
        rig.server.on("POST /fapi/v1/order", react)
        rig.submit()
        seen.append(repr(await rig.event()))
    for reacts in ([ECHO], [React(403, f"<html>{KEY}")] * READ_ATTEMPTS):
        rig.server.on("GET /fapi/v3/account", *reacts)
        with pytest.raises(VenueError) as raised:
            await rig.connector.balances()
        seen.append(shown(raised.value))
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
    await rig.server.break_streams()
    await rig.server.listening.wait()
    seen += [repr(each) + str(each) for each in (rig, rig.session, rig.connector, rig.connector._streams)]
    seen.append(repr(Credentials(KEY, SECRET, SECRET)))


def test_nothing_that_can_be_printed_holds_a_key():
    seen = []
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level, disabled = root.level, logging.root.manager.disable
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with capture_logs() as logs:

            async def main():
                async with connected(streams=True) as rig:
                    await misbehave(rig, seen)

            asyncio.run(main(), debug=True)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        logging.disable(disabled)
    text = "\n".join([*seen, repr(logs), stream.getvalue()])
    assert "request failed" in text
    assert "***" in text
    for canary in CANARIES:
        assert canary not in text


def test_a_key_that_is_refused_is_an_auth_error():
    async def main():
        async with connected() as rig:
            rig.server.on("GET /fapi/v3/account", ECHO)
            await rig.connector.balances()

    with pytest.raises(AuthError, match=r"-2015: Invalid key \*\*\* with \*\*\*"):
        asyncio.run(main())


def test_the_key_is_on_the_wire_and_the_secret_is_not():
    async def main():
        async with connected() as rig:
            rig.submit()
            await rig.event()
            return rig.server.headers[-1], repr(rig.server.requests)

    headers, requests = asyncio.run(main())
    assert headers["X-MBX-APIKEY"] == KEY
    assert SECRET not in repr(headers) + requests


def test_a_session_that_cannot_be_made_shows_no_key():
    with pytest.raises(ConfigError) as raised:
        CcxtSession(account="main", venue="binanceusdm", credentials=Credentials(KEY, SECRET), endpoints={})
    assert KEY not in shown(raised.value)
    assert SECRET not in shown(raised.value)


def test_a_secret_is_not_copied_or_written():
    secret = Secret(SECRET)
    assert f"{secret} {secret!r}" == "*** ***"
    assert secret.reveal() == SECRET
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(secret)


def test_ccxt_logs_nothing():
    session = CcxtSession(account="main", venue="binanceusdm")
    assert session.exchange.logger.disabled
    assert not session.exchange.verbose
