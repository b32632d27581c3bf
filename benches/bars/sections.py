"""What is measured, one function a section: each returns its rows."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import probe
import singles
from grids import Grid, atr_stops, dual_sma, dual_sma_of, graphs
from timing import Timing, best_of, on_one_core
from walks import Arrays, captured, flat, shaped

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    bars: int = 200_000
    rounds: int = 15
    few_rounds: int = 3
    peer_rounds: int = 2
    backtesting_bars: int = 200_000
    sets: int = 1_000
    memory_bars: int = 525_600
    memory_windows: tuple[int, int] = (100, 100)
    long_run: int = 10_000_000
    strategy_bars: int = 200_000
    scaled_bars: tuple[int, ...] = (50_000, 100_000, 200_000, 400_000)
    scaled_windows: tuple[tuple[int, int], ...] = ((2, 5), (5, 10), (10, 19), (25, 40))


QUICK = Sizes(
    bars=4_000, rounds=2, few_rounds=1, peer_rounds=1, backtesting_bars=2_000, sets=20, memory_bars=10_000,
    memory_windows=(5, 10), long_run=50_000, strategy_bars=2_000, scaled_bars=(2_000, 4_000),
    scaled_windows=((2, 5), (5, 10)),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        key: its name in the JSON line.
        name: what was measured.
        value: the figure; None where it was skipped.
        unit: of the figure.
        detail: anything else worth a line.
        least: what it should reach at least.
        most: what it should not exceed.
    """

    key: str
    name: str
    value: float | None
    unit: str
    detail: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it is what it should be; None where nothing is asked or it was skipped."""
        if self.value is None or (self.least is None and self.most is None):
            return None
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )


def swept(grid: Grid, bars: Arrays, rounds: int, workers: int = 1) -> tuple[Timing, float, int]:
    """Best time of the public call, millions of bar·combinations a second, and the combinations."""
    count = len(grid.run(bars, workers=workers))
    timing = best_of(lambda: grid.run(bars, workers=workers), rounds)
    return timing, timing.rate(count * len(bars["ts"])), count


def headline(sizes: Sizes) -> tuple[Timing, int]:
    """The dual-SMA grid on one core, from raw arrays."""
    with on_one_core():
        timing, _, count = swept(dual_sma(), flat(sizes.bars), sizes.rounds)
    return timing, count * sizes.bars


def own_terms(sizes: Sizes) -> Iterator[Row]:
    """The same grid on our own terms."""
    with on_one_core():
        grid = dual_sma(fill="next_open", convention="alipes")
        timing, rate, _ = swept(grid, flat(sizes.bars), sizes.few_rounds)
    yield Row("own_terms", "dual SMA, next_open, our statistics", rate, "M/s", told(timing))


def shapes(sizes: Sizes, reference: float) -> Iterator[Row]:
    """Other graphs without stops; `reference` is the dual SMA's rate, M/s."""
    bars = shaped(sizes.bars)
    for grid in graphs():
        with on_one_core():
            timing, rate, count = swept(grid, bars, sizes.few_rounds)
        detail = f"{rate:,.0f} M/s, {count} combinations, {told(timing)}"
        yield Row(f"graph {grid.name}", grid.name, reference / rate, "x dual SMA", detail, most=2.5)


def stops(sizes: Sizes) -> Iterator[Row]:
    """ATR stops at the next open, on walks with wicks and on a real market."""
    real = captured(sizes.bars)
    for market, bars in (("walk", shaped(sizes.bars)), ("market", real)):
        for grid in atr_stops(sizes.sets):
            name = f"{grid.name} ({market})"
            if bars is None:
                yield Row(f"stops {name}", name, None, "M/s", "skipped: ALIPES_DATA has no capture")
                continue
            with on_one_core():
                timing, rate, count = swept(grid, bars, sizes.few_rounds)
            yield Row(f"stops {name}", name, rate, "M/s", f"{count} sets, {told(timing)}", least=60)


