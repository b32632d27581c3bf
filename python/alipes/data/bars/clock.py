"""Units and lengths of time as bars use them: int ns, and the texts people write for a bar's length."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from alipes.errors import InputError, shown

NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
"""Nanoseconds of each unit that integers may count."""
LONGER_NS = {"m": 60 * NS["s"], "h": 3_600 * NS["s"], "D": 86_400 * NS["s"], "W": 604_800 * NS["s"]}
NOT_A_TIME = -(1 << 63)
"""What numpy, pandas and we store where a time is missing."""
_ALIASES = {
    **dict.fromkeys(("m", "min", "T"), LONGER_NS["m"]),
    **dict.fromkeys(("h", "H"), LONGER_NS["h"]),
    **dict.fromkeys(("d", "D"), LONGER_NS["D"]),
    **dict.fromkeys(("w", "W"), LONGER_NS["W"]),
    **NS,
}
_TEXT = re.compile(r"([0-9]{0,9})([A-Za-z]{1,3})")


def length_ns(freq: Any) -> int:
    """A bar's length in int ns.

    Args:
        freq: Text such as ``"1min"``, ``"5m"``, ``"1h"``, ``"1D"``, ``"30s"``; a `timedelta`, a
            `numpy.timedelta64`, or int ns.

    Raises:
        InputError: It is none of these, not positive, or has no fixed length (a month).
    """
    length = _length(freq)
    if not 0 < length < 1 << 63:
        raise InputError(
            f"freq {shown(freq)}: expected a bar's length such as '1min', '1h', '1D', a timedelta or int ns"
        )
    return length


def _length(freq: Any) -> int:
    if isinstance(freq, timedelta):
        return freq // timedelta(microseconds=1) * 1_000
    if isinstance(freq, np.timedelta64):
        exact = freq.astype("timedelta64[ns]")
        return int(exact.astype(np.int64)) if exact == freq else 0
    if isinstance(freq, int | np.integer) and not isinstance(freq, bool):
        return int(freq)
    if not isinstance(freq, str):
        return 0
    match = _TEXT.fullmatch(freq.strip())
    if match and match[2] == "M":
        raise InputError(
            f"freq {shown(freq)}: a month has no fixed length; minutes are written '1m' or '1min'"
        )
    return int(match[1] or 1) * _ALIASES.get(match[2], 0) if match else 0


def length_text(length: int) -> str:
    """A length of time as text, ``1min``, ``4h`` or ``1h 30min``; int ns, >= 0."""
    parts = []
    for name, unit in (("d", LONGER_NS["D"]), ("h", LONGER_NS["h"]), ("min", LONGER_NS["m"]), *_small()):
        count, length = divmod(length, unit)
        if count:
            parts.append(f"{count}{name}")
    return " ".join(parts[:3]) or "0s"


def _small() -> list[tuple[str, int]]:
    return [(name, NS[name]) for name in ("s", "ms", "us", "ns")]


def time_text(ts: int) -> str:
    """A time in int ns UTC as ISO text, to the digit that is needed."""
    if ts == NOT_A_TIME:
        return "NaT"
    seconds, rest = divmod(int(ts), NS["s"])
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{whole:%Y-%m-%dT%H:%M:%S}{fraction}Z"
