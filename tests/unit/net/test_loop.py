"""The loop that `run` makes, and a socket that is written to at once."""

import asyncio
import socket

import uvloop
from tests.unit.net.servers import answering

from alipes.net.loop import run
from alipes.net.tcp import connected_socket


def test_the_loop_is_uvloops_and_the_policy_stays():
    policy = asyncio.get_event_loop_policy()

    async def main():
        return asyncio.get_running_loop()

    assert isinstance(run(main()), uvloop.Loop)
    assert asyncio.get_event_loop_policy() is policy


def test_without_uvloop_the_loop_is_asyncios(monkeypatch):
    monkeypatch.setattr("alipes.net.loop.find_spec", lambda name: None)

    async def main():
        return asyncio.get_running_loop()

    assert not isinstance(run(main()), uvloop.Loop)


def test_small_writes_are_not_held_back_by_the_kernel():
    async def connected(reader, writer):
        await reader.read()
        writer.close()

    async def main():
        async with answering(connected) as port:
            with await connected_socket("localhost", port) as sock:
                return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert run(main()) != 0
