"""The state file: accounts, orders and money over a restart of the venue."""

from __future__ import annotations

import json
import time

import pytest
from tests.integration.venue.clients import BTC, ETH, LIMIT, raw, run, venue

from alipes.errors import StoreError
from alipes.mockvenue import VenueConfig, VenueServer

READS = (
    "/fapi/v1/openOrders",
    "/fapi/v1/allOrders",
    "/fapi/v1/userTrades",
    "/fapi/v1/income",
    "/fapi/v3/balance",
    "/fapi/v1/symbolConfig",
)


async def _account(client):
    told = {}
    for path in READS:
        _, _, body = await client.send("GET", path, {"symbol": "BTCUSDT"})
        told[path] = json.loads(body)
    return told


def test_a_restarted_venue_tells_the_same_account_and_goes_on(tmp_path):
    async def check():
        path = tmp_path / "venue.state"
        async with venue(speed=0, symbols=(BTC,), state=path) as server, raw(server) as client:
            await client.send("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "7"})
            market = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.05"}
            await client.send("POST", "/fapi/v1/order", market)
            await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57500"})
            before, key, now = await _account(client), server.key, server.exchange.now
        assert len(before["/fapi/v1/openOrders"]) == 1
        async with venue(speed=0, symbols=(BTC,), state=path) as server, raw(server) as client:
            assert (server.key, server.exchange.now >= now) == (key, True)
            assert await _account(client) == before
            _, _, body = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57400"})
            assert json.loads(body)["orderId"] == 3
            _, other = await client.control("POST", "/accounts")
            assert other["account"] == 2

    run(check())


def test_what_was_saved_while_it_ran_survives_a_kill(tmp_path):
    async def check():
        path = tmp_path / "venue.state"
        server = VenueServer(VenueConfig(symbols=(BTC,), speed=0, state=path))
        await server.start()
        async with raw(server) as client:
            await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57500"})
            assert (await client.control("POST", "/save"))[1] == {"saved": str(path)}
        again = VenueServer(VenueConfig(symbols=(BTC,), speed=0, state=path))
        assert [row[0] for row in again.exchange.live.open_orders(1)] == [1]
        await server.stop()

    run(check())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "venue.state"),
        (lambda text: text.replace('"version":2', '"version":1'), "version 1, expected 2"),
        (lambda text: text.replace('"core":"', '"core":"AAAA'), "venue.state"),
    ],
)
def test_a_damaged_file_is_refused_and_named(tmp_path, damage, message):
    path = tmp_path / "venue.state"
    VenueServer(VenueConfig(symbols=(BTC,), speed=0, history_s=0, state=path)).save()
    path.write_text(damage(path.read_text()))
    with pytest.raises(StoreError, match=message):
        VenueServer(VenueConfig(symbols=(BTC,), speed=0, history_s=0, state=path))


def test_a_file_of_other_symbols_is_refused(tmp_path):
    path = tmp_path / "venue.state"
    VenueServer(VenueConfig(symbols=(BTC,), speed=0, history_s=0, state=path)).save()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match=r"BTC/USDT:USDT 0\.1 0\.001, not ETH/USDT:USDT 0\.01 0\.001"):
        VenueServer(VenueConfig(symbols=(ETH,), speed=0, history_s=0, state=path))


def test_the_time_of_a_running_venue_does_not_go_back(tmp_path):
    path = tmp_path / "venue.state"
    ahead = time.time_ns() + 3_600 * 10**9
    VenueServer(VenueConfig(symbols=(BTC,), start_ns=ahead, history_s=0, state=path)).save()
    assert VenueServer(VenueConfig(symbols=(BTC,), history_s=0, state=path)).exchange.now >= ahead
