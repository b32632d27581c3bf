"""One order through a connector, from its intent to its end, at a local venue that this script starts.

    python examples/connector.py

What an engine does with a connector, by hand: an order comes from a lifecycle, whose intent is taken before
anything leaves; what the connector tells is applied to the order.
"""

import asyncio

from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.sizes import instrument_spec
from alipes.mockvenue import VenueConfig, VenueServer
from alipes.model import Instrument, OrderType, Side
from alipes.net.ccxt_session import CcxtSession
from alipes.net.secrets import Credentials
from alipes.orders import Lifecycle

SYMBOL = "BTC/USDT:USDT"


async def main():
    async with VenueServer(VenueConfig(symbols=(SYMBOL,))) as venue:
        at = venue.addresses()
        session = CcxtSession(
            account="main",
            venue="binanceusdm",
            credentials=Credentials(at["key"], at["secret"]),
            endpoints={"https": at["rest"], "wss": at["stream"]},  # leave out for the real venue
        )
        await session.open()  # loads the markets, which say each instrument's grid
        exchange = session.exchange
        spec = instrument_spec(exchange.market(SYMBOL), exchange.precisionMode)
        instrument = Instrument("main", SYMBOL, 0, spec)
        told = asyncio.Event()
        connector = CcxtConnector(
            session=session, instruments=[instrument], spawn=asyncio.create_task, wake=told.set
        )
        try:
            await connector.open()  # checks key and account, then streams
            await trade(connector, instrument, told)
            print("balances:", await connector.balances())
        finally:
            await connector.close()


async def trade(connector, instrument, told):
    """Rests a bid far below the market and cancels it; prints what is told."""
    lifecycle, spec = Lifecycle(), instrument.spec
    order = lifecycle.create(
        instrument, "by-hand", Side.BUY, OrderType.LIMIT, spec.steps("0.010"), price_ticks=spec.ticks("50000")
    )
    lifecycle.submit(order)
    connector.submit(order)
    while order.is_open:
        await told.wait()
        told.clear()
        for event in connector.poll(0):
            lifecycle.apply(event)
            print(type(event).__name__, "->", order.state)
            if order.state == "accepted" and not order.in_flight:
                lifecycle.request_cancel(order)
                connector.cancel(order)


if __name__ == "__main__":
    asyncio.run(main())
