"""Rules, bars and options made ready: parameter sets through the compiled engine, or one of them in full."""

from __future__ import annotations

import pickle
import re
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

import alipes
from alipes import _core
from alipes.backtest.bars import checks, inputs
from alipes.errors import AlipesError, InputError
from alipes.rules.evaluate import columns_with_user
from alipes.rules.graph import names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from alipes.backtest.bars import Result
    from alipes.backtest.bars.options import BarOptions
    from alipes.backtest.sweeps.grid import ParamSets
    from alipes.data.bars import Bars
    from alipes.rules import Rules

_SET = re.compile(r"parameter set (\d+): ")
"""How the engine begins an error about one of the sets it was given."""
Columns = dict[str, "NDArray[np.float64]"]


class Evaluator:
    """Computes metrics of parameter sets.

    Attributes:
        metrics: names of the metrics, in order.
    """

    def __init__(
        self,
        rules: Rules,
        bars: Bars,
        options: BarOptions,
        *,
        sets: ParamSets,
        others: Mapping[str, Any] | None,
        metrics: Sequence[str],
        workers: int,
    ) -> None:
        """An evaluator.

        Args:
            rules: the rules.
            bars: the bars.
            options: what they trade on.
            sets: all parameter sets there will be; with ``score_from="common"`` they start at the bar at
                which every one of them is warm.
            others: bars of other instruments by name.
            metrics: names of the metrics.
            workers: threads, >= 1.

        Raises:
            AlipesError: as `alipes.backtest.run`.
        """
        self.metrics = tuple(metrics)
        self._first_bar = 0
        if options.score_from == "common":
            self._first_bar = inputs.common_start(int(_warm_up(rules, sets, bars.step).max()), bars)
        self._rules = rules
        self._bars = bars
        self._seen = checks.Seen(bars)
        self._options = options
        self._others = inputs.others_of(rules, others)
        self._workers = workers
        inputs.check_columns(rules, bars, self._others)
        self._lost = ""
        self._columns = options.columns(bars)
        self._terms = options.to_terms(bars) | {"first_bar": self._first_bar}

    @cached_property
    def _program(self) -> _core.BarProgram:
        """The rules, compiled."""
        return _core.BarProgram(self._rules.nodes, self._rules.slots)

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle keeps: rules that are not compiled, or why there are none."""
        state = {name: value for name, value in self.__dict__.items() if name != "_program"}
        if not self._lost:
            try:
                pickle.dumps(self._rules)
            except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
                state["_lost"] = str(error)
        if state["_lost"]:
            state.pop("_rules", None)
        return state

    def identity(self) -> dict[str, Any]:
        """What decides the numbers of a parameter set, as JSON values."""
        beside = {f"bars of {name}": _digest_of(bars) for name, bars in self._others.items()}
        return {
            "version": alipes.__version__,
            "rules": self._rules.key().hex(),
            "bars": _digest_of(self._bars),
            "options": self._options.describe(),
            "metrics": list(self.metrics),
            **beside,
        }

    def compute(
        self, sets: ParamSets, report: Callable[[int], None]
    ) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
        """The metrics of some sets.

        Args:
            sets: the parameter sets.
            report: called now and then with the number of sets done; what it raises stops the work. After a
                KeyboardInterrupt the sets done by then come back.

        Returns:
            (n,) float64 by metric, and (n,) bool: which sets were done.
        """
        found = {name: np.full(len(sets), np.nan) for name in self.metrics}
        done = np.zeros(len(sets), dtype=np.bool_)
        before = 0
        for places, columns in self._groups(sets):
            part, finished = self._swept(sets.at(places), columns, _after(before, report))
            for name in self.metrics:
                found[name][places] = part[name]
            done[places] = finished
            before += len(places)
            if not finished.all():
                break
        return found, done

    def warnings_of(self, sets: ParamSets) -> tuple[str, ...]:
        """What to know of some sets: notes of the bars, a lot too dear, rules that never settle."""
        bars = self._bars
        lot = self._options.dear_lot(bars)
        known = (*bars.warnings, f"lot: {lot}") if lot else bars.warnings
        settled = _warm_up(self._rules, sets, bars.step)
        late = int(np.count_nonzero(settled >= len(bars)))
        if not late:
            return known
        text = (
            f"warm_up: with {late:,} of {len(sets):,} combination{'s'[: len(sets) > 1]} the rules settle "
            f"after more bars than the {len(bars):,} there are, at most after {settled.max():,}"
        )
        return (*known, text)

    def run(self, params: dict[str, float]) -> Result:
        """One parameter set in full.

        Raises:
            DataError: the closes were changed after the sweep.
            InputError: this was pickled, and the rules hold a function that cannot be.
        """
        from alipes.backtest.bars.run import run_rules  # noqa: PLC0415 - a sweep alone has no use for it

        if self._lost:
            raise InputError(
                f"sweep: the rules did not come through the pickle ({self._lost}): run the sweep again, or "
                "define the functions of r.user at the top of a module"
            )
        self._seen.require_unchanged("sweep: none of its combinations can be run as it was")
        return run_rules(
            self._rules,
            self._bars,
            params=params,
            others=self._others,
            options=self._options,
            first_bar=self._first_bar,
        )

    def _swept(self, sets: ParamSets, columns: Columns, report: Callable[[int], None]) -> Any:
        beside = {name: inputs.as_given(bars) for name, bars in self._others.items()}
        try:
            return _core.bar_sweep(
                self._program,
                self._bars.ts,
                columns,
                self._bars.step,
                list(sets.names),
                sets.values,
                self._terms,
                list(self.metrics),
                self._workers,
                report,
                beside or None,
            )
        except AlipesError as error:
            raise _named(error, sets) from error

    def _groups(self, sets: ParamSets) -> Iterator[tuple[NDArray[np.int64], Columns]]:
        """Places of sets that share the columns of user operators, and the columns with those."""
        made = self._rules.user_columns
        if not made:
            yield np.arange(len(sets)), self._columns
            return
        used = [sets.names.index(name) for name in _params_of(self._rules)]
        distinct, group = np.unique(sets.values[:, used], axis=0, return_inverse=True)
        for number in range(len(distinct)):
            places = np.flatnonzero(group.ravel() == number)
            params = dict(zip(sets.names, sets.values[places[0]].tolist(), strict=True))
            columns = columns_with_user(self._rules.nodes, made, self._bars, params, self._others, nth=number)
            yield places, columns | self._columns


def _named(error: AlipesError, sets: ParamSets) -> AlipesError:
    """The error with a set's values instead of its number."""
    text = str(error)
    found = _SET.match(text)
    if found is None:
        return error
    return type(error)(f"with {_values(sets, int(found[1]))}: {text[found.end() :]}")


