"""Arrow tables and Parquet files of result rows. Knows columns and kinds, not what a fill or an order is."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_WIDE = Context(prec=76)
DECIMAL_SCALE = 18
"""Digits behind the point of every decimal column, more only where a value has more."""


def table(columns: Mapping[str, str], rows: Iterable[Any]) -> pa.Table:
    """An Arrow table of the named attributes of each row object.

    Args:
        columns: kind by column: ``ns`` and ``int`` (int64), ``float`` (float64), ``text``, ``flag`` (bool),
            ``decimal`` (decimal128), ``quotient`` (decimal128, rounded to 18 decimals, halves to even).
        rows: objects with these attributes.
    """
    items = list(rows)
    arrays = [_array(kind, [getattr(item, name) for item in items]) for name, kind in columns.items()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def write_parquet(content: pa.Table, path: Path) -> None:
    """Write one file with settings that give the same bytes each time."""
    parquet.write_table(content, path, compression="zstd", version="2.6", store_schema=False)


def _array(kind: str, values: list[Any]) -> pa.Array[Any]:
    match kind:
        case "ns" | "int":
            return pa.array(values, pa.int64())
        case "float":
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
        case "flag":
            return pa.array(values, pa.bool_())
        case "decimal":
            return pa.array(values, _decimal_type(values))
        case "quotient":
            return pa.array(list(map(_rounded, values)), pa.decimal128(38, DECIMAL_SCALE))
        case _:
            return pa.array([_text(value) for value in values], pa.string())


def _decimal_type(values: Iterable[Decimal | None]) -> pa.DataType:
    exponents = [value.as_tuple().exponent for value in values if value is not None]
    digits = max([DECIMAL_SCALE, *(-each for each in exponents if isinstance(each, int))])
    return pa.decimal128(38, digits) if digits <= DECIMAL_SCALE else pa.decimal256(76, digits)


def _rounded(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-DECIMAL_SCALE), ROUND_HALF_EVEN, _WIDE)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ": ".join(map(str, value)) if isinstance(value, tuple) else str(value)
