"""A stream of ccxt's that meets a message nobody can read is broken, and says so.

ccxt reads a connection in a loop that ends, unseen, with the first exception: a message cut off on its way is
enough, and nothing is heard until two pings went unanswered. Here such a message ends its connection, and
watchers are told at once and dial again.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet


def end_on_unreadable(exchange: Any) -> None:
    """Ends a connection of `exchange` at the first message that cannot be taken.

    Args:
        exchange: A ccxt object with streams that has no connection yet.
    """
    made: WeakSet[Any] = WeakSet()
    client_of = exchange.client

    def client(url: str) -> Any:
        found = client_of(url)
        if found not in made:
            made.add(found)
            found.handle_message = _taking(found)
        return found

    exchange.client = client


def _taking(client: Any) -> Any:
    handle = client.handle_message

    def handle_message(message: Any) -> None:
        try:
            handle(message)
        except Exception as error:  # noqa: BLE001 - out of here it would end the loop and nothing else
            client.on_error(error)

    return handle_message