def _values(sets: ParamSets, index: int) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in sets.row(index).items())


def _warm_up(rules: Rules, sets: ParamSets, step: int) -> NDArray[np.int64]:
    """Bars after which the rules settle with each parameter set, (n,) int64.

    Raises:
        InputError: A window that cannot be; the first set with one is named.
    """
    try:
        return rules.warmup_by_set({name: sets.column(name) for name in sets.names}, step=step)
    except InputError:
        for index in range(len(sets)):
            try:
                rules.warmup_bars(sets.row(index), step=step)
            except InputError as error:
                raise InputError(f"with {_values(sets, index)}: {error}") from error
        raise


def _params_of(rules: Rules) -> Sequence[str]:
    """Parameters that user operators depend on."""
    nodes = rules.nodes
    users = {column.name: column.args for column in rules.user_columns}
    seen: set[int] = set()
    waiting = [arg for column in rules.user_columns for arg in column.args]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting.extend((*nodes[here][1], *users.get(str(nodes[here][2]), ())))
    return names_of([nodes[place] for place in sorted(seen)], "param")


def _after(before: int, report: Callable[[int], None]) -> Callable[[int], None]:
    return lambda done: report(before + done)


def _digest_of(bars: Bars) -> str:
    """A digest of stamps, step and columns."""
    hashed = blake2b(bars.ts.data, digest_size=16)
    hashed.update(str(bars.step).encode())
    for name in sorted(bars.columns):
        hashed.update(f"|{name}|".encode())
        hashed.update(np.ascontiguousarray(bars.columns[name]).data)
    return hashed.hexdigest()
