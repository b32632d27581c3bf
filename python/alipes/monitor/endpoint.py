"""``/metrics`` over HTTP, on the loopback interface only, from a thread of its own.

The page is `prometheus_client`'s. It shows the last reading that was given and never asks the engine for one,
so an engine that hangs is seen by its old heartbeat.
"""

from __future__ import annotations

import socketserver
import sys
import threading
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import structlog
from prometheus_client import CollectorRegistry, MetricsHandler

from alipes.errors import ConfigError
from alipes.monitor.collector import ReadingCollector

if TYPE_CHECKING:
    from types import TracebackType

    from alipes.monitor.metrics import Reading

HOST = "127.0.0.1"
IDLE_S = 60.0
"""A connection that says nothing for so long is closed."""
_NAMES = frozenset({HOST, "localhost"})


class Endpoint:
    """Serves readings until it is closed; a context manager.

    Args:
        port: TCP port, 0 for a free one.

    Attributes:
        url: Where it is.

    Raises:
        ConfigError: The port is in use, or may not be used.
    """

    def __init__(self, port: int = 0) -> None:
        self._collector = ReadingCollector()
        registry = CollectorRegistry()
        registry.register(self._collector)
        try:
            self._server = _Server((HOST, port), _Handler.factory(registry))
        except OSError as error:
            raise ConfigError(
                f"[monitor] metrics_port = {port}: {HOST}:{port} cannot be listened on: {error.strerror};"
                " choose another port, 0 for a free one, or metrics = false for no endpoint"
            ) from error
        self.url = f"http://{HOST}:{self._server.server_port}/metrics"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True
        )
        self._thread.start()

    def show(self, reading: Reading) -> None:
        """Replaces what is shown; the reading must not be changed after."""
        self._collector.reading = reading

    def close(self) -> None:
        """Stops serving and frees the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Binds without asking DNS for the name of the machine, which `http.server` does."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - of `socketserver`
        """Logs a page that could not be made; a client that went away in the middle is no news."""
        error = sys.exception()
        if not isinstance(error, OSError):
            what = f"{type(error).__name__}: {error}"
            structlog.get_logger("alipes").warning("metrics not served", error=what)


class _Handler(MetricsHandler):
    timeout = IDLE_S
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(explain)s\n"

    def do_GET(self) -> None:  # noqa: N802 - of `http.server`
        """Answers at ``/metrics``, to those who call this machine by a loopback name.

        A page in a browser can reach a loopback port through a name of its own that it lets point there; then
        that name is in ``Host``.
        """
        host = self.headers.get("Host", HOST).rsplit(":", 1)[0]
        if host not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, explain=f"host {host!r}: expected {HOST} or localhost")
        elif self.path.partition("?")[0] != "/metrics":
            self.send_error(HTTPStatus.NOT_FOUND, explain="there is /metrics only")
        else:
            super().do_GET()
