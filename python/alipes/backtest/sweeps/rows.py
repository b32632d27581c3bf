"""The rows of a sweep while they are filled in: parameter sets, their metrics, and which are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from alipes.backtest.sweeps.grid import ParamSets


@dataclass(frozen=True)
class Rows:
    """One row a parameter set.

    Attributes:
        sets: the parameter sets.
        metrics: (n,) float64 by metric; NaN where undefined or not done.
        done: (n,) bool.
    """

    sets: ParamSets
    metrics: dict[str, NDArray[np.float64]]
    done: NDArray[np.bool_]

    @classmethod
    def empty(cls, sets: ParamSets, metrics: Iterable[str]) -> Self:
        """Rows of which none is done."""
        return cls(
            sets, {name: np.full(len(sets), np.nan) for name in metrics}, np.zeros(len(sets), dtype=np.bool_)
        )

    def __len__(self) -> int:
        return len(self.sets)

    def fill(self, places: NDArray[np.int64], metrics: Mapping[str, NDArray[np.float64]]) -> None:
        """Put in the metrics, (m,) float64 each, of the rows at some places, (m,) int64."""
        for name, values in self.metrics.items():
            values[places] = metrics[name]
        self.done[places] = True
