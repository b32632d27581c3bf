"""One ccxt session per account: deadlines, the venue's clock, what left and what came back, no keys in sight.

Orders and private reads of the account go through it, and the market data of `feeds/` that need no own
decoder. It judges nothing: `once` gives the facts of a failure, and only `read` tries again.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from decimal import localcontext
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import structlog

from alipes.clock import SystemClock
from alipes.config import nearest
from alipes.errors import AuthError, ConfigError, ConnectivityError, RateLimitedError, VenueError
from alipes.net.endpoints import original, relocate
from alipes.net.evidence import Evidence, UnreadableReplyError, evidence_of
from alipes.net.pacing import Pacer, Urgency
from alipes.net.secrets import Scrubber
from alipes.net.streams import end_on_unreadable
from alipes.net.wire import Wire, attached, current, trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.clock import Clock
    from alipes.net.secrets import Credentials

Environment = Literal["production", "testnet", "demo"]

READ_ATTEMPTS = 3
"""How often a read is tried while the network fails."""
FIRST_RETRY_S = 0.2
"""Time before the second attempt of a read, seconds; each later one waits twice as long."""
RETRY_AFTER_S = {429: 10.0, 418: 120.0}
"""How long nothing is sent after such a status where the venue does not say, in seconds."""
CLOCK_SAMPLES = 3
"""Questions for the venue's time per estimate; the one with the shortest way there and back counts."""
_TRANSIENT = frozenset({"OperationFailed", "TimeoutError", "ClientError", "UnreadableReplyError"})
_RATES = frozenset({"DDoSProtection", "RateLimitExceeded"})
_NS = 1_000_000_000

