"""`sweep`: many parameter sets over the same bars, all cores, interruptible and resumable."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.backtest.bars import checks
from alipes.backtest.bars.options import BarOptions
from alipes.backtest.bars.signature import with_options
from alipes.backtest.stats import METRICS
from alipes.backtest.sweeps.evaluator import Evaluator
from alipes.backtest.sweeps.grid import ParamSets, grid, sample_of
from alipes.backtest.sweeps.progress import Watch
from alipes.backtest.sweeps.result import SweepResult
from alipes.backtest.sweeps.rows import Rows
from alipes.backtest.sweeps.store import SweepStore
from alipes.backtest.sweeps.where import as_constraint
from alipes.config.names import nearest
from alipes.data.bars import as_bars
from alipes.errors import InputError, shown
from alipes.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Unpack

    from alipes.backtest.bars.options import OptionArguments

DEFAULT_METRICS = ("total_return", "sharpe", "max_drawdown", "trades")
FIRST_CHUNK = 256
"""Sets of the first part of a resumable sweep."""
CHUNK_S = 10.0
"""Seconds that a later part is to take: what a killed process loses at most, about."""
_FORMAT = 1


@with_options
def sweep(
    rules: Rules,
    bars: Any,
    *,
    params: Mapping[str, Any],
    where: Any = None,
    metrics: Iterable[str] = DEFAULT_METRICS,
    workers: int | None = None,
    resume: str | Path | None = None,
    sample: int | None = None,
    seed: int = 0,
    progress: bool | Callable[[int, int], object] | None = None,
    others: Mapping[str, Any] | None = None,
    **options: Unpack[OptionArguments],
) -> SweepResult:
    """Runs rules with every combination of parameters, or a random sample of them.

    Ctrl-C ends it early and returns what is done. The best rows are in-sample: see `SweepResult`.

    Args:
        rules: The rules.
        bars: What `alipes.bars` takes or gives.
        params: Values of each parameter of the rules: a range, list, array, or a single number; the grid is
            their product, the last one fastest. With `sample` also `uniform`, `log_uniform`, `integers` or
            `choice`.
        where: Which combinations are allowed: a text such as ``"fast < slow"``, a condition on
            `alipes.rules.param`, or a function of a dict (slower).
        metrics: Names of `Stats` to compute.
        workers: Threads; all cores by default. The numbers do not depend on it.
        resume: A Parquet file that keeps the rows as they are done. With one left by the same sweep only
            what is missing is computed; one of another sweep is refused.
        sample: How many distinct combinations to draw at random instead of the grid.
        seed: Of the draw.
        progress: A function of (done, total); True for a progress bar, False for none. By default a bar,
            if it takes over a second and stderr is a terminal.
        others: Bars of other instruments by name, as `alipes.rules.other` names them.
        **options: The terms, as of `alipes.backtest.run`; see `BarOptions` for each.

    Raises:
        InputError: A parameter that is missing, unknown, without values, or has one that is no number or
            there twice; nothing left by `where`; an unknown metric or option; a file of another sweep.
        DataError: As `alipes.bars` and `alipes.backtest.run`.
        StoreError: The file could not be written.
    """
    if not isinstance(rules, Rules):
        raise InputError(
            f"sweep: {rules!r}: expected alipes.rules.Rules; strategies run one at a time with run"
        )
    chosen = _checked_metrics(metrics, params)
    sets = _sets(rules, params, where, sample, seed)
    evaluator = Evaluator(
        rules,
        as_bars(bars),
        BarOptions.of(
            options, beside=("metrics", "sample", "where", "workers", "resume", "progress", "seed")
        ),
        sets=sets,
        others=others,
        metrics=chosen,
        workers=_threads(workers),
    )
    return sweep_sets(evaluator, sets, resume=resume, progress=progress)


def sweep_sets(
    evaluator: Evaluator,
    sets: ParamSets,
    *,
    resume: str | Path | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> SweepResult:
    """Runs parameter sets that are laid out already; see `sweep`."""
    rows = Rows.empty(sets, evaluator.metrics)
    store = None if resume is None else SweepStore(resume, _key(evaluator, sets))
    if store is not None:
        store.read(rows)
    interrupt: KeyboardInterrupt | None = None
    with Watch(progress, len(sets)) as watch:
        try:
            _compute(evaluator, rows, store, watch)
        except KeyboardInterrupt as signalled:
            interrupt = signalled
            if store is not None and rows.done.any():
                store.write(rows)
    warnings = evaluator.warnings_of(sets.kept(rows.done))
    return SweepResult(rows, rerun=evaluator.run, interrupt=interrupt, warnings=warnings)


def _compute(evaluator: Evaluator, rows: Rows, store: SweepStore | None, watch: Watch) -> None:
    """Fills in what is not done, part by part.

    Raises:
        KeyboardInterrupt: it was stopped; what is done is filled in.
    """
    missing = np.flatnonzero(~rows.done)
    size = len(missing) if store is None else FIRST_CHUNK
    while len(missing):
        started = perf_counter()
        part, missing = missing[:size], missing[size:]
        watch.before = int(np.count_nonzero(rows.done))
        found, finished = evaluator.compute(rows.sets.at(part), watch.report)
        rows.fill(part[finished], {name: values[finished] for name, values in found.items()})
        if store is not None and finished.any():
            store.write(rows)
        if not finished.all() or watch.error is not None:
            raise watch.error or KeyboardInterrupt
        watch.report(len(part))
        seconds = max(perf_counter() - started, 1e-6)
        size = max(FIRST_CHUNK, min(8 * size, int(size * CHUNK_S / seconds)))


def _sets(rules: Rules, params: Any, where: Any, sample: int | None, seed: int) -> ParamSets:
    _check_params(rules, params)
    names = tuple(rules.params)
    constraint = as_constraint(where, names)
    if sample is not None:
        return sample_of(params, sample, seed=seed, constraint=constraint)
    every = grid(params)
    if constraint is None:
        return every
    kept = every.kept(constraint(every))
    if not len(kept):
        raise InputError(
            f"where={shown(where)} removes all {len(every):,} combinations, such as {every.row(0)}: none"
            " is left"
        )
    return kept


def _check_params(rules: Rules, params: Any) -> None:
    if not hasattr(params, "keys"):
        raise InputError(
            f"params={shown(params)}: expected values by name, such as {{'fast': range(5, 50, 5)}}"
        )
    known = tuple(rules.params)
    if not known:
        raise InputError("sweep: these rules have no parameter: put r.param('name') where a value is to vary")
    for name in params:
        if name not in known:
            raise InputError(f"params: the rules have no parameter {name!r}{nearest(str(name), known)}")
    missing = [name for name in known if name not in params]
    if missing:
        told = " and ".join(f"{name!r} (in {', '.join(rules.params[name])})" for name in missing)
        raise InputError(f"params lacks {told}: give each parameter of the rules its values")


def _checked_metrics(metrics: Iterable[str], params: Any) -> tuple[str, ...]:
    if not isinstance(metrics, Iterable):
        raise InputError(f"metrics={metrics!r}: expected names of statistics, such as ['sharpe', 'trades']")
    chosen = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    if not chosen:
        raise InputError("metrics is empty: expected at least one, such as 'sharpe'")
    for place, name in enumerate(chosen):
        if name not in METRICS:
            raise InputError(f"metrics: there is no {name!r}{nearest(str(name), METRICS)}")
        if name in chosen[:place]:
            raise InputError(f"metrics: {name!r} is there twice")
        if name in params:
            raise InputError(f"metrics: {name!r} is also a parameter of the rules: rename the parameter")
    return chosen


def _threads(workers: int | None) -> int:
    if workers is not None:
        return checks.whole(at_least=1)("workers", workers)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _key(evaluator: Evaluator, sets: ParamSets) -> dict[str, Any]:
    hashed = blake2b("|".join(sets.names).encode(), digest_size=16)
    hashed.update(sets.values.data)
    return evaluator.identity() | {"params": hashed.hexdigest(), "format": _FORMAT}
