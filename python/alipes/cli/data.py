"""``alipes data``: work with recorded market data."""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from alipes.cli.console import Flag, Text, output, print_json, working
from alipes.cli.files import check_file, write_table
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

_COMMA = re.compile(r",(?![^()]*\))")


def columns(
    capture: Path,
    /,
    *,
    columns: Annotated[str, Parameter(name="--columns")],
    out: Path,
    venue: Text = None,
    instrument: Text = None,
    tick: Text = None,
    lot: Text = None,
    every: Text = None,
    json: Flag = False,
) -> int:
    """Write features of a capture as Parquet: one pass in compiled code.

    Args:
        capture: Recording, lines of receive time and JSON, plain or gzipped.
        columns: Names, separated by commas, such as `mid,spread,imbalance(5),ofi`.
        out: File to write, named .parquet; it must not exist.
        venue: Venue id, such as binanceusdm.
        instrument: Symbol, such as BTC/USDT:USDT.
        tick: Price step, such as 0.1.
        lot: Size step, such as 0.001.
        every: Time between rows, such as 100ms; a row at each message if absent.
        json: Print what was written as JSON.
    """
    if out.suffix != ".parquet":
        raise InputError(f"--out {out}: the file is Parquet: name it .parquet")
    check_file(out, "--out")
    flags = {"venue": venue, "instrument": instrument, "tick": tick, "lot": lot}
    with working(f"reading {capture}"):
        found = _read(capture, [name.strip() for name in _COMMA.split(columns)], flags, every)
    write_arrays(found, out)
    rows = len(next(iter(found.values()), ()))
    if json:
        print_json({"out": str(out), "rows": rows, "columns": list(found)})
    else:
        output().print(f"{out}: {rows:,} rows of {', '.join(found)}", highlight=False, soft_wrap=True)
    return 0


def _read(
    capture: Path, names: list[str], flags: Mapping[str, str | None], every: str | None
) -> dict[str, np.ndarray[Any, Any]]:
    import alipes
    from alipes.cli.replay import market_of

    market = market_of(capture, flags)
    return alipes.columns(
        capture,
        names,
        venue=market["venue"],
        instrument=market["instrument"],
        tick_size=market["tick"],
        lot_size=market["lot"],
        every=every,
    )


def write_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], out: Path) -> None:
    """Write arrays of one length as the columns of a Parquet file, whole or not at all.

    Raises:
        StoreError: it could not be written.
    """
    import pyarrow as pa

    write_table(pa.table(dict(arrays)), out)
