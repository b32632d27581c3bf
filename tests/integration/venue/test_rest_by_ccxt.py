"""ccxt's REST client, unmodified, trades on the venue."""

from __future__ import annotations

from decimal import Decimal

import ccxt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.integration.venue.clients import BTC, ETH, ccxt_client, run, traded, venue

KINDS = {"-2011": ccxt.OrderNotFound, "-2013": ccxt.OrderNotFound, "-2019": ccxt.InsufficientFunds}
"""What ccxt makes of some codes."""


async def _touch(client):
    book = await client.fetch_order_book(BTC, 5)
    return book["bids"][0][0], book["asks"][0][0]


def test_markets_load_with_keys_and_have_the_venues_grids():
    async def check():
        async with traded() as (_, client):
            market = client.market(BTC)
            assert list(client.markets) == [BTC, ETH]
            assert (market["id"], market["active"], market["linear"]) == ("BTCUSDT", True, True)
            assert (market["precision"]["price"], market["precision"]["amount"]) == (0.1, 0.001)
            assert (market["limits"]["cost"]["min"], market["limits"]["amount"]["max"]) == (100, 1000)
            assert set(client.currencies) >= {"BTC", "ETH", "USDT"}
            assert (await client.fetch_balance())["USDT"] == {"free": 1e5, "used": 0.0, "total": 1e5}

    run(check())


def test_a_limit_order_rests_is_edited_and_cancelled():
    async def check():
        async with traded() as (_, client):
            bid, _ = await _touch(client)
            order = await client.create_order(BTC, "limit", "buy", 0.01, bid - 100)
            assert (order["status"], order["filled"], order["timeInForce"]) == ("open", 0, "GTC")
            by_id = await client.fetch_order(order["id"], BTC)
            by_client = await client.fetch_order(None, BTC, {"origClientOrderId": order["clientOrderId"]})
            assert by_id["clientOrderId"] == order["clientOrderId"]
            assert by_client["id"] == order["id"]
            assert [each["id"] for each in await client.fetch_open_orders(BTC)] == [order["id"]]
            balance = (await client.fetch_balance())["USDT"]
            assert balance["used"] == pytest.approx(0.01 * (bid - 100) / 20, abs=1e-6)
            edited = await client.edit_order(order["id"], BTC, "limit", "buy", 0.02, bid - 50)
            assert (edited["id"], edited["price"], edited["amount"]) == (order["id"], bid - 50, 0.02)
            cancelled = await client.cancel_order(order["id"], BTC)
            assert cancelled["status"] == "canceled"
            assert await client.fetch_open_orders(BTC) == []
            assert [each["id"] for each in await client.fetch_canceled_orders(BTC)] == [order["id"]]

    run(check())


def test_a_market_order_fills_and_every_report_agrees_to_the_cent():
    async def check():
        async with traded(taker_fee="0.0005") as (_, client):
            order = await client.create_order(BTC, "market", "buy", 0.05)
            assert (order["status"], order["filled"], order["type"]) == ("closed", 0.05, "market")
            fills = await client.fetch_my_trades(BTC)
            cost = sum(Decimal(each["info"]["quoteQty"]) for each in fills)
            fee = sum(Decimal(each["info"]["commission"]) for each in fills)
            assert {each["order"] for each in fills} == {order["id"]}
            assert {each["takerOrMaker"] for each in fills} == {"taker"}
            assert fee == cost * Decimal("0.0005")
            account = await client.fapiPrivateV3GetAccount()
            assert Decimal(account["totalWalletBalance"]) == Decimal(100_000) - fee
            (position,) = await client.fetch_positions([BTC])
            assert (position["side"], position["contracts"], position["marginMode"]) == (
                "long",
                0.05,
                "cross",
            )
            assert position["entryPrice"] == pytest.approx(float(cost) / 0.05)
            kinds = [each["type"] for each in await client.fetch_ledger()]
            assert kinds == ["transfer"] + ["commission"] * len(fills)
            closed = await client.create_order(BTC, "market", "sell", 0.05, None, {"reduceOnly": True})
            assert closed["reduceOnly"] is True
            assert await client.fetch_positions([BTC]) == []
            gained = sum(Decimal(each["info"]["realizedPnl"]) for each in await client.fetch_my_trades(BTC))
            fees = sum(Decimal(each["info"]["commission"]) for each in await client.fetch_my_trades(BTC))
            account = await client.fapiPrivateV3GetAccount()
            assert Decimal(account["totalWalletBalance"]) == Decimal(100_000) + gained - fees

    run(check())


