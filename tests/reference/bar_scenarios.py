"""Random scenarios for the bar engine: prices that touch levels exactly, gaps, ruin, all options mixed."""

import itertools
import random
from dataclasses import dataclass, replace
from typing import Any

from tests.reference.bar_terms import Bars, Rules, Signal, Terms, Value

START = 1_700_000_000_000_000_000 // 3_600_000_000_000 * 3_600_000_000_000
MINUTE = 60_000_000_000
LEAST = 2.0  # no spread or tick makes a price of nothing
SIZES = {
    "units": [0.0, 0.013, 0.5, 1.0, 3.0, 7.0, 40.0],
    "notional": [0.0, 5.0, 100.0, 777.0, 1000.0, 30_000.0],
    "equity": [0.0, 0.1, 0.5, 1.0, 1.0, 1.0, 2.5],
    "exposure": [0.25, 1.0, 1.5, 3.0, 8.0],
    "risk": [0.001, 0.01, 0.05, 0.4],
}


@dataclass(frozen=True)
class Scenario:
    """One seeded case."""

    seed: int
    bars: Bars
    rules: Rules
    terms: Terms


class Maker:
    """Draws a scenario from one generator of random numbers."""

    def __init__(self, seed: int) -> None:
        self.seed, self.rng = seed, random.Random(seed)
        self.unit = self.rng.choice([0.25, 0.25, 0.5, 1.0, 0.1])
        self.is_wild = self.rng.random() < 0.25
        self.is_long = self.rng.random() < 0.05
        self.count = self.rng.choice([1, 2, *[self.rng.randint(10, 120)] * 12])
        if self.is_long:
            self.count = self.rng.randint(200, 700)

    def scenario(self) -> Scenario:
        bars = self.bars()
        rules = self.rules()
        return Scenario(self.seed, bars, rules, self.terms(bars))

    def move(self, most: int) -> float:
        """A whole number of units, now and then a price off the grid."""
        steps = self.rng.randint(-most, most)
        return steps * self.unit if self.rng.random() < 0.97 else steps * 0.3173

    def bar(self, previous: float) -> tuple[float, float, float, float]:
        """Open near the last close, close near the open; sometimes constant or extreme; never below LEAST."""
        rng = self.rng
        open_ = previous if rng.random() < 0.6 else previous + self.move(6)
        if self.is_wild and rng.random() < 0.08:
            open_ = previous * rng.choice([0.3, 0.6, 0.8, 1.25, 1.7, 3.0])
        open_ = max(open_, LEAST)
        if rng.random() < 0.1:
            return open_, open_, open_, open_
        close = open_ + self.move(5)
        if self.is_wild and rng.random() < 0.05:
            close = open_ * rng.choice([0.4, 0.7, 1.4, 2.2])
        close = max(close, LEAST)
        high = max(open_, close) + rng.choice([0, 0, 1, 2, 5, 9]) * self.unit
        low = min(open_, close) - rng.choice([0, 0, 1, 2, 5, 9]) * self.unit
        return open_, high, max(low, LEAST), close

    def stamps(self, step: int) -> list[int]:
        gaps = self.rng.choice([[1], [1], [1, 1, 1, 1, 1, 2, 5, 30]])
        found = [START + self.rng.choice([0, 3]) * step]
        while len(found) < self.count:
            found.append(found[-1] + self.rng.choice(gaps) * step)
        if self.count > 1 and min(b - a for a, b in itertools.pairwise(found)) > step:
            found[1:] = [t - (found[1] - found[0] - step) for t in found[1:]]
        return found

    def bars(self) -> Bars:
        rng, rows, price = self.rng, [], self.rng.choice([100.0, 100.0, 40.0, 12.5])
        for _ in range(self.count):
            rows.append(self.bar(price))
            price = rows[-1][3]
        open_, high, low, close = (list(column) for column in zip(*rows, strict=True))
        step = rng.choice([1, 60]) * MINUTE
        bars = Bars(self.stamps(step), open_, high, low, close, step)
        if rng.random() < 0.3:
            spread = [rng.choice([0.0, 0.25, 0.5, 1.0]) for _ in rows]
            bars = replace(bars, spread=spread)
        if rng.random() < 0.3:
            bars = replace(bars, mark=[row[0] + rng.choice([-0.5, 0.0, 0.25]) for row in rows])
        return bars

    def signal(self) -> list[Signal]:
        """A slot that is silent, dense, rare (in long scenarios always) or in runs, at times undefined."""
        rng = self.rng
        density = rng.choice([0.0, 0.002, 0.01, 0.03] if self.is_long else [0.0, 0.05, 0.2, 0.5, 0.9])
        is_in_runs, found, state = rng.random() < 0.4, [], False
        for _ in range(self.count):
            if not is_in_runs or rng.random() < 0.25:
                state = rng.random() < density
            found.append(None if rng.random() < 0.05 else state)
        return found

    def values(self, choices: list[float], undefined: float = 0.05) -> list[Value]:
        """One value for all bars, or one a bar with some undefined."""
        rng = self.rng
        if rng.random() < 0.6:
            return [rng.choice(choices)] * self.count
        return [None if rng.random() < undefined else rng.choice(choices) for _ in range(self.count)]

    def distance(self, chance: float) -> tuple[str, list[Value]] | None:
        if self.rng.random() > chance:
            return None
        if self.rng.random() < 0.5:
            return "pct", self.values([0.001, 0.01, 0.02, 0.05, 0.25, 1.5])
        return "price", self.values([k * self.unit for k in (0.4, 1, 2, 3, 6, 12, 40)])

    def rules(self) -> Rules:
        rng = self.rng
        kind = rng.choice(list(SIZES))
        stop = self.distance(1.0 if kind == "risk" else 0.45)
        return Rules(
            *(self.signal() for _ in range(4)),
            size_kind=kind,
            size=self.values(SIZES[kind]),
            stop_loss=stop,
            take_profit=self.distance(0.45),
            trailing=self.distance(0.35),
            max_bars=self.values([1, 2, 3, 7]) if rng.random() < 0.3 else None,
            pyramid=rng.choice([0, 0, 1, 2, 5]),
            opposite=rng.choice(["reverse", "close", "ignore"]),
        )

    def terms(self, bars: Bars) -> Terms:
        rng = self.rng
        has_spread = bars.spread is not None and rng.random() < 0.8
        has_grid = rng.random() < 0.35
        path = rng.choice(["pessimistic", "pessimistic", "optimistic", "nearest", "detail"])
        return Terms(
            cash=rng.choice([100.0, 1000.0, 10_000.0]),
            fees_bps=rng.choice([0.0, 0.0, 10.0, 5.0, 100.0]),
            maker_fees_bps=rng.choice([None, None, 2.0, 0.0, -1.0]),
            fixed_fee=rng.choice([0.0, 0.0, 0.0, 1.0, 20.0]),
            slippage_bps=0.0 if has_spread else rng.choice([0.0, 0.0, 5.0, 100.0]),
            leverage=rng.choice([1.0, 1.0, 1.0, 2.0, 5.0, 20.0, 0.5]),
            maintenance_margin=rng.choice([0.005, 0.005, 0.05, 0.2, 0.0]),
            fill=rng.choice(["next_open", "next_open", "same_close", "next_close"]),
            path=path,
            size_at=rng.choice(["fill", "fill", "decision"]),
            close_at_end=rng.random() < 0.4,
            spread=has_spread,
            funding=self.funding(bars),
            tick=rng.choice([0.25, 0.5, 1.0, 0.1]) if has_grid else 0.0,
            lot=rng.choice([0.001, 0.01, 0.5, 1.0]) if has_grid else 0.0,
            min_notional=rng.choice([0.0, 5.0, 200.0]) if has_grid else 0.0,
            detail=self.detail(bars) if path == "detail" else None,
        )

    def funding(self, bars: Bars) -> list[tuple[int, float]]:
        """Times at stamps, inside bars, in gaps, before the first bar and after the last."""
        rng = self.rng
        if rng.random() < 0.6:
            return []
        found = {bars.ts[0] - 1, bars.ts[0]} if rng.random() < 0.3 else set()
        for _ in range(rng.randint(1, 40)):
            found.add(rng.choice(bars.ts) + rng.choice([0, 0, 1, -1, bars.step // 2, 3 * bars.step]))
        return [(time, rng.choice([0.0001, -0.0001, 0.003, -0.02, 0.05])) for time in sorted(found)]

    def detail(self, bars: Bars) -> Bars:
        """Finer bars of a quarter step, some missing, some bars without any; within the bar's extremes."""
        rng, step, rows = self.rng, bars.step // 4, []
        for k in range(len(bars)):
            if rng.random() < 0.15:
                continue
            price, made = bars.open[k], []
            for part in range(4):
                if rng.random() < 0.1:
                    continue
                row = self.fine(price, bars.low[k], bars.high[k])
                made.append([bars.ts[k] + part * step, *row])
                price = row[3]
            if len(made) == 4:
                self.fit(made, bars, k)
            rows += made
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], [], []]
        return Bars(*columns, step=step)

    def fit(self, made: list[list[Any]], bars: Bars, k: int) -> None:
        """Has four finer bars make up bar k."""
        made[0][1], made[3][4] = bars.open[k], bars.close[k]
        self.rng.choice(made)[2], self.rng.choice(made)[3] = bars.high[k], bars.low[k]
        for row in made:
            row[2], row[3] = max(row[1:]), min(row[1:])

    def fine(self, price: float, low: float, high: float) -> tuple[float, float, float, float]:
        """One finer bar: opens at the price or gaps, its points drawn between the bar's extremes."""
        rng = self.rng
        places = [low, high, price, low + (high - low) / 2, low + (high - low) / 4]
        open_ = price if rng.random() < 0.7 else rng.choice(places)
        drawn = [open_, *(rng.choice(places) for _ in range(3))]
        return open_, max(drawn), min(drawn), drawn[3]


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    return Maker(seed).scenario()
