"""The statistics of docs/metrics.md, convention alipes, once more: plain and slow, from the equity curve."""

import itertools
from dataclasses import dataclass, field
from math import isnan, nan, sqrt

DAY = 86_400_000_000_000


@dataclass(frozen=True)
class TradeRow:
    """A trade from flat to flat, as the statistics see it."""

    pnl: float
    ratio: float
    entry_ts: int
    exit_ts: int
    entry_bar: int
    exit_bar: int
    fees: float
    value: float
    is_open: bool = False


@dataclass(frozen=True)
class Curve:
    """A run: equity at the close of each bar, and its trades in order of entry."""

    initial: float
    ts: list[int]
    step: int
    equity: list[float]
    trades: list[TradeRow] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.ts[-1] + self.step

    @property
    def closed(self) -> list[TradeRow]:
        return [trade for trade in self.trades if not trade.is_open]


def midnights(curve: Curve) -> list[int]:
    """Each 00:00 UTC from the first close up to the last."""
    return [day * DAY for day in range(-(-(curve.ts[0] + curve.step) // DAY), curve.end // DAY + 1)]


def daily_equity(curve: Curve) -> list[float]:
    """At each midnight the equity of the last bar closed by then."""
    found = []
    for midnight in midnights(curve):
        known = [e for t, e in zip(curve.ts, curve.equity, strict=True) if t + curve.step <= midnight]
        found.append(known[-1])
    return found


def daily_returns(curve: Curve) -> list[float]:
    """From midnight to midnight, the first from the initial cash; 0 once nothing is left."""
    days = [curve.initial, *daily_equity(curve)]
    return [b / a - 1 if a > 0 else 0.0 for a, b in itertools.pairwise(days)]


def ratio(above: float, below: float) -> float:
    return above / below if below else nan


def mean(sample: list[float]) -> float:
    return sample[0] + sum(x - sample[0] for x in sample) / len(sample) if sample else nan


def power(sample: list[float], exponent: int) -> float:
    middle = mean(sample)
    return sum((x - middle) ** exponent for x in sample)


def std(sample: list[float], nothing: float = 1e-15) -> float:
    """One degree of freedom taken; what rounding alone makes is 0."""
    if len(sample) < 2:
        return nan
    spread = sqrt(power(sample, 2) / (len(sample) - 1))
    return 0.0 if spread <= nothing else spread


def quantile(sample: list[float], q: float) -> float:
    ordered = sorted(sample)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def skew(sample: list[float]) -> float:
    n = len(sample)
    if n < 3 or std(sample) == 0:
        return nan
    return n * sqrt(n - 1) / (n - 2) * power(sample, 3) / power(sample, 2) ** 1.5


def kurtosis(sample: list[float]) -> float:
    n = len(sample)
    if n < 4 or std(sample) == 0:
        return nan
    peak = n * (n + 1) * power(sample, 4) / power(sample, 2) ** 2
    return (n - 1) / ((n - 2) * (n - 3)) * (peak - 3 * (n - 1))


def of_days(curve: Curve) -> dict[str, float]:
    r = daily_returns(curve)
    if len(r) < 2:
        return dict.fromkeys(("volatility", "sharpe", "sortino", "omega", "var_95", "skew", "kurtosis"), nan)
    gains, losses = [max(x, 0.0) for x in r], [max(-x, 0.0) for x in r]
    downside = sqrt(sum(x * x for x in losses) / len(r))
    return {
        "volatility": std(r) * sqrt(365),
        "sharpe": ratio(mean(r), std(r)) * sqrt(365),
        "sortino": ratio(mean(r) * 365, downside * sqrt(365)),
        "omega": ratio(sum(gains), sum(losses)),
        "var_95": quantile(r, 0.05),
        "skew": skew(r),
        "kurtosis": kurtosis(r),
    }


def of_drawdown(curve: Curve) -> dict[str, float]:
    peak, peak_at, is_under, depth, longest = curve.initial, curve.ts[0], False, 0.0, 0
    for ts, equity in zip(curve.ts, curve.equity, strict=True):
        close = ts + curve.step
        if equity >= peak:
            longest = max(longest, close - peak_at) if is_under else longest
            peak, peak_at, is_under = equity, close, False
        else:
            is_under = True
            depth = max(depth, (peak - equity) / peak)
    if is_under:
        longest = max(longest, curve.end - peak_at)
    return {"max_drawdown": depth, "max_drawdown_days": longest / DAY}


def of_growth(curve: Curve, max_drawdown: float) -> dict[str, float]:
    last, span = curve.equity[-1], curve.end - curve.ts[0]
    growth = nan
    if span >= DAY:
        growth = (last / curve.initial) ** (365 * DAY / span) - 1 if last > 0 else -1.0
    return {
        "total_return": last / curve.initial - 1,
        "cagr": growth,
        "calmar": nan if isnan(growth) else ratio(growth, max_drawdown),
    }


def of_trades(curve: Curve) -> dict[str, float]:
    pnl = [trade.pnl for trade in curve.closed]
    ratios = [trade.ratio for trade in curve.closed]
    held = sum(trade.exit_ts - trade.entry_ts for trade in curve.trades)
    return {
        "trades": float(len(pnl)),
        "win_rate": ratio(sum(x > 0 for x in pnl), len(pnl)),
        "profit_factor": ratio(sum(x for x in pnl if x > 0), -sum(x for x in pnl if x < 0)),
        "expectancy": mean(pnl),
        "sqn": ratio(sqrt(len(pnl)) * mean(pnl), std(pnl, nothing=1e-14 * curve.initial)),
        "exposure": held / (curve.end - curve.ts[0]),
        "fees": sum(trade.fees for trade in curve.trades),
        "turnover": sum(trade.value for trade in curve.trades) / curve.initial,
        "best_trade": max(ratios, default=nan),
        "worst_trade": min(ratios, default=nan),
        "avg_trade": mean(ratios),
    }


def statistics(curve: Curve) -> dict[str, float]:
    """Every statistic of a run of at least one bar, by name."""
    drawdown = of_drawdown(curve)
    return of_growth(curve, drawdown["max_drawdown"]) | of_days(curve) | drawdown | of_trades(curve)
