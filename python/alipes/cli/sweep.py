"""``alipes sweep``: rules over many parameter sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from cyclopts import Parameter

from alipes.cli.barflags import BarFlags
from alipes.cli.console import Flag, Text, errors, output, print_json
from alipes.cli.files import check_file, write_table
from alipes.cli.values import split_params, swept_values
from alipes.config.names import nearest
from alipes.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.backtest.sweeps import Heatmap, Row, SweepResult
    from alipes.cli.plan import Plan

MOST_BINS = 20
"""Bins of each axis of a heatmap of a random sample."""


def sweep(
    target: str,
    /,
    *,
    param: Annotated[list[str] | None, Parameter(negative=())] = None,
    where: Text = None,
    metrics: Text = None,
    sample: int | None = None,
    seed: int | None = None,
    rank: Text = None,
    top: int = 10,
    axes: Text = None,
    workers: int | None = None,
    resume: Path | None = None,
    out: Path | None = None,
    plot: Path | None = None,
    html: Path | None = None,
    json: Flag = False,
    flags: BarFlags = BarFlags(),  # noqa: B008 - frozen
) -> int:
    """Run rules with every combination of parameters, or a random sample of them.

    Args:
        target: TOML file, or module:rules (also from the current folder).
        param: Parameter as name=VALUES: 10, or 5,10,20, or 5:100:5 (the stop is left out), or with --sample also uniform(0.5,3), log_uniform, integers or choice; may be repeated.
        where: Which combinations are allowed, such as "fast < slow".
        metrics: What to compute, separated by commas; total_return,sharpe,max_drawdown,trades by default.
        sample: How many combinations to draw at random instead of all.
        seed: Of the draw; 0 by default.
        rank: Metric that ranks the combinations; sharpe, else the first.
        top: Best combinations to show.
        axes: Parameters of the heatmap, X or X,Y; others are joined by their mean.
        workers: Threads; all cores by default.
        resume: Parquet file that keeps the rows as they are done, and lets the same sweep go on.
        out: File for all rows, named .parquet; it must not exist.
        plot: File for the heatmap, .html or .png; it must not exist.
        html: File for the tearsheet of the best combination; it must not exist.
        json: Print the best combinations as JSON.
        flags: The bars and the terms.
    """  # noqa: E501 - a paragraph of help
    from alipes.cli.plan import read_plan

    files = Files(out=out, plot=plot, html=html)
    files.check()
    plan = read_plan(target, flags)
    chosen = {"where": where, "metrics": _listed(metrics), "sample": sample, "seed": seed}
    arguments = _arguments(plan, param or [], chosen)
    ranking = _ranking(arguments["metrics"], rank)
    _check_axes(axes, arguments["params"])
    if top < 1:
        raise InputError(f"--top {top}: expected at least 1")
    result = _run(plan, arguments, workers, resume, is_quiet=json)
    best = result.best(ranking, top) if result.trials else []
    heatmap = heatmap_for(result, ranking, axes, is_needed=plot is not None)
    files.write(result, best, heatmap)
    if json:
        print_json(_summary(result, ranking, best))
    else:
        _show(result, ranking, best, heatmap)
    return _exit_code(result, resume)


@dataclass(frozen=True)
class Files:
    """Files that a sweep is to leave, each as its flag says."""

    out: Path | None
    plot: Path | None
    html: Path | None

    def check(self) -> None:
        """Refuse what cannot be made, before the work.

        Raises:
            InputError: a file exists, its folder does not, or its name or a library is not what it takes.
        """
        for name, path in vars(self).items():
            if path is not None:
                check_file(path, f"--{name}")
        if self.out is not None and self.out.suffix != ".parquet":
            raise InputError(f"--out {self.out}: the file is Parquet: name it .parquet")
        if self.plot is not None:
            from alipes.backtest.sweeps.plot import check_plot

            check_plot(self.plot)

    def write(self, result: SweepResult, best: list[Row], heatmap: Heatmap | None) -> None:
        """Write them; of a sweep that was interrupted, what there is."""
        if self.out is not None:
            write_table(result.to_arrow(), self.out)
        if self.plot is not None and heatmap is not None:
            from alipes.backtest.sweeps.plot import write_plot

            write_plot(heatmap, self.plot)
        if self.html is not None and best:
            result.run(best[0].index).to_html(self.html)


def heatmap_for(result: SweepResult, metric: str, axes: str | None, *, is_needed: bool) -> Heatmap | None:
    """The heatmap to show: over `axes`, else over the parameters that vary if they are one or two.

    Args:
        result: the sweep.
        metric: what to show.
        axes: ``X`` or ``X,Y``.
        is_needed: take the first two if more vary.

    Raises:
        InputError: no such parameter.
    """
    varying = [name for name, values in result.params.items() if len(np.unique(values)) > 1]
    chosen = _listed(axes) or varying
    if not chosen or not result.trials or (len(chosen) > 2 and not is_needed):
        return None
    x, y = chosen[0], chosen[1] if len(chosen) > 1 else None
    is_open = any(name not in {x, y} for name in varying)
    bins = _bins(result, x, y)
    return result.heatmap(x, y, metric=metric, others="mean" if is_open else None, bins=bins)


def _check_axes(axes: str | None, params: Mapping[str, Any]) -> None:
    """Refuse axes that cannot be, before the work."""
    chosen = _listed(axes)
    for name in chosen or ():
        if name not in params:
            raise InputError(f"--axes {axes}: no parameter {name!r}{nearest(name, params)}")
    if axes is not None and (not chosen or len(chosen) > 2 or len(set(chosen)) < len(chosen)):
        raise InputError(f"--axes {axes}: expected one or two parameters, X or X,Y")


def _bins(result: SweepResult, x: str, y: str | None) -> int | None:
    """Bins for a sample that a cell a pair would scatter; None for a grid."""
    cells = 1
    for name in (x, y):
        cells *= len(np.unique(result[name])) if name in result.params else 1
    return MOST_BINS if y is not None and cells > 4 * len(result) else None


def _arguments(plan: Plan, typed: list[str], flags: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `alipes.backtest.sweep` from the file and the flags."""
    from alipes.backtest.sweeps.run import DEFAULT_METRICS

    values = {name: ("[params] " + name, value) for name, value in plan.params.items()}
    values |= {name: ("[sweep.params] " + name, value) for name, value in plan.sweep["params"].items()}
    values |= {name: ("--param " + name, text) for name, text in split_params(typed).items()}
    chosen: dict[str, Any] = {"metrics": list(DEFAULT_METRICS)} | plan.sweep
    chosen |= {name: value for name, value in flags.items() if value is not None}
    if not isinstance(chosen["metrics"], list) or not chosen["metrics"]:
        raise ConfigError(f"[sweep] metrics: expected a list of names, got {chosen['metrics']!r}")
    return chosen | {"params": {name: swept_values(*given) for name, given in values.items()}}


