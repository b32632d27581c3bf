"""Operators of expressions that look at more than one bar: over windows, and from the first bar on."""

import math
from typing import Any

Series = list[Any]


def mean(window: list[float]) -> float:
    return window[0] if len(set(window)) == 1 else math.fsum(window) / len(window)


def variance(window: list[float], ddof: float = 1.0) -> float:
    middle = mean(window)
    return math.fsum((x - middle) ** 2 for x in window) / (len(window) - ddof)


def quantile(window: list[float], q: float) -> float:
    ordered = sorted(window)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def rank(window: list[float]) -> float:
    newest = window[-1]
    smaller = sum(x < newest for x in window)
    equal = sum(x == newest for x in window)
    return (smaller + (equal + 1) / 2) / len(window)


def correlation(x: list[float], y: list[float]) -> float:
    if len(set(x)) == 1 or len(set(y)) == 1:
        return math.nan
    a, b = mean(x), mean(y)
    both = math.fsum((p - a) * (q - b) for p, q in zip(x, y, strict=True))
    return both / math.sqrt(math.fsum((p - a) ** 2 for p in x) * math.fsum((q - b) ** 2 for q in y))


def slope(window: list[float]) -> float:
    places = range(len(window))
    a, b = mean(list(places)), mean(window)
    both = math.fsum((i - a) * (x - b) for i, x in zip(places, window, strict=True))
    return both / math.fsum((i - a) ** 2 for i in places)


def weighted(window: list[float]) -> float:
    weights = range(1, len(window) + 1)
    return math.fsum(w * x for w, x in zip(weights, window, strict=True)) / sum(weights)


def bars_since_extreme(window: list[float], extreme: float) -> float:
    return float([x == extreme for x in reversed(window)].index(True))


WINDOWS = {
    "sum": math.fsum,
    "mean": mean,
    "std": lambda window, ddof=1.0: math.sqrt(variance(window, ddof)),
    "var": variance,
    "min": min,
    "max": max,
    "argmin": lambda window: bars_since_extreme(window, min(window)),
    "argmax": lambda window: bars_since_extreme(window, max(window)),
    "median": lambda window: quantile(window, 0.5),
    "quantile": quantile,
    "rank": rank,
    "mad": lambda window: mean([abs(x - mean(window)) for x in window]),
    "wma": weighted,
    "slope": slope,
    "corr": correlation,
}


def stretches(values: Series) -> list[list[float]]:
    """At each bar, the defined values in a row that end there; empty where undefined."""
    found: list[list[float]] = []
    for value in values:
        before = found[-1] if found else []
        found.append([] if value is None else [*before, value])
    return found


def ewm(values: Series, alpha: Series, seed: Series) -> Series:
    def of(row: list[float], a: float, n: int) -> float | None:
        if len(row) < n:
            return None
        y = mean(row[:n])
        for x in row[n:]:
            y += a * (x - y)
        return y

    return [of(row, a, int(n)) for row, a, n in zip(stretches(values), alpha, seed, strict=True)]


def weights(count: int, alpha: float) -> list[float]:
    return [(1 - alpha) ** (count - 1 - i) for i in range(count)]


def ewm_adj(values: Series, alpha: Series) -> Series:
    def of(row: list[float], a: float) -> float | None:
        w = weights(len(row), a)
        return math.fsum(p * x for p, x in zip(w, row, strict=True)) / math.fsum(w) if row else None

    return [of(row, a) for row, a in zip(stretches(values), alpha, strict=True)]


def ewm_std(values: Series, alpha: Series) -> Series:
    def of(row: list[float], a: float) -> float | None:
        if len(row) < 2:
            return None
        w = weights(len(row), a)
        total, squares = math.fsum(w), math.fsum(p * p for p in w)
        if total * total - squares <= 0:
            return None
        middle = math.fsum(p * x for p, x in zip(w, row, strict=True)) / total
        biased = math.fsum(p * (x - middle) ** 2 for p, x in zip(w, row, strict=True)) / total
        return math.sqrt(biased * total * total / (total * total - squares))

    return [of(row, a) for row, a in zip(stretches(values), alpha, strict=True)]


def running(fold: Any) -> Any:
    """The fold of all defined values so far, undefined where the value is."""

    def of(values: Series) -> Series:
        found: Series = []
        for i, value in enumerate(values):
            defined = [x for x in values[: i + 1] if x is not None]
            folded = None if value is None else fold(defined)
            found.append(folded if folded is not None and math.isfinite(folded) else None)
        return found

    return of


def latest(condition: Series, i: int) -> int | None:
    """The latest bar up to `i` where the condition is true."""
    return next((j for j in range(i, -1, -1) if condition[j] is True), None)


def sum_since(values: Series, reset: Series) -> Series:
    found: Series = []
    for i, value in enumerate(values):
        start = latest(reset, i)
        if start is None or value is None:
            found.append(None)
        else:
            found.append(math.fsum(x for x in values[start : i + 1] if x is not None))
    return found


def bars_since(condition: Series) -> Series:
    found = [latest(condition, i) for i in range(len(condition))]
    return [None if at is None else float(i - at) for i, at in enumerate(found)]


def value_when(condition: Series, values: Series) -> Series:
    found = [latest(condition, i) for i in range(len(condition))]
    return [None if at is None else values[at] for at in found]


def supertrend_states(upper: Series, lower: Series, close: Series) -> list[Any]:
    """(line, direction) a bar. Starts down on the first defined bar, starts again after an undefined one."""
    states: list[Any] = []
    bands: Any = None  # final upper, final lower, direction, close before
    for high, low, price in zip(upper, lower, close, strict=True):
        if None in {high, low, price}:
            bands = None
            states.append((None, None))
            continue
        if bands is None:
            top, bottom, direction = high, low, -1.0
        else:
            top, bottom, direction, before = bands
            top = high if high < top or before > top else top
            bottom = low if low > bottom or before < bottom else bottom
            stays_up, turns_up = direction > 0 and price >= bottom, direction < 0 and price > top
            direction = 1.0 if stays_up or turns_up else -1.0
        bands = (top, bottom, direction, price)
        states.append((bottom if direction > 0 else top, direction))
    return states


def product(values: list[float]) -> float:
    total = 1.0
    for value in values:
        total *= value
    return total


RECURSIONS = {
    "ewm": ewm,
    "ewm_adj": ewm_adj,
    "ewm_std": ewm_std,
    "cumsum": running(math.fsum),
    "cumprod": running(product),
    "cummax": running(max),
    "cummin": running(min),
    "sum_since": sum_since,
    "bars_since": bars_since,
    "value_when": value_when,
    "supertrend": lambda *series: [line for line, _ in supertrend_states(*series)],
    "supertrend_dir": lambda *series: [direction for _, direction in supertrend_states(*series)],
}
