"""The venue as servers: REST, streams and WebSocket API on one port, control on another, and the pace."""

from __future__ import annotations

import asyncio
import os
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from aiohttp import web

from alipes.errors import InputError
from alipes.mockvenue import state
from alipes.mockvenue.auth import read_pairs
from alipes.mockvenue.call import Call, Parameters, Reply
from alipes.mockvenue.clock import NS_PER_MS, NS_PER_S, RunningClock, SteppedClock
from alipes.mockvenue.config import START_NS
from alipes.mockvenue.control import control_app
from alipes.mockvenue.dispatch import Dispatcher
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.exchange import Exchange
from alipes.mockvenue.faults import Faults
from alipes.mockvenue.hooks import DropConnection, Hooks
from alipes.mockvenue.streams.connection import StreamConnection
from alipes.mockvenue.streams.hub import Hub
from alipes.mockvenue.wsapi import ApiSession

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from aiohttp.typedefs import Handler

    from alipes.mockvenue.auth import ApiKey
    from alipes.mockvenue.config import VenueConfig

LOOPBACK: Final = "127.0.0.1"
SLICE_NS: Final = 50 * NS_PER_MS
"""Venue time played at once when the market is behind, so that requests are not kept waiting."""
MOST_IDLE_S: Final = 0.05
CLOSE_S: Final = 0.5
_KINDS: Final = ("public", "market", "private")


