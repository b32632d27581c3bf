"""`check_lookahead`: truncation for what looks ahead, later starts for how long a warm-up is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.backtest.bars import checks
from alipes.backtest.lookahead.calls import Columns, Function, SignalCalls
from alipes.backtest.lookahead.report import (
    ColumnChanges,
    LookaheadReport,
    allowance,
    changed_table,
    differs,
)
from alipes.backtest.progress import tell
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_LADDER = 1.6
"""Short cuts grow by this factor: what is filled backwards at the start of the data shows in them alone."""


def check_lookahead(
    function: Function,
    bars: Any,
    *,
    cuts: int = 100,
    starts: int = 10,
    tolerance: float = 1e-9,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> LookaheadReport:
    """Find out whether a signal function uses data from the future, and how long its warm-up is.

    Look-ahead: the function is called on all bars and on the first k of them, for many k: around each change
    of its values, at the start of the data, and at random. A value at a bar that is kept may not depend on
    whether later bars are there. Found so are ``shift(-1)``, centred windows, scaling by the whole sample,
    filling backwards, resampled bars that are used before they end, and derivatives that take the next bar.

    Warm-up: the function is called on the bars from s on, for a few s in the first half; counted is after how
    many bars its values agree with those of the whole history for good. A recursive average takes many times
    its length to agree to the `tolerance`.

    Args:
        function: Takes bars, in the type of `bars`, and returns one value a bar: an array or Series, or a
            mapping, tuple, data frame or table of them. It may write to the bars it gets.
        bars: Anything that `alipes.bars` takes without options; a path is loaded first.
        cuts: About how many cuts at random, and as many around changes; >= 1. Each is one call.
        starts: How many later starts; 0 leaves the warm-up out.
        tolerance: Relative difference that is no change, of the value or the column's mean size; >= 0.
        seed: Of the random choices; the same seed gives the same report.
        progress: Called with the calls done and the calls there will be.

    Returns:
        A report; `raise_if_failed()` makes an error of look-ahead.

    Raises:
        InputError: An option out of its range; the function fails on half of the bars or more, does not
            return one number a bar, or does not return the same twice.
        DataError: The bars cannot be.
    """
    cuts = checks.whole(at_least=1)("cuts", cuts)
    starts = checks.whole(at_least=0)("starts", starts)
    tolerance = checks.number(at_least=0)("tolerance", tolerance)
    seed = checks.whole(at_least=0)("seed", seed)
    if progress is not None and not callable(progress):
        raise InputError(f"progress={shown(progress)}: expected a function of (done, total)")
    calls = SignalCalls(function, bars)
    full = _twice(calls)
    rng = np.random.default_rng(seed)
    kept = _cuts(full, len(calls), cuts, rng)
    begun = _starts(len(calls), starts, rng)
    count = _Count(progress, len(kept) + len(begun))
    changes, failures = _changes(calls, full, kept, tolerance, count)
    changed = changed_table(changes, calls.ts)
    return LookaheadReport(
        ok=not len(changed),
        changed=changed,
        reach={name: change.reach for name, change in changes.items()},
        warmup=_warmups(calls, full, begun, tolerance, count),
        bars=len(calls),
        cuts=kept,
        starts=begun,
        failures=failures,
    )


class _Count:
    """Counts calls, and tells a function that may be there how many are done."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def add(self) -> None:
        """One more is done."""
        self._done += 1
        if self._progress is not None:
            tell(self._progress, self._done, self._total)


def _twice(calls: SignalCalls) -> Columns:
    """The values with all bars, which a second call must repeat."""
    try:
        full, again = calls.of(0, len(calls)), calls.of(0, len(calls))
    except Exception as error:
        error.add_note(f"raised by the function that is checked, called with all {len(calls):,} bars")
        raise
    for name, values in _same_columns(again, full).items():
        off = np.flatnonzero(differs(full[name], values, np.zeros(len(values))))
        if off.size:
            row = int(off[0])
            raise InputError(
                f"the function is not repeatable: {name!r} at bar {row} is {full[name][row]}, then "
                f"{values[row]} on the same bars; seed what is random and keep no state between calls"
            )
    return full


def _same_columns(part: Columns, full: Columns) -> Columns:
    if part.keys() != full.keys():
        raise InputError(
            f"the function returns other columns on fewer bars: {', '.join(part)}, not {', '.join(full)}"
        )
    return part


def _changes(
    calls: SignalCalls, full: Columns, kept: NDArray[np.int64], tolerance: float, count: _Count
) -> tuple[dict[str, ColumnChanges], tuple[tuple[int, str], ...]]:
    """What changes by column when only the first bars are kept, and (cut, error) of cuts that failed."""
    changes = {name: ColumnChanges(values, tolerance) for name, values in full.items()}
    failures: list[tuple[int, str]] = []
    for cut in kept.tolist():
        if (part := _tried(calls, cut, failures)) is not None:
            for name, values in _same_columns(part, full).items():
                changes[name].add(values)
        count.add()
    return changes, tuple(failures)


def _tried(calls: SignalCalls, cut: int, failures: list[tuple[int, str]]) -> Columns | None:
    """The values of the first bars; None if there are too few of them for the function."""
    try:
        return calls.of(0, cut)
    except Exception as error:
        if cut * 2 >= len(calls):
            raise InputError(f"the function fails on the first {cut} bars: {error!r}") from error
        failures.append((cut, repr(error)))
        return None


def _cuts(full: Columns, count: int, wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Numbers of bars to keep, (cuts,) increasing, each in ``[1, count)``."""
    ladder = _LADDER ** np.arange(np.log(count) / np.log(_LADDER) + 1)
    chosen = [ladder.astype(np.int64), rng.integers(1, max(count, 2), wanted)]
    share = max(wanted // len(full), 4)
    for values in full.values():
        # Exact: a value and an undefined one differ, two undefined ones do not.
        steps = differs(values[:-1], values[1:], np.zeros(len(values) - 1))
        changes = np.flatnonzero(steps) + 1
        if len(changes) > share:
            changes = rng.choice(changes, share, replace=False)
        # The bar before a change, the change, and the bar after it are each the last that is kept.
        chosen.extend(changes + after for after in (0, 1, 2))
    kept: NDArray[np.int64] = np.unique(np.concatenate(chosen))
    return kept[(kept >= 1) & (kept < count)]


def _starts(count: int, wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Bars to start at, (starts,) increasing, in the first half."""
    possible = np.arange(1, count // 2 + 1)
    return np.sort(rng.choice(possible, min(wanted, len(possible)), replace=False))


def _warmups(
    calls: SignalCalls,
    full: Columns,
    begun: NDArray[np.int64],
    tolerance: float,
    count: _Count,
) -> dict[str, int | None]:
    """By column the longest warm-up over the starts; None if it never ends."""
    longest: dict[str, int | None] = dict.fromkeys(full, 0)
    for start in begun.tolist():
        try:
            part = calls.of(start, len(calls))
        except Exception as error:
            raise InputError(f"the function fails on the bars from {start} on: {error!r}") from error
        for name, values in _same_columns(part, full).items():
            allowed = allowance(full[name], tolerance)[start:]
            off = np.flatnonzero(differs(full[name][start:], values, allowed))
            needed = int(off[-1]) + 1 if off.size else 0
            before = longest[name]
            longest[name] = None if before is None or needed == len(values) else max(before, needed)
        count.add()
    return longest
