"""A recording as the venue's market."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.integration.venue.clients import BTC, raw, run, venue

from alipes._core import SynthMarket

REAL = Path(os.environ.get("ALIPES_DATA", "")) / "binance_usdm_btcusdt_20240808.jsonl.gz"


def test_a_recording_plays_on_venue_time_and_then_stands_still(tmp_path):
    path = tmp_path / "market.jsonl"
    frames = list(SynthMarket(symbol=BTC, seed=4, seconds=3))
    path.write_bytes(b"".join(b"%d %b\n" % frame for frame in frames))
    last = [json.loads(raw_frame)["data"] for _, raw_frame in frames if b"@bookTicker" in raw_frame][-1]

    async def check():
        async with venue(speed=0, symbols=(BTC,), capture=path) as server, raw(server) as client:
            server.step(10_000_000_000)
            _, _, body = await client.public("GET", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT")
            told = json.loads(body)
            assert (float(told["bidPrice"]), float(told["askPrice"])) == (float(last["b"]), float(last["a"]))
            assert (told["bidQty"], told["askQty"]) == (last["B"], last["A"])
            assert server.exchange.next_due() > server.exchange.now

    run(check())


def test_a_recording_that_breaks_off_in_a_frame_fails_requests_with_1000(tmp_path, capsys):
    path = tmp_path / "market.jsonl"
    frames = list(SynthMarket(symbol=BTC, seed=4, seconds=2))
    stream = b'{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","p":"x"}}'
    lines = [b"%d %b\n" % frame for frame in [*frames, (frames[-1][0], stream)]]
    path.write_bytes(b"".join(lines))

    async def check():
        async with venue(speed=0, symbols=(BTC,), capture=path) as server, raw(server) as client:
            assert (await client.public("GET", "/fapi/v1/time"))[0] == 200
            server.clock.step(10_000_000_000)
            status, _, body = await client.public("GET", "/fapi/v1/time")
            assert (status, json.loads(body)["code"]) == (500, -1000)
            assert "a request failed" in "".join(capsys.readouterr())

    run(check())


@pytest.mark.skipif(not REAL.is_file(), reason="the real capture is not there: set ALIPES_DATA")
def test_a_real_recording_plays_with_its_own_prices():
    async def check():
        async with venue(speed=0, symbols=(BTC,), capture=REAL) as server, raw(server) as client:
            server.step(20_000_000_000)
            _, _, body = await client.public("GET", "/fapi/v1/ticker/24hr?symbol=BTCUSDT")
            told = json.loads(body)
            assert 61_000 < float(told["lowPrice"]) <= float(told["highPrice"]) < 62_500
            assert told["count"] > 100

    run(check())
