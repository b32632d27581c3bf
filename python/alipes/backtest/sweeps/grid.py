"""Parameter sets: every combination of a grid, or a seeded random sample, as one array. Knows no rules."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.backtest.sweeps.distributions import Distribution, checked_values
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

MOST_COMBINATIONS = 20_000_000
"""Combinations up to which a grid is laid out; a larger one is a slip, or a case for ``sample=``."""

MOST_LISTED = 2_000_000
"""Combinations up to which a sample of a finite space is taken from the list of all of them."""

_ROUNDS = 200
"""Draws of a batch after which a sample is given up."""


@dataclass(frozen=True)
class ParamSets:
    """Parameter sets, one a row.

    Attributes:
        names: parameter names, (k,).
        values: (n, k) float64, read-only, no two rows alike.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        self.values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> NDArray[np.float64]:
        """One parameter in all sets, (n,) float64."""
        return self.values[:, self.names.index(name)]

    @cached_property
    def is_whole(self) -> tuple[bool, ...]:
        """By parameter, whether all its values are whole numbers: such a one is shown as ints."""
        whole = (self.values == np.floor(self.values)).all(axis=0) & (np.abs(self.values) < 2**53).all(axis=0)
        return tuple(whole.tolist())

    def row(self, index: int) -> dict[str, float]:
        """One set: value by name; an int where the whole column is."""
        items = zip(self.names, self.values[index].tolist(), self.is_whole, strict=True)
        return {name: int(value) if is_whole else value for name, value, is_whole in items}

    def at(self, places: NDArray[np.int64]) -> ParamSets:
        """The sets at some places, (m,) int64."""
        return ParamSets(self.names, np.ascontiguousarray(self.values[places]))

    def kept(self, mask: NDArray[np.bool_]) -> ParamSets:
        """The sets where `mask`, (n,) bool, is true."""
        return ParamSets(self.names, np.ascontiguousarray(self.values[mask]))


def grid(params: Mapping[str, Any]) -> ParamSets:
    """Every combination, the last parameter fastest.

    Args:
        params: values by name: a range, a list, an array, or a single number.

    Raises:
        InputError: a parameter without values, with a value that is no finite number or there twice, a
            distribution (that wants ``sample=``), or more than 20 million combinations.
    """
    for name, given in params.items():
        if isinstance(given, Distribution) and given.levels() is None:
            raise InputError(
                f"params {name!r}: {shown(given)} has no list of values: say how many to draw, sample=n"
            )
    # Before any list is built: a range knows its length.
    _refuse_too_many([len(given) for given in params.values() if isinstance(given, Sized)])
    axes = {name: _levels(name, given) for name, given in params.items()}
    return _product(tuple(params), [axis for axis in axes.values() if axis is not None])


def sample_of(
    params: Mapping[str, Any],
    count: int,
    *,
    seed: int = 0,
    constraint: Callable[[ParamSets], NDArray[np.bool_]] | None = None,
) -> ParamSets:
    """A random sample of distinct combinations; the same seed gives the same one.

    Args:
        params: a distribution (`uniform`, `log_uniform`, `integers`, `choice`) or values by name.
        count: how many, >= 1.
        seed: of the random generator, >= 0.
        constraint: which of some sets are allowed, (n,) bool.

    Raises:
        InputError: as `grid`; a count or seed that is no whole number; fewer distinct allowed combinations
            than `count`.
    """
    _check_whole("sample", count, 1)
    _check_whole("seed", seed, 0)
    if count > MOST_COMBINATIONS:
        raise InputError(f"sample={count}: expected at most {MOST_COMBINATIONS:,}")
    rng = np.random.default_rng(seed)
    levels = {name: _levels(name, given) for name, given in params.items()}
    listed = [each for each in levels.values() if each is not None]
    if len(listed) == len(levels) and prod(map(len, listed)) <= MOST_LISTED:
        return _sample_listed(_product(tuple(params), listed), count, rng, constraint)
    sources = {
        name: given if isinstance(given, Distribution) else levels[name] for name, given in params.items()
    }
    return _sample_drawn(sources, count, rng, constraint)


def _levels(name: str, given: Any) -> NDArray[np.float64] | None:
    return given.levels() if isinstance(given, Distribution) else checked_values(f"params {name!r}", given)


def _refuse_too_many(lengths: Sequence[int]) -> int:
    """How many combinations lists of these lengths have.

    Raises:
        InputError: More than there may be.
    """
    total = prod(lengths)
    if total > MOST_COMBINATIONS:
        raise InputError(
            f"params: {' x '.join(map(str, lengths))} = {total:,} combinations: expected at most"
            f" {MOST_COMBINATIONS:,}; take fewer values, or a random sample of them with sample=n"
        )
    return total


def _product(names: tuple[str, ...], axes: Sequence[NDArray[np.float64]]) -> ParamSets:
    lengths = [len(axis) for axis in axes]
    total = _refuse_too_many(lengths)
    values = np.empty((total, len(axes)), dtype=np.float64)
    for index, axis in enumerate(axes):
        repeats = prod(lengths[index + 1 :])
        values[:, index] = np.tile(np.repeat(axis, repeats), prod(lengths[:index]))
    return ParamSets(names, values)


def _sample_listed(
    every: ParamSets,
    count: int,
    rng: np.random.Generator,
    constraint: Callable[[ParamSets], NDArray[np.bool_]] | None,
) -> ParamSets:
    allowed = every if constraint is None else every.kept(constraint(every))
    if count > len(allowed):
        limit = "" if constraint is None else " that where allows"
        raise InputError(
            f"sample={count}: there are only {len(allowed):,} distinct combinations{limit}:"
            " leave sample out to take them all"
        )
    chosen = rng.permutation(len(allowed))[:count]
    return ParamSets(every.names, np.ascontiguousarray(allowed.values[chosen]))


def _sample_drawn(
    sources: Mapping[str, Any],
    count: int,
    rng: np.random.Generator,
    constraint: Callable[[ParamSets], NDArray[np.bool_]] | None,
) -> ParamSets:
    names = tuple(sources)
    found = np.empty((0, len(names)), dtype=np.float64)
    for _ in range(_ROUNDS):
        batch = max(count, 1024)
        drawn = np.column_stack([_draw(source, rng, batch) for source in sources.values()])
        sets = ParamSets(names, drawn)
        if constraint is not None:
            sets = sets.kept(constraint(sets))
        found = _distinct(np.concatenate([found, sets.values]))
        if len(found) >= count:
            return ParamSets(names, np.ascontiguousarray(found[:count]))
    tried = _ROUNDS * max(count, 1024)
    raise InputError(
        f"sample={count}: {tried:,} draws gave only {len(found):,} distinct combinations that where allows:"
        " widen the parameters, relax where, or ask for fewer"
    )


def _draw(source: Any, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    drawn = source.draw(rng, count) if isinstance(source, Distribution) else rng.choice(source, count)
    return np.asarray(drawn, dtype=np.float64) + 0.0


def _distinct(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows without repeats, in the order in which they first came."""
    _, first = np.unique(rows, axis=0, return_index=True)
    return rows[np.sort(first)]


def _check_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name}={shown(value)}: expected a whole number >= {least}")