class VenueServer:
    """A venue that listens. Use it as an async context manager, or `start` and `stop` it.

    Args:
        config: What to serve.
        hooks: Where faults are put in; by default switches, all of them off.

    Attributes:
        exchange: The venue behind the protocol.
        key: API key of the first account.

    Raises:
        InputError: A part of the config is refused.
        StoreError: The state file is torn or of another venue.
    """

    def __init__(self, config: VenueConfig, hooks: Hooks | None = None) -> None:
        self.config = config
        self.hooks = Faults(seed=config.seed) if hooks is None else hooks
        self.hub = Hub(self.hooks)
        saved = state.load(config) if config.state is not None else None
        start_ns = config.start_ns if saved is None or not config.is_stepped else saved.now
        self.clock: RunningClock | SteppedClock
        if config.is_stepped:
            self.clock = SteppedClock(start_ns=START_NS if start_ns is None else start_ns)
        else:
            self.clock = RunningClock(start_ns=start_ns, speed=config.speed)
        now = self.clock.now_ns()
        if saved is None:
            self.exchange = Exchange(config, self.hub, start_ns=now)
            self.key: ApiKey = self.exchange.accounts.open()
        else:
            self.exchange = Exchange(config, self.hub, start_ns=max(now, saved.now), saved=saved)
            self.key = saved.adopt_keys(self.exchange.accounts)
        self.dispatcher = Dispatcher(self.exchange, self.clock, self.hooks)
        self._symbols = frozenset(market.stream_id for market in self.exchange.markets)
        self._runners: list[web.AppRunner] = []
        self._shut = 0
        self._busy: set[asyncio.Transport] = set()
        self._pump: asyncio.Task[None] | None = None
        self._ports: list[int] = []

    async def start(self) -> None:
        """Listens, and lets the market run.

        Raises:
            InputError: A port cannot be listened on.
        """
        app = web.Application(middlewares=[self._note])
        app.router.add_route("GET", "/ws-fapi/v1", self._ws_api)
        for prefix in ("", *(f"/{kind}" for kind in _KINDS)):
            app.router.add_route("GET", prefix + "/stream", self._stream)
            app.router.add_route("GET", prefix + "/ws", self._stream)
            app.router.add_route("GET", prefix + "/ws/{streams:.+}", self._stream)
        app.router.add_route("*", "/{path:.*}", self._rest)
        await self._listen(app, self.config.host, self.config.port)
        await self._listen(control_app(self), LOOPBACK, self.config.control_port)
        self.hooks.opened(self)
        if not self.config.is_stepped:
            self._pump = asyncio.create_task(self._run_market(), name="venue market")

    async def stop(self) -> None:
        """Stops listening, and writes the state file if there is one."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        await self.hooks.closed()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        self.save()

    async def shut(self) -> None:
        """Closes the port, and the connections on which no request is under way; streams go on."""
        self._shut += 1
        runner = self._runners[0]
        for site in list(runner.sites):
            await site.stop()
        for connection in runner.server.connections if runner.server is not None else ():
            if connection.transport is not None and connection.transport not in self._busy:
                connection.transport.close()

    async def reopen(self) -> None:
        """Opens the port again, once for each `shut`.

        Raises:
            OSError: Another process has taken it.
        """
        self._shut -= 1
        if not self._shut:
            await web.TCPSite(self._runners[0], self.config.host, self._ports[0]).start()

    def save(self) -> None:
        """Writes the state file, if the config names one, whole or not at all.

        Raises:
            StoreError: It could not be written.
        """
        if self.config.state is not None:
            state.save(self.config.state, self.exchange)

    async def wait_ended(self) -> None:
        """Waits until the market ends, which it does only by an error.

        Raises:
            AlipesError: What ended it.
        """
        if self._pump is None:
            await asyncio.Event().wait()
        else:
            await self._pump

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def faults(self) -> Faults:
        """The switches of its faults.

        Raises:
            InputError: It was given hooks of another kind.
        """
        if not isinstance(self.hooks, Faults):
            raise InputError(f"the venue's hooks are {type(self.hooks).__name__}, which have no switches")
        return self.hooks

    @property
    def address(self) -> str:
        """Host and port of the venue."""
        return f"{self.config.host}:{self._ports[0]}"

    @property
    def control(self) -> str:
        """Address of the control endpoint."""
        return f"http://{LOOPBACK}:{self._ports[1]}"

    def addresses(self) -> dict[str, str]:
        """What a client needs: addresses, key and secret."""
        return {
            "rest": f"http://{self.address}",
            "stream": f"ws://{self.address}",
            "control": self.control,
            "key": self.key.key,
            "secret": self.key.secret,
        }

    def step(self, by_ns: int) -> int:
        """Moves a stepped venue's time and plays its market up to there.

        Raises:
            InputError: The venue is not stepped, or the step is negative.
        """
        if not isinstance(self.clock, SteppedClock):
            raise InputError("time runs by itself at this venue: only one of speed 0 can be stepped")
        now = self.clock.step(by_ns)
        self.exchange.advance(now)
        return now

    async def _listen(self, app: web.Application, host: str, port: int) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_S)
        await runner.setup()
        self._runners.append(runner)
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            for each in self._runners:
                await each.cleanup()
            self._runners.clear()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise InputError(f"port {port} of {host}: {reason}; 0 picks a free one") from error
        self._ports.append(runner.addresses[0][1])

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        if transport is None:
            return await handler(request)
        self._busy.add(transport)
        try:
            return await handler(request)
        finally:
            self._busy.discard(transport)

    async def _run_market(self) -> None:
        exchange = self.exchange
        while True:
            now = self.clock.now_ns()
            exchange.advance(min(now, exchange.now + SLICE_NS))
            if exchange.now < now:
                await asyncio.sleep(0)
                continue
            due = exchange.next_due()
            delay = None if due is None else self.clock.real_delay_s(due)
            await asyncio.sleep(MOST_IDLE_S if delay is None else min(delay, MOST_IDLE_S))

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode(errors="surrogateescape")
        query = request.rel_url.raw_query_string
        call = Call(
            transport="rest",
            method=request.method,
            path=request.path,
            params=Parameters(),
            address=request.remote or "",
            key=request.headers.get("X-MBX-APIKEY"),
        )
        try:
            call.params, call.signature, call.payload = read_pairs(query, body)
        except ApiError as error:
            return self._response(Reply.of_error(error))
        try:
            reply = await self.dispatcher.handle(call)
            return await self._cut(request, reply) if reply.is_cut else self._response(reply)
        except DropConnection:
            return _dropped(request)

    def _response(self, reply: Reply) -> web.Response:
        date = formatdate(self.exchange.now / NS_PER_S, usegmt=True)
        headers = {"Date": date, "Server": "alipes", "Content-Type": "application/json", **reply.headers}
        return web.Response(body=reply.body, status=reply.status, headers=headers)

    async def _cut(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        whole = self._response(reply)
        cut = web.StreamResponse(status=reply.status, headers=whole.headers)
        cut.content_length = len(reply.body)
        await cut.prepare(request)
        await cut.write(reply.body[: len(reply.body) // 2])
        if request.transport is not None:
            request.transport.close()
        return cut

    async def _ws_api(self, request: web.Request) -> web.StreamResponse:
        try:
            await self.hooks.on_connect(request.remote or "", request.path)
        except DropConnection:
            return _dropped(request)
        return await ApiSession(self.dispatcher, self.exchange, request.remote or "").run(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            await self.hooks.on_connect(request.remote or "", request.path)
        except DropConnection:
            return _dropped(request)
        first_part = request.path.split("/")[1]
        kind = first_part if first_part in _KINDS else ""
        query = request.query
        if kind == "private":
            names = [name for name in (query.get("listenKey"), request.match_info.get("streams")) if name]
        else:
            names = [*request.match_info.get("streams", "").split("/"), *query.get("streams", "").split("/")]
        connection = StreamConnection(
            self.hub,
            request,
            kind=kind,
            symbols=self._symbols,
            is_combined=request.path.endswith("/stream"),
            events=frozenset(filter(None, query.get("events", "").split("/"))),
        )
        return await connection.run(request, [name for name in names if name])


def _dropped(request: web.Request) -> web.Response:
    """Ends a connection; the answer goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
