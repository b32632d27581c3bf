"""The control endpoint: faults on and off, counts, and nobody but this machine."""

import asyncio
import json
import os
import sys

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from tests.integration.venue.clients import PATIENCE_S, raw, run, venue
from tests.integration.venue.faulty import ORDER, PATH, faulty, place

from alipes.errors import InputError
from alipes.mockvenue import Hooks
from alipes.mockvenue.control import local_only


def test_faults_are_put_on_and_taken_off_while_the_venue_runs():
    async def check():
        async with faulty() as (server, client):
            assert await client.control("POST", "/faults", {"name": "bare_status", "status": 502}) == (
                200,
                {"id": 1},
            )
            assert await client.control("POST", "/faults", {"name": "maintenance", "path": "/none"}) == (
                200,
                {"id": 2},
            )
            assert (await place(client))[0] == 502
            _, told = await client.control("GET", "/faults")
            assert told["faults"][0] == {
                "id": 1, "name": "bare_status", "method": "POST", "path": PATH, "transport": "rest",
                "status": 502, "accepted": True, "matched": 1, "fired": 1,
            }  # fmt: skip
            assert [each["id"] for each in told["faults"]] == [1, 2]
            _, told = await client.control("DELETE", "/faults/1")
            assert [each["id"] for each in told["faults"]] == [2]
            assert (await place(client, newClientOrderId="other"))[0] == 200
            assert await client.control("DELETE", "/faults") == (200, {"faults": []})
            assert list(server.faults) == []

    run(check())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "stal"}, "fault 'stal' is not known; did you mean 'stall'?"),
        ({"name": "stall", "mss": 1}, "stall has no parameter 'mss'; did you mean 'ms'?"),
        ({}, "a fault lacks its name"),
    ],
)
def test_what_is_refused_is_told(body, words):
    async def check():
        async with faulty() as (_, client):
            status, told = await client.control("POST", "/faults", body)
            assert status == 400
            assert words in told["error"]
            assert (await client.control("DELETE", "/faults/3"))[0] == 400

    run(check())


def test_requests_and_accepted_orders_are_counted_whatever_the_client_heard():
    async def check():
        async with faulty({"name": "unknown_error", "nth": 2}) as (_, client):
            for _ in range(3):  # the third is refused: the second stands
                await place(client)
            await client.send("DELETE", PATH, {"symbol": "BTCUSDT", "origClientOrderId": "mine"})
            await place(client)
            status, told = await client.control("GET", "/requests")
            counts = {(each["method"], each["path"]): each["count"] for each in told["requests"]}
            assert (status, counts) == (200, {("POST", PATH): 4, ("DELETE", PATH): 1})
            assert told["accepted"] == {"mine": 2}

    run(check())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "venue.example"}, 403),
        ({"Host": "127.0.0.1.example"}, 403),
        ({"Origin": "http://venue.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_another_site_may_not_ask(headers, status):
    async def check():
        async with faulty() as (server, client):
            address = server.control + "/faults"
            async with client._session.post(address, json={"name": "stall"}, headers=headers) as answer:
                assert answer.status == status
            assert len(list(server.faults)) == (status == 200)

    run(check())


def test_another_machine_may_not_ask():
    class Elsewhere:
        def get_extra_info(self, name, default=None):
            return ("192.0.2.7", 5) if name == "peername" else default

    async def answer(request):
        return web.Response()

    async def check():
        request = make_mocked_request("GET", "/faults", headers={"Host": "127.0.0.1"}, transport=Elsewhere())
        refused = await local_only(request, answer)
        assert refused.status == 403
        assert json.loads(refused.body) == {"error": "from 192.0.2.7: only this machine may"}

    run(check())


def test_hooks_of_another_kind_have_no_switches():
    async def check():
        async with venue(speed=0, hooks=Hooks()) as server, raw(server) as client:
            status, told = await client.control("GET", "/faults")
            assert status == 400
            assert "hooks are Hooks, which have no switches" in told["error"]
            with pytest.raises(InputError):
                server.faults.clear()

    run(check())


async def command(*arguments):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "alipes", "venue", *map(str, arguments), env=os.environ,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def test_the_command_takes_a_file_of_faults(tmp_path):
    file = tmp_path / "faults.toml"
    file.write_text('[[fault]]\nname = "rate_limited"\nretry_after_s = 3\n', encoding="utf-8")

    class Printed:
        def __init__(self, line):
            self.addresses = lambda: json.loads(line)

    async def check():
        process = await command("--speed", "0", "--faults", file)
        async with asyncio.timeout(PATIENCE_S), raw(Printed(await process.stdout.readline())) as client:
            status, headers, _ = await client.send("POST", PATH, ORDER)
            assert (status, headers["Retry-After"]) == (429, "3")
        process.terminate()
        assert await process.wait() == 0

    run(check())


def test_the_command_names_file_and_line_of_what_it_refuses(tmp_path):
    file = tmp_path / "faults.toml"
    file.write_text('[[fault]]\nname = "rate_limit"\n', encoding="utf-8")

    async def check():
        process = await command("--faults", file)
        _, told = await process.communicate()
        assert process.returncode == 2
        assert "did you mean 'rate_limited'" in told.decode()
        assert f"{file}:2:".replace("\n", "") in told.decode().replace("\n", "")

    run(check())


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/accounts", {"balnce": 1}, "unknown key 'balnce'; did you mean 'balance'?"),
        ("/accounts", {"balance": "x"}, "balance: expected a number such as 5000, got 'x'"),
        ("/accounts", {"balance": -5}, "balance -5: expected 0 or more"),
        ("/accounts", {"public_pem": "zzz"}, "public_pem: expected an Ed25519 public key in PEM"),
        ("/accounts", {"can_withdraw": "yes"}, "can_withdraw: expected true or false, got 'yes'"),
        ("/deposit", {"asset": "USDT", "amount": "1"}, "account is missing: expected account, asset, amount"),
        ("/deposit", {"account": "one", "asset": "USDT", "amount": "1"}, "account: expected a whole number"),
        ("/deposit", {"account": 0, "asset": "USDT", "amount": "inf"}, "amount: expected a number"),
        ("/step", {}, "ms is missing"),
        ("/step", {"ms": 1.5}, "ms: expected a whole number, got 1.5"),
        ("/instrument", {"tick_size": "1"}, "symbol is missing"),
        ("/instrument", {"symbol": "BTC/USDT", "tick_size": "1"}, "did you mean 'BTC/USDT:USDT'?"),
    ],
)
def test_a_wrong_body_is_told_in_words_and_changes_nothing(path, body, words):
    async def check():
        async with faulty() as (server, client):
            before = len(list(server.exchange.accounts.keys))
            status, told = await client.control("POST", path, body)
            assert status == 400
            assert words in told["error"]
            assert "Error" not in told["error"]
            assert len(list(server.exchange.accounts.keys)) == before

    run(check())
