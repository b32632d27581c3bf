"""The results folder: exact, repeatable, whole or absent."""

import hashlib
import json
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from pyarrow import parquet
from tests.unit.report.results import EQUITY, FILLS, orders, summary

from alipes.errors import InputError, StoreError
from alipes.report import EquityPoint, check_folder, repeatable, write
from alipes.report.parquet import table


def written(folder: Path) -> Path:
    tables = {"fills": FILLS, "orders": orders(), "equity": EQUITY}
    return write(folder, tables=tables, summary=repeatable(summary()), config="[run]\n")


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_two_runs_give_the_same_bytes(tmp_path: Path):
    first, second = digests(written(tmp_path / "a")), digests(written(tmp_path / "b"))
    assert list(first) == ["config.toml", "equity.parquet", "fills.parquet", "orders.parquet", "summary.json"]
    assert first == second


def test_money_is_stored_exactly(tmp_path: Path):
    rows = parquet.read_table(written(tmp_path / "out") / "fills.parquet").to_pylist()
    assert [row["fee"] for row in rows] == [fill.fee for fill in FILLS]
    assert [row["price"] for row in rows] == [Decimal("60000.1"), Decimal("60010.0"), Decimal("60011.3")]
    assert rows[0]["instrument"] == "main:BTC/USDT:USDT"
    assert (rows[0]["price_ticks"], rows[0]["size_steps"]) == (600001, 10000)
    assert (rows[2]["side"], rows[2]["is_maker"], rows[2]["ts_event"]) == ("sell", False, 3_000_000)


def test_orders_keep_their_state_and_refusal(tmp_path: Path):
    rows = parquet.read_table(written(tmp_path / "out") / "orders.parquet").to_pylist()
    assert [row["state"] for row in rows] == ["filled", "filled", "filled", "denied"]
    assert rows[3]["denied"] == "max_order_size: 0.009 is above 0.005"
    assert rows[2]["price"] is None
    assert rows[0]["average_price"] == Decimal("60000.1")


def test_an_average_price_is_a_decimal_of_18_places():
    third = msgspec.structs.replace(orders()[0], filled_steps=3, cost=1)
    read = table({"average_price": "quotient"}, [third])
    assert str(read.schema.field("average_price").type) == "decimal128(38, 18)"
    assert read.to_pylist() == [{"average_price": Decimal("0.033333333333333333")}]


def test_the_summary_keeps_decimals_as_text(tmp_path: Path):
    read = json.loads((written(tmp_path / "out") / "summary.json").read_bytes())
    assert read["fees"] == {"USDT": "0.34804210"}
    assert "measured" not in read


def test_more_digits_than_usual_widen_the_column():
    point = EquityPoint(0, "main", "ETH", Decimal("1E-20"), Decimal(0), Decimal(0))
    read = table({"balance": "decimal"}, [point]).to_pylist()
    assert read == [{"balance": Decimal("1E-20")}]


def test_a_used_folder_is_refused_before_and_after(tmp_path: Path):
    out = written(tmp_path / "out")
    before = digests(out)
    with pytest.raises(InputError, match="exists already"):
        check_folder(out)
    with pytest.raises(InputError, match="exists already"):
        written(out)
    assert digests(out) == before
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="exists already"):
        check_folder(tmp_path / "file")


def test_an_empty_folder_and_new_parents_are_fine(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert written(tmp_path / "empty").is_dir()
    assert written(tmp_path / "new" / "deep").is_dir()


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("alipes.report.parquet.write_parquet", full)
    with pytest.raises(StoreError, match="No space left on device"):
        written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_parent_that_cannot_be_written_is_refused_at_once(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        check_folder(tmp_path / "out")
