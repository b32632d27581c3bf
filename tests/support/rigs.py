"""A connector over real ccxt and real sockets, with a real order lifecycle in front of it."""

import asyncio
from contextlib import asynccontextmanager

from tests.support.scripted_usdm import serving

from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.ccxt_checks import AccountTerms
from alipes.connectors.fates import TABLE
from alipes.connectors.sizes import instrument_spec
from alipes.model import Instrument, OrderType, RequestKind, Side
from alipes.net.ccxt_session import CcxtSession
from alipes.net.pacing import Pacer
from alipes.net.secrets import Credentials
from alipes.orders import Lifecycle

KEY, SECRET = "key-canary-0123456789", "secret-canary-9876543210"
BTC = "BTC/USDT:USDT"
PATIENCE_S = 10


class Rig:
    """Server, session, connector, lifecycle, and the events so far."""

    def __init__(self, server, session, connector, instrument, woken):
        self.server, self.session, self.connector = server, session, connector
        self.instrument, self.woken = instrument, woken
        self.lifecycle = Lifecycle()
        self.events = []

    def order(self, size="0.010", price="50000", side=Side.BUY, kind=OrderType.LIMIT, **terms):
        """A new order, its intent taken as the engine does."""
        spec = self.instrument.spec
        ticks = None if price is None else spec.ticks(price)
        order = self.lifecycle.create(
            self.instrument, "test", side, kind, spec.steps(size), price_ticks=ticks, **terms
        )
        self.lifecycle.submit(order)
        self.lifecycle.take_effects()
        return order

    def submit(self, order=None, **terms):
        order = order or self.order(**terms)
        self.connector.submit(order)
        return order

    def cancel(self, order):
        self.lifecycle.request_cancel(order)
        self.connector.cancel(order)

    def amend(self, order, price, size):
        spec = self.instrument.spec
        self.lifecycle.request_amend(order, price_ticks=spec.ticks(price), size_steps=spec.steps(size))
        self.connector.amend(order)

    async def event(self):
        """The next event; it is applied to its order."""
        while not self.events or self.taken == len(self.events):
            async with asyncio.timeout(PATIENCE_S):
                await self.woken.wait()
            self.woken.clear()
            for event in self.connector.poll(0):
                self.lifecycle.apply(event)
                self.events.append(event)
        self.taken += 1
        return self.events[self.taken - 1]

    taken = 0

    async def until(self, is_so):
        """Waits for a condition, looking again at every turn of the loop."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110 - conditions of several owners
                await asyncio.sleep(0.001)

    async def left(self, order, kind=RequestKind.SUBMIT):
        """Waits until a request about the order has left."""
        await self.until(lambda: self.connector._flights[order.client_order_id, kind].wire.is_sent)

    async def settled(self):
        """Lets every request end."""
        await self.until(lambda: not self.connector._flights)


def session_of(server, **options):
    terms = {
        "account": "main", "venue": "binanceusdm", "credentials": Credentials(KEY, SECRET),
        "timeout_s": 5.0, "deadline_s": 8.0, "endpoints": server.endpoints,
    }  # fmt: skip
    session = CcxtSession(**(terms | options))
    session.pacer = session.order_pacer = Pacer(ms_per_token=0)  # the server has no limits
    return session


@asynccontextmanager
async def connected(
    *,
    table=TABLE,
    streams=False,
    terms=None,
    before=None,
    alter=None,
    reconcile_every_s=0.0,
    symbol=BTC,
    **options,
):
    """A rig; with streams it is opened as an engine opens it, else only its session is.

    `before` sees the server first; `alter` sees the market as ccxt has loaded it.
    """
    async with serving() as server:
        if before is not None:
            before(server)
        session = session_of(server, **options)
        woken = asyncio.Event()
        markets = session.exchange
        try:
            await session.open()
            if alter is not None:
                alter(markets.market(symbol))
            spec = instrument_spec(markets.market(symbol), markets.precisionMode)
            instrument = Instrument("main", symbol, 0, spec)
            connector = CcxtConnector(
                session=session, instruments=[instrument], spawn=asyncio.get_running_loop().create_task,
                wake=woken.set, table=table, terms=terms or AccountTerms(),
                reconcile_every_s=reconcile_every_s,
            )  # fmt: skip
            if streams:
                session.open = _opened
                await connector.open()
            yield Rig(server, session, connector, instrument, woken)
            await connector.close()
        finally:
            await session.close()


def run(scenario, **options):
    """What a scenario of a rig returns; the options are those of `connected`."""

    async def main():
        async with connected(**options) as rig:
            return await scenario(rig)

    return asyncio.run(main())


async def _opened():
    """The rig has opened the session already, to learn the instrument's grid."""
