"""A WebSocket server for the benchmarks, in a process of its own.

Prints its port. A message of digits is answered by that many messages of 200 bytes in as few writes as the
socket takes; any other message is sent back.
"""

import asyncio
import contextlib

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

BATCH = 50
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


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
