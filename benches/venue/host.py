"""The venue in a process of its own, held on one core: `run` starts it and asks it for its figures.

    python benches/venue/host.py '{"symbols": ["BTC/USDT:USDT"], "speed": 1}'

The first line tells addresses and clock; every line on stdin is answered by one with what the process has
used and played so far; the end of stdin ends the venue.
"""

import asyncio
import json
import os
import resource
import sys
import time
from typing import Any

from alipes.mockvenue import Limits, VenueConfig, VenueServer

WITHOUT_LIMITS = Limits(weight_minute=1 << 40, orders_10s=1 << 40, orders_minute=1 << 40)


def main() -> None:
    """Serves until stdin ends."""
    hold(0)
    asked: dict[str, Any] = json.loads(sys.argv[1])
    asked["symbols"] = tuple(asked["symbols"])
    asyncio.run(serve(VenueConfig(**asked, limits=WITHOUT_LIMITS)))


def hold(core: int) -> None:
    """Holds this process on one core, where the system can and has more than one."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


async def serve(config: VenueConfig) -> None:
    """Serves a venue, and answers on stdout."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    async with VenueServer(config) as server:

        def answer() -> None:
            if sys.stdin.readline():
                tell(figures(server))
            else:
                loop.remove_reader(sys.stdin)
                ended.set()

        began, now = time.monotonic_ns(), server.clock.now_ns()
        tell({**server.addresses(), "monotonic_ns": began, "now": now, "speed": config.speed})
        loop.add_reader(sys.stdin, answer)
        await ended.wait()


def figures(server: VenueServer) -> dict[str, float]:
    """What the venue has used and played so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall_s": time.monotonic(),
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "evicted": usage.ru_nivcsw,
        "played_s": server.exchange.now / 1e9,
        "deliveries": server.hub.frames,
    }


def tell(line: dict[str, Any]) -> None:
    """Writes a line."""
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
