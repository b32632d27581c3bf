"""A key that can move money out, as the venue tells of it and as our connector takes it."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.venue.clients import BTC, own_instrument, own_session, venue

from alipes.connectors.ccxt import CcxtConnector
from alipes.connectors.ccxt_checks import AccountTerms
from alipes.errors import ConfigError


async def opened(server, key, *, accepts):
    """Opens a connector with a key, and closes it."""
    session = own_session({**server.addresses(), "key": key.key, "secret": key.secret})
    await session.open()
    connector = CcxtConnector(
        session=session,
        instruments=[own_instrument(session, BTC)],
        spawn=asyncio.get_running_loop().create_task,
        terms=AccountTerms(accept_key_that_can_withdraw=accepts),
    )
    try:
        await connector.open()
        return (await connector.key_permissions()).can_withdraw
    finally:
        await connector.close()


def run(*, can_withdraw, accepts):
    async def check():
        async with venue(symbols=(BTC,)) as server:
            key = server.exchange.accounts.open(can_withdraw=can_withdraw)
            return await opened(server, key, accepts=accepts)

    return asyncio.run(check())


def test_a_key_that_can_withdraw_is_refused():
    with pytest.raises(ConfigError, match="its key can move money out"):
        run(can_withdraw=True, accepts=False)


def test_it_is_taken_if_someone_answers_for_it():
    assert run(can_withdraw=True, accepts=True) is True


def test_a_key_that_cannot_is_taken():
    assert run(can_withdraw=False, accepts=False) is False