def memory(sizes: Sizes, folder: Path) -> Iterator[Row]:
    """The large sweep in a process of its own."""
    bars = flat(sizes.memory_bars)
    for name in ("ts", "close", "volume"):
        np.save(folder / f"{name}.npy", bars[name])
    command = [sys.executable, HERE / "memory.py", folder, *map(str, sizes.memory_windows), "2"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    size = f"{found['combinations']:,} x {found['bars']:,}, 2 workers"
    rate = found["combinations"] * found["bars"] / found["wall_s"] / 1e6
    held = f"{found['before_mb']:.0f} MB with the data, {found['peak_mb']:.0f} MB at most"
    detail = f"{found['wall_s']:.2f} s, {held}"
    yield Row("memory_mb", f"memory above the data, {size}", found["above_mb"], "MB", detail, most=150)
    yield Row("memory_rate", f"rate, {size}", rate, "M/s", f"{found['cpu_s']:.2f} s of both processors")


def passes(sizes: Sizes) -> Iterator[Row]:
    """Ready signals, one long run, a strategy in Python."""
    count = sizes.long_run
    with on_one_core():
        for given, timing in singles.measure_signals(count, sizes.few_rounds).items():
            name = f"signals() from {given}, {count:,} bars"
            yield Row(f"signals {given}", name, timing.rate(count), "M bars/s", told(timing), least=150)
        timing = singles.measure_run(count, sizes.few_rounds)
        yield Row("run_s", f"run() of rules, {count:,} bars", timing.wall, "s", told(timing), most=0.2)
        ran = singles.measure_strategy(sizes.strategy_bars, sizes.few_rounds)
    name = f"on_bar in Python, 9 % order bars, {sizes.strategy_bars:,} bars"
    yield Row("strategy", name, ran.rate(sizes.strategy_bars) * 1e3, "k bars/s", told(ran), least=300)


def scaling(sizes: Sizes) -> Iterator[Row]:
    """Rates by cores, bars and combinations, the others held."""
    usual = sizes.scaled_windows[len(sizes.scaled_windows) // 2]
    work = [(bars, usual) for bars in sizes.scaled_bars]
    work += [(sizes.bars, windows) for windows in sizes.scaled_windows]
    for cores in (1, 2):
        for bars, windows in dict.fromkeys(work):
            yield scaled(cores, bars, windows, sizes)


def scaled(cores: int, bars: int, windows: tuple[int, int], sizes: Sizes) -> Row:
    """The rate at one size."""
    grid, arrays = dual_sma_of(*windows), flat(bars)
    if cores == 1:
        with on_one_core():
            timing, rate, count = swept(grid, arrays, sizes.few_rounds)
    else:
        timing, rate, count = swept(grid, arrays, sizes.few_rounds, workers=cores)
    name = f"{cores} core{'s'[: cores > 1]}, {bars:,} bars, {count:,} combinations"
    return Row(f"scaling {cores} {bars} {count}", name, rate, "M/s", told(timing))


def floor(sizes: Sizes, combinations: int, folder: Path) -> Iterator[Row]:
    """The bare loop in C."""
    with on_one_core():
        timing = probe.measure(sizes.bars, combinations, sizes.few_rounds, folder)
    name = "a bare loop over bars in C, positions ready"
    if isinstance(timing, str):
        yield Row("probe", name, None, "M/s", f"skipped: {timing}")
    else:
        yield Row("probe", name, timing.rate(combinations * sizes.bars), "M/s", told(timing))


def told(timing: Timing) -> str:
    """A timing in words."""
    return f"{timing.wall * 1e3:,.1f} ms, {timing.cpu * 1e3:,.1f} ms of processor"


def as_json(rows: list[Row]) -> dict[str, Any]:
    """Figures by key, rounded to four significant digits."""
    return {row.key: None if row.value is None else float(f"{row.value:.4g}") for row in rows}
