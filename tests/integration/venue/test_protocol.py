"""What plain sockets see: codes, limits, paths of streams, sessions, faults, and the same bytes again."""

from __future__ import annotations

import json
import time
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.integration.venue.clients import BTC, LIMIT, raw, run, signed, soon, stream, venue

import alipes
from alipes.mockvenue import Limits


def _code(body):
    return json.loads(body)["code"]


def test_signed_requests_are_refused_with_the_venues_codes():
    async def check():
        async with venue(speed=0) as server, raw(server) as client:
            now = time.time_ns() // 1_000_000
            cases = [
                ((200, None), {}),
                ((400, -1022), {"secret": "wrong"}),
                ((400, -1022), {"signature": "0" * 64}),
                ((401, -2014), {"key": ""}),
                ((401, -2014), {"key": "not-a-key"}),
                ((401, -2015), {"key": "A" * 64}),
                ((400, -1021), {"stamp": now - 3_600_000}),
                ((400, -1021), {"stamp": now + 3_600_000}),
                ((400, -1131), {"params": {"recvWindow": "60001"}}),
            ]
            for (status, code), how in cases:
                got, _, body = await client.send("GET", "/fapi/v3/balance", **how)
                assert (got, json.loads(body)["code"] if status != 200 else None) == (status, code)
            _, _, body = await client.send("GET", "/fapi/v3/balance", stamp=now + 3_600_000)
            assert "1000ms ahead of the server's time" in body.decode()
            status, _, body = await client.public(
                "GET", "/fapi/v3/balance?timestamp=1", headers={"X-MBX-APIKEY": server.key.key}
            )
            assert (status, _code(body)) == (400, -1021)

    run(check())


def test_an_unknown_path_is_404_and_named():
    async def check():
        async with venue(speed=0) as server, raw(server) as client:
            status, _, body = await client.public("POST", "/fapi/v1/algoOrder")
            assert (status, json.loads(body)) == (
                404,
                {"code": -5000, "msg": "Path /fapi/v1/algoOrder, Method POST is invalid"},
            )

    run(check())


def test_weight_is_told_limited_and_punished():
    async def check():
        limits = Limits(weight_minute=25, patience=1)
        async with venue(speed=0, limits=limits) as server, raw(server) as client:
            _, headers, _ = await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
            assert headers["X-MBX-USED-WEIGHT-1M"] == "20"
            _, headers, _ = await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=100")
            assert headers["X-MBX-USED-WEIGHT-1M"] == "25"
            status, headers, body = await client.public("GET", "/fapi/v1/ping")
            assert (status, _code(body)) == (429, -1003)
            assert 0 < int(headers["Retry-After"]) <= 60
            status, headers, body = await client.public("GET", "/fapi/v1/ping")
            assert (status, headers["Retry-After"]) == (418, "120")
            assert "banned until" in body.decode()
            await client.control("POST", "/step", {"ms": 120_000})
            assert (await client.public("GET", "/fapi/v1/ping"))[0] == 200

    run(check())


def test_orders_carry_their_count():
    async def check():
        async with venue(speed=0, limits=Limits(orders_10s=2)) as server, raw(server) as client:
            for count in ("1", "2"):
                _, headers, _ = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "59000"})
                assert headers["X-MBX-ORDER-COUNT-10S"] == count
            status, headers, body = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "59000"})
            assert (status, _code(body)) == (429, -1015)
            assert "Retry-After" in headers

    run(check())


def test_our_own_book_follows_the_raw_frames():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            sync = alipes.BookSync("binanceusdm", BTC, tick_size="0.1", lot_size="0.001")
            async with stream(server, "/public/ws/btcusdt@depth@100ms") as socket:
                while not server.hub.wants("btcusdt@depth@100ms"):
                    await client.public("GET", "/fapi/v1/ping")
                server.step(300_000_000)
                for _ in range(3):
                    sync.feed((await soon(socket.receive())).data)
                _, _, snapshot = await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
                sync.snapshot(snapshot)
                for _ in range(30):
                    server.step(100_000_000)
                    state = sync.feed((await soon(socket.receive())).data)
                    assert state == "synced"
                    bid, bid_size, ask, ask_size = server.exchange.markets[0].best()
                    assert sync.book.bbo() == (bid / 10, bid_size / 1e6, ask / 10, ask_size / 1e6)

    run(check())


