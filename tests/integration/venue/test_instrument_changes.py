"""A perpetual whose tick and lot change while clients trade on it."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from tests.integration.venue.clients import BTC, ETH, LIMIT, raw, run, soon, stream, venue

from alipes._core import SynthMarket

SECOND = 1_000_000_000
COARSER = {"symbol": BTC, "tick_size": "0.5", "lot_size": "0.01"}
FINER = {"symbol": BTC, "tick_size": "0.001", "lot_size": "0.0001"}


async def _get(client, path, **params):
    """Body of a signed read, numbers in it as they were written."""
    status, _, body = await client.send("GET", path, {"symbol": "BTCUSDT", **params})
    assert status == 200, body
    return json.loads(body)


def _numbers(rows, *names):
    """Exact values of some fields."""
    return [tuple(Decimal(row[name]) for name in names) for row in rows]


def test_orders_off_the_new_grids_are_told_expired_and_the_others_stay():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            _, _, body = await client.send("POST", "/fapi/v1/listenKey")
            key = json.loads(body)["listenKey"]
            async with stream(server, f"/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE") as socket:
                for price, size in (("57500.1", "0.01"), ("57500.5", "0.012"), ("57500.5", "0.02")):
                    order = {**LIMIT, "price": price, "quantity": size}
                    assert (await client.send("POST", "/fapi/v1/order", order))[0] == 200
                assert await client.control("POST", "/instrument", COARSER) == (
                    200,
                    {**COARSER, "status": "TRADING"},
                )
                told = [(await soon(socket.receive_json()))["o"] for _ in range(5)]
            assert [(row["x"], row["i"], row["p"], row["q"]) for row in told] == [
                ("NEW", 1, "57500.10", "0.010"),
                ("NEW", 2, "57500.50", "0.012"),
                ("NEW", 3, "57500.50", "0.020"),
                ("EXPIRED", 1, "57500.10", "0.010"),
                ("EXPIRED", 2, "57500.50", "0.012"),
            ]
            rows = await _get(client, "/fapi/v1/allOrders")
            assert [(row["price"], row["origQty"], row["status"]) for row in rows] == [
                ("57500.10", "0.010", "EXPIRED"),
                ("57500.50", "0.012", "EXPIRED"),
                ("57500.50", "0.02", "NEW"),
            ]
            for price, size, code in (("57500.1", "0.01", -4014), ("57500.5", "0.012", -1111)):
                order = {**LIMIT, "price": price, "quantity": size}
                status, _, body = await client.send("POST", "/fapi/v1/order", order)
                assert (status, json.loads(body)["code"]) == (400, code)

    run(check())


@pytest.mark.parametrize("change", [COARSER, FINER])
def test_prints_bars_and_fills_go_on_in_exact_decimals(change):
    async def check():
        async with venue(speed=0, symbols=(BTC, ETH)) as server, raw(server) as client:

            async def history():
                rows = await _get(client, "/fapi/v1/trades")
                trades = {row["id"]: _numbers([row], "price", "qty", "quoteQty") for row in rows}
                rows = await _get(client, "/fapi/v1/aggTrades")
                trades |= {-row["a"]: _numbers([row], "p", "q") for row in rows}
                fills = await _get(client, "/fapi/v1/userTrades")
                return trades, _numbers(fills, "price", "qty", "quoteQty", "commission")

            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.053"}
            await client.send("POST", "/fapi/v1/order", order)
            trades, fills = await history()
            (bar,) = await _get(client, "/fapi/v1/klines", interval="1d")
            assert (await client.control("POST", "/instrument", change))[0] == 200
            assert await history() == (trades, fills)
            (same,) = await _get(client, "/fapi/v1/klines", interval="1d")
            assert [Decimal(each) for each in same] == [Decimal(each) for each in bar]
            server.step(2 * SECOND)
            rows = await _get(client, "/fapi/v1/trades", fromId=max(trades) + 1, limit=1000)
            assert [row["id"] - max(trades) for row in rows] == list(range(1, len(rows) + 1))
            assert all(Decimal(row["price"]) % Decimal(change["tick_size"]) == 0 for row in rows)
            prices, sizes = zip(*_numbers(rows, "price", "qty"), strict=True)
            (bar,) = await _get(client, "/fapi/v1/klines", interval="1d")
            assert Decimal(bar[2]) == max(Decimal(same[2]), *prices)
            assert Decimal(bar[3]) == min(Decimal(same[3]), *prices)
            assert Decimal(bar[4]) == prices[-1]
            assert Decimal(bar[5]) == Decimal(same[5]) + sum(sizes)
            values = sum(price * size for price, size in zip(prices, sizes, strict=True))
            assert Decimal(bar[7]) == Decimal(same[7]) + values

    run(check())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tick_size": "0"}, "tick_size '0': expected a positive number of at most 10 decimals"),
        ({"tick_size": "-0.1"}, "tick_size '-0.1': expected a positive number"),
        ({"tick_size": "NaN"}, "tick_size 'NaN': expected a positive number"),
        ({"tick_size": "0.00000000001"}, "tick_size '0.00000000001': expected a positive number of at most"),
        ({"tick_size": [1]}, r"tick_size \[1\]: expected a positive number"),
        ({"tick_size": "60001"}, "tick_size '60001': expected 1 to 100000000 ticks in the price, 60000"),
        ({"tick_size": "0.0005"}, "tick_size '0.0005': expected 1 to 100000000 ticks in the price, 60000"),
        ({"lot_size": "0.000000001"}, "lot_size '0.000000001': .* at most 100000000000 lots"),
        ({"lot_size": "x"}, "lot_size 'x': expected a positive number"),
        ({"lot_size": "121"}, "lot_size '121': expected no more than the largest market order, 120"),
        ({"status": "gone"}, "status 'gone': expected trading, halted or settling"),
        ({"tick_size": "0.5", "status": "gone"}, "status 'gone'"),
        ({"tick": "0.5"}, "unknown key 'tick'.*: expected symbol, tick_size, lot_size, status"),
        ({}, "changes none: expected some of"),
        (
            {"symbol": "X/USDT:USDT", "tick_size": "1"},
            f"symbol X/USDT:USDT: the venue does not list it.*: expected {BTC}",
        ),
    ],
)
def test_bad_changes_are_refused_and_change_nothing(change, message):
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            before = await _get(client, "/fapi/v1/exchangeInfo"), await _get(client, "/fapi/v1/depth")
            status, told = await client.control("POST", "/instrument", {"symbol": BTC, **change})
            assert status == 400
            assert re.search(message, told["error"])
            after = await _get(client, "/fapi/v1/exchangeInfo"), await _get(client, "/fapi/v1/depth")
            assert after[0] == before[0]
            assert (after[1]["bids"], after[1]["asks"]) == (before[1]["bids"], before[1]["asks"])

    run(check())


def test_the_grids_of_a_recording_stay(tmp_path):
    path = tmp_path / "market.jsonl"
    frames = SynthMarket(symbol=BTC, seed=4, seconds=1)
    path.write_bytes(b"".join(b"%d %b\n" % frame for frame in frames))

    async def check():
        async with venue(speed=0, symbols=(BTC,), capture=path) as server, raw(server) as client:
            status, told = await client.control("POST", "/instrument", COARSER)
            assert (status, told["error"][:24]) == (400, "a recording is on its ow")
            halt = {"symbol": BTC, "tick_size": "0.1", "status": "halted"}
            assert (await client.control("POST", "/instrument", halt))[0] == 200

    run(check())


def test_the_book_of_new_grids_begins_where_the_price_was():
    async def check():
        async with venue(speed=0, symbols=(BTC, ETH)) as server:
            exchange = server.exchange
            btc, eth = exchange.markets
            before, other = btc.listing.spec.price(btc.mid_ticks()), eth.depth.update_id
            exchange.set_instrument(btc, tick_size="0.5")
            server.step(SECOND // 10)
            after = btc.listing.spec.price(btc.mid_ticks())
            assert abs(after - before) < Decimal("0.001") * before
            exchange.set_instrument(btc, tick_size="0.01", status="halted")
            assert (btc.listing.status, btc.listing.terms.tick) == ("BREAK", "0.01")
            eth.depth.collect()
            assert eth.depth.update_id > other

    run(check())


def test_a_restarted_venue_is_on_the_grids_that_it_left(tmp_path):
    path = tmp_path / "venue.state"
    reads = ("/fapi/v1/allOrders", "/fapi/v1/userTrades", "/fapi/v1/income")

    async def check():
        async with venue(speed=0, symbols=(BTC,), state=path) as server, raw(server) as client:
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.053"}
            await client.send("POST", "/fapi/v1/order", order)
            await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57500.1"})
            for change in (COARSER, FINER):
                assert (await client.control("POST", "/instrument", change))[0] == 200
            await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57500.123"})
            before = [await _get(client, path) for path in reads]
            assert [row["price"] for row in before[0]] == ["0.00", "57500.10", "57500.123"]
        async with venue(speed=0, symbols=(BTC,), state=path) as server, raw(server) as client:
            assert [await _get(client, path) for path in reads] == before
            (symbol,) = (await _get(client, "/fapi/v1/exchangeInfo"))["symbols"]
            assert (symbol["filters"][0]["tickSize"], symbol["pricePrecision"]) == ("0.001", 3)
            assert (await client.control("POST", "/instrument", COARSER))[0] == 200

    run(check())
