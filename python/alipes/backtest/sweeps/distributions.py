"""Distributions that a random search draws parameters from. Know nothing of rules or bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.random import Generator
    from numpy.typing import NDArray

MOST_LEVELS = 1 << 20
"""Values up to which a range of whole numbers is listed; a wider one is drawn from instead."""


@runtime_checkable
class Distribution(Protocol):
    """Something a parameter's values are drawn from."""

    def draw(self, rng: Generator, count: int) -> NDArray[np.float64]:
        """Independent values, (count,) float64."""

    def levels(self) -> NDArray[np.float64] | None:
        """Every value it can take, (m,) float64 without duplicates; None if there are too many to list."""


@dataclass(frozen=True)
class _Uniform:
    low: float
    high: float

    def __repr__(self) -> str:
        return f"uniform({self.low:g}, {self.high:g})"

    def draw(self, rng: Generator, count: int) -> NDArray[np.float64]:
        return rng.uniform(self.low, self.high, count)

    def levels(self) -> NDArray[np.float64] | None:
        return None


@dataclass(frozen=True)
class _LogUniform:
    low: float
    high: float

    def __repr__(self) -> str:
        return f"log_uniform({self.low:g}, {self.high:g})"

    def draw(self, rng: Generator, count: int) -> NDArray[np.float64]:
        drawn = np.exp(rng.uniform(np.log(self.low), np.log(self.high), count))
        return np.clip(drawn, self.low, self.high)  # exp(log(x)) may be off by the last bit

    def levels(self) -> NDArray[np.float64] | None:
        return None


@dataclass(frozen=True)
class _Integers:
    low: int
    high: int

    def __repr__(self) -> str:
        return f"integers({self.low}, {self.high})"

    def draw(self, rng: Generator, count: int) -> NDArray[np.float64]:
        return rng.integers(self.low, self.high, count, endpoint=True).astype(np.float64)

    def levels(self) -> NDArray[np.float64] | None:
        if self.high - self.low >= MOST_LEVELS:
            return None
        return np.arange(self.low, self.high + 1, dtype=np.float64)


@dataclass(frozen=True)
class _Choice:
    values: tuple[float, ...]

    def draw(self, rng: Generator, count: int) -> NDArray[np.float64]:
        return rng.choice(np.array(self.values, dtype=np.float64), count)

    def levels(self) -> NDArray[np.float64] | None:
        return np.array(self.values, dtype=np.float64)


def uniform(low: float, high: float) -> Distribution:
    """Numbers from `low` to `high`, each as likely as another.

    Raises:
        InputError: a bound is no finite number, or `low` is not below `high`.
    """
    return _Uniform(*_bounds("uniform", low, high))


def log_uniform(low: float, high: float) -> Distribution:
    """Numbers from `low` to `high` whose logarithm is uniform: as many from 0.01 to 0.1 as from 0.1 to 1.

    Raises:
        InputError: a bound is no finite number > 0, or `low` is not below `high`.
    """
    first, last = _bounds("log_uniform", low, high)
    if first <= 0:
        raise InputError(f"log_uniform({low!r}, {high!r}): expected bounds > 0")
    return _LogUniform(first, last)


def integers(low: int, high: int) -> Distribution:
    """Whole numbers from `low` to `high`, both included.

    Raises:
        InputError: a bound is not whole, is beyond ±2^53, or `low` is not below `high`.
    """
    first, last = _bounds("integers", low, high)
    if not (first.is_integer() and last.is_integer()) or max(abs(first), abs(last)) > 2**53:
        raise InputError(f"integers({low!r}, {high!r}): expected whole numbers within ±2^53")
    return _Integers(int(first), int(last))


def choice(values: Iterable[float]) -> Distribution:
    """One of these values, each as likely as another; a plain list means the same.

    Raises:
        InputError: it is empty, or a value is no finite number or there twice.
    """
    return _Choice(tuple(checked_values("choice", values).tolist()))


def checked_values(name: str, given: Any) -> NDArray[np.float64]:
    """The values of a parameter as an array, (m,) float64.

    Args:
        name: what errors call it.
        given: numbers: a range, a sequence, an array, any iterable; or a single number.

    Raises:
        InputError: there are none, one is no finite real number, or one is there twice.
    """
    if isinstance(given, (str, bytes, dict)):
        raise InputError(
            f"{name}: {shown(given)}: expected numbers, such as range(5, 100, 5) or [10, 20, 30]"
        )
    if isinstance(given, np.ndarray) and given.ndim > 1:
        raise InputError(f"{name}: an array of shape {given.shape}: expected one dimension")
    try:
        items = [given] if np.ndim(given) == 0 and not hasattr(given, "__iter__") else list(given)
    except TypeError as error:
        raise InputError(f"{name}: {shown(given)}: expected numbers, such as range(5, 100, 5)") from error
    values = np.array([_number(name, index, item) for index, item in enumerate(items)], dtype=np.float64)
    if not len(values):
        raise InputError(f"{name}: there is no value in {_shown(given)}: expected at least one")
    return _without_repeats(name, values)


def _number(name: str, index: int, item: Any) -> float:
    is_number = not isinstance(item, (bool, np.bool_, str, bytes, complex))
    try:
        value = float(item) if is_number else float("nan")
    except (TypeError, ValueError, OverflowError):
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(f"{name}: value {index} is {item!r}: expected a finite number")
    return value + 0.0  # -0.0 is 0.0


def _without_repeats(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < len(values):
        twice = distinct[counts > 1][0]
        raise InputError(f"{name}: {twice:g} is there {counts.max()} times: expected each value once")
    return values


def _bounds(name: str, low: Any, high: Any) -> tuple[float, float]:
    first, last = (
        _number(f"{name}({low!r}, {high!r})", index, item) for index, item in enumerate((low, high))
    )
    if not first < last:
        raise InputError(f"{name}({low!r}, {high!r}): expected the first bound below the second")
    return first, last


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
