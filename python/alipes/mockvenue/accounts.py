"""Accounts of the venue: their API keys, funds, leverage, and the dead man's switch."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from alipes.errors import InputError
from alipes.mockvenue.auth import ApiKey, KeyRing, public_key
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.core import Margin, Position
from alipes.mockvenue.errors import ApiError

if TYPE_CHECKING:
    from alipes.mockvenue.exchange import Exchange

MOST_LEVERAGE: Final = 125
MAINTENANCE_RATE: Final = "0.004"
"""Maintenance margin as a share of a position's value."""


class Accounts:
    """Accounts by the numbers of the core.

    Args:
        exchange: The venue.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.keys = KeyRing()
        self._exchange = exchange
        self._leverage: dict[tuple[int, int], int] = {}
        self._opened: dict[int, int] = {}
        self._switches: dict[tuple[int, int], int] = {}
        self.made_ids = 0

    def open(
        self, *, balance: Decimal | None = None, public_pem: str = "", can_withdraw: bool = False
    ) -> ApiKey:
        """Opens an account with a key and funds in every settlement asset.

        Args:
            balance: Deposit in each; the config's by default.
            public_pem: Ed25519 public key in PEM; an HMAC secret is made without one.
            can_withdraw: Whether the venue says that the key may move money out.

        Returns:
            Its key: the same seed and the same order of calls give the same keys.

        Raises:
            InputError: A PEM that is no Ed25519 public key, or a balance below 0.
        """
        if public_pem:
            public_key(public_pem)
        if balance is not None and balance < 0:
            raise InputError(f"balance {balance}: expected 0 or more")
        live, config = self._exchange.live, self._exchange.config
        account = live.add_account()
        text = f"alipes venue {config.seed} {account}"
        key = ApiKey(
            key=hashlib.sha256(f"{text} key".encode()).hexdigest(),
            secret="" if public_pem else hashlib.sha256(f"{text} secret".encode()).hexdigest(),
            account=account,
            public_pem=public_pem,
            can_withdraw=can_withdraw,
        )
        self.adopt(key, self._exchange.now)
        for asset in self.assets():
            self.deposit(account, asset, config.balance if balance is None else balance)
        for listing in self._exchange.listings:
            live.set_leverage(account, listing.index, config.leverage)
        return key

    def adopt(self, key: ApiKey, opened_ns: int) -> None:
        """Takes over a key whose account the core knows."""
        self.keys.add(key)
        self._opened[key.account] = opened_ns

    def deposit(self, account: int, asset: str, amount: Decimal) -> None:
        """Moves funds in, or out if negative.

        Raises:
            InputError: The account is unknown.
        """
        if account not in self._opened:
            raise InputError(f"account {account}: there is none of that number")
        exchange = self._exchange
        exchange.apply(exchange.live.deposit(exchange.now, account, asset, amount))

    def assets(self) -> list[str]:
        """Settlement assets."""
        return list(dict.fromkeys(listing.quote for listing in self._exchange.listings))

    def held(self, account: int) -> list[str]:
        """Settlement assets, and all else that an account has a wallet of, such as an asset for fees."""
        return list(dict.fromkeys([*self.assets(), *self._exchange.live.balances(account)]))

    def margin(self, account: int, asset: str) -> Margin:
        """Margin of an account in an asset."""
        return Margin(*self._exchange.live.margin(account, asset))

    def positions(self, account: int) -> dict[int, Position]:
        """Positions that are not flat, by the perpetual's index."""
        found = (Position(*row) for row in self._exchange.live.positions(account))
        return {position.instrument: position for position in found if position.size}

    def liquidation_price(self, account: int, position: Position) -> Decimal:
        """Mark price at which a position would take its account below the maintenance margin; 0 for none.

        The marks of the account's other positions are held: equity less maintenance margin is linear in this
        one's mark, with the slope ``size - rate * |size|``.
        """
        market = self._exchange.markets[position.instrument]
        margin = self.margin(account, market.listing.quote)
        size = market.listing.spec.size(position.size)
        slope = size - Decimal(MAINTENANCE_RATE) * abs(size)
        cushion = margin.wallet + margin.unrealised - margin.maintenance
        return max(Decimal(0), market.listing.spec.price(market.mark_ticks) - cushion / slope)

    def updated_ms(self, account: int) -> int:
        """When an account last changed, ms."""
        return self._opened[account] // NS_PER_MS

    def leverage(self, account: int, index: int) -> int:
        """Leverage of an account at a perpetual."""
        return self._leverage.get((account, index), self._exchange.config.leverage)

    def set_leverage(self, account: int, index: int, leverage: int) -> None:
        """Sets the leverage of an account at a perpetual.

        Raises:
            ApiError: -4028, it is none the venue has; -2028, the margin does not allow it.
        """
        if not 1 <= leverage <= MOST_LEVERAGE:
            raise ApiError(-4028, leverage)
        reason = self._exchange.live.set_leverage(account, index, leverage)
        if reason is not None:
            raise ApiError(-2028)
        self._leverage[account, index] = leverage

    def leverages(self) -> list[tuple[int, int, int]]:
        """Account, perpetual and leverage of each that was set."""
        return [(account, index, leverage) for (account, index), leverage in self._leverage.items()]

    def restore(self, leverages: list[tuple[int, int, int]], made_ids: int) -> None:
        """Takes over what `leverages` and `made_ids` told of another run."""
        self._leverage = {(account, index): leverage for account, index, leverage in leverages}
        self.made_ids = made_ids

    def next_client_id(self) -> str:
        """A client order id for an order without one, 22 characters."""
        self.made_ids += 1
        text = f"{self._exchange.config.seed} order {self.made_ids}"
        return hashlib.sha256(text.encode()).hexdigest()[:22]

    def set_switch(self, account: int, index: int, countdown_ms: int) -> None:
        """Cancels all orders of an account at a perpetual after a time, unless set again; 0 takes it back."""
        schedule, key = self._exchange.schedule, (account, index)
        if key in self._switches:
            schedule.cancel(self._switches.pop(key))
        if countdown_ms:
            due = self._exchange.now + countdown_ms * NS_PER_MS
            self._switches[key] = schedule.at(due, lambda now: self._switch(key, now))

    def _switch(self, key: tuple[int, int], now: int) -> None:
        del self._switches[key]
        self._exchange.apply(self._exchange.live.cancel_all(now, *key))
