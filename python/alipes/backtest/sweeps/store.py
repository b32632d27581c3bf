"""A sweep on disk: the rows done so far under a key that says what they belong to.

One Parquet file, always whole: it is written beside its place and renamed, so that a killed process loses the
rows since the last write and nothing else. Rows of another sweep are never mixed in.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.errors import InputError, StoreError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from alipes.backtest.sweeps.rows import Rows

_KEY = b"alipes.sweep"
_PLACE = "combination"
"""Column with a row's place in the sweep."""

_MEANINGS = {
    "format": "the file's format",
    "version": "the version of alipes",
    "rules": "the rules",
    "bars": "the bars",
    "params": "the parameter sets (params, where, sample or seed)",
    "metrics": "the metrics",
}


class SweepStore:
    """Reads and writes the rows of one sweep."""

    def __init__(self, path: str | Path, key: Mapping[str, Any]) -> None:
        """A store.

        Args:
            path: a Parquet file, new or left by the same sweep.
            key: what decides the numbers, as JSON values; ``options`` is a mapping.

        Raises:
            InputError: the folder does not exist or cannot be written, or the name ends otherwise.
        """
        if not isinstance(path, (str, os.PathLike)):
            raise InputError(
                f"resume={shown(path)}: expected the name of a Parquet file, such as 'rows.parquet'"
            )
        self.path = Path(path)
        self._key = json.loads(json.dumps(key))
        self._partial = self.path.with_name(f".{self.path.name}.partial")
        folder = self.path.absolute().parent
        if self.path.suffix != ".parquet":
            raise InputError(f"resume={str(path)!r}: the file is Parquet: name it .parquet")
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise InputError(f"resume={str(path)!r}: {folder} is no folder that can be written")

    def read(self, rows: Rows) -> None:
        """Fill in the rows that the file holds; none if there is no file yet.

        Raises:
            InputError: the file is of another sweep (what differs is named) or of none.
        """
        if not self.path.exists():
            return
        table = self._table()
        self._check_key(table.schema.metadata or {})
        try:
            found = {name: table[name].to_numpy() for name in rows.metrics}
            rows.fill(table[_PLACE].to_numpy(), found)
        except (KeyError, IndexError) as error:
            raise InputError(f"resume {self.path}: the file is damaged ({error}): name a new file") from error

    def write(self, rows: Rows) -> None:
        """Put all rows that are done in the file's place.

        Raises:
            StoreError: it could not be written; the file is what it was.
        """
        import pyarrow as pa  # noqa: PLC0415 - slow to import
        from pyarrow import parquet  # noqa: PLC0415

        places = np.flatnonzero(rows.done)
        columns = {_PLACE: places} | {name: rows.sets.column(name)[places] for name in rows.sets.names}
        columns |= {name: values[places] for name, values in rows.metrics.items()}
        table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(self._key)})
        try:
            parquet.write_table(
                table, self._partial, compression="zstd", version="2.6", write_page_checksum=True
            )
            self._partial.replace(self.path)
        except OSError as error:
            self._partial.unlink(missing_ok=True)
            raise StoreError(
                f"resume {self.path}: could not be written: {error.strerror or error}"
            ) from error

    def _table(self) -> pa.Table:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415

        try:
            return parquet.read_table(self.path, page_checksum_verification=True)
        except (pa.ArrowException, OSError, KeyError, IndexError, ValueError) as error:
            raise InputError(
                f"resume {self.path}: it is no Parquet file that can be read: {error}"
            ) from error

    def _check_key(self, metadata: Mapping[bytes, bytes]) -> None:
        if _KEY not in metadata:
            raise InputError(f"resume {self.path}: it was not left by a sweep: name a new file")
        found = json.loads(metadata[_KEY])
        told = _differences(found, self._key)
        if told:
            raise InputError(
                f"resume {self.path}: it belongs to another sweep, which differs in {'; in '.join(told)}:"
                " name a new file"
            )


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Sequence[str]:
    """What two keys differ in, in words."""
    told = []
    for name in sorted({*found, *wanted}):
        was, now = found.get(name), wanted.get(name)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            changed = [key for key in sorted({*was, *now}) if was.get(key) != now.get(key)]
            told += [f"{key} (there {_short(was.get(key))}, here {_short(now.get(key))})" for key in changed]
        elif name in {"metrics", "version", "format"}:
            told.append(f"{_MEANINGS[name]} (there {_short(was)}, here {_short(now)})")
        else:
            told.append(_MEANINGS.get(name, name))
    return told


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
