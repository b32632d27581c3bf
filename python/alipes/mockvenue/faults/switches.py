"""The hooks that hold a venue's faults: each a switch that can be put on and taken off while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import structlog

from alipes.errors import InputError
from alipes.mockvenue.faults.frames import FrameFault
from alipes.mockvenue.faults.pace import Pace
from alipes.mockvenue.faults.read import Spec, checked, read
from alipes.mockvenue.faults.requests import RequestFault, Turn
from alipes.mockvenue.faults.trigger import Trigger
from alipes.mockvenue.hooks import Hooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alipes.mockvenue.call import Call, Reply
    from alipes.mockvenue.hooks import Subscriber
    from alipes.mockvenue.server import VenueServer

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Switch:
    """A fault that is on.

    Attributes:
        number: Names it.
        spec: What it is.
        trigger: When it acts, and how often it did.
        fault: What it does; `None` where the venue itself does it.
        random: Its own draws, by the seed and its number.
    """

    number: int
    spec: Spec
    trigger: Trigger
    fault: RequestFault | FrameFault | None
    random: Random

    def view(self) -> dict[str, Any]:
        """What the control endpoint tells of it."""
        return {
            "id": self.number,
            "name": self.spec.kind.name,
            **self.spec.trigger,
            **self.spec.parameters,
            "matched": self.trigger.matched,
            "fired": self.trigger.fired,
        }


class Faults(Hooks):
    """Hooks of a venue with switches in them; without any the venue is honest.

    Args:
        given: Faults that are on from the start: mappings of ``name``, parameters and trigger.
        seed: Of everything drawn: the same requests and frames then meet the same faults.

    Raises:
        InputError: A fault is refused.
    """

    def __init__(self, given: Sequence[Mapping[str, Any]] = (), *, seed: int = 1) -> None:
        self._seed = seed
        self._made = 0
        self._switches: dict[int, Switch] = {}
        self._has_frame_faults = False
        self._server: VenueServer | None = None
        self._pace: Pace | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        for each in given:
            self.put(each)

    def add(self, name: str, **given: Any) -> Switch:
        """Puts a fault on.

        Args:
            name: Its name in the table.
            **given: Its parameters and its trigger.

        Raises:
            InputError: An unknown fault or parameter, with the nearest one, or a value that is refused.
        """
        return self.put({"name": name, **given})

    def put(self, given: Mapping[str, Any]) -> Switch:
        """Puts a fault on as a file or the control endpoint writes it; see `add`.

        Raises:
            InputError: As `add` does.
        """
        return self._add(checked(given))

    def remove(self, number: int) -> None:
        """Takes a fault off; what it delays or hides goes on to its end.

        Raises:
            InputError: None of that number is on.
        """
        if number not in self._switches:
            raise InputError(f"no fault {number} is on")
        del self._switches[number]
        self._look_for_frame_faults()
        task = self._tasks.pop(number, None)
        if task is not None:
            task.cancel()

    def clear(self) -> None:
        """Takes all faults off."""
        for number in list(self._switches):
            self.remove(number)

    def __iter__(self) -> Any:
        """The faults that are on, in the order they were put on."""
        return iter(list(self._switches.values()))

    def _add(self, spec: Spec) -> Switch:
        self._made += 1
        switch = Switch(
            number=self._made,
            spec=spec,
            trigger=Trigger(**spec.trigger),
            fault=None if spec.kind.make is None else spec.kind.make(spec.parameters),
            random=Random(f"{self._seed} {self._made} {spec.kind.name}"),  # noqa: S311 - no secret
        )
        self._switches[switch.number] = switch
        self._look_for_frame_faults()
        if self._server is not None:
            self._begin(switch)
        return switch

    def _look_for_frame_faults(self) -> None:
        faults = [switch.fault for switch in self._switches.values()]
        self._has_frame_faults = any(isinstance(fault, FrameFault) for fault in faults)

    # The venue's hooks

    def opened(self, server: VenueServer) -> None:  # noqa: D102
        self._server, self._pace = server, Pace(server.clock, server.exchange)
        for switch in self._switches.values():
            self._begin(switch)

    async def closed(self) -> None:  # noqa: D102
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server = None

    async def before(self, call: Call) -> Reply | None:  # noqa: D102
        for switch in self._switches.values():
            fault, turn = switch.fault, self._turn(switch)
            if isinstance(fault, RequestFault):
                since = turn.pace.now() - turn.pace.started
                if switch.trigger.fires_on_call(call, since, switch.random) or fault.holds(call, turn):
                    call.met.append((fault, turn))
        for fault, turn in call.met:
            reply: Reply | None = await fault.before(call, turn)
            if reply is not None:
                return reply
        return None

    async def on_reply(self, call: Call, reply: Reply) -> Reply:  # noqa: D102
        for fault, turn in call.met:
            reply = await fault.after(call, reply, turn)
        return reply

    def has_frame_faults(self) -> bool:  # noqa: D102
        return self._has_frame_faults

    def on_frame(self, subscriber: Subscriber, stream: str, frame: bytes) -> list[bytes]:  # noqa: D102
        frames = [frame]
        for switch in self._switches.values():
            fault = switch.fault
            if isinstance(fault, FrameFault):
                turn = self._turn(switch)
                since = turn.pace.now() - turn.pace.started
                fires = switch.trigger.fires_on_frame(subscriber, stream, frame, since, switch.random)
                frames = fault.pass_on(subscriber, frames, turn, fires=fires)
        return frames

    def _turn(self, switch: Switch) -> Turn:
        if self._pace is None:
            raise InputError("these faults are of no venue that listens")
        return Turn(self._pace, switch.random)

    # Faults of the venue itself

    def _begin(self, switch: Switch) -> None:
        if switch.fault is None and self._server is not None:
            self._tasks[switch.number] = asyncio.get_running_loop().create_task(
                self._refuse(switch, self._server, self._turn(switch).pace)
            )

    async def _refuse(self, switch: Switch, server: VenueServer, pace: Pace) -> None:
        await pace.wait_until(switch.trigger.from_s)
        switch.trigger.fired += 1
        await server.shut()
        try:
            await pace.wait(switch.spec.parameters["ms"])
        finally:
            try:
                await server.reopen()
            except OSError as error:
                _log.error("the port is not open again", fault=switch.number, error=str(error))


def load(path: str | Path, *, seed: int = 1) -> Faults:
    """The faults of a file.

    Args:
        path: TOML, see `docs/faults.md`.
        seed: Where the file names none.

    Raises:
        ConfigError: It cannot be read, or a fault is refused; it names file and line.
    """
    named, faults = read(Path(path))
    return Faults(faults, seed=seed if named is None else named)
