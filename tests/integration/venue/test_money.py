"""Money: funding, liquidation, deposits, two accounts in one book, the dead man's switch."""

from __future__ import annotations

import json
from decimal import Decimal

from tests.integration.venue.clients import BTC, LIMIT, raw, run, soon, stream, venue


def test_a_dead_mans_switch_cancels_unless_it_is_set_again():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            path, params = "/fapi/v1/countdownCancelAll", {"symbol": "BTCUSDT", "countdownTime": "1000"}
            await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "57500"})

            async def is_open():
                _, _, body = await client.send("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
                return len(json.loads(body)) == 1

            await client.send("POST", path, params)
            server.step(900_000_000)
            await client.send("POST", path, params)
            server.step(900_000_000)
            assert await is_open()
            server.step(100_000_000)
            assert not await is_open()

    run(check())


def test_funding_moves_money_at_eight_hours_and_is_in_the_ledger():
    async def check():
        start = (1_750_000_000 // 28_800 + 1) * 28_800 * 10**9 - 2 * 10**9
        async with venue(speed=0, symbols=(BTC,), start_ns=start) as server, raw(server) as client:
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1"}
            await client.send("POST", "/fapi/v1/order", order)
            server.step(3_000_000_000)
            _, _, body = await client.send("GET", "/fapi/v1/income", {"incomeType": "FUNDING_FEE"})
            (paid,) = json.loads(body)
            assert paid["time"] == start // 10**6 + 2000
            assert -0.7 < float(paid["income"]) < -0.5

    run(check())


def test_two_accounts_trade_with_each_other_through_one_book():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            _, other = await client.control("POST", "/accounts", {"balance": 500_000})
            keys = {"key": other["key"], "secret": other["secret"]}
            _, _, ask, ask_size = server.exchange.markets[0].best()
            resting = {**LIMIT, "side": "SELL", "price": f"{ask / 10:.1f}"}
            _, _, body = await client.send("POST", "/fapi/v1/order", resting)
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET"}
            order["quantity"] = f"{ask_size / 10**6 + 1:.3f}"
            status, _, _ = await client.send("POST", "/fapi/v1/order", order, **keys)
            assert status == 200
            _, _, mine = await client.send("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT"})
            _, _, theirs = await client.send("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT"}, **keys)
            (sold,) = json.loads(mine)
            assert (sold["orderId"], sold["maker"], sold["qty"]) == (
                json.loads(body)["orderId"],
                True,
                "0.010",
            )
            (bought,) = (each for each in json.loads(theirs) if each["id"] == sold["id"])
            assert (bought["maker"], bought["price"], bought["qty"]) == (False, sold["price"], "0.010")

    run(check())


def test_deposits_are_booked_and_unknown_accounts_refused():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            amount = {"account": 1, "asset": "USDT", "amount": "-1.5"}
            status, told = await client.control("POST", "/deposit", amount)
            assert (status, told["wallet"]) == (200, "99998.5")
            _, _, body = await client.send("GET", "/fapi/v1/income", {"incomeType": "TRANSFER"})
            assert [each["income"] for each in json.loads(body)] == ["100000.00000000", "-1.50000000"]
            status, told = await client.control("POST", "/deposit", {**amount, "account": 9})
            assert (status, told["error"]) == (400, "account 9: there is none of that number")

    run(check())


def test_an_account_below_its_maintenance_margin_is_liquidated_and_told():
    async def check():
        async with venue(speed=0, symbols=(BTC,), balance=Decimal(1000)) as server, raw(server) as client:
            headers = {"X-MBX-APIKEY": server.key.key}
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1"}
            status, _, _ = await client.send("POST", "/fapi/v1/order", order)
            assert status == 200
            _, _, body = await client.send("GET", "/fapi/v3/positionRisk")
            risk = json.loads(body)[0]
            assert 0 < float(risk["liquidationPrice"]) < float(risk["markPrice"])
            _, _, body = await client.public("POST", "/fapi/v1/listenKey", headers=headers)
            path = f"/private/ws?listenKey={json.loads(body)['listenKey']}&events=ORDER_TRADE_UPDATE"
            async with stream(server, path) as socket:
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
                await soon(socket.receive())
                withdrawn = {"account": 1, "asset": "USDT", "amount": "-985"}
                await client.control("POST", "/deposit", withdrawn)
                server.step(1_000_000_000)
                told = (await soon(socket.receive_json()))["o"]
                assert (told["c"], told["o"], told["x"], told["S"]) == (
                    "autoclose-1",
                    "LIQUIDATION",
                    "NEW",
                    "SELL",
                )
            _, _, body = await client.send("GET", "/fapi/v3/positionRisk")
            assert json.loads(body) == []

    run(check())