def test_times_in_force_end_as_the_venue_says():
    async def check():
        async with traded() as (_, client):
            bid, ask = await _touch(client)
            ioc = await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, {"timeInForce": "IOC"})
            assert (ioc["status"], ioc["filled"], ioc["info"]["status"]) == ("expired", 0, "EXPIRED")
            with pytest.raises(ccxt.InvalidOrder, match="-5021"):
                await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, {"timeInForce": "FOK"})
            fok = await client.create_order(BTC, "limit", "buy", 0.01, ask + 100, {"timeInForce": "FOK"})
            assert (fok["status"], fok["filled"]) == ("closed", 0.01)
            with pytest.raises(ccxt.InvalidOrder, match="-5022"):
                await client.create_order(BTC, "limit", "buy", 0.01, ask + 100, {"postOnly": True})
            maker = await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, {"postOnly": True})
            assert (maker["status"], maker["postOnly"]) == ("open", True)
            recorded = {each["id"] for each in await client.fetch_orders(BTC)}
            assert recorded == {ioc["id"], fok["id"], maker["id"]}

    run(check())


def test_batches_are_placed_changed_and_cancelled_one_by_one():
    async def check():
        async with traded() as (_, client):
            bid, _ = await _touch(client)
            rows = [
                {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01, "price": bid - 100 - more}
                for more in range(3)
            ]
            rows.append({**rows[0], "amount": 0.001})
            placed = await client.create_orders(rows)
            refused, *taken = sorted(placed, key=lambda each: each["status"] != "rejected")
            assert [each["status"] for each in taken] == ["open", "open", "open"]
            assert refused["info"]["code"] == -4164
            ids = [each["id"] for each in taken]
            changed = await client.edit_orders([{**rows[0], "id": ids[0], "price": bid - 90}])
            assert (changed[0]["id"], changed[0]["price"]) == (ids[0], bid - 90)
            cancelled = await client.cancel_orders(ids[:2], BTC)
            assert [(each["id"], each["status"]) for each in cancelled] == [
                (ids[0], "canceled"),
                (ids[1], "canceled"),
            ]
            assert [each["id"] for each in await client.fetch_open_orders(BTC)] == ids[2:]
            await client.cancel_all_orders(BTC)
            assert await client.fetch_open_orders(BTC) == []

    run(check())


def test_refusals_are_the_exceptions_that_ccxt_knows():
    async def check():
        async with traded() as (_, client):
            bid, _ = await _touch(client)
            post = client.fapiPrivatePostOrder
            limit = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
            bad_tif = {**limit, "timeInForce": "X", "quantity": "1", "price": "1"}
            stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "1"}
            reduce, hedge = {"reduceOnly": True}, {"positionSide": "LONG"}
            place = client.create_order
            cases = [
                ("-2011", lambda: client.cancel_order("77", BTC)),
                ("-2013", lambda: client.fetch_order("77", BTC)),
                ("-2019", lambda: place(BTC, "market", "buy", 100)),
                ("-4164", lambda: place(BTC, "limit", "buy", 0.001, bid)),
                ("-4024", lambda: place(BTC, "limit", "sell", 0.1, bid * 0.9)),
                ("-4016", lambda: place(BTC, "limit", "buy", 0.1, bid * 1.1)),
                ("-4014", lambda: post({**limit, "quantity": "0.01", "price": "50000.05"})),
                ("-1111", lambda: post({**limit, "quantity": "0.0101", "price": "50000"})),
                ("-1102", lambda: post({**limit, "price": "50000"})),
                ("-1115", lambda: post(bad_tif)),
                ("-2022", lambda: place(BTC, "market", "sell", 0.01, None, reduce)),
                ("-4061", lambda: place(BTC, "market", "buy", 0.01, None, hedge)),
                ("-4120", lambda: post(stop)),
                ("-4028", lambda: client.fapiPrivatePostLeverage({"symbol": "BTCUSDT", "leverage": "126"})),
                ("-4059", lambda: client.set_position_mode(False)),
                ("-4084", lambda: client.set_position_mode(True)),
                ("-1121", lambda: post({**limit, "symbol": "NOPE"})),
                ("/fapi/v1/openInterest", lambda: client.fetch_open_interest(BTC)),
            ]
            for text, request in cases:
                with pytest.raises(KINDS.get(text, ccxt.ExchangeError), match=text):
                    await request()

    run(check())


def test_a_client_order_id_is_refused_while_its_order_is_open_and_free_after():
    async def check():
        async with traded() as (_, client):
            bid, _ = await _touch(client)
            given = {"clientOrderId": "a00000000000000001"}
            order = await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, given)
            assert order["clientOrderId"] == given["clientOrderId"]
            with pytest.raises(ccxt.ExchangeError, match="-4116"):
                await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, given)
            await client.cancel_order(order["id"], BTC)
            again = await client.create_order(BTC, "limit", "buy", 0.01, bid - 100, given)
            assert again["id"] != order["id"]

    run(check())


