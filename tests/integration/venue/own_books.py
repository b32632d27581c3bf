"""Our own books of an account: orders through the connector and the lifecycle, fills into the ledger."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from tests.integration.venue.clients import PATIENCE_S, own_instrument, own_session

from alipes._core import Ledger
from alipes.connectors.ccxt import CcxtConnector
from alipes.model import Filled, OrderType, Side, TimeInForce
from alipes.net.pacing import Pacer
from alipes.orders import Lifecycle

STRATEGY = "one"


class OwnBooks:
    """Sends orders as the engine does and books what comes back as it does.

    Attributes:
        fills: Fills by instrument index, in the order in which they were told.
    """

    def __init__(self, connector, instruments, random):
        self.connector, self.instruments, self.random = connector, instruments, random
        self.lifecycle, self.ledger = Lifecycle(), Ledger()
        self.fills = {each.index: [] for each in instruments}
        for each in instruments:
            self.ledger.add_instrument(each.index, each.spec)

    def act(self, street):
        """One random request, not waited for."""
        chance, own = self.random.random(), self.lifecycle.open_orders()
        order = self.random.choice(own) if own else None
        if order is None or chance < 0.62:
            self._place(street.wish())
        elif chance < 0.8 and order.price_ticks is not None:
            price, size = street.change(order.instrument.index, str(order.side))
            if self.lifecycle.request_amend(order, price_ticks=price, size_steps=size) is None:
                self.connector.amend(order)
        elif self.lifecycle.request_cancel(order) is None:
            self.connector.cancel(order)

    def _place(self, wish):
        is_market = wish.price is None
        order = self.lifecycle.create(
            self.instruments[wish.index], STRATEGY, Side(wish.side),
            OrderType.MARKET if is_market else OrderType.LIMIT, wish.size, price_ticks=wish.price,
            tif=TimeInForce.IOC if is_market else TimeInForce(wish.tif), post_only=wish.post_only,
            reduce_only=wish.reduce_only,
        )  # fmt: skip
        self.lifecycle.submit(order)
        self.connector.submit(order)

    def take(self):
        """Books what has been told."""
        for event in self.connector.poll(0):
            applied = self.lifecycle.apply(event)
            assert applied.order is not None, event
            assert not applied.alarms, applied.alarms
            if isinstance(event, Filled):
                assert applied.fill is not None, event
                self._book(applied.fill)

    def _book(self, fill):
        index = fill.instrument.index
        self.fills[index].append(fill)
        self.ledger.fill(
            STRATEGY, index, fill.side.code, fill.price_ticks, fill.size_steps, fill.fee, fill.fee_asset
        )

    async def until(self, is_so):
        """Takes what comes until something holds."""
        async with asyncio.timeout(PATIENCE_S):
            self.take()
            while not is_so():  # not every change of it comes with an event
                await asyncio.sleep(0.001)
                self.take()


@asynccontextmanager
async def own_books(server, symbols, random):
    """Books over a connector that is open at a venue; requests do not wait for turns."""
    session = own_session(server.addresses())
    session.pacer = session.order_pacer = Pacer(ms_per_token=0)
    await session.open()
    instruments = [own_instrument(session, symbol, index) for index, symbol in enumerate(symbols)]
    connector = CcxtConnector(
        session=session,
        instruments=instruments,
        spawn=asyncio.get_running_loop().create_task,
        reconcile_every_s=0.0,
    )
    await connector.open()
    try:
        while not server.exchange.users.has_listeners(server.key.account):
            await connector.server_time()
        yield OwnBooks(connector, instruments, random)
    finally:
        await connector.close()
