"""A connector over real ccxt on the venue in the box, faults on it and a real order lifecycle in front."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

from tests.support.rigs import BTC, Rig

from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.sizes import instrument_spec
from alipes.mockvenue import VenueConfig, VenueServer
from alipes.mockvenue.core import Order as VenueOrder
from alipes.mockvenue.orders import NewOrder
from alipes.model import Instrument
from alipes.net.ccxt_session import CcxtSession
from alipes.net.secrets import Credentials

PATH = "/fapi/v1/order"
HONEST_S = 8.0
"""How long an answer that comes may take."""
_STATES = {"new": "accepted", "canceled": "cancelled"}


class VenueRig(Rig):
    """`Rig` whose server is a `VenueServer`; `price` rests far below the market."""

    @property
    def faults(self):
        return self.server.faults

    def price(self, *, is_taker):
        """A price at which a buy rests, or at which it is filled at once."""
        mark = self.server.exchange.markets[0].mark_ticks
        tick = self.instrument.spec.tick_size
        return str(int(mark * tick * (103 if is_taker else 97)) // 100)

    def touch(self):
        """The best bid: a buy there rests, and is the next but those before it to be filled."""
        best = self.server.exchange.markets[0].best()[0]
        return str(best * self.instrument.spec.tick_size)

    def hit(self, order):
        """Another account sells until the order is filled."""
        exchange = self.server.exchange
        seller = exchange.accounts.open(balance=Decimal(10**9))
        exchange.live.set_leverage(seller.account, 0, 20)
        while self.at_venue(order)[0] != "filled":
            sell = NewOrder(
                client_id=None, side=1, type=1, tif=1, is_post_only=False, is_reduce_only=False, price=0,
                size=order.size_steps * 10, stp=0, is_result_wanted=False,
            )  # fmt: skip
            self.server.dispatcher._desk.submit(seller.account, exchange.markets[0], sell)

    def posts(self):
        """How many orders arrived."""
        return self.server.dispatcher.counts.of("POST", PATH)

    def accepted(self, order):
        """How many orders of its client id the venue accepted."""
        return self.server.exchange.accepted[order.client_order_id]

    def at_venue(self, order):
        """State and filled size steps of an order by the venue's own books; None where it has none."""
        found = self.server.exchange.live.order(self.server.key.account, client_id=order.client_order_id)
        if found is None:
            return None
        seen = VenueOrder(*found)
        return _STATES.get(seen.status, seen.status), seen.filled

    def here(self, order):
        """The same as we see it."""
        return order.state.value, order.filled_steps

    async def compare(self):
        """Asks the venue for what may have been missed, and takes what it tells."""
        await self.connector.updates.compare()
        self.take()

    def take(self):
        """Applies the events that wait."""
        for event in self.connector.poll(0):
            self.lifecycle.apply(event)
            self.events.append(event)


@asynccontextmanager
async def at_venue(*faults, streams=False, reconcile_every_s=0.0, timeout_s=HONEST_S):
    """A rig on a venue that runs; the faults are put on, and the timeout is set, once it is connected."""
    async with VenueServer(VenueConfig(symbols=(BTC,))) as server:
        session = session_of(server)
        woken = asyncio.Event()
        try:
            await session.open()
            spec = instrument_spec(session.exchange.market(BTC), session.exchange.precisionMode)
            instrument = Instrument("main", BTC, 0, spec)
            connector = CcxtConnector(
                session=session, instruments=[instrument], spawn=asyncio.get_running_loop().create_task,
                wake=woken.set, reconcile_every_s=reconcile_every_s,
            )  # fmt: skip
            rig = VenueRig(server, session, connector, instrument, woken)
            if streams:
                session.open = _opened
                await connector.open()
                await rig.until(lambda: connector.updates.comparisons)  # each new stream asks for one
            for each in faults:
                server.faults.put(each)
            session.exchange.timeout = round(timeout_s * 1000)
            yield rig
            await connector.close()
        finally:
            await session.close()


def session_of(server):
    given = server.addresses()
    endpoints = {"https": given["rest"], "wss": given["stream"]}
    terms = {"timeout_s": HONEST_S, "deadline_s": HONEST_S, "endpoints": endpoints}
    keys = Credentials(given["key"], given["secret"])
    session = CcxtSession(account="main", venue="binanceusdm", credentials=keys, **terms)
    session.exchange.rateLimit, session.exchange.tokenBucket = 0.01, None  # faults decide what is too fast
    session.exchange.init_rest_rate_limiter()
    return session


async def _opened():
    """The rig has opened the session already, to learn the instrument's grid."""