def test_a_halted_symbol_takes_cancels_and_no_orders():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            _, _, body = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "58000"})
            number = json.loads(body)["orderId"]
            halt = {"symbol": BTC, "status": "halted"}
            status, told = await client.control("POST", "/instrument", halt)
            assert (status, told["status"]) == (200, "BREAK")
            status, _, body = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "58000"})
            assert (status, json.loads(body)["code"]) == (400, -4108)
            changed = {**LIMIT, "price": "57900", "orderId": number}
            status, _, body = await client.send("PUT", "/fapi/v1/order", changed)
            assert (status, json.loads(body)["code"]) == (400, -4108)
            _, _, body = await client.public("GET", "/fapi/v1/exchangeInfo")
            assert json.loads(body)["symbols"][0]["status"] == "BREAK"
            cancelled = {"symbol": "BTCUSDT", "orderId": number}
            assert (await client.send("DELETE", "/fapi/v1/order", cancelled))[0] == 200
            await client.control("POST", "/instrument", {"symbol": BTC, "status": "trading"})
            status, _, _ = await client.send("POST", "/fapi/v1/order", {**LIMIT, "price": "58000"})
            assert status == 200
            status, told = await client.control("POST", "/instrument", {"symbol": BTC, "status": "gone"})
            assert (status, "settling" in told["error"]) == (400, True)

    run(check())


def test_an_asset_that_only_fees_are_paid_in_is_in_the_balances_and_not_in_the_totals():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            fees = {"maker_fee": "0.0002", "taker_fee": "0.0005", "fee_asset": "BNB", "fee_price": "600"}
            server.exchange.live.set_fees(server.key.account, 0, **fees)
            await client.control("POST", "/deposit", {"account": 1, "asset": "BNB", "amount": "2"})
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1"}
            await client.send("POST", "/fapi/v1/order", order)
            _, _, body = await client.send("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT"})
            paid = sum(Decimal(each["commission"]) for each in json.loads(body))
            assert 0 < paid < 2
            for path in ("/fapi/v2/account", "/fapi/v3/account"):
                _, _, body = await client.send("GET", path)
                account = json.loads(body)
                wallets = {each["asset"]: each["walletBalance"] for each in account["assets"]}
                assert wallets == {"USDT": "100000.00000000", "BNB": f"{2 - paid:.8f}"}
                assert account["totalWalletBalance"] == "100000.00000000"
            for path in ("/fapi/v2/balance", "/fapi/v3/balance"):
                _, _, body = await client.send("GET", path)
                balances = {each["asset"]: each["balance"] for each in json.loads(body)}
                assert balances == wallets
            _, _, body = await client.send("GET", "/sapi/v1/capital/config/getall")
            assert [each["coin"] for each in json.loads(body)] == ["BTC", "USDT", "BNB"]

    run(check())


def test_orders_and_fills_of_more_than_seven_days_are_refused():
    async def check():
        async with venue(speed=0, symbols=(BTC,)) as server, raw(server) as client:
            end, week = server.exchange.now // 1_000_000, 7 * 24 * 3600 * 1000
            for name in ("allOrders", "userTrades"):
                asked = {"symbol": "BTCUSDT", "startTime": str(end - week), "endTime": str(end)}
                assert (await client.send("GET", f"/fapi/v1/{name}", asked))[0] == 200
                asked["startTime"] = str(end - week - 1)
                status, _, body = await client.send("GET", f"/fapi/v1/{name}", asked)
                assert (status, json.loads(body)) == (400, {"code": -4165, "msg": "Invalid time interval"})

    run(check())
