"""A column of times of any kind as int64 ns UTC, exactly, and never by a guess at its unit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from alipes._core import bar_steps
from alipes.data.bars.arrays import Column, Stamps
from alipes.data.bars.clock import NOT_A_TIME, NS, time_text
from alipes.data.bars.zones import localised, zone_name
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIKELY_S = (631_152_000, 4_102_444_800)  # 1990 to 2100
_NAMES = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


class Reading(NamedTuple):
    """How the times of a source are to be read.

    Attributes:
        name: Of the column, for messages.
        unit: What integers count, ``"s" "ms" "us" "ns"``, or None where that was not said.
        zone: Of naive times; ``"UTC"`` by default.
        default_unit: What integers count if `unit` is None; None refuses them.
        call: The line to write, ``{unit}`` where the unit goes.
    """

    name: str
    unit: str | None
    zone: str = "UTC"
    default_unit: str | None = None
    call: str = 'alipes.bars(x, unit="{unit}")'


def ns_utc(column: Column, reading: Reading) -> NDArray[np.int64]:
    """Times as int64 ns UTC, (n,), C-contiguous; the array itself if it is that already.

    Raises:
        InputError: Integers without a unit or with a wrong one, an unknown zone, no times at all.
        DataError: A missing, unreadable, ambiguous or impossible time; the message names the row.
    """
    knows_unit = isinstance(column, Stamps)
    if not isinstance(column, Stamps):
        column = _counted(column, reading) if column.dtype.kind in "iuf" else _read(column, reading)
    elif reading.unit is not None:
        raise InputError(
            f"{reading.name!r} holds times that know their unit: leave unit={shown(reading.unit)} out"
        )
    if column.zone is not None and reading.zone not in {"UTC", zone_name(column.zone)}:
        raise InputError(
            f"{reading.name!r} holds times of zone {column.zone}, which tz={reading.zone!r} contradicts: "
            "leave tz out"
        )
    if not len(column.values):
        return localised(np.empty(0, np.int64), "UTC" if column.zone is not None else reading.zone)
    ends = _first_and_last(column.values)
    if column.values[ends[0]] == NOT_A_TIME:
        raise DataError(f"{reading.name!r}, row {ends[0]}: the time is missing")
    advice = 'make them with pd.to_datetime(…, unit="{unit}")' if knows_unit else reading.call
    _refuse_other_unit(column, reading.name, advice)
    values = _scaled(column, ends, reading)
    return localised(values, reading.zone) if column.zone is None else values


def _counted(column: NDArray[Any], reading: Reading) -> Stamps:
    if not len(column):
        return Stamps(np.empty(0, np.int64), 1, "UTC")
    unit = reading.unit or reading.default_unit or _refuse_unitless(column, reading)
    if unit not in NS:
        raise InputError(f"unit {shown(unit)}: expected one of {', '.join(map(repr, NS))}")
    if column.dtype.kind == "f":
        broken = ~(np.isfinite(column) & (np.abs(column) <= 2.0**53) & (column == np.trunc(column)))
        if broken.any():
            row = int(np.argmax(broken))
            raise DataError(
                f"{reading.name!r}, row {row}: {column[row]} is no whole number of {_NAMES[unit]} "
                "that a float holds exactly: give integers"
            )
    if column.dtype == np.uint64 and column.size and int(column.max()) >= 1 << 63:
        raise DataError(f"{reading.name!r}, row {int(column.argmax())}: {column.max()} is past int64")
    # The unit says what the integers count since 1970: they are no wall clock of a zone.
    return Stamps(np.ascontiguousarray(column, np.int64), NS[unit], "UTC")


def _refuse_unitless(column: NDArray[Any], reading: Reading) -> NoReturn:
    likely = _likely_unit(float(column[0]), float(column[0]))
    guess = f" If they are {_NAMES[likely]}:" if likely else " For milliseconds:"
    raise InputError(
        f"{reading.name!r} holds numbers (first: {column[0]}): say what they count.{guess} "
        f"{reading.call.format(unit=likely or 'ms')}"
    )


def _likely_unit(first: float, last: float) -> str | None:
    """The unit in which both lie between 1990 and 2100."""
    for unit, length in NS.items():
        low, high = (edge * NS["s"] // length for edge in _LIKELY_S)
        if low <= first < high and low <= last < high:
            return unit
    return None


def _refuse_other_unit(column: Stamps, name: str, advice: str) -> None:
    first, last = int(column.values[0]), int(column.values[-1])
    likely = _likely_unit(first, last)
    if likely is None or NS[likely] == column.unit_ns or column.unit_ns not in NS.values():
        return
    made = next(unit for unit, length in NS.items() if length == column.unit_ns)
    moment = first * column.unit_ns
    seen = f", so the bars would start at {time_text(moment)}" if moment < 1 << 63 else ""
    raise InputError(
        f"{name!r}, row 0: {first} is taken as {_NAMES[made]}{seen}; they look like {_NAMES[likely]}: "
        f"{advice.format(unit=likely)}"
    )


def _scaled(column: Stamps, ends: tuple[int, int], reading: Reading) -> NDArray[np.int64]:
    values, unit = column.values, column.unit_ns
    for row in ends:
        if not 0 <= int(values[row]) * unit < _LIKELY_S[1] * NS["s"]:
            raise DataError(
                f"{reading.name!r}, row {row}: {values[row]} times {unit} ns is before 1970 or after 2100: "
                "is the unit right?"
            )
    return np.ascontiguousarray(values) if unit == 1 else np.ascontiguousarray(values * unit)


def _first_and_last(values: NDArray[np.int64]) -> tuple[int, int]:
    """The rows of the earliest and of the latest of at least one time."""
    is_rising = values.flags.c_contiguous and bar_steps(values)[1] is None
    return (0, len(values) - 1) if is_rising else (int(values.argmin()), int(values.argmax()))


def _read(column: NDArray[Any], reading: Reading) -> Stamps:
    """Objects: ISO texts, or `datetime` and `date` of Python."""
    values = column.tolist() if column.dtype.kind == "O" else []
    if not values and len(column):
        raise InputError(f"{reading.name!r} is of dtype {column.dtype}: expected times")
    if reading.unit is not None and not all(isinstance(value, int) for value in values):
        raise InputError(
            f"{reading.name!r} holds times that know their unit: leave unit={shown(reading.unit)} out"
        )
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return _counted(np.array(values, np.int64), reading)
    if values and all(isinstance(value, str) for value in values):
        quick = _of_texts(values)
        if quick is not None:
            return quick
    return _of_objects(values, reading.name)


def _of_texts(values: list[str]) -> Stamps | None:
    """All of them at once; None where one is unreadable, or some have an offset and some have none."""
    import pyarrow as pa  # noqa: PLC0415 - only users of texts need it

    texts = pa.array(values, pa.string())
    for zone in (None, "UTC"):
        try:
            made = texts.cast(pa.timestamp("ns", zone))
        except pa.ArrowInvalid:
            continue
        return Stamps(made.view(pa.int64()).to_numpy(), 1, zone)
    return None


def _of_objects(values: list[Any], name: str) -> Stamps:
    made = np.empty(len(values), np.int64)
    zones: list[str | None] = []
    for row, value in enumerate(values):
        made[row], zone = _moment(value, name, row)
        if zones and (zone is None) != (zones[0] is None):
            kinds = ("naive", "aware") if zone is not None else ("aware", "naive")
            raise DataError(
                f"{name!r}, row {row}: {value} is {kinds[1]}, the times before it are {kinds[0]}: "
                "give all of them in UTC"
            )
        zones.append(zone)
    zone = zones[0] if zones and len(set(zones)) == 1 else ("UTC" if zones else None)
    return Stamps(made, 1, zone)


def _moment(value: Any, name: str, row: int) -> tuple[int, str | None]:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise DataError(
                f"{name!r}, row {row}: {value!r} is no time in ISO form, such as 2022-01-01T00:00:00Z"
            ) from error
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if value is None or value != value:  # noqa: PLR0124 - only NaN and NaT differ from themselves
        raise DataError(f"{name!r}, row {row}: the time is missing")
    if not isinstance(value, date):
        raise InputError(f"{name!r}, row {row}: {value!r} is no time")
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day of the zone asked for
    wall = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    since = (wall - _EPOCH) // timedelta(microseconds=1) * 1_000 + getattr(value, "nanosecond", 0)
    return since, None if value.tzinfo is None else zone_name(value.tzinfo)


def is_time_like(column: Column) -> bool:
    """Whether a column holds times rather than numbers."""
    if isinstance(column, Stamps):
        return True
    return column.dtype.kind == "O" and len(column) > 0 and isinstance(column[0], date | str | np.datetime64)