def _run(
    plan: Plan, arguments: dict[str, Any], workers: int | None, resume: Path | None, *, is_quiet: bool
) -> SweepResult:
    from alipes.backtest.sweeps import sweep as run_sweep
    from alipes.cli.plan import load_rules

    rules = load_rules(plan.rules)
    bars, options = plan.load_bars(), plan.load_options()
    shown = False if is_quiet else None
    return run_sweep(rules, bars, workers=workers, resume=resume, progress=shown, **arguments, **options)


def _ranking(metrics: list[str], rank: str | None) -> str:
    """The metric that ranks the rows.

    Raises:
        InputError: it is not computed.
    """
    if rank is not None and rank not in metrics:
        raise InputError(f"--rank {rank}: it is not among --metrics {','.join(metrics)}")
    return rank or ("sharpe" if "sharpe" in metrics else metrics[0])


def _summary(result: SweepResult, ranking: str, best: list[Row]) -> dict[str, Any]:
    return {
        "combinations": len(result),
        "done": result.trials,
        "interrupted": result.interrupted,
        "rank": ranking,
        "best": [{"index": row.index, "params": row.params, "metrics": row.metrics} for row in best],
        "caution": result.caution(),
        "warnings": list(result.warnings),
    }


def _show(result: SweepResult, ranking: str, best: list[Row], heatmap: Heatmap | None) -> None:
    from rich.table import Table
    from rich.text import Text as Line

    from alipes.report.tearsheet.labels import label, written

    console = output()
    order = result.best_word(ranking)
    title = f"{len(result):,} combinations, the {len(best):,} with the {order} {ranking}"
    table = Table(box=None, header_style="dim")
    for name in result.params:
        table.add_column(name, justify="right", no_wrap=True)
    for name in result.metrics:
        table.add_column(label(name), justify="right", no_wrap=True)
    for row in best:
        shown = [written(name, value) for name, value in row.metrics.items()]
        table.add_row(*(f"{value:g}" for value in row.params.values()), *shown)
    console.print(Line(title, style="bold"), table, sep="\n")
    if heatmap is not None:
        console.print(Line(), heatmap, sep="\n")
    console.print(Line(), Line(result.caution(), style="dim"), sep="\n")
    for text in result.warnings:
        console.print(Line(f"warning, {text}", style="yellow"), soft_wrap=True)


def _exit_code(result: SweepResult, resume: Path | None) -> int:
    from alipes.cli.app import Exit

    if not result.interrupted:
        return Exit.OK
    hint = f"; the same command goes on from {resume}" if resume is not None else ""
    told = f"interrupted: {result.trials:,} of {len(result):,} combinations are done{hint}"
    errors().print(told, highlight=False, soft_wrap=True)
    return Exit.INTERRUPTED if type(result.interrupt) is KeyboardInterrupt else Exit.TERMINATED


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]
