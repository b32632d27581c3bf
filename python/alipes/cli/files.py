"""Files that commands write: looked at before the work, so that nothing is lost after it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from alipes.errors import InputError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


def check_file(path: Path, flag: str) -> None:
    """Refuse a file that cannot be made.

    Raises:
        InputError: it exists, or its folder does not or cannot be written; the message names the flag.
    """
    if path.exists():
        raise InputError(f"{flag} {path}: it exists already; nothing is overwritten, name a new file")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{flag} {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{flag} {path}: {folder} cannot be written")


def write_table(table: pa.Table, out: Path) -> None:
    """Write a Parquet file, whole or not at all.

    Raises:
        StoreError: it could not be written.
    """
    from alipes.report.parquet import write_parquet

    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        write_parquet(table, partial)
        partial.rename(out)
    except OSError as error:
        raise StoreError(f"--out {out}: could not be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
