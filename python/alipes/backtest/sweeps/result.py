"""What a sweep leaves behind: one row a parameter set, its ranking, its heatmap, and any row run in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from alipes.backtest.bars import checks
from alipes.backtest.sweeps.heatmap import Heatmap, heatmap_of
from alipes.config.names import nearest
from alipes.errors import InputError
from alipes.report.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

    from alipes.backtest.bars import Result
    from alipes.backtest.sweeps.rows import Rows

LOW_IS_GOOD = frozenset({"max_drawdown", "max_drawdown_days", "volatility", "fees", "turnover"})
"""Metrics whose best is the lowest."""
SHOWN_ROWS = 5
"""Rows a result shows of itself: the best ones."""


@dataclass(frozen=True)
class Row(Mapping[str, float]):
    """One combination: its parameters, then its metrics, by name.

    Attributes:
        index: its place in the sweep; `SweepResult.run` takes it.
        params: the parameters, as `alipes.backtest.run` takes them.
        metrics: the metrics; NaN where undefined.
    """

    index: int
    params: dict[str, float]
    metrics: dict[str, float]

    def __getitem__(self, name: str) -> float:
        if name not in self.params and name not in self.metrics:
            raise KeyError(f"no parameter or metric {name!r}{nearest(str(name), self)}")
        return self.params[name] if name in self.params else self.metrics[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.params
        yield from self.metrics

    def __len__(self) -> int:
        return len(self.params) + len(self.metrics)


class SweepResult:
    """Every combination of a sweep and its metrics.

    ``len()`` is the number of combinations, iteration gives each as a `Row`. ``result["sharpe"]`` is a metric
    and ``result["fast"]`` a parameter in all of them, (n,) float64; a metric is NaN where it is undefined or
    was not computed.

    The best of many combinations is chosen on the very data it is judged by: its figures are in-sample and
    grow with the number of trials, also where the rules have no merit.

    Attributes:
        sets: the parameter sets, in order.
        metrics: (n,) float64 by metric.
        done: (n,) bool, which combinations were computed; all of them unless the sweep was interrupted.
        interrupt: what stopped it (Ctrl-C), or None.
        warnings: what to know before believing the figures: ``gaps`` and other notes of the bars, ``warm_up``
            of combinations whose rules settle after more bars than there are.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        rerun: Callable[[dict[str, float]], Result],
        interrupt: BaseException | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        """A result.

        Args:
            rows: parameter sets and metrics.
            rerun: runs one parameter set in full.
            interrupt: what stopped the sweep.
            warnings: what a reader of the figures should know.
        """
        self.sets = rows.sets
        self.metrics = {name: _read_only(column) for name, column in rows.metrics.items()}
        self.done = _read_only(rows.done)
        self.interrupt = interrupt
        self.warnings = tuple(warnings)
        self._rerun = rerun

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before all combinations were done."""
        return self.interrupt is not None

    @property
    def params(self) -> dict[str, NDArray[np.float64]]:
        """Each parameter in all combinations, (n,) float64 by name."""
        return {name: self.sets.column(name) for name in self.sets.names}

    @property
    def trials(self) -> int:
        """Combinations that were computed: what the best of them was chosen from."""
        return int(np.count_nonzero(self.done))

    def __len__(self) -> int:
        return len(self.sets)

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, range(len(self)))

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """A metric or parameter in all combinations, (n,) float64.

        Raises:
            InputError: there is none of this name; the nearest is named.
        """
        if name in self.metrics:
            return self.metrics[name]
        if name in self.sets.names:
            return self.sets.column(name)
        raise InputError(
            f"sweep: no metric or parameter {name!r}{nearest(str(name), [*self.metrics, *self.sets.names])}"
        )

    def row(self, index: int) -> Row:
        """One combination.

        Args:
            index: 0 to len - 1; negative ones count from the end.

        Raises:
            InputError: there is no such combination.
        """
        place = self._place(index)
        metrics = {name: float(values[place]) for name, values in self.metrics.items()}
        return Row(place, self.sets.row(place), metrics)

    def order(self, metric: str, *, maximize: bool | None = None) -> NDArray[np.int64]:
        """Indices of the computed combinations, best first; ties in their order, undefined ones last.

        Args:
            metric: a metric of this sweep.
            maximize: as of `best`.

        Returns:
            (m,) int64.

        Raises:
            InputError: no such metric.
        """
        values = self._metric(metric)
        maximize = metric not in LOW_IS_GOOD if maximize is None else maximize
        done = np.flatnonzero(self.done)
        ranked = done[np.argsort(-values[done] if maximize else values[done], kind="stable")]
        return ranked.astype(np.int64)

    @overload
    def best(self, metric: str = ..., n: None = None, *, maximize: bool | None = ...) -> Row: ...
    @overload
    def best(self, metric: str = ..., n: int = ..., *, maximize: bool | None = ...) -> list[Row]: ...
    def best(
        self, metric: str = "sharpe", n: int | None = None, *, maximize: bool | None = None
    ) -> Row | list[Row]:
        """The best combination by a metric, or the `n` best.

        In-sample: with many trials the best figure is high by chance alone.

        Args:
            metric: a metric of this sweep.
            n: how many, best first; None for one row and no list.
            maximize: whether high is good; by default it is, save of max_drawdown, max_drawdown_days,
                volatility, fees and turnover.

        Returns:
            A `Row`; with `n` a list of at most `n` of them.

        Raises:
            InputError: no such metric, `n` below 1, nothing computed, or the metric undefined everywhere.
        """
        if not isinstance(metric, str):
            raise InputError(f"best: metric={metric!r}: expected a name, such as best('sharpe', n=3)")
        order = self.order(metric, maximize=maximize)
        wanted = 1 if n is None else checks.whole(at_least=1)("n", n)
        if not len(order):
            raise InputError("best: no combination was computed before the sweep was interrupted")
        if n is None and np.isnan(self.metrics[metric][order[0]]):
            raise InputError(f"best: {metric} is undefined in all {self.trials:,} combinations")
        rows = [self.row(int(index)) for index in order[:wanted]]
        return rows[0] if n is None else rows

    def heatmap(
        self,
        x: str,
        y: str | None = None,
        *,
        metric: str = "sharpe",
        others: str | Mapping[str, float] | None = None,
        bins: int | None = None,
    ) -> Heatmap:
        """One metric over two parameters.

        Args:
            x: parameter along the columns.
            y: parameter along the rows; None for a single row.
            metric: a metric of this sweep.
            others: what happens to the parameters besides: ``"mean"``, ``"median"``, ``"min"`` or
                ``"max"`` over them, or the value each of them is held at. Needed if they vary.
            bins: sort each axis into so many equal bins; a random sample of wide ranges wants it.

        Raises:
            InputError: an unknown name or value, or parameters that vary while `others` leaves them open.
        """
        self._metric(metric)
        return heatmap_of(self.sets, self.metrics[metric], x, y, metric=metric, others=others, bins=bins)

    def plot(
        self,
        x: str,
        y: str | None = None,
        *,
        metric: str = "sharpe",
        others: str | Mapping[str, float] | None = None,
        bins: int | None = None,
    ) -> Any:
        """`heatmap` as a plotly figure; one parameter alone as a line. Needs the ``report`` extra.

        Raises:
            InputError: as `heatmap`.
            ImportError: plotly is not installed.
        """
        from alipes.backtest.sweeps.plot import figure  # noqa: PLC0415 - optional

        return figure(self.heatmap(x, y, metric=metric, others=others, bins=bins))

    def run(self, index: int) -> Result:
        """One combination in full: the `Result` of `alipes.backtest.run` with its parameters, bit for bit.

        Args:
            index: 0 to len - 1, as in `Row.index`; negative ones count from the end.

        Raises:
            InputError: there is no such combination.
        """
        return self._rerun(self.sets.row(self._place(index)))

    def table(self) -> Table:
        """One row a combination: parameters, metrics, whether it is done."""
        return self._rows(np.arange(len(self)), with_done=True)

    def to_arrow(self) -> pa.Table:
        """`table` as a pyarrow table; metrics that are undefined or not computed are null."""
        return self.table().to_arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow C stream of `to_arrow`."""
        return self.table().__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> pd.DataFrame:
        """`table` as a pandas DataFrame."""
        return self.table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """`table` as a polars DataFrame."""
        return self.table().to_polars()

    @staticmethod
    def best_word(metric: str) -> str:
        """``highest`` or ``lowest``, whichever is the best of a metric."""
        return "lowest" if metric in LOW_IS_GOOD else "highest"

    def caution(self) -> str:
        """What to keep in mind of the best row, in one line."""
        return f"best of {self.trials:,} trials, in-sample: chance alone makes the best of many look good"

    def __repr__(self) -> str:
        missing = len(self) - self.trials
        state = f", {missing:,} of them not done (interrupted)" if missing else ""
        head = f"SweepResult: {len(self):,} combinations of {', '.join(self.sets.names)}{state}"
        told = [f"warning: {text}" for text in self.warnings]
        return "\n".join([head, repr(self._top()), self.caution(), *told])

    def _repr_html_(self) -> str:
        told = "".join(f"<li>{escape(text)}</li>" for text in self.warnings)
        warned = f"<p>Warnings</p><ul>{told}</ul>" if told else ""
        return f"<div>{self._top()._repr_html_()}<p>{self.caution()}</p>{warned}</div>"

    def _top(self) -> Table:
        metric = "sharpe" if "sharpe" in self.metrics else next(iter(self.metrics))
        chosen = self.order(metric)[:SHOWN_ROWS]
        return self._rows(chosen, name=f"{self.best_word(metric)} {metric}", with_index=True)

    def _rows(
        self,
        chosen: NDArray[np.int64],
        *,
        name: str = "sweep",
        with_index: bool = False,
        with_done: bool = False,
    ) -> Table:
        columns: dict[str, Any] = {"i": chosen} if with_index else {}
        for key, is_whole in zip(self.sets.names, self.sets.is_whole, strict=True):
            column = self.sets.column(key)[chosen]
            columns[key] = column.astype(np.int64) if is_whole else column
        columns |= {key: values[chosen] for key, values in self.metrics.items()}
        if with_done:
            columns["done"] = self.done[chosen]
        return Table(columns, name=name)

    def _metric(self, name: str) -> NDArray[np.float64]:
        if name not in self.metrics:
            raise InputError(f"sweep: no metric {name!r} was computed{nearest(str(name), self.metrics)}")
        return self.metrics[name]

    def _place(self, index: int) -> int:
        is_whole = isinstance(index, (int, np.integer)) and not isinstance(index, bool)
        if not is_whole or not -len(self) <= index < len(self):
            given = f"Row(index={index.index}, ...)" if isinstance(index, Row) else repr(index)
            raise InputError(
                f"sweep: no combination {given}: expected 0 to {len(self) - 1}, such as best().index"
            )
        return int(index) % len(self)


def _read_only(column: NDArray[Any]) -> NDArray[Any]:
    """A view of a column that nobody can write to: what is chosen by it must not change."""
    view = column.view()
    view.flags.writeable = False
    return view