_VENUE_OPTIONS: dict[str, dict[str, Any]] = {
    "binance": {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"},
    "binanceusdm": {"fetchMarkets": {"types": ["linear"]}},
}
"""What each venue's session loads and trades."""
_BURSTS = {"binance": 200.0, "binanceusdm": 200.0}
"""Weight that may be spent at once: Binance counts by the minute (6,000 and 2,400); others by the second."""
_ORDER_BUDGETS = {"binance": (125.0, 20.0), "binanceusdm": (56.0, 100.0)}
"""Time per order, ms, and orders at once, where the venue counts orders by themselves. Binance allows 100 in
10 s on spot, and on USD-M 300 in 10 s and 1,200 in a minute; ccxt's weights would let 5 a second go there."""
_ASKED_FIRST = {"bybit": "is_unified_enabled"}
"""What ccxt would otherwise ask in the middle of the first order."""


class CcxtSession:
    """A venue as one account sees it.

    Args:
        account: Name of the account, for errors.
        venue: ccxt's id of the venue.
        credentials: Keys; None for public data only.
        environment: ``production``, ``testnet`` or ``demo``, where the venue has such.
        endpoints: ``scheme://host[:port]`` to use instead of the venue's, by the venue's
            ``scheme://host`` or by scheme alone (``{"https": "http://127.0.0.1:8080", "wss": ...}``).
            With it, an address that is not replaced is an error: no key may reach the real venue by mistake.
        timeout_s: Longest silence of a connection, seconds.
        deadline_s: Longest time for one request, waiting for its turn included, seconds.
        recv_window_ms: How late the venue may take a request, where it has such a rule, ms.
        keep_alive_s: Time between pings of a stream, seconds; two without an answer end it.
        markets: Unified market structures to use; None asks the venue.
        clock: Where time is read.

    Attributes:
        account: As given.
        venue: As given.
        deadline_s: As given.
        recv_window_ms: As given.
        clock_offset_ns: Venue time minus ours, ns; 0 until measured.
        pacer: Turns within the venue's rate limit.
        order_pacer: The same of orders and amends; another one where the venue counts those by themselves.
        exchange: The ccxt object; only `alipes.net` and the connectors built on it touch it.
        scrub: Takes the account's secrets out of text.

    Raises:
        ConfigError: ccxt does not know the venue, it has no such environment, or an address is not replaced.
    """

    def __init__(
        self,
        *,
        account: str,
        venue: str,
        credentials: Credentials | None = None,
        environment: Environment = "production",
        endpoints: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
        deadline_s: float = 15.0,
        recv_window_ms: int = 5000,
        keep_alive_s: float = 15.0,
        markets: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.account = account
        self.venue = venue
        self.deadline_s = deadline_s
        self.recv_window_ms = recv_window_ms
        self.clock_offset_ns = 0
        self.scrub = Scrubber(credentials)
        self._clock = clock or SystemClock()
        self._blocked_until = 0
        self._blocked_status = 0
        self._http: aiohttp.ClientSession | None = None
        self._is_syncing = False
        self.exchange = _exchange(venue, environment, timeout_s, recv_window_ms, keep_alive_s)
        if endpoints is not None:
            _read_errors_as_at_the_venue(self.exchange, relocate(self.exchange.urls, endpoints))
        if markets is not None:
            self.exchange.set_markets(markets)
        if credentials is not None:
            self.exchange.apiKey = credentials.api_key.reveal()
            self.exchange.secret = credentials.secret.reveal()
            if credentials.password is not None:
                self.exchange.password = credentials.password.reveal()
        self.exchange.on_rest_response = self._answered
        self.pacer, self.order_pacer = _pacers(venue, float(self.exchange.rateLimit))
        self.exchange.throttle = self._paced

    def __repr__(self) -> str:
        return f"CcxtSession({self.account}, {self.venue})"

    @property
    def is_open(self) -> bool:
        """Whether it has been opened and not been closed."""
        return self._http is not None

    async def open(self) -> None:
        """Opens the HTTP session, loads the markets and measures the venue's clock.

        Raises:
            VenueError: The venue did not answer, or refused.
        """
        exchange = self.exchange
        exchange.open()
        connector = aiohttp.TCPConnector(ssl=exchange.ssl_context, happy_eyeballs_delay=0)
        self._http = aiohttp.ClientSession(connector=connector, trace_configs=[trace()])
        exchange.session = self._http
        await self.read("load_markets")
        await self.sync_clock()
        if self.venue in _ASKED_FIRST and exchange.apiKey:
            await self.read(_ASKED_FIRST[self.venue])

    async def close(self) -> None:
        """Closes every connection; requests under way end as unknown."""
        exchange = self.exchange
        exchange.timeout_on_exit = 0
        await exchange.close()
        if self._http is not None:
            await self._http.close()
            self._http = None

    # Requests

    def blocked(self, *, is_cancel: bool = False) -> str | None:
        """Why nothing may be sent now, after the venue asked us to slow down; None if it may.

        Args:
            is_cancel: Whether it is a cancel: only a ban (418) stops those.
        """
        left = (self._blocked_until - self._clock.monotonic()) / _NS
        if left <= 0 or (is_cancel and self._blocked_status != 418):
            return None
        return f"the venue answered {self._blocked_status}: nothing is sent for another {left:.1f} s"

    def pause(self, status: int = 429, headers: Mapping[str, str] | None = None) -> None:
        """Holds back what the venue asked us to hold back, for as long as it said.

        Args:
            status: Its answer: 429 asks for a pause, 418 is a ban.
            headers: The answer's, for ``Retry-After``.
        """
        seconds = _seconds(headers or {}, RETRY_AFTER_S[status])
        until = self._clock.monotonic() + int(seconds * _NS)
        if until > self._blocked_until:
            self._blocked_until, self._blocked_status = until, status

    async def once(self, wire: Wire, method: str, *args: Any) -> tuple[Any, Evidence | None]:
        """One call, never repeated.

        Args:
            wire: Its report; also right when this coroutine is cancelled.
            method: Name of ccxt's method.
            args: Its arguments.

        Returns:
            What ccxt returned, and None; or None and the facts of the failure.
        """
        if self._http is None or self.exchange.session is not self._http:
            return None, Evidence(("NotOpen",), is_sent=False, message="the session is not open")
        with attached(wire), localcontext():  # ccxt changes the rounding of the decimal context
            try:
                async with asyncio.timeout(self.deadline_s):
                    return await getattr(self.exchange, method)(*args), None
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told as facts
                return None, evidence_of(error, wire, self.scrub)

    async def read(
        self, method: str, *args: Any, absent: str | None = None, begins: str = "", is_cancel: bool = False
    ) -> Any:
        """A call that changes nothing, or may be repeated, tried again while the network fails.

        Args:
            method: Name of ccxt's method.
            args: Its arguments.
            absent: Name of the exception that means that what was asked for is not there: None is returned.
            begins: First character that the answer must have.
            is_cancel: Whether it cancels orders: then only a ban stops it, not the venue's wish for a pause.

        Raises:
            ConnectivityError: The network failed every time, or the answers were unreadable.
            RateLimitedError: The venue asks us to slow down.
            AuthError: Key, signature or permission refused.
            VenueError: Any other refusal.
        """
        evidence = Evidence(("ConnectivityError",))
        for attempt in range(READ_ATTEMPTS):
            if attempt:
                await asyncio.sleep(FIRST_RETRY_S * 2 ** (attempt - 1))
            blocked = self.blocked(is_cancel=is_cancel)
            if blocked is not None:
                raise RateLimitedError(f"{self.account}: {method}: {blocked}")
            wire = Wire(is_order=False, urgency=Urgency.CANCEL if is_cancel else Urgency.READ)
            value, failure = await self.once(wire, method, *args)
            is_as_asked = wire.is_readable and wire.body.startswith(begins)
            if failure is None and is_as_asked:
                return value
            if failure is None or (wire.status == 200 and not is_as_asked):  # ccxt may have stumbled over it
                unreadable = UnreadableReplyError("the reply is not what was asked for")
                failure = evidence_of(unreadable, wire, self.scrub)
            evidence = failure
            if absent is not None and absent in evidence.raised:
                return None
            if "InvalidNonce" in evidence.raised and method != "fetch_time":
                await self.sync_clock()
            elif not _is_transient(evidence):
                break
        raise _error_of(evidence)(f"{self.account}: {method}: {evidence}")

    # Time

    def now(self) -> int:
        """Our time, int ns UTC."""
        return self._clock.now()

    async def sync_clock(self) -> None:
        """Measures the venue's clock anew, so that requests carry its time.

        Raises:
            VenueError: The venue did not answer.
        """
        if not self.exchange.has.get("fetchTime"):
            return
        best: tuple[int, int] | None = None
        failure: Evidence | None = None
        for _ in range(CLOCK_SAMPLES):
            wire = Wire(is_order=False)
            server_ms, failed = await self.once(wire, "fetch_time")
            if failed is not None or wire.sent_at is None or wire.answered_at is None:
                failure = failed
                continue
            took = wire.answered_at - wire.sent_at
            middle = self._clock.now() - (time.monotonic_ns() - wire.answered_at) - took // 2
            if best is None or took < best[0]:
                best = took, server_ms * 1_000_000 - middle
        if best is None:
            raise _error_of(failure)(f"{self.account}: fetch_time: {failure or 'no request was made'}")
        self.clock_offset_ns = best[1]
        self.exchange.options["timeDifference"] = round(-best[1] / 1_000_000)

    async def resync(self) -> None:
        """Measures the venue's clock anew unless that is under way; a failure leaves the old value."""
        if self._is_syncing:
            return
        self._is_syncing = True
        try:
            await self.sync_clock()
        except VenueError as error:
            structlog.get_logger("alipes").warning("venue clock not measured", error=str(error))
        finally:
            self._is_syncing = False

    async def _paced(self, cost: float | None = None) -> None:
        wire = current()
        urgency = Urgency.READ if wire is None else wire.urgency
        if urgency is Urgency.ORDER and self.order_pacer is not self.pacer:
            await self.order_pacer.turn(1.0, urgency)
        else:
            await self.pacer.turn(1.0 if cost is None else float(cost), urgency)

    def _answered(
        self, status: int, _reason: str, _url: str, _method: str, headers: Any, body: str, *_sent: Any
    ) -> str:
        body = body.strip()
        wire = current()
        if wire is not None:
            wire.answered(status, body)
        if status in RETRY_AFTER_S:
            self.pause(status, headers)
        return body


def _exchange(
    venue: str, environment: Environment, timeout_s: float, recv_window_ms: int, keep_alive_s: float
) -> Any:
    """A ccxt object without keys, session or log."""
    kinds = importlib.import_module("ccxt.pro")
    if venue not in kinds.exchanges:
        raise ConfigError(f"venue {venue!r}: ccxt has no streams for it{nearest(venue, kinds.exchanges)}")
    exchange = getattr(kinds, venue)(
        {
            "timeout": round(timeout_s * 1000),
            "enableRateLimit": True,
            "maxRetriesOnFailure": 0,
            "streaming": {"keepAlive": round(keep_alive_s * 1000)},
            "options": {
                "maxRetriesOnFailure": 0,
                "adjustForTimeDifference": False,  # `sync_clock` measures better, and again when it is needed
                "recvWindow": recv_window_ms,
                "fetchCurrencies": False,
                "warnOnFetchOpenOrdersWithoutSymbol": False,
                "watchPositions": {"fetchPositionsSnapshot": False},
                **_VENUE_OPTIONS.get(venue, {}),
            },
        }
    )
    end_on_unreadable(exchange)
    exchange.own_session = False
    exchange.verbose = False
    exchange.logger = logging.Logger("silent")  # noqa: LOG001 - ccxt logs headers and bodies, keys included
    exchange.logger.disabled = True
    try:
        if environment == "testnet":
            exchange.set_sandbox_mode(True)
        elif environment == "demo":
            exchange.enable_demo_trading(True)  # noqa: FBT003 - ccxt's signature
    except Exception as error:  # noqa: BLE001 - ccxt has several for it
        raise ConfigError(f"venue {venue!r} has no environment {environment!r}: {error}") from None
    return exchange


def _pacers(venue: str, ms_per_token: float) -> tuple[Pacer, Pacer]:
    """Of requests and of orders; one and the same where the venue counts them together."""
    pacer = Pacer(ms_per_token=ms_per_token, burst=_BURSTS.get(venue, 1.0))
    if venue not in _ORDER_BUDGETS:
        return pacer, pacer
    ms_per_order, orders = _ORDER_BUDGETS[venue]
    return pacer, Pacer(ms_per_token=ms_per_order, burst=orders)


def _read_errors_as_at_the_venue(exchange: Any, moved: Mapping[str, str]) -> None:
    handle = exchange.handle_errors

    def handle_errors(status: int, reason: str, url: str, *more: Any) -> Any:
        return handle(status, reason, original(url, moved), *more)

    exchange.handle_errors = handle_errors


def _is_transient(evidence: Evidence) -> bool:
    if _RATES & set(evidence.raised):
        return False
    return bool(_TRANSIENT & {*evidence.raised, *evidence.causes})


def _error_of(evidence: Evidence | None) -> type[VenueError]:
    if evidence is None:
        return VenueError
    if _RATES & set(evidence.raised):
        return RateLimitedError
    if "AuthenticationError" in evidence.raised:
        return AuthError
    return ConnectivityError if _is_transient(evidence) else VenueError


def _seconds(headers: Any, default: float) -> float:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(given) if given.strip().isdigit() else default
