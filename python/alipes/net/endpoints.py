"""Other addresses for a venue's: a local venue stands in for the real one, all of it or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORIGIN = re.compile(r"([a-z]+)://[^/?]+")


def relocate(urls: dict[str, Any], endpoints: Mapping[str, str]) -> dict[str, str]:
    """Replaces scheme and host of every API address, in place; paths stay.

    Args:
        urls: ccxt's ``urls`` of one exchange.
        endpoints: New ``scheme://host[:port]`` by the old one, or by the old scheme alone.

    Returns:
        The old address of each new one.

    Raises:
        ConfigError: An address has no replacement.
    """
    moved: dict[str, str] = {}
    urls["api"] = _relocated(urls["api"], endpoints, moved)
    return moved


def original(url: str, moved: Mapping[str, str]) -> str:
    """A request's URL as it would be at the venue: ccxt reads errors by it."""
    new = max((each for each in moved if url.startswith(each)), key=len, default=None)
    return url if new is None else moved[new] + url[len(new) :]


def _relocated(address: Any, endpoints: Mapping[str, str], moved: dict[str, str]) -> Any:
    if isinstance(address, dict):
        return {name: _relocated(each, endpoints, moved) for name, each in address.items()}
    if not isinstance(address, str):
        return address
    match = _ORIGIN.match(address)
    if match is None:
        raise ConfigError(f"{address!r} is no address: expected scheme://host/path")
    origin = endpoints.get(match.group(0)) or endpoints.get(match.group(1))
    if origin is None:
        raise ConfigError(
            f"endpoints have no replacement for {match.group(0)}: name it, or the scheme {match.group(1)!r}"
        )
    new = origin.rstrip("/") + address[match.end() :]
    moved[new] = address
    return new
