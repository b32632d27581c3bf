"""What must hold before an account is traded: what its key may do, how its positions and margin are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import structlog

from alipes.errors import ConfigError, VenueError

if TYPE_CHECKING:
    from alipes.connectors.ccxt_reads import CcxtReads
    from alipes.model import Instrument

MarginMode = Literal["cross", "isolated"]


class AccountTerms(msgspec.Struct, frozen=True):
    """What the config says of an account.

    Attributes:
        margin_mode: How its derivatives are margined; None does not care.
        accept_key_that_can_withdraw: Trade although the key can move money out. Whoever gets hold of this
            process then gets hold of the money.
    """

    margin_mode: MarginMode | None = None
    accept_key_that_can_withdraw: bool = False


async def check_account(reads: CcxtReads, terms: AccountTerms) -> None:
    """Refuses an account that is not as it must be.

    Args:
        reads: What the venue is asked through.
        terms: What must hold.

    Raises:
        ConfigError: The key can withdraw or cannot trade, the account is in hedge mode, or its margin mode is
            another one.
        VenueError: The venue could not be asked.
    """
    await _check_key(reads, terms)
    for instrument in reads.instruments.values():
        if instrument.spec.kind != "spot":
            await _check_modes(reads, instrument, terms)


async def _check_key(reads: CcxtReads, terms: AccountTerms) -> None:
    account, may = reads.session.account, await reads.key_permissions()
    log = structlog.get_logger("alipes").bind(account=account)
    if may.can_withdraw and not terms.accept_key_that_can_withdraw:
        raise ConfigError(
            f"account {account!r}: its key can move money out: make one that can only trade, or set"
            " accept_key_that_can_withdraw = true and answer for it"
        )
    if may.can_withdraw:
        log.warning("the key can move money out")
    if may.can_withdraw is None:
        log.warning("the venue does not say whether the key can move money out")
    if may.can_trade is False:
        raise ConfigError(f"account {account!r}: its key cannot trade these instruments")
    if may.is_ip_restricted is False:
        log.warning("the key works from any address")


async def _check_modes(reads: CcxtReads, instrument: Instrument, terms: AccountTerms) -> None:
    account, session, symbol = reads.session.account, reads.session, instrument.symbol
    log = structlog.get_logger("alipes").bind(account=account, symbol=symbol)
    if session.exchange.has.get("fetchPositionMode"):
        hedged = (await session.read("fetch_position_mode", symbol)).get("hedged")
        if hedged is None:
            raise VenueError(
                f"account {account!r}: the venue does not say how positions of {symbol} are kept"
            )
        if hedged:
            raise ConfigError(
                f"account {account!r} is in hedge mode: switch it to one-way mode at the venue;"
                " two positions in one instrument are not supported"
            )
    else:
        log.warning("position mode not checked: the venue does not say it through ccxt")
    if terms.margin_mode is None:
        return
    if not session.exchange.has.get("fetchMarginMode"):
        log.warning("margin mode not checked: the venue does not say it through ccxt")
        return
    mode = (await session.read("fetch_margin_mode", symbol)).get("marginMode")
    if mode != terms.margin_mode:
        raise ConfigError(
            f"account {account!r}: {symbol} is on {mode} margin and the config says {terms.margin_mode}:"
            " change one of them"
        )
