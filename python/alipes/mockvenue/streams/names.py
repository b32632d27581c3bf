"""Names of market streams, and which of the venue's three paths carries each.

Since 2026-04-23 a stream is pushed on its own path only. On another path, or on the withdrawn ones without
one, the venue accepts the subscription and stays silent; so does this one.
"""

from __future__ import annotations

import re
from typing import Final

PUBLIC: Final = frozenset({"depth", "bookTicker", "trade"})
"""Channels of ``/public``; all others are of ``/market``."""
_INTERVAL: Final = "(1m|3m|5m|15m|30m|1h|2h|4h|6h|8h|12h|1d|3d|1w)"
_CHANNELS: Final = (
    r"depth(5|10|20)?(@(100|250|500)ms)?",
    r"bookTicker",
    r"trade",
    r"aggTrade",
    rf"kline_{_INTERVAL}",
    r"markPrice(@1s)?",
    r"ticker",
    r"miniTicker",
)
_OF_SYMBOL: Final = re.compile(rf"^(?P<symbol>[a-z0-9]+)@(?P<channel>{'|'.join(_CHANNELS)})$")
_OF_ALL: Final = re.compile(r"^!(bookTicker|ticker@arr|miniTicker@arr|markPrice@arr(@1s)?)$")


def path_of(stream: str, symbols: frozenset[str]) -> str | None:
    """The path that carries a stream.

    Args:
        stream: Its name, such as ``btcusdt@depth@100ms``.
        symbols: Ids of the listed symbols, lower case.

    Returns:
        ``"public"`` or ``"market"``; `None` where there is no such stream.
    """
    if stream.startswith("!"):
        return _path(stream[1:]) if _OF_ALL.match(stream) else None
    found = _OF_SYMBOL.match(stream)
    if found is None or found["symbol"] not in symbols:
        return None
    return _path(found["channel"])


def _path(channel: str) -> str:
    word = re.split(r"[@_0-9]", channel, maxsplit=1)[0]
    return "public" if word in PUBLIC else "market"
