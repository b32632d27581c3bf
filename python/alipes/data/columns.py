"""Batch features of a capture, and its event log: one pass in compiled code, GIL released."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from alipes._core import columns as compiled_columns
from alipes._core import event_log as compiled_event_log
from alipes.data.capture import market_of
from alipes.errors import InputError
from alipes.features import step_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from alipes.data.capture import Capture, Number


def columns(
    capture: Capture,
    names: Sequence[str],
    *,
    venue: str | None = None,
    instrument: str | None = None,
    tick_size: Number | None = None,
    lot_size: Number | None = None,
    every: str | int | None = None,
) -> dict[str, NDArray[Any]]:
    """Compute features of one instrument over a capture, column by column.

    Rows. Without `every`: one per message of the instrument that says something (a depth update applied, a
    snapshot, a best price, a trade, the book turning stale), as of its receive time. With `every`: one at
    each multiple ``t`` of the step since 1970, as of all messages received **before** ``t``; a message
    received exactly at ``t`` belongs to the next row, and an unfinished last step gives none.

    Flows (``ofi``, ``volume``, counts …) are sums since the previous row: what the message added, or what
    came in ``[t - every, t)``. With a window, as ``ofi(1s)``, they are sums over all messages received at or
    after ``t - window``. Book columns are NaN until the book is in step and whenever it is not.

    Args:
        capture: A path, or an iterable of ``(ts_recv: int ns, frame: bytes)``.
        names: Columns; `alipes.features.catalogue()` lists them.
        venue: ccxt's id of the venue; as the next three, not needed for a capture with a header.
        instrument: Unified symbol, such as ``BTC/USDT:USDT``.
        tick_size: Price step.
        lot_size: Size step.
        every: Time between rows, as ``"100ms"``, ``"1s"`` or int ns; a row at each message if None.

    Returns:
        One array per name, all of shape (rows,): int64 ns for ``ts_event`` and ``ts_recv``, else float64.
        Prices are in quote, sizes in base units.

    Raises:
        InputError: An unknown column (with the nearest names), venue, symbol or step; a missing file.
        DecodeError: Bytes that are no message of the venue; the message names the line.
        DataError: A damaged or empty capture, one of another instrument, or one without a book.
    """
    if isinstance(names, str):
        raise InputError(f"names must be a sequence of column names, such as [{names!r}]")
    market = market_of(capture, venue=venue, instrument=instrument, tick_size=tick_size, lot_size=lot_size)
    source = os.fspath(capture) if isinstance(capture, str | os.PathLike) else capture
    return compiled_columns(source, list(names), **market._asdict(), every_ns=step_ns(every))


def event_log(
    capture: Capture,
    *,
    venue: str | None = None,
    instrument: str | None = None,
    tick_size: Number | None = None,
    lot_size: Number | None = None,
) -> dict[str, NDArray[Any]]:
    """Decode a capture into its event log: one row per level or trade, in order.

    Args:
        capture: As for `columns`.
        venue: As for `columns`.
        instrument: As for `columns`.
        tick_size: As for `columns`.
        lot_size: As for `columns`.

    Returns:
        Arrays of shape (rows,): ``ts_event`` and ``ts_recv`` int64 ns, ``instrument`` uint16, ``kind``
        uint8 (0 depth, 1 best prices, 2 trade, 3 aggregated trade), ``flags`` uint8 (1 last row of its
        event, 2 part of a whole new book, 4 bid or taker bought, 8 the book became untrustworthy, 16 no
        level, 32 no venue time, 64 last row of its message, 128 ``aux`` holds an id), ``price`` int64 ticks,
        ``size`` int64 steps of 10^-(decimals(lot) + 3), ``aux`` uint64 (update id or trade id).

    Raises:
        InputError: As for `columns`.
        DecodeError: As for `columns`.
        DataError: As for `columns`.
    """
    market = market_of(capture, venue=venue, instrument=instrument, tick_size=tick_size, lot_size=lot_size)
    source = os.fspath(capture) if isinstance(capture, str | os.PathLike) else capture
    return compiled_event_log(source, **market._asdict())


def event_table(log: dict[str, NDArray[Any]]) -> Any:
    """An event log as a `pyarrow.Table`, ``aux`` null where it holds no id."""
    import pyarrow as pa  # noqa: PLC0415 - a second of import that only writers of files need

    has_id = (log["flags"] & 128) != 0
    arrays = {name: pa.array(values, mask=~has_id if name == "aux" else None) for name, values in log.items()}
    return pa.table(arrays)
