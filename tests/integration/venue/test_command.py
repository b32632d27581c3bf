"""`alipes venue`: one line of JSON, a snippet that works, and an end in order."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from alipes.cli.app import call

TRADES = """
import asyncio

async def main():
    try:
        await exchange.load_markets()
        order = await exchange.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
        print(order["status"], (await exchange.fetch_balance())["USDT"]["total"] < 2500)
        try:
            await exchange.create_order("BTC/USDT:USDT", "market", "buy", 100)
        except ccxt.InsufficientFunds:
            print("refused")
    finally:
        await exchange.close()

asyncio.run(main())
"""


@contextmanager
def _venue(*flags):
    command = [sys.executable, "-m", "alipes", "venue", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_prints_one_line_and_a_snippet_that_trades_and_ends_on_sigterm():
    with _venue("--port", "0", "--balance", "2500", "--print-ccxt") as process:
        told = json.loads(process.stdout.readline())
        assert list(told) == ["rest", "stream", "control", "key", "secret"]
        assert told["rest"].removeprefix("http://") == told["stream"].removeprefix("ws://")
        assert told["control"] != told["rest"]
        lines = []
        while not (lines and lines[-1].startswith("exchange.exceptions")):
            lines.append(process.stderr.readline())
        snippet = "".join(lines)
        done = subprocess.run(
            [sys.executable, "-c", f"{snippet}\n{TRADES}"], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == ["closed", "True", "refused"]
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
        assert (process.returncode, rest) == (0, "")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--symbols", "BTCUSDT"), "expected a linear perpetual"),
        (("--balance", "much"), "--balance much: expected a number"),
        (("--balance=-5",), "balance -5: expected 0 or more"),
        (("--port", "99999"), "port 99999: expected 0 to 65535"),
        (("--port=-1",), "port -1: expected 0 to 65535"),
        (("--control-port", "70000"), "control_port 70000: expected 0 to 65535"),
        (("--seed=-1",), "seed -1: expected 0 to 18446744073709551615"),
        (("--seed", "99999999999999999999"), "seed 99999999999999999999: expected 0 to"),
        (("--speed=-1",), "speed -1.0"),
        (("--capture", "nowhere.jsonl"), "expected one symbol"),
        (("--state", "nowhere/venue.json"), "there is no folder nowhere"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(flags, message, capsys):
    assert call(["venue", *flags]) == 2
    told = capsys.readouterr()
    assert (message in told.err, told.err.count("\n"), told.out) == (True, 1, "")


def test_a_port_in_use_is_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert call(["venue", "--port", str(port)]) == 2
    told = capsys.readouterr()
    assert told.err == f"error: port {port} of 127.0.0.1: Address already in use; 0 picks a free one\n"
    assert told.out == ""


def _deposit(told, amount):
    body = json.dumps({"account": 1, "asset": "USDT", "amount": amount}).encode()
    with urllib.request.urlopen(f"{told['control']}/deposit", data=body, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())["wallet"]


def test_a_venue_that_is_started_again_goes_on_where_it_was(tmp_path):
    flags = ("--speed", "0", "--symbols", "BTC/USDT:USDT", "--state", str(tmp_path / "venue.state"))
    told = []
    for wallet in ("100001", "100002"):
        with _venue(*flags) as process:
            told.append(json.loads(process.stdout.readline()))
            assert _deposit(told[-1], "1") == wallet
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
            assert process.returncode == 0
    assert (told[0]["key"], told[0]["secret"]) == (told[1]["key"], told[1]["secret"])
