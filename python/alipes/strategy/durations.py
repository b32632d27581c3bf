"""Lengths of time as people write them: ``"250ms"``, ``"1s"``, ``"5m"``, or a number of seconds."""

from __future__ import annotations

import re

from alipes.errors import InputError

_UNIT_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_TEXT = re.compile(r"([0-9]{1,18})(ns|us|ms|s|m|h|d)")
MAX_NS = (1 << 63) - 1
"""The last time there is, int ns; no length of time passes it either."""


def duration_ns(value: str | float) -> int:
    """A positive length of time in int ns.

    Args:
        value: Text such as ``"250ms"`` (units ns, us, ms, s, m, h, d), or a number of seconds.

    Raises:
        InputError: Not such a text or number, not positive, or past `MAX_NS`.
    """
    length = 0
    if isinstance(value, str):
        match = _TEXT.fullmatch(value)
        length = int(match[1]) * _UNIT_NS[match[2]] if match else 0
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < MAX_NS / 1e9:
        length = round(value * 1e9)
    if not 0 < length <= MAX_NS:
        raise InputError(f"duration {value!r}: expected a positive text like '250ms', '1s', '5m', or seconds")
    return length
