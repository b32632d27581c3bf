"""How an unmodified client is pointed at the venue: only scheme and host of its addresses change."""

from __future__ import annotations

import re
from typing import Any, Final

_ORIGIN: Final = re.compile(r"^(https?|wss?)://[^/]+")


def point(urls: Any, *, rest: str, stream: str) -> Any:
    """Replaces scheme and host of every address in a client's nested mapping.

    Args:
        urls: ccxt's ``exchange.urls["api"]``, or any part of it.
        rest: Address for ``http`` and ``https``, such as ``http://127.0.0.1:8080``.
        stream: Address for ``ws`` and ``wss``.

    Returns:
        The same shape with the new addresses; what is no address is kept.
    """
    if isinstance(urls, dict):
        return {name: point(value, rest=rest, stream=stream) for name, value in urls.items()}
    if isinstance(urls, str):
        return _ORIGIN.sub(lambda found: stream if found[1].startswith("ws") else rest, urls)
    return urls


SNIPPET: Final = """\
import ccxt.pro, re

def at(urls):  # keep every path, replace only scheme and host
    if isinstance(urls, dict):
        return {{name: at(value) for name, value in urls.items()}}
    return re.sub(r"^(http|ws)s?://[^/]+", lambda m: {{"http": "{rest}", "ws": "{stream}"}}[m[1]], urls or "")

exchange = ccxt.pro.binanceusdm({{"apiKey": "{key}", "secret": "{secret}"}})
exchange.urls["api"] = at(exchange.urls["api"])
exchange.exceptions["exact"].update(exchange.exceptions["linear"]["exact"])  # else chosen by the host's name
"""
"""Python that points ccxt at a venue; its fields are those of `VenueServer.addresses`.

ccxt chooses its table of USD-M error codes by the host's name. The last line keeps it, so that errors have
the classes that they have at the real venue; without it some are plain ``ExchangeError``.
"""