def test_a_stream_on_another_path_is_accepted_and_stays_silent():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server:
            for path, right in (("/market/ws", False), ("/ws", False), ("/public/ws", True)):
                async with stream(server, path) as socket:
                    await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 7})
                    assert (await soon(socket.receive_json())) == {"result": None, "id": 7}
                    await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 8})
                    assert (await soon(socket.receive_json()))["result"] == ["btcusdt@trade"]
                    assert server.hub.wants("btcusdt@trade") is right
                    await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@nothing"], "id": 9})
                    assert (await soon(socket.receive_json()))["error"]["code"] == 2

    run(check())


def test_combined_streams_name_their_stream():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server:
            path = "/public/stream?streams=btcusdt@bookTicker/btcusdt@trade"
            async with stream(server, path) as socket:
                await socket.send_json({"method": "GET_PROPERTY", "params": ["combined"], "id": 1})
                assert (await soon(socket.receive_json()))["result"] is True
                server.step(2_000_000_000)
                seen = {(await soon(socket.receive_json()))["stream"] for _ in range(50)}
                assert seen == {"btcusdt@bookTicker", "btcusdt@trade"}

    run(check())


def test_a_listen_key_expires_after_an_hour_without_a_keep_alive():
    async def check():
        async with venue(speed=0, symbols=(BTC,), history_s=0, rate=0.1) as server, raw(server) as client:
            headers = {"X-MBX-APIKEY": server.key.key}
            _, _, body = await client.public("POST", "/fapi/v1/listenKey", headers=headers)
            key = json.loads(body)["listenKey"]
            async with stream(server, f"/private/ws?listenKey={key}") as socket:
                await client.control("POST", "/step", {"ms": 1_800_000})
                _, _, body = await client.public("PUT", "/fapi/v1/listenKey", headers=headers)
                assert json.loads(body)["listenKey"] == key
                await client.control("POST", "/step", {"ms": 3_540_000})
                assert server.exchange.users.is_open(key)
                await client.control("POST", "/step", {"ms": 120_000})
                told = await soon(socket.receive_json())
                assert (told["e"], told["listenKey"]) == ("listenKeyExpired", key)
            status, _, body = await client.public("PUT", "/fapi/v1/listenKey", headers=headers)
            assert (status, _code(body)) == (400, -1125)

    run(check())


def test_private_streams_send_only_the_events_that_were_asked_for():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            headers = {"X-MBX-APIKEY": server.key.key}
            _, _, body = await client.public("POST", "/fapi/v1/listenKey", headers=headers)
            key = json.loads(body)["listenKey"]
            async with stream(server, f"/private/ws?listenKey={key}&events=ACCOUNT_UPDATE") as socket:
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                assert (await soon(socket.receive_json()))["result"] == [key]
                order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
                await client.send("POST", "/fapi/v1/order", order)
                told = await soon(socket.receive_json())
                assert (told["e"], told["a"]["m"], told["a"]["P"][0]["pa"]) == (
                    "ACCOUNT_UPDATE",
                    "ORDER",
                    "0.010",
                )

    run(check())


