"""A sweep over an evaluator with known numbers: every row once, stopped and resumed without loss."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.unit.backtest.sweep_fakes import FakeEvaluator, sets_of

from alipes.backtest.sweeps.result import SweepResult
from alipes.backtest.sweeps.run import sweep_sets
from alipes.errors import InputError, StoreError


@pytest.fixture(autouse=True)
def _parts_of_64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alipes.backtest.sweeps.run.FIRST_CHUNK", 64)


def stop_at(count: int):
    """A progress function that Ctrl-C meets once so many sets are done."""

    def progress(done: int, _total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return progress


def same_rows(one: SweepResult, other: SweepResult) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one.metrics)


def test_every_set_is_computed_once_and_in_its_place():
    evaluator, sets = FakeEvaluator(), sets_of()
    result = sweep_sets(evaluator, sets)
    assert len(result) == 200
    assert evaluator.computed == list(map(tuple, sets.values.tolist()))
    assert np.array_equal(result["sharpe"], sets.column("fast") - sets.column("slow") / 10)
    assert result.done.all()
    assert not result.interrupted


def test_progress_counts_up_to_all_of_them():
    seen: list[tuple[int, int]] = []
    sweep_sets(FakeEvaluator(), sets_of(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 200) for done in range(1, 201)]


def test_ctrl_c_returns_what_is_done():
    result = sweep_sets(FakeEvaluator(), sets_of(), progress=stop_at(30))
    assert result.interrupted
    assert result.trials == 30
    assert np.flatnonzero(result.done).tolist() == list(range(30))
    assert np.isnan(result["sharpe"][30:]).all()
    assert not np.isnan(result["sharpe"][:30]).any()
    assert "170 of them not done (interrupted)" in repr(result)


def test_an_error_of_the_progress_function_is_raised():
    def progress(_done: int, _total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sweep_sets(FakeEvaluator(), sets_of(), progress=progress)
    with pytest.raises(InputError, match="progress=3: expected True, False or a function"):
        sweep_sets(FakeEvaluator(), sets_of(), progress=3)


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    whole = sweep_sets(FakeEvaluator(), sets_of())
    assert sweep_sets(FakeEvaluator(), sets_of(), resume=path, progress=stop_at(90)).trials == 90
    second = FakeEvaluator()
    seen: list[int] = []
    result = sweep_sets(second, sets_of(), resume=path, progress=lambda done, _total: seen.append(done))
    assert len(second.computed) == 110
    assert seen == list(range(91, 201))
    assert same_rows(result, whole)
    third = FakeEvaluator()
    assert same_rows(sweep_sets(third, sets_of(), resume=path), whole)
    assert third.computed == []


def test_a_file_is_the_same_however_often_it_was_resumed(tmp_path: Path):
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    sweep_sets(FakeEvaluator(), sets_of(), resume=one)
    for count in (10, 64, 65, 150):
        sweep_sets(FakeEvaluator(), sets_of(), resume=other, progress=stop_at(count))
    sweep_sets(FakeEvaluator(), sets_of(), resume=other)
    assert one.read_bytes() == other.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_process_that_dies_loses_a_part_at_most(tmp_path: Path):
    path = tmp_path / "rows.parquet"

    class Death(BaseException):
        """Nothing is cleaned up after it, as after kill -9."""

    def progress(done: int, _total: int) -> None:
        if done == 130:
            raise Death

    with pytest.raises(Death):
        sweep_sets(FakeEvaluator(), sets_of(), resume=path, progress=progress)
    assert parquet.read_table(path).num_rows == 64
    second = FakeEvaluator()
    assert same_rows(sweep_sets(second, sets_of(), resume=path), sweep_sets(FakeEvaluator(), sets_of()))
    assert len(second.computed) == 136


def test_undefined_numbers_survive_the_file(tmp_path: Path):
    class Undefined(FakeEvaluator):
        def compute(self, sets, report):
            found, done = super().compute(sets, report)
            found["sharpe"][::3] = np.nan
            return found, done

    path = tmp_path / "rows.parquet"
    first = sweep_sets(Undefined(), sets_of(), resume=path)
    again = sweep_sets(Undefined(), sets_of(), resume=path)
    assert same_rows(first, again)
    assert np.isnan(again["sharpe"]).sum() > 60


def test_a_file_of_another_sweep_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    sweep_sets(FakeEvaluator(), sets_of(), resume=path)
    before = path.read_bytes()
    other_fees = FakeEvaluator()
    other_fees.options = {"fees_bps": 7.5}
    cases = [
        (FakeEvaluator("others"), sets_of(), "which differs in the rules:"),
        (other_fees, sets_of(), "which differs in fees_bps (there 5.0, here 7.5):"),
        (FakeEvaluator(), sets_of(9), "which differs in the parameter sets (params, where, sample or seed):"),
        (
            FakeEvaluator(metrics=("sharpe",)),
            sets_of(),
            "in the metrics (there sharpe, trades, here sharpe):",
        ),
    ]
    for evaluator, sets, message in cases:
        with pytest.raises(InputError) as caught:
            sweep_sets(evaluator, sets, resume=path)
        assert message in str(caught.value)
        assert evaluator.computed == []
    assert path.read_bytes() == before


def test_a_file_that_is_no_sweep_is_refused(tmp_path: Path):
    text, table = tmp_path / "text.parquet", tmp_path / "table.parquet"
    text.write_text("fast,slow")
    parquet.write_table(pa.table({"fast": [1]}), table)
    for path, message in (
        (text, "it is no Parquet file that can be read"),
        (table, "it was not left by a sweep"),
        (tmp_path / "rows.csv", "the file is Parquet: name it .parquet"),
        (tmp_path / "none" / "rows.parquet", "none is no folder that can be written"),
    ):
        with pytest.raises(InputError, match=message):
            sweep_sets(FakeEvaluator(), sets_of(), resume=path)


def test_a_disk_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "rows.parquet"
    sweep_sets(FakeEvaluator(), sets_of(), resume=path, progress=stop_at(70))
    before = path.read_bytes()

    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "write_table", fail)
    with pytest.raises(StoreError, match="could not be written: No space left on device"):
        sweep_sets(FakeEvaluator(), sets_of(), resume=path)
    assert path.read_bytes() == before


def test_what_a_progress_function_raises_says_whose_it_is():
    def progress(done: int, total: int) -> None:
        raise ZeroDivisionError(f"{done} of {total}")

    with pytest.raises(ZeroDivisionError, match="1 of 200") as caught:
        sweep_sets(FakeEvaluator(), sets_of(), progress=progress)
    assert caught.value.__notes__ == ["raised by progress, called with 1, 200"]
