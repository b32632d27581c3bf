"""One account seen three ways, by ccxt, in the venue's books, in our accounting: they agree to the digit."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import product
from random import Random

import ccxt
import pytest
from tests.counts import scaled
from tests.integration.venue.account_views import (
    at_the_venue,
    by_ccxt,
    check_money_is_conserved,
    fills_of,
    told,
)
from tests.integration.venue.clients import BTC, ETH, run, traded, venue
from tests.integration.venue.own_books import STRATEGY, own_books
from tests.integration.venue.random_orders import MS, Street, shares

from alipes.mockvenue.core import Entry, Order, Position, is_recorded
from alipes.mockvenue.weights import Limits

BALANCE = Decimal(20_000_000)
BNB = Decimal(1)
"""Enough for some of the fees only: the rest is charged in the settlement asset."""
VENUE = {
    "symbols": (BTC, ETH, "BNB/USDT:USDT"),
    "speed": 0,
    "balance": BALANCE,
    "start_ns": ((1_750_000_000 // 28_800 + 1) * 28_800 - 4) * 10**9,
    "limits": Limits(weight_minute=10**9, orders_10s=10**9, orders_minute=10**9),
}
"""A stepped venue four seconds before funding; like the real one it lists the asset that fees are paid in."""
REFUSALS = {-2011, -2013, -2019, -2022, -4164, -5021, -5022, -5027}
"""What random requests may be refused with."""


def set_up_fees(server, account, asset):
    """Lets an account pay its fees in an asset, and gives it some of it."""
    if asset == "USDT":
        return
    for index in range(2):
        server.exchange.live.set_fees(
            account, index, maker_fee="0.0002", taker_fee="0.0005", fee_asset=asset, fee_price="600"
        )
    server.exchange.accounts.deposit(account, asset, BNB)


def deposits(asset, accounts):
    found = {"USDT": BALANCE * accounts}
    return found if asset == "USDT" else {**found, asset: BNB}


class ByCcxt:
    """Trades through an unmodified ccxt client."""

    def __init__(self, client, street, account):
        self.client, self.street, self.random = client, street, street.random
        self.listings, self.live, self.account = street.exchange.listings, street.exchange.live, account
        self.placed, self.done = 0, Counter()

    def _order(self, wish):
        spec = self.listings[wish.index].spec
        price = None if wish.price is None else float(spec.price(wish.price))
        params = {"timeInForce": wish.tif} if wish.tif != "GTC" else {}
        params |= {"postOnly": True} if wish.post_only else {}
        params |= {"reduceOnly": True} if wish.reduce_only else {}
        kind = "market" if wish.price is None else "limit"
        return {
            "symbol": spec.symbol, "type": kind, "side": wish.side, "amount": float(spec.size(wish.size)),
            "price": price, "params": params,
        }  # fmt: skip

    def _resting(self):
        rows = self.live.open_orders(self.account)
        return Order(*self.random.choice(rows)) if rows else None

    async def act(self):
        """One random request; a refusal must be one that the venue has for such requests."""
        chance, own = self.random.random(), self._resting()
        name = "place" if chance < 0.6 or own is None else "change" if chance < 0.78 else "withdraw"
        many = self.random.random() < 0.3
        try:
            await getattr(self, f"_{name}")(own, many=many)
            self.done[name, many] += 1
        except ccxt.ExchangeError as error:
            if not any(f'"code":{code},' in str(error) for code in REFUSALS):
                raise
            self.done["refused"] += 1

    async def _place(self, _, *, many):
        if not many:
            self.placed += 1
            await self.client.create_order(**self._order(self.street.wish()))
            return
        wishes = [self.street.wish() for _ in range(self.random.randint(2, 5))]
        self.placed += len(wishes)
        for each in await self.client.create_orders([self._order(wish) for wish in wishes]):
            assert each["status"] != "rejected" or each["info"]["code"] in REFUSALS

    async def _change(self, own, *, many):
        spec, side = self.listings[own.instrument].spec, ("buy", "sell")[own.side]
        price, size = self.street.change(own.instrument, side)
        terms = spec.symbol, "limit", side, float(spec.size(size)), float(spec.price(price))
        if many:
            names = ("id", "symbol", "type", "side", "amount", "price")
            await self.client.edit_orders([dict(zip(names, (str(own.order_id), *terms), strict=True))])
        else:
            await self.client.edit_order(str(own.order_id), *terms)

    async def _withdraw(self, own, *, many):
        symbol = self.listings[own.instrument].symbol
        if not many:
            await self.client.cancel_order(str(own.order_id), symbol)
        elif self.random.random() < 0.1:
            await self.client.cancel_all_orders(symbol)
        else:
            rows = self.live.open_orders(self.account, own.instrument)[:3]
            await self.client.cancel_orders([str(row[0]) for row in rows], symbol)


def check_orders_filled(orders, placed):
    """The run was one worth looking at."""
    whole, part = shares(orders)
    assert len(orders) > placed / 2
    assert whole >= 0.3
    assert part >= 0.1


@pytest.mark.parametrize("fee_asset", ["USDT", "BNB"])
def test_ccxt_tells_the_account_that_is_in_the_venues_books(fee_asset):
    seed, count = 17, scaled(150, 1000)
    print(f"seed {seed}, {count} orders")

    async def check():
        async with traded(**VENUE, seed=seed) as (server, client):
            account = server.key.account
            set_up_fees(server, account, fee_asset)
            street = Street(server, Random(seed))
            player = ByCcxt(client, street, account)
            while player.placed < count:
                await player.act()
                street.others()
            books = at_the_venue(server, account)
            seen = await by_ccxt(client, (BTC, ETH))
            assert seen.orders == books.orders
            assert seen.fills == books.fills
            assert seen.positions == books.positions
            assert seen.wallets == books.wallets
            assert seen.ledger == books.ledger
            check_orders_filled([each[5:7] for each in books.orders.values()], player.placed)
            assert set(product(("place", "change", "withdraw"), (False, True))) < set(player.done)
            assert {row[5] for row in books.fills.values()} == {"USDT", fee_asset}
            assert {row[1] for row in books.ledger} == {"transfer", "realized_pnl", "commission", "funding"}
            check_money_is_conserved(server, [account, *street.rivals], deposits(fee_asset, 3))

    run(check())


def check_orders(books, server, account):
    """Every order is in the state here that it is in there."""
    states = {"new": "accepted", "canceled": "cancelled"}
    found = []
    for order in books.lifecycle.orders():
        row = server.exchange.live.order(account, client_id=order.client_order_id)
        if order.state in {"rejected", "denied"}:
            assert row is None or not is_recorded(Order(*row))
            continue
        there = Order(*row)
        assert order.venue_order_id == str(there.order_id)
        assert order.state == states.get(there.status, there.status)
        assert (order.size_steps, order.filled_steps) == (there.size, there.filled)
        assert order.price_ticks == (None if there.type else there.price)
        found.append((order.size, order.filled))
    assert len(books.lifecycle.open_orders()) == len(server.exchange.live.open_orders(account))
    return found


def check_fills(books, server, account):
    """Every fill is booked once, in the order in which it happened."""
    for index, fills in books.fills.items():
        assert [
            (each.trade_id, str(each.side), each.price_ticks, each.size_steps, each.is_maker, each.fee,
             each.fee_asset, each.ts_event // MS)
            for each in fills
        ] == [
            (str(each.trade_id), ("buy", "sell")[each.side], each.price, each.size, each.is_maker, each.fee,
             each.fee_asset, each.now // MS)
            for each in fills_of(server.exchange, account, index)
        ]  # fmt: skip


def check_positions(books, server, account):
    """Size, average price, realised and unrealised profit, to the last digit."""
    exchange = server.exchange
    for each in (Position(*row) for row in exchange.live.positions(account)):
        if each.instrument not in books.fills:
            continue
        mark = exchange.markets[each.instrument].mark_ticks
        size, average, realised, _ = books.ledger.position(STRATEGY, each.instrument)
        assert books.ledger.position_steps(STRATEGY, each.instrument) == each.size
        assert (size, average, realised) == (
            exchange.listings[each.instrument].spec.size(each.size), each.entry_price, each.realised
        )  # fmt: skip
        assert books.ledger.unrealised(STRATEGY, each.instrument, mark) == each.unrealised


def check_money(books, server, account, entries):
    """Fees by asset, and every wallet."""
    live = server.exchange.live
    charged, paid = Counter(), Counter()
    for row in (Entry(*row) for row in live.ledger(account, limit=10**6)):
        if row.kind == "commission":
            charged[row.asset] -= row.amount
    for index in books.fills:
        paid.update(books.ledger.position(STRATEGY, index)[3])
    assert paid == charged
    assert books.ledger.balances() == live.balances(account)
    told = Counter()
    for each in entries:
        told[each.asset] += each.amount
    assert told == live.balances(account)


async def check_reads(books, server, account):
    """What the connector reads is what the books hold."""
    live, connector = server.exchange.live, books.connector
    held = {each.instrument.index: each for each in await connector.positions()}
    unrealised = 0
    for index in books.fills:
        steps = books.ledger.position_steps(STRATEGY, index)
        assert (held[index].size_steps if index in held else 0) == steps
        if index in held:
            _, average, _, _ = books.ledger.position(STRATEGY, index)
            assert held[index].entry_price == told(average)
            unrealised += held[index].unrealized_pnl
    for asset, balance in (await connector.balances()).items():
        worth = unrealised if asset == "USDT" else 0
        assert balance.total == live.balances(account)[asset] + worth
    for instrument in books.instruments:
        since = server.exchange.now - 3600 * 10**9
        again = await connector.fills(instrument, since)
        assert [(each.trade_id, each.client_order_id, each.side, each.fee) for each in again] == [
            (each.trade_id, each.client_order_id, each.side, each.fee)
            for each in books.fills[instrument.index]
        ]


@pytest.mark.parametrize("fee_asset", ["USDT", "BNB"])
def test_our_accounting_of_orders_through_the_connector_is_the_venues(fee_asset):
    seed, count = 24, scaled(150, 1000)
    print(f"seed {seed}, {count} orders")

    async def check():
        random = Random(seed)
        async with venue(**VENUE, seed=seed) as server:
            account = server.key.account
            set_up_fees(server, account, fee_asset)
            street = Street(server, random)
            async with own_books(server, (BTC, ETH), random) as books:
                for asset, amount in deposits(fee_asset, 1).items():
                    books.ledger.deposit(asset, amount)
                while len(books.lifecycle.orders()) < count:
                    for _ in range(random.randint(1, 4)):
                        books.act(street)
                    await books.until(lambda: not books.connector._flights)
                    street.others()

                def is_level():
                    live = server.exchange.live
                    made = sum(len(fills_of(server.exchange, account, index)) for index in books.fills)
                    resting = len(live.open_orders(account)), len(books.lifecycle.open_orders())
                    return made == sum(map(len, books.fills.values())) and resting[0] == resting[1]

                await books.until(is_level)
                entries = await books.connector.ledger(0)
                for each in entries:
                    if each.kind == "fee":  # ccxt's name for funding
                        books.ledger.deposit(each.asset, each.amount)
                orders = check_orders(books, server, account)
                check_orders_filled(orders, count)
                check_fills(books, server, account)
                check_positions(books, server, account)
                check_money(books, server, account, entries)
                await check_reads(books, server, account)
            check_money_is_conserved(server, [account, *street.rivals], deposits(fee_asset, 3))

    run(check())
