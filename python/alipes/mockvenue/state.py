"""The state file: accounts, orders, positions and ledgers over a restart of the venue.

One JSON object: what belongs to the venue, and the matching core's own bytes. The market is not in it: a
synthetic one begins anew, and resting orders meet it as they would meet any jump of the price.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from alipes._core import LiveExchange
from alipes.errors import StoreError
from alipes.mockvenue.auth import ApiKey  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from pathlib import Path

    from alipes.mockvenue.accounts import Accounts
    from alipes.mockvenue.config import VenueConfig
    from alipes.mockvenue.exchange import Exchange

VERSION: Final = 1


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds."""

    version: int
    symbols: list[str]
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
        symbols=[listing.symbol for listing in exchange.listings],
        now=exchange.now,
        keys=keys,
        opened={key.account: accounts.updated_ms(key.account) * 1_000_000 for key in keys},
        leverage=accounts.leverages(),
        made_ids=accounts.made_ids,
        core=b64encode(exchange.live.state()).decode(),
    )
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
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
        if content.version != VERSION:
            raise StoreError(f"state file {path}: version {content.version}, expected {VERSION}")
        live = LiveExchange.restore(b64decode(content.core))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise StoreError(f"state file {path}: {error}") from error
    if content.symbols != list(config.symbols):
        raise StoreError(
            f"state file {path} lists {', '.join(content.symbols)}, not {', '.join(config.symbols)}"
        )
    return Saved(content.now, live, content)
