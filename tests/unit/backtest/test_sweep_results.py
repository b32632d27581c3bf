"""What a sweep says of its rows: ranking, heatmaps, tables, pictures, and any row run in full."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from rich.console import Console
from tests.unit.backtest.sweep_fakes import FakeEvaluator, sets_of

from alipes.backtest.sweeps.grid import grid
from alipes.backtest.sweeps.plot import check_plot, write_plot
from alipes.backtest.sweeps.result import SweepResult
from alipes.backtest.sweeps.rows import Rows
from alipes.backtest.sweeps.run import sweep_sets
from alipes.errors import InputError

NAN = float("nan")


def result_of(params: dict, sharpe: list[float], done: list[bool] | None = None) -> SweepResult:
    rows = Rows.empty(grid(params), ["sharpe"])
    rows.metrics["sharpe"][:] = sharpe
    rows.done[:] = True if done is None else done
    return SweepResult(rows, rerun=FakeEvaluator().run)


def test_the_best_row_is_a_mapping_of_parameters_and_metrics():
    result = sweep_sets(FakeEvaluator(), sets_of())
    best = result.best()
    assert dict(best) == {"fast": 10, "slow": 1, "sharpe": 9.9, "trades": 10.0}
    assert best.index == 180
    assert best.params == {"fast": 10, "slow": 1}
    assert [row.index for row in result.best("trades", 3)] == [180, 181, 182]
    assert result.best("trades", maximize=False).index == 0


def test_iteration_gives_every_row_in_order():
    result = result_of({"k": range(3)}, [1.0, NAN, 3.0])
    assert [(row.index, row["k"]) for row in result] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert dict(list(result)[2]) == {"k": 2.0, "sharpe": 3.0}


def test_ties_keep_their_order_and_undefined_rows_come_last():
    result = result_of({"k": range(6)}, [1.0, NAN, 3.0, 3.0, NAN, 2.0])
    assert result.order("sharpe").tolist() == [2, 3, 5, 0, 1, 4]
    assert result.order("sharpe", maximize=False).tolist() == [0, 5, 2, 3, 1, 4]
    assert [row.index for row in result.best(n=10)] == [2, 3, 5, 0, 1, 4]


def test_the_best_of_a_drawdown_is_the_lowest():
    rows = Rows.empty(grid({"k": range(3)}), ["max_drawdown"])
    rows.fill(np.arange(3), {"max_drawdown": np.array([0.3, 0.1, 0.2])})
    result = SweepResult(rows, rerun=FakeEvaluator().run)
    assert result.best("max_drawdown").index == 1
    assert result.best("max_drawdown", maximize=True).index == 0
    assert "lowest max_drawdown" in repr(result)


def test_rows_that_are_not_done_are_never_the_best():
    result = result_of({"k": range(3)}, [NAN, 5.0, NAN], [True, True, False])
    assert [row.index for row in result.best(n=3)] == [1, 0]
    assert result.trials == 2


def test_no_best_row_is_an_error_that_says_why():
    with pytest.raises(InputError, match="sharpe is undefined in all 2 combinations"):
        result_of({"k": [1, 2]}, [NAN, NAN]).best()
    with pytest.raises(InputError, match="no combination was computed before the sweep was interrupted"):
        result_of({"k": [1]}, [NAN], [False]).best()
    with pytest.raises(InputError, match="no metric 'sharp' was computed; did you mean 'sharpe'"):
        result_of({"k": [1]}, [1.0]).best("sharp")
    with pytest.raises(InputError, match="n=0: expected a whole number >= 1"):
        result_of({"k": [1]}, [1.0]).best(n=0)


def test_columns_are_read_by_name():
    result = sweep_sets(FakeEvaluator(), sets_of())
    assert result["fast"].dtype == np.float64
    assert list(result.params) == ["fast", "slow"]
    with pytest.raises(InputError, match="no metric or parameter 'fats'; did you mean 'fast'"):
        result["fats"]


def test_a_row_is_run_in_full_with_its_parameters():
    evaluator = FakeEvaluator()
    result = sweep_sets(evaluator, sets_of())
    assert result.run(21) == "a result"
    assert result.run(-1) == "a result"
    assert evaluator.reruns == [{"fast": 2, "slow": 2}, {"fast": 10, "slow": 20}]
    for index in (200, -201, 1.0, True):
        with pytest.raises(InputError, match="expected 0 to 199"):
            result.run(index)


def test_the_table_goes_to_arrow_pandas_and_polars():
    result = result_of({"fast": [1, 2], "k": [0.5, 1.5]}, [1.0, NAN, 3.0, NAN], [True, True, True, False])
    table = pa.table(result)
    assert table.column_names == ["fast", "k", "sharpe", "done"]
    assert table["fast"].to_pylist() == [1, 1, 2, 2]
    assert table["sharpe"].to_pylist() == [1.0, None, 3.0, None]
    assert table["done"].to_pylist() == [True, True, True, False]
    assert result.to_polars().equals(pl.DataFrame(result))
    assert result.to_pandas()["k"].tolist() == [0.5, 1.5, 0.5, 1.5]


def test_the_result_shows_its_best_rows_and_says_how_many_were_tried():
    shown = repr(sweep_sets(FakeEvaluator(), sets_of()))
    assert "200 combinations of fast, slow" in shown
    assert "best of 200 trials, in-sample" in shown
    assert shown.splitlines()[3].split() == ["180", "10", "1", "9.9", "10"]
    assert "in-sample" in result_of({"k": [1]}, [1.0])._repr_html_()


def test_a_heatmap_has_a_cell_a_pair_and_holes_where_none_is():
    sets = grid({"fast": [10, 5], "slow": [20, 10]})
    rows = Rows.empty(sets.kept(np.array([True, True, True, False])), ["sharpe"])
    rows.metrics["sharpe"][:] = [1, 2, 3]
    heatmap = SweepResult(rows, rerun=FakeEvaluator().run).heatmap("fast", "slow")
    assert heatmap.x_values.tolist() == [5, 10]
    assert heatmap.y_values.tolist() == [10, 20]
    assert np.array_equal(heatmap.values, [[NAN, 2], [3, 1]], equal_nan=True)


def test_other_parameters_are_held_or_joined():
    params = {"fast": [1, 2], "slow": [3, 4], "k": [0.5, 1.0, 1.5]}
    result = result_of(params, [1, 2, 6, *range(8), NAN])
    held = result.heatmap("fast", "slow", others={"k": 1.0})
    assert held.values.tolist() == [[2, 4], [1, 7]]
    assert held.title == "sharpe over fast and slow, k = 1"
    expected = {"mean": [3, 4, 1, 6.5], "max": [6, 5, 2, 7], "min": [1, 3, 0, 6], "median": [2, 4, 1, 6.5]}
    for how, cells in expected.items():
        assert result.heatmap("fast", "slow", others=how).values.ravel().tolist() == cells
    with pytest.raises(InputError, match="'k' varies too: say others='mean' "):
        result.heatmap("fast", "slow")
    with pytest.raises(InputError, match=r"k is nowhere 1\.2 in this sweep; the nearest is 1"):
        result.heatmap("fast", "slow", others={"k": 1.2})
    with pytest.raises(InputError, match="others leaves 'k' open"):
        result.heatmap("fast", "slow", others={})
    with pytest.raises(InputError, match="others='maen': expected mean, median, min, max"):
        result.heatmap("fast", "slow", others="maen")
    with pytest.raises(InputError, match="no parameter 'fats'; did you mean 'fast'"):
        result.heatmap("fats", "slow")
    with pytest.raises(InputError, match="x and y are both 'fast'"):
        result.heatmap("fast", "fast", others="mean")


def test_bins_join_what_a_random_sample_scatters():
    result = result_of({"a": [0.0, 1.0, 9.0, 10.0], "b": [0.0, 10.0]}, [1, 2, 3, 4, 5, 6, 7, 8])
    heatmap = result.heatmap("a", "b", bins=2)
    assert heatmap.x_values.tolist() == [2.5, 7.5]
    assert heatmap.y_values.tolist() == [0.0, 10.0]
    assert heatmap.values.tolist() == [[2, 6], [3, 7]]


def test_a_small_heatmap_is_drawn_as_numbers():
    heatmap = result_of({"fast": [5, 10], "slow": [20, 30]}, [0.5, 1.25, -2, NAN]).heatmap("fast", "slow")
    assert repr(heatmap).splitlines() == [
        "sharpe over fast (across) and slow (down)",
        "       5    10",
        "20  0.50 -2.00",
        "30  1.25     ·",
        "lowest -2 at fast = 10, slow = 20; highest 1.25 at fast = 5, slow = 30",
    ]


def test_a_large_heatmap_is_drawn_as_blocks_within_the_width():
    result = sweep_sets(FakeEvaluator(), sets_of(400, 90))
    lines = repr(result.heatmap("slow", "fast")).splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert "░" in lines[2]
    assert "█" in lines[-3]
    assert "each cell is the mean of up to 1 x 10" in lines[-2]


def test_a_heatmap_is_drawn_in_colour_where_it_is_seen():
    heatmap = sweep_sets(FakeEvaluator(), sets_of(3, 3)).heatmap("fast", "slow")
    console = Console(force_terminal=True, color_system="truecolor", width=80, legacy_windows=False)
    with console.capture() as captured:
        console.print(heatmap)
    assert "48;2;68;1;84m" in captured.get()
    assert "48;2;253;231;37m" in captured.get()


def test_one_parameter_is_a_heatmap_of_one_row():
    heatmap = result_of({"k": [1, 2, 3]}, [1, 2, 3]).heatmap("k")
    assert heatmap.values.tolist() == [[1, 2, 3]]
    assert "highest 3 at k = 3" in repr(heatmap)


def test_a_heatmap_of_nothing_says_so():
    heatmap = result_of({"fast": [1], "slow": [2]}, [NAN]).heatmap("fast", "slow")
    assert "undefined everywhere" in repr(heatmap)


@pytest.mark.parametrize("axes", [("fast", "slow"), ("fast", None)])
def test_plots_are_written_without_a_screen(tmp_path: Path, axes: tuple[str, str | None]):
    pytest.importorskip("matplotlib")
    result = sweep_sets(FakeEvaluator(), sets_of())
    heatmap = result.heatmap(*axes, others="max")
    write_plot(heatmap, tmp_path / "plot.png")
    write_plot(heatmap, tmp_path / "plot.html")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG\r\n")
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert "plotly" in page
    assert "cdn.plot.ly" not in page.split("<body>")[1].split("<script")[0]
    kind = "heatmap" if axes[1] else "scatter"
    assert result.plot(*axes, others="max").data[0].type == kind


def test_a_plot_of_another_kind_is_refused():
    with pytest.raises(InputError, match=r"expected a name that ends with .html or .png"):
        check_plot(Path("plot.svg"))


def test_the_columns_of_a_sweep_cannot_be_written_to():
    result = result_of({"k": range(3)}, [1.0, 3.0, 2.0])
    for column in (result["sharpe"], result["k"], result.done):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 9
    assert result.best().index == 1
