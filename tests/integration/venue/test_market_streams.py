"""Market streams agree with REST: bars, tickers, aggregated trades, partial books."""

from __future__ import annotations

import json

from tests.integration.venue.clients import BTC, ETH, raw, run, soon, stream, venue


async def _read_on(socket, number=1):
    """All that was sent before now."""
    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
    found = []
    while True:
        message = await soon(socket.receive_json())
        if isinstance(message, dict) and message.get("id") == number:
            return found
        found.append(message)


async def _get(client, path):
    _, _, body = await client.public("GET", path)
    return json.loads(body)


def test_a_bar_ends_with_one_closed_message_that_equals_rest():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            async with stream(server, "/market/ws/btcusdt@kline_1m") as socket:
                await _read_on(socket)
                for _ in range(150):
                    server.step(1_000_000_000)
                bars = [message["k"] for message in await _read_on(socket)]
            closed = [bar for bar in bars if bar["x"]]
            assert len(closed) == 3
            assert [bar["T"] + 1 - bar["t"] for bar in closed] == [60_000] * 3
            rows = await _get(client, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m")
            by_start = {row[0]: row for row in rows}
            for bar in closed:
                row = by_start[bar["t"]]
                assert [bar[name] for name in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q")] == row[
                    :-1
                ]
                later = [other for other in bars[bars.index(bar) + 1 :] if other["t"] == bar["t"]]
                assert later == []
            starts = [bar["t"] for bar in bars]
            assert starts == sorted(starts)

    run(check())


def test_trades_of_the_stream_are_those_of_rest_and_make_the_bar():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            async with (
                stream(server, "/public/ws/btcusdt@trade") as trades,
                stream(server, "/market/ws/btcusdt@aggTrade") as aggregates,
            ):
                for socket in (trades, aggregates):
                    await _read_on(socket)
                server.step(5_000_000_000)
                prints, merged = await _read_on(trades), await _read_on(aggregates)
            told = await _get(client, f"/fapi/v1/trades?symbol=BTCUSDT&limit={len(prints)}")
            assert [(row["id"], row["price"], row["qty"], row["isBuyerMaker"]) for row in told] == [
                (each["t"], each["p"], each["q"], each["m"]) for each in prints
            ]
            first = merged[0]["a"]
            told = await _get(client, f"/fapi/v1/aggTrades?symbol=BTCUSDT&fromId={first}")
            names = ("a", "p", "q", "f", "l", "T", "m")
            assert told == [{name: each[name] for name in names} for each in merged]
            for each in merged:
                size = sum(float(one["q"]) for one in prints if each["f"] <= one["t"] <= each["l"])
                assert float(each["q"]) == round(size, 3)

    run(check())


def test_partial_books_and_touches_are_the_snapshot():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            path = "/public/stream?streams=btcusdt@depth5@100ms/btcusdt@bookTicker/!bookTicker"
            async with stream(server, path) as socket:
                await _read_on(socket)
                server.step(1_000_000_000)
                found = await _read_on(socket)
            books = [each["data"] for each in found if each["stream"] == "btcusdt@depth5@100ms"]
            own = [each["data"] for each in found if each["stream"] == "btcusdt@bookTicker"]
            everyones = [each["data"] for each in found if each["stream"] == "!bookTicker"]
            assert own == everyones
            assert [each["pu"] for each in books[1:]] == [each["u"] for each in books[:-1]]
            snapshot = await _get(client, "/fapi/v1/depth?symbol=BTCUSDT&limit=5")
            assert (books[-1]["b"], books[-1]["a"]) == (snapshot["bids"], snapshot["asks"])
            touch = await _get(client, "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT")
            assert [own[-1][name] for name in "bBaA"] == [
                touch[name] for name in ("bidPrice", "bidQty", "askPrice", "askQty")
            ]

    run(check())


def test_all_symbol_streams_come_once_a_second_with_every_symbol():
    async def check():
        async with venue(speed=0, symbols=(BTC, ETH)) as server, raw(server) as client:
            names = ("!ticker@arr", "!miniTicker@arr", "!markPrice@arr@1s", "!markPrice@arr")
            async with stream(server, f"/market/stream?streams={'/'.join(names)}") as socket:
                await _read_on(socket)
                server.step(6_000_000_000)
                found = await _read_on(socket)
            by_name = {name: [each["data"] for each in found if each["stream"] == name] for name in names}
            assert [len(by_name[name]) for name in names] == [6, 6, 6, 2]
            for messages in by_name.values():
                assert all({row["s"] for row in rows} == {"BTCUSDT", "ETHUSDT"} for rows in messages)
            told = await _get(client, "/fapi/v1/ticker/24hr?symbol=BTCUSDT")
            last = by_name["!ticker@arr"][-1][0]
            pairs = {"o": "openPrice", "h": "highPrice", "l": "lowPrice", "c": "lastPrice", "n": "count"}
            assert {name: last[name] for name in pairs} == {name: told[full] for name, full in pairs.items()}
            mark = await _get(client, "/fapi/v1/premiumIndex?symbol=BTCUSDT")
            assert by_name["!markPrice@arr@1s"][-1][0]["p"] == mark["markPrice"]

    run(check())
