"""One account seen three ways, by ccxt, in the venue's books, in our accounting: they agree to the digit."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import product
from random import Random

import ccxt
import pytest
from tests.counts import scaled
from tests.integration.venue.account_views import at_the_venue, by_ccxt, check_money_is_conserved
from tests.integration.venue.clients import BTC, ETH, run, traded
from tests.integration.venue.random_orders import Street, shares

from alipes.mockvenue.core import Order
from alipes.mockvenue.weights import Limits

BALANCE = Decimal(20_000_000)
BNB = Decimal(1)
"""Enough for some of the fees only: the rest is charged in the settlement asset."""
VENUE = {
    "speed": 0,
    "balance": BALANCE,
    "start_ns": ((1_750_000_000 // 28_800 + 1) * 28_800 - 4) * 10**9,
    "limits": Limits(weight_minute=10**9, orders_10s=10**9, orders_minute=10**9),
}
"""A stepped venue four seconds before funding."""
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
        many = self.random.random() < 0.2
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
    whole, part = shares([(each[5], each[6]) for each in orders])
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
            check_orders_filled(list(books.orders.values()), player.placed)
            assert set(product(("place", "change", "withdraw"), (False, True))) < set(player.done)
            assert {row[5] for row in books.fills.values()} == {"USDT", fee_asset}
            assert {row[1] for row in books.ledger} == {"transfer", "realized_pnl", "commission", "funding"}
            check_money_is_conserved(server, [account, *street.rivals], deposits(fee_asset, 3))

    run(check())
