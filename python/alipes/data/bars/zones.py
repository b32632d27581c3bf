"""Local times to UTC, refusing those that a change of the clocks makes ambiguous or skips."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import TYPE_CHECKING

import numpy as np

from alipes.data.bars.clock import LONGER_NS, time_text
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UTC = {"utc", "z", "etc/utc", "+00:00", "-00:00", "gmt", "zulu", "utc+00:00"}
_OFFSET = re.compile(r"(?:UTC)?([+-])([0-9]{2}):([0-9]{2})")


def zone_name(tz: str | tzinfo) -> str:
    """The name of a time zone, ``"UTC"`` for all its spellings.

    Raises:
        InputError: It is neither a name nor a `tzinfo`.
    """
    if not isinstance(tz, str | tzinfo):
        raise InputError(f"tz must be a time zone's name such as 'Europe/Berlin', not {shown(tz)}")
    name = str(tz)
    return "UTC" if name.lower() in _UTC else name


def localised(local: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Local wall-clock times as UTC.

    Args:
        local: (n,) int64 ns of the wall clock.
        zone: Name of the zone, or an offset such as ``"+02:00"``.

    Raises:
        InputError: There is no such zone.
        DataError: A time does not exist or exists twice in the zone; the message names the row.
    """
    if zone == "UTC":
        return local
    if offset := _OFFSET.fullmatch(zone):
        minutes = int(offset[1] + "1") * (int(offset[2]) * 60 + int(offset[3]))
        return local - minutes * LONGER_NS["m"]
    import pyarrow as pa  # noqa: PLC0415 - only users of local times need it
    import pyarrow.compute as pc  # noqa: PLC0415

    # Arrow looks a zone up only where there is a time.
    walls = pa.array(local if len(local) else np.zeros(1, np.int64)).cast(pa.timestamp("ns"))
    try:
        early, late = (
            pc.assume_timezone(walls, zone, ambiguous=side, nonexistent=side)
            .cast(pa.int64())
            .to_numpy()[: len(local)]
            for side in ("earliest", "latest")
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"unknown time zone {zone!r}: expected a name such as 'Europe/Berlin'") from error
    if (unclear := np.flatnonzero(early != late)).size:
        row = int(unclear[0])
        skips = late[row] - early[row] == 1  # the last instant before the change, and the change itself
        what = "does not exist" if skips else "exists twice"
        raise DataError(
            f"row {row}: the local time {time_text(local[row])[:-1]} {what} in {zone}, where the clocks "
            "change: give times in UTC"
        )
    return np.ascontiguousarray(early, np.int64)