def test_settings_are_kept_and_read_back():
    async def check():
        async with traded() as (_, client):
            await client.set_leverage(7, BTC)
            leverages = await client.fetch_leverages()
            assert (leverages[BTC]["longLeverage"], leverages[ETH]["longLeverage"]) == (7, 20)
            assert (await client.fetch_position_mode())["hedged"] is False
            assert (await client.fetch_margin_modes())[BTC]["marginMode"] == "cross"
            fee = await client.fetch_trading_fee(BTC)
            assert (fee["maker"], fee["taker"]) == (0.0002, 0.0005)
            tiers = await client.fetch_market_leverage_tiers(BTC)
            assert (tiers[0]["maxLeverage"], tiers[0]["maintenanceMarginRate"]) == (125, 0.004)
            with pytest.raises(ccxt.MarginModeAlreadySet):
                await client.set_margin_mode("cross", BTC, {"throwMarginModeAlreadySet": True})
            allowed = await client.sapiGetAccountApiRestrictions()
            assert (allowed["enableFutures"], allowed["enableWithdrawals"]) == (True, False)

    run(check())


def test_public_figures_are_there_from_the_first_request():
    async def check():
        async with traded() as (server, client):
            bid, ask = await _touch(client)
            ticker = await client.fetch_ticker(BTC)
            assert ticker["low"] <= ticker["last"] <= ticker["high"]
            assert set(await client.fetch_tickers()) == {BTC, ETH}
            touch = (await client.fetch_bids_asks([BTC]))[BTC]
            assert touch["bid"] < touch["ask"]
            trades = await client.fetch_trades(BTC, limit=10)
            assert len(trades) == 10
            bars = await client.fetch_ohlcv(BTC, "1m")
            assert all(low <= opened <= high for _, opened, high, low, _, _ in bars)
            assert all(low <= closed <= high for _, _, high, low, closed, _ in bars)
            assert bars[-1][0] % 60_000 == 0
            rate = await client.fetch_funding_rate(BTC)
            assert rate["fundingRate"] == 0.0001
            assert int(rate["info"]["nextFundingTime"]) % 28_800_000 == 0
            assert bid * 0.99 < rate["markPrice"] < ask * 1.01
            assert len(await client.fetch_funding_rate_history(BTC, limit=3)) == 3
            assert abs(await client.fetch_time() - server.exchange.now // 1_000_000) < 1000

    run(check())


def test_an_accelerated_venue_takes_the_clients_own_clock():
    async def check():
        async with traded(symbols=(BTC,), speed=30) as (server, client):
            for _ in range(3):
                await client.create_order(BTC, "market", "buy", 0.01)
            ahead = server.exchange.now // 1_000_000 - client.milliseconds()
            while ahead < 6_000:
                ahead = await client.fetch_time() - client.milliseconds()
            (position,) = await client.fetch_positions([BTC])
            assert position["contracts"] == 0.03

    run(check())


def test_every_other_read_of_ccxt_is_answered():
    async def check():
        async with traded() as (_, client):
            order = await client.create_order(BTC, "market", "sell", 0.02)
            for how in ({}, {"useV2": True}, {"method": "account"}, {"method": "account", "useV2": True}):
                positions = await client.fetch_positions([BTC], how)
                assert [(each["side"], each["contracts"]) for each in positions] == [("short", 0.02)]
            for how in ({}, {"useV2": True}):
                balance = await client.fetch_balance(how)
                assert balance["USDT"]["used"] == float(balance["info"]["totalInitialMargin"])
            assert [each["id"] for each in await client.fetch_closed_orders(BTC)] == [order["id"]]
            assert [each["id"] for each in await client.fetch_orders(BTC)] == [order["id"]]
            assert await client.fetch_funding_history(BTC) == []
            last = await client.fetch_last_prices()
            assert set(last) == {BTC, ETH}
            assert (await client.fetch_mark_price(BTC))["markPrice"] > 0
            assert set(await client.fetch_funding_rates()) == {BTC, ETH}
            assert set(await client.fetch_leverage_tiers()) == {BTC, ETH}
            assert set(await client.fetch_trading_fees()) == {BTC, ETH}
            assert (await client.fetch_leverage(BTC))["longLeverage"] == 20
            assert (await client.fetch_status())["status"] == "ok"

    run(check())


def test_ed25519_keys_sign_ccxts_requests():
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    async def check():
        async with venue(symbols=(BTC,)) as server:
            key = server.exchange.accounts.open(public_pem=public)
            client = ccxt_client({**server.addresses(), "key": key.key, "secret": secret})
            try:
                order = await client.create_order(BTC, "market", "buy", 0.01)
                assert order["status"] == "closed"
                (fill,) = await client.fetch_my_trades(BTC)
                assert fill["order"] == order["id"]
            finally:
                await client.close()

    run(check())


def test_history_is_read_forward_from_a_time_and_backward_without_one():
    async def check():
        async with traded(symbols=(BTC,), speed=0) as (server, client):
            times = []
            for _ in range(3):
                await client.create_order(BTC, "market", "buy", 0.01)
                times.append(server.exchange.now // 1_000_000)
                server.step(1_000_000_000)
            reads = (client.fetch_my_trades, client.fetch_orders)
            for read in reads:
                assert [each["timestamp"] for each in await read(BTC, times[1], 1)] == times[1:2]
                assert [each["timestamp"] for each in await read(BTC, None, 1)] == times[2:]
            fees = await client.fetch_ledger("USDT", times[1], 1)
            assert [each["timestamp"] for each in fees] == times[1:2]

    run(check())
