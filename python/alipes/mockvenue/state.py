"""The state file: accounts, orders, positions and ledgers over a restart of the venue.

One JSON object: what belongs to the venue, secrets included, so that only its owner may read the file; and
the matching core's own bytes. The market is not in it: a
synthetic one begins anew, and resting orders meet it as they would meet any jump of the price.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from alipes._core import LiveExchange
from alipes.errors import DataError, StoreError
from alipes.mockvenue.auth import ApiKey  # noqa: TC001 - msgspec reads the annotations
from alipes.mockvenue.listing import Listing, Terms

if TYPE_CHECKING:
    from pathlib import Path

    from alipes.mockvenue.accounts import Accounts
    from alipes.mockvenue.config import VenueConfig
    from alipes.mockvenue.exchange import Exchange

VERSION: Final = 2


class _Perpetual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A perpetual: its terms, and those that it had, with the last time of each."""

    symbol: str
    status: str
    terms: Terms
    past: list[tuple[int, Terms]]

    @property
    def listed(self) -> tuple[str, str, str]:
        """Symbol, tick and lot that the venue was started with."""
        first = self.past[0][1] if self.past else self.terms
        return self.symbol, first.tick, first.lot


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds."""

    version: int
    perpetuals: list[_Perpetual]
    now: int
    keys: list[ApiKey]
    opened: dict[int, int]
    leverage: list[tuple[int, int, int]]
    made_ids: int
    core: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A state that was read.

    Attributes:
        now: Venue time that it stands at, ns.
        live: The matching core.
    """

    now: int
    live: LiveExchange
    _file: _File

    def listings(self) -> list[Listing]:
        """The perpetuals, numbered from 0."""
        return [
            Listing(index=index, symbol=each.symbol, terms=each.terms, status=each.status, past=each.past)
            for index, each in enumerate(self._file.perpetuals)
        ]

    def adopt_keys(self, accounts: Accounts) -> ApiKey:
        """Hands keys and settings to a venue's accounts.

        Returns:
            The first key.
        """
        for key in self._file.keys:
            accounts.adopt(key, self._file.opened[key.account])
        accounts.restore(self._file.leverage, self._file.made_ids)
        return self._file.keys[0]


def save(path: Path, exchange: Exchange) -> None:
    """Writes a venue's state, whole or not at all.

    Raises:
        StoreError: It could not be written.
    """
    accounts = exchange.accounts
    keys = list(accounts.keys)
    content = _File(
        version=VERSION,
        perpetuals=[
            _Perpetual(each.symbol, each.status, each.terms, each.past) for each in exchange.listings
        ],
        now=exchange.now,
        keys=keys,
        opened={key.account: accounts.updated_ms(key.account) * 1_000_000 for key in keys},
        leverage=accounts.leverages(),
        made_ids=accounts.made_ids,
        core=b64encode(exchange.live.state()).decode(),
    )
    beside = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(content))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"state file {path}: {error}") from error


def load(config: VenueConfig) -> Saved | None:
    """Reads the state file of a config; `None` where there is none yet.

    Raises:
        StoreError: It is torn, of another version, or lists other symbols.
    """
    path = config.state
    if path is None or not path.exists():
        return None
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_File)
        live = LiveExchange.restore(b64decode(content.core, validate=True))
    except OSError as error:
        raise StoreError(f"state file {path}: {error}") from error
    except (ValueError, DataError, msgspec.MsgspecError) as error:
        raise StoreError(
            f"state file {path} is torn or no venue's state: {error}. Start without --state, or from a copy"
        ) from error
    if content.version != VERSION:
        raise StoreError(f"state file {path}: version {content.version}, expected {VERSION}")
    grids = [(each.symbol, each.terms.tick, each.terms.lot) for each in config.listings()]
    known = [each.listed for each in content.perpetuals]
    if known != grids:
        listed, wanted = ("; ".join(map(" ".join, each)) for each in (known, grids))
        raise StoreError(f"state file {path} lists (symbol tick lot) {listed}, not {wanted}")
    return Saved(content.now, live, content)