def test_a_session_logs_on_with_ed25519_and_then_needs_no_signature():
    async def check():
        private = Ed25519PrivateKey.generate()
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            _, account = await client.control("POST", "/accounts", {"public_pem": pem})
            async with stream(server, "/ws-fapi/v1") as socket:

                async def ask(method, params):
                    await socket.send_json({"id": method, "method": method, "params": params})
                    return await soon(socket.receive_json())

                stamp = {"timestamp": time.time_ns() // 1_000_000}
                refused = await ask("order.status", {"symbol": "BTCUSDT", "orderId": 1, **stamp})
                assert (refused["status"], refused["error"]["code"]) == (401, -2014)
                text = f"apiKey={account['key']}&timestamp={stamp['timestamp']}"
                signature = b64encode(private.sign(text.encode())).decode()
                wrong = await ask("session.logon", {"apiKey": account["key"], **stamp, "signature": "AAAA"})
                assert (wrong["status"], wrong["error"]["code"]) == (400, -1022)
                told = await ask("session.logon", {"apiKey": account["key"], **stamp, "signature": signature})
                assert (told["status"], told["result"]["apiKey"]) == (200, account["key"])
                placed = await ask("order.place", {**LIMIT, "price": "59000", **stamp})
                assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
                assert placed["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"
                gone = await ask("session.logout", {})
                assert gone["result"]["apiKey"] is None
                unknown = await ask("order.dream", stamp)
                assert (unknown["status"], "order.dream" in unknown["error"]["msg"]) == (404, True)

    run(check())


def test_hmac_keys_cannot_log_a_session_on():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, stream(server, "/ws-fapi/v1") as socket:
            stamp = time.time_ns() // 1_000_000
            text = f"apiKey={server.key.key}&timestamp={stamp}"
            made = signed(text, server.key.secret)
            params = {"apiKey": server.key.key, "timestamp": stamp, "signature": made}
            await socket.send_json({"id": 1, "method": "session.logon", "params": params})
            told = await soon(socket.receive_json())
            assert (told["status"], told["error"]["code"]) == (400, -4056)

    run(check())


async def _told(seed):
    """Everything that one run of a stepped venue answers and streams, as bytes."""
    told = []
    async with venue(speed=0, seed=seed) as server, raw(server) as client:
        _, _, body = await client.public(
            "POST", "/fapi/v1/listenKey", headers={"X-MBX-APIKEY": server.key.key}
        )
        key = json.loads(body)["listenKey"]
        streams = "btcusdt@depth@100ms/ethusdt@trade/btcusdt@bookTicker"
        async with (
            stream(server, f"/public/stream?streams={streams}") as public,
            stream(server, f"/private/ws?listenKey={key}") as private,
        ):
            for socket in (public, private):
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                told.append((await soon(socket.receive())).data)
            for number in range(5):
                price = str(server.exchange.markets[0].best()[0] // 10 + number)
                orders = [{**LIMIT, "price": f"{price}.0"}, {**LIMIT, "type": "MARKET", "side": "SELL"}]
                del orders[1]["timeInForce"]
                told += [await client.send("POST", "/fapi/v1/order", order) for order in orders]
                await client.control("POST", "/step", {"ms": 500})
                for path in ("/fapi/v3/account", "/fapi/v1/userTrades?symbol=BTCUSDT"):
                    bare, _, query = path.partition("?")
                    params = dict([query.split("=")]) if query else {}
                    told.append(await client.send("GET", bare, params))
                told.append(await client.public("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000"))
            for socket in (public, private):
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
                while True:
                    frame = (await soon(socket.receive())).data
                    told.append(frame)
                    if frame.endswith('"id":2}'):
                        break
    return told


def test_the_same_seed_and_requests_give_the_same_bytes():
    async def check():
        first, second, other = await _told(5), await _told(5), await _told(6)
        assert len(first) > 200
        assert first == second
        assert first != other

    run(check())


def test_only_a_venue_of_speed_0_is_stepped():
    async def check():
        async with venue(symbols=(BTC,)) as server, raw(server) as client:
            status, told = await client.control("POST", "/step", {"ms": 1})
            assert (status, "speed 0" in told["error"]) == (400, True)
            status, told = await client.control("GET", "/status")
            assert (status, told["symbols"][0]["id"]) == (200, "BTCUSDT")

    run(check())
