"""Connectors are what the ports say; checked by mypy only."""

from typing import assert_type

from alipes.connectors.ccxt import CcxtConnector
from alipes.model import Instrument, VenueFill, VenueOrder
from alipes.ports import AccountConnector, AccountReads, Connector


def ports_of_ccxt(connector: CcxtConnector) -> tuple[Connector, AccountReads, AccountConnector]:
    return connector, connector, connector


async def reads(connector: AccountConnector, instrument: Instrument) -> None:
    assert_type(await connector.order(instrument, "a" * 18), VenueOrder | None)
    assert_type(await connector.open_orders(), list[VenueOrder])
    assert_type(await connector.fills(instrument, 0), list[VenueFill])
    assert_type(connector.capabilities.can_amend, bool)
