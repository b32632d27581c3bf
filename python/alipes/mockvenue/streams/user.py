"""User data streams: listen keys, and what an account is told of its orders, balances and positions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from alipes.mockvenue.clock import NS_PER_MS, NS_PER_S
from alipes.mockvenue.errors import ApiError

if TYPE_CHECKING:
    from alipes.mockvenue.streams.hub import Hub

VALID_NS: Final = 3600 * NS_PER_S
"""How long a listen key lives without a keep-alive."""


@dataclass(slots=True)
class _ListenKey:
    key: str
    account: int
    until: int


class UserStreams:
    """Listen keys, and the messages to those who listen.

    Args:
        hub: Where messages go; the listen key is the stream's name.
        seed: Of the listen keys.
    """

    def __init__(self, hub: Hub, *, seed: int) -> None:
        self._hub = hub
        self._seed = seed
        self._by_api_key: dict[str, _ListenKey] = {}
        self._made = 0

    def open(self, api_key: str, account: int, now: int) -> str:
        """The listen key of an API key, made if it has none, and good for an hour from now."""
        self.expire(now)
        found = self._by_api_key.get(api_key)
        if found is None:
            self._made += 1
            text = f"{self._seed}:{api_key}:{self._made}"
            found = _ListenKey(hashlib.sha256(text.encode()).hexdigest(), account, 0)
            self._by_api_key[api_key] = found
        found.until = now + VALID_NS
        return found.key

    def keep_alive(self, api_key: str, now: int) -> str:
        """Makes a listen key good for an hour from now.

        Raises:
            ApiError: -1125, the API key has none.
        """
        self.expire(now)
        if api_key not in self._by_api_key:
            raise ApiError(-1125)
        found = self._by_api_key[api_key]
        found.until = now + VALID_NS
        return found.key

    def close(self, api_key: str) -> None:
        """Takes a listen key away; its connections end."""
        found = self._by_api_key.pop(api_key, None)
        if found is not None:
            for subscriber in self._hub.subscribers(found.key):
                subscriber.drop()

    def expire(self, now: int) -> None:
        """Takes away the listen keys that nobody kept alive, and tells their connections."""
        for api_key, found in list(self._by_api_key.items()):
            if found.until <= now:
                message = {"e": "listenKeyExpired", "E": now // NS_PER_MS, "listenKey": found.key}
                self._publish(found.key, message)
                for subscriber in self._hub.subscribers(found.key):
                    self._hub.unsubscribe(subscriber, found.key)
                del self._by_api_key[api_key]

    def is_open(self, listen_key: str) -> bool:
        """Whether there is such a listen key."""
        return any(found.key == listen_key for found in self._by_api_key.values())

    def has_listeners(self, account: int) -> bool:
        """Whether anybody listens to an account."""
        return any(
            found.account == account and self._hub.wants(found.key) for found in self._by_api_key.values()
        )

    def tell(self, account: int, message: dict[str, Any]) -> None:
        """Sends a message to all who listen to an account."""
        for found in self._by_api_key.values():
            if found.account == account:
                self._publish(found.key, message)

    def _publish(self, listen_key: str, message: dict[str, Any]) -> None:
        self._hub.publish(listen_key, lambda: orjson.dumps(message), event=message["e"])
