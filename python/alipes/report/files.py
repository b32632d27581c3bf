"""Results as files: one folder a run, with fills, orders and equity as Parquet and the config that made them.

Exact and repeatable: decimals are stored as decimals, and the same run gives the same bytes. The folder
appears whole, by a rename, or not at all.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from alipes.errors import InputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

FILLS = {
    "ts_event": "ns",
    "ts_recv": "ns",
    "strategy": "text",
    "instrument": "text",
    "client_order_id": "text",
    "trade_id": "text",
    "side": "text",
    "is_maker": "flag",
    "price": "decimal",
    "size": "decimal",
    "price_ticks": "int",
    "size_steps": "int",
    "fee": "decimal",
    "fee_asset": "text",
}
"""Columns of fills.parquet, one row a fill in the order they were applied."""

ORDERS = {
    "ts_created": "ns",
    "ts_updated": "ns",
    "strategy": "text",
    "instrument": "text",
    "client_order_id": "text",
    "venue_order_id": "text",
    "side": "text",
    "type": "text",
    "tif": "text",
    "post_only": "flag",
    "reduce_only": "flag",
    "purpose": "text",
    "price": "decimal",
    "stop_price": "decimal",
    "size": "decimal",
    "filled": "decimal",
    "average_price": "quotient",
    "state": "text",
    "denied": "text",
    "reason": "text",
    "tag": "text",
}
"""Columns of orders.parquet, one row an order in the order they were created."""

EQUITY = {
    "ts": "ns",
    "account": "text",
    "asset": "text",
    "balance": "decimal",
    "unrealized": "decimal",
    "equity": "decimal",
}
"""Columns of equity.parquet, one row a sample, account and asset."""

FILES = {"fills": FILLS, "orders": ORDERS, "equity": EQUITY}


class EquityPoint(NamedTuple):
    """One row of equity.parquet.

    Attributes:
        ts: when, int ns UTC.
        account: account name.
        asset: asset of the amounts.
        balance: deposits plus realized profit less fees.
        unrealized: profit of open positions at the mark.
        equity: balance plus unrealized.
    """

    ts: int
    account: str
    asset: str
    balance: Decimal
    unrealized: Decimal
    equity: Decimal


def check_folder(folder: str | Path) -> Path:
    """The results folder, after a look at whether it can be made; call it before the run, not after.

    Raises:
        InputError: it exists with something in it, or its parent cannot be written.
    """
    path = Path(folder)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(
            f"--out {path}: it exists already; results are never mixed or overwritten, name a new folder"
        )
    parent = next(each for each in path.absolute().parents if each.exists())
    if not os.access(parent, os.W_OK):
        raise InputError(f"--out {path}: {parent} cannot be written")
    return path


def write(
    folder: str | Path, *, tables: Mapping[str, Iterable[Any]], summary: Mapping[str, Any], config: str
) -> Path:
    """Write the results folder.

    Args:
        folder: a path that does not exist yet, or an empty folder.
        tables: rows by file, ``fills``, ``orders`` and ``equity``: objects with the attributes of `FILES`.
        summary: the repeatable part of the summary.
        config: the config as TOML.

    Raises:
        InputError: the folder is in use.
        StoreError: it could not be written; nothing is left behind.
    """
    from alipes.report.parquet import table, write_parquet  # noqa: PLC0415 - pyarrow is slow to import

    path = check_folder(folder)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        for name, columns in FILES.items():
            write_parquet(table(columns, tables[name]), partial / f"{name}.parquet")
        (partial / "summary.json").write_bytes(as_json(summary))
        (partial / "config.toml").write_text(config, encoding="utf-8")
        partial.rename(path)
    except OSError as error:
        raise StoreError(f"--out {path}: could not be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return path


def as_json(value: Any) -> bytes:
    """Indented JSON; decimals as text, so that they stay exact."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
