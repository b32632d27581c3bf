"""Sockets: connected over all addresses of a host, and written to at once.

Both are done here because the event loops differ: uvloop tries one address after the other, and writes only
when the running callback has returned.
"""

from __future__ import annotations

import asyncio
import socket

from aiohappyeyeballs import start_connection

_NEXT_ADDRESS_S = 0.25


async def connected_socket(host: str, port: int) -> socket.socket:
    """A connected socket that holds back no small writes.

    Raises:
        OSError: The host has no address, or nobody answers there.
    """
    loop = asyncio.get_running_loop()
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    sock = await start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_S, interleave=1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class SocketWriter:
    """Writes to a socket before it returns; what the socket does not take waits in the transport.

    Args:
        sock: Its socket.
        transport: The transport; one with TLS gets everything.
    """

    __slots__ = ("_sock", "_transport")

    def __init__(self, sock: socket.socket, transport: asyncio.Transport) -> None:
        self._sock = None if transport.get_extra_info("ssl_object") else sock
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Writes all of it, now or as soon as the socket takes it."""
        if self._sock is not None and not self._transport.get_write_buffer_size():
            try:
                sent = self._sock.send(data)
            except OSError:  # the transport finds the same, and knows what it means
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        self._transport.write(data)
