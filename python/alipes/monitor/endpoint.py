"""``/metrics`` over HTTP, on the loopback interface only, from a thread of its own.

It shows the last reading that it was given and never asks the engine for one, so an engine that hangs is seen
by its old heartbeat.
"""

from __future__ import annotations

import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from alipes.errors import ConfigError
from alipes.monitor.exposition import CONTENT_TYPE, page
from alipes.monitor.metrics import Reading

if TYPE_CHECKING:
    from types import TracebackType

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
        try:
            self._server = _Server(port)
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
        self._server.reading = reading

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
    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.reading = Reading()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Binds without asking DNS for the name of the machine, which `http.server` does."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Lets a client that went away in the middle go: nobody is left to tell."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S

    def do_GET(self) -> None:
        """Answers at ``/metrics``, to those who call this machine by a loopback name.

        A page in a browser can reach a loopback port through a name of its own that it lets point there; then
        that name is in ``Host``.
        """
        host = self.headers.get("Host", HOST).rsplit(":", 1)[0]
        if host not in _NAMES:
            self._answer(HTTPStatus.FORBIDDEN, f"host {host!r}: expected {HOST} or localhost\n".encode())
        elif self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, b"there is /metrics only\n")
        else:
            self._answer(HTTPStatus.OK, page(self.server.reading))

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: scrapes are no news."""
