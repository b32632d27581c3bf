"""The account's streams through ccxt.pro, without lost wake-ups.

A ``watch_*`` call wakes only for the next message, conflates orders and evicts trades; so nothing here reads
what it returns. The caches that ccxt appends every parsed order and trade to are ours and report each append.
A watch is kept pending for each stream only to subscribe and to dial again. An exception in ccxt's handler
would end its receive loop unnoticed: it is caught, counted, and answered by a reconciliation, as is every
connection that comes back.
"""

from __future__ import annotations

import asyncio
import importlib
from decimal import localcontext
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from alipes.net.ccxt_session import CcxtSession

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
"""Pauses between attempts to watch again; ccxt adds its own between failed dials of one address."""
CACHED = 1000
"""Entries that ccxt keeps per cache, its own default."""
_CACHES = ("orders", "triggerOrders", "myTrades")
_PRIVATE = ("order", "mytrades", "owntrades", "openorders", "user", "executions")

Structure = dict[str, Any]


class PrivateStreams:
    """Order and trade updates of one account.

    Args:
        session: The account's session, open.
        on_order: Called with every order structure, as it arrives.
        on_trade: Called with every trade structure of the account, as it arrives.
        on_gap: Called when something may have been missed: ask the venue.

    Attributes:
        faults: How often ccxt's handler raised.
        drops: How often a stream broke.
        last_message: Our time of the last private message, int ns UTC; 0 before the first.
        came_up: Set when a private connection is up for the first time.
    """

    def __init__(
        self,
        *,
        session: CcxtSession,
        on_order: Callable[[Structure], None],
        on_trade: Callable[[Structure], None],
        on_gap: Callable[[], None],
    ) -> None:
        self.faults = 0
        self.drops = 0
        self.last_message = 0
        self.came_up = asyncio.Event()
        self._session = session
        self._on_order, self._on_trade, self._on_gap = on_order, on_trade, on_gap
        self._is_closing = False
        self._log = structlog.get_logger("alipes").bind(account=session.account)
        self._hook()

    def watches(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """Name and coroutine of each stream to keep; they end when they are cancelled or after `close`."""
        has = self._session.exchange.has
        methods = {"watchOrders": "watch_orders", "watchMyTrades": "watch_my_trades"}
        return [(method, self._keep(method)) for name, method in methods.items() if has.get(name)]

    def close(self) -> None:
        """Lets the streams end with their next message or error."""
        self._is_closing = True

    async def _keep(self, method: str) -> None:
        pause = FIRST_PAUSE_S
        while not self._is_closing:
            try:
                await getattr(self._session.exchange, method)()
                pause = FIRST_PAUSE_S
                continue
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if self._is_closing or task is None or task.cancelling():
                    raise
                reason = "closed"  # ccxt rejects its watchers so when a client closes
            except Exception as error:  # noqa: BLE001 - whatever it is, the stream is dialled again
                reason = f"{type(error).__name__}: {self._session.scrub(str(error))}"
            if self._is_closing:
                return
            self.drops += 1
            self._log.warning("private stream broken", stream=method, reason=reason, again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    # ccxt's seams

    def _hook(self) -> None:
        exchange = self._session.exchange
        caches = importlib.import_module("ccxt.async_support.base.ws.cache")  # late: ccxt is slow to load
        for name in _CACHES:
            is_trades = name == "myTrades"
            keeps_all = is_trades and self._session.venue == "kraken"
            kind = _reporting(caches.ArrayCache if keeps_all else caches.ArrayCacheBySymbolById)
            setattr(exchange, name, kind(CACHED, self._on_trade if is_trades else self._on_order))
        handle, connected = exchange.handle_message, exchange.on_connected

        def handle_message(client: Any, message: Any) -> None:
            with localcontext():  # ccxt changes the rounding of the decimal context
                self._handle(handle, client, message)

        def on_connected(client: Any, message: Any = None) -> None:
            connected(client, message)
            if any(name.lower().startswith(_PRIVATE) for name in client.futures):
                self.came_up.set()
                self._on_gap()

        exchange.handle_message, exchange.on_connected = handle_message, on_connected

    def _handle(self, handle: Callable[[Any, Any], None], client: Any, message: Any) -> None:
        if "listenKey" in client.url or any(name.lower().startswith(_PRIVATE) for name in client.futures):
            self.last_message = self._session.now()
        try:
            handle(client, message)
        except Exception as error:  # noqa: BLE001 - out of here it would end ccxt's receive loop
            self.faults += 1
            self._log.warning("private message not handled", reason=type(error).__name__)
            self._on_gap()
        if isinstance(message, dict) and message.get("e") == "listenKeyExpired":
            self._renew(client)

    def _renew(self, client: Any) -> None:
        """Forgets the key of a stream that the venue has ended, so that the next watch asks for another."""
        options = self._session.exchange.options
        for name in ("linear", "inverse"):
            if isinstance(options.get(name), dict):
                options[name] = {**options[name], "listenKey": None, "lastAuthenticatedTime": 0}
        client.on_error(ConnectionError("the listen key has expired"))


def _reporting(base: type) -> Any:
    """A cache of ccxt's that reports every append."""

    class Reporting(base):  # type: ignore[misc]
        def __init__(self, size: int, report: Callable[[Structure], None]) -> None:
            super().__init__(size)
            self._report = report

        def append(self, item: Structure) -> None:
            super().append(item)
            self._report(item)

    return Reporting
