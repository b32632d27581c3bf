"""An evaluator whose numbers are known: it stands in for rules, bars and the compiled engine."""

from collections.abc import Callable
from typing import Any

import numpy as np

from alipes.backtest.sweeps.grid import ParamSets, grid


class FakeEvaluator:
    """sharpe = fast - slow / 10 and trades = fast; it reports after each set and can be stopped there."""

    def __init__(self, key: str = "rules", metrics: tuple[str, ...] = ("sharpe", "trades")) -> None:
        self.metrics = metrics
        self.key = key
        self.options: dict[str, Any] = {"fees_bps": 5.0}
        self.computed: list[tuple[float, ...]] = []
        self.reruns: list[dict[str, float]] = []

    def identity(self) -> dict[str, Any]:
        return {"rules": self.key, "options": self.options, "metrics": list(self.metrics), "version": "1"}

    def compute(self, sets: ParamSets, report: Callable[[int], None]) -> Any:
        found = {name: np.full(len(sets), np.nan) for name in self.metrics}
        done = np.zeros(len(sets), dtype=bool)
        for index, row in enumerate(sets.values):
            fast, slow = row[0], row[-1]
            values = {"sharpe": fast - slow / 10, "trades": fast}
            for name in self.metrics:
                found[name][index] = values[name]
            done[index] = True
            self.computed.append(tuple(row.tolist()))
            try:
                report(index + 1)
            except KeyboardInterrupt:
                break
        return found, done

    def warnings_of(self, sets: ParamSets) -> tuple[str, ...]:
        return ()

    def run(self, params: dict[str, float]) -> Any:
        self.reruns.append(params)
        return "a result"


def sets_of(fast: int = 10, slow: int = 20) -> ParamSets:
    return grid({"fast": range(1, fast + 1), "slow": range(1, slow + 1)})
