"""Messages and requests, in and out: ours beside aiohttp's and `websockets'`, on both event loops.

    python benches/bench_net.py [rounds]

The server is another process on the same machine. Receiving is a burst of small messages, as in a busy
market; a round trip is one order-like message and its echo. All clients take turns in every round, so that
what disturbs one disturbs all; ratios are to the first of a table. CPU is that of this process.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import uvloop
from net_clients import Aiohttp, AiohttpHttp, Cold, OurHttp, Ours, OursPicows, Websockets
from rich.console import Console
from rich.table import Table

ROUNDS = 60
MESSAGES = 5_000
ORDER = b'{"id":"1","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY"}}'
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
SOCKETS = {"aiohttp": Aiohttp, "websockets": Websockets, "ours, websockets": Ours, "ours, picows": OursPicows}
HTTP = {"aiohttp": AiohttpHttp, "ours": OurHttp}


class Lane:
    """One client on one loop, and its times: seconds of each operation; CPU seconds of a round's mean."""

    def __init__(self, name, client, loop_factory, url):
        self.name = name
        self.client = client
        self.runner = asyncio.Runner(loop_factory=loop_factory)
        self.runner.run(client.open(url))
        self.times = []
        self.cpu = []

    def round(self, asks, operations):
        started = time.process_time()
        self.times += self.runner.run(asks(self.client))
        self.cpu.append((time.process_time() - started) / operations)

    def close(self):
        self.runner.run(self.client.close())
        self.runner.close()


async def burst(client):
    started = time.perf_counter()
    await client.ask(str(MESSAGES).encode(), MESSAGES)
    return [(time.perf_counter() - started) / MESSAGES]


async def trips(ask, count, client):
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await ask(client)
        times.append(time.perf_counter() - started)
    return times


def order(client):
    return client.ask(ORDER, 1)


def request(client):
    return client.ask()


def measured(url, clients, asks, *, operations, rounds):
    """The lanes of all clients on both loops, after `rounds` rounds in turns and some to warm up."""
    lanes = [
        Lane(f"{name}, {loop}", make(), factory, url)
        for loop, factory in LOOPS.items()
        for name, make in clients.items()
    ]
    for number in range(-3, rounds):
        if number == 0:
            for lane in lanes:
                lane.times, lane.cpu = [], []
        for lane in lanes:
            lane.round(asks, operations)
    for lane in lanes:
        lane.close()
    return lanes


def show(title, lanes):
    table = Table(title=f"{title}, µs")
    for column in ("client, loop", "p50", "ratio", "p10", "CPU p50", "ratio", "CPU best"):
        table.add_column(column, justify="left" if column.startswith("client") else "right")
    first = lanes[0]
    p50, cpu50 = statistics.median(first.times), statistics.median(first.cpu)
    for lane in lanes:
        mid, cpu = statistics.median(lane.times), statistics.median(lane.cpu)
        low = statistics.quantiles(lane.times, n=10)[0]
        figures = (f"{mid * 1e6:.2f}", f"{mid / p50:.2f}", f"{low * 1e6:.2f}", f"{cpu * 1e6:.2f}")
        table.add_row(lane.name, *figures, f"{cpu / cpu50:.2f}", f"{min(lane.cpu) * 1e6:.2f}")
    Console(width=110).print(table)


@contextmanager
def served(scheme):
    command = [sys.executable, str(Path(__file__).with_name("net_server.py")), scheme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield f"{scheme}://127.0.0.1:{server.stdout.readline().strip()}/"
        server.terminate()


def main():
    """Measures and prints four tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with served("ws") as url:
        lanes = measured(url, SOCKETS, burst, operations=MESSAGES, rounds=rounds)
        show("Receive a message of 200 bytes in a burst", lanes)
        lanes = measured(url, SOCKETS, partial(trips, order, 50), operations=50, rounds=rounds)
        show("WebSocket round trip", lanes)
    with served("http") as url:
        lanes = measured(url, HTTP, partial(trips, request, 50), operations=50, rounds=rounds)
        show("HTTP round trip, warm", lanes)
        cold = {name: partial(Cold, kind) for name, kind in HTTP.items()}
        lanes = measured(url, cold, partial(trips, request, 10), operations=10, rounds=rounds)
        show("HTTP round trip, cold: session, connection, request", lanes)


if __name__ == "__main__":
    main()
