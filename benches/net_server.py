"""A server for the benchmarks, in a process of its own: WebSocket, or HTTP with the argument ``http``.

Prints its port. A message of digits is answered by that many messages of 200 bytes in as few writes as the
socket takes; any other message is sent back. An HTTP request is answered by 300 bytes.
"""

import asyncio
import contextlib
import sys

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

BATCH = 50
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"{}".ljust(300)
MESSAGES = Frame(Opcode.TEXT, b'{"e":"bookTicker"}'.ljust(200)).serialize(mask=False) * BATCH


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    protocol = ServerProtocol()
    while data := await reader.read(65_536):
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                protocol.send_response(protocol.accept(event))
            elif event.opcode is Opcode.TEXT and bytes(event.data).isdigit():
                for _ in range(int(event.data) // BATCH):
                    writer.write(MESSAGES)
                    await writer.drain()
            elif event.opcode is Opcode.TEXT:
                protocol.send_text(event.data)
        for out in protocol.data_to_send():
            if out:
                writer.write(out)
    writer.close()


async def serve_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
    writer.close()


async def main() -> None:
    kind = serve_http if sys.argv[1:] == ["http"] else serve
    server = await asyncio.start_server(kind, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
