"""Statistics of a run: what each one is, where it comes from, and when it has no value.

The numbers are computed in Rust (`rust/bars/src/metrics/`); here they get their names, formulas and sources.
The formulas are those of `convention="alipes"`. What the other conventions compute instead is listed in
docs/metrics.md; their values come here under the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, overload

from alipes.config.names import nearest
from alipes.errors import InputError
from alipes.report.tearsheet.labels import label, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["METRICS", "Metric", "Stats"]

_DAILY = "r are returns from one 00:00 UTC to the next, the first from the initial cash"
_FEW = "fewer than 2 days"


@dataclass(frozen=True, slots=True)
class Metric:
    """What a statistic is.

    Attributes:
        name: Its name in `Stats`.
        meaning: What it says, in one sentence.
        formula: How it is computed, convention ``"alipes"``.
        source: Where the definition comes from.
        unit: ratio (0.01 is one percent), money (quote units), days, count or number.
        range: Values it can have.
        undefined: When it is nan.
    """

    name: str
    meaning: str
    formula: str
    source: str
    unit: str
    range: str
    undefined: str

    def text(self) -> str:
        """The whole of it as a docstring."""
        return (
            f"{self.meaning}\n\n"
            f"Formula (convention alipes): {self.formula}.\n"
            f"Source: {self.source}.\n"
            f"Unit: {self.unit}; {self.range}.\n"
            f"Undefined (nan): {self.undefined}."
        )


class _Value:
    """An attribute of `Stats` that documents itself."""

    def __init__(
        self,
        meaning: str,
        formula: str,
        *,
        source: str = "trading practice",
        unit: str,
        range: str,  # noqa: A002 - the field's word
        undefined: str,
    ) -> None:
        self._parts = (meaning, formula, source, unit, range, undefined)

    def __set_name__(self, owner: type, name: str) -> None:
        self.metric = Metric(name, *self._parts)
        self.__doc__ = self.metric.text()

    @overload
    def __get__(self, stats: None, owner: type) -> _Value: ...
    @overload
    def __get__(self, stats: Stats, owner: type) -> float: ...
    def __get__(self, stats: Stats | None, owner: type) -> _Value | float:
        if stats is None:
            return self
        if self.metric.name not in stats:
            raise AttributeError(f"{self.metric.name} was not computed; these were: {', '.join(stats)}")
        return stats[self.metric.name]

    def __set__(self, stats: Stats, value: float) -> None:
        raise AttributeError("statistics are read-only")


class Stats(Mapping[str, float]):
    """Statistics of a run by name: a read-only mapping whose attributes carry their formulas.

    ``stats["sharpe"]`` and ``stats.sharpe`` are the same number, and ``help(Stats.sharpe)`` says what it is.
    Ratios are ratios: 0.01 is one percent.

    Args:
        values: Value by name; nan where a statistic is undefined.
        convention: Whose definitions the values follow.
        warnings: What a reader should know before believing them.

    Raises:
        InputError: A name that is no statistic.
    """

    __slots__ = ("_convention", "_values", "_warnings")

    def __init__(
        self, values: Mapping[str, float], *, convention: str = "alipes", warnings: Iterable[str] = ()
    ) -> None:
        for name in values:
            if name not in METRICS:
                raise InputError(f"{name!r} is no statistic; expected some of {', '.join(METRICS)}")
        self._values = {name: float(values[name]) for name in METRICS if name in values}
        self._convention = convention
        self._warnings = tuple(warnings)

    total_return = _Value(
        "What the account gained, of what it began with.",
        "final equity / initial cash - 1",
        unit="ratio",
        range="-1 and up; below -1 if the account ended in debt",
        undefined="without bars",
    )
    cagr = _Value(
        "Growth per year of 365 days at the run's own pace, compounded.",
        "(final equity / initial cash) ^ (365 days / time from first open to last close) - 1",
        source="compound interest; calendar time, not a count of bars",
        unit="ratio",
        range="-1 and up; -1 if nothing is left",
        undefined="runs shorter than a day",
    )
    volatility = _Value(
        "Spread of daily returns, per year.",
        f"std(r, ddof=1) * sqrt(365); {_DAILY}",
        source="Hull, Options, Futures, and Other Derivatives, on historical volatility",
        unit="ratio",
        range="0 and up; a spread below 1e-15 is rounding and counts as 0",
        undefined=_FEW,
    )
    sharpe = _Value(
        "Mean daily return over its spread, per year; the risk-free rate is 0.",
        f"mean(r) / std(r, ddof=1) * sqrt(365); {_DAILY}",
        source="Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1)",
        unit="number",
        range="any",
        undefined=f"{_FEW}, or returns without spread",
    )
    sortino = _Value(
        "Mean daily return over its downside deviation from 0, per year.",
        f"mean(r) * 365 / (sqrt(mean(min(r, 0)^2)) * sqrt(365)); {_DAILY}",
        source="Sortino and Price (1994), Performance Measurement in a Downside Risk Framework",
        unit="number",
        range="any",
        undefined=f"{_FEW}, or no day that lost",
    )
    calmar = _Value(
        "Growth per year over the largest drawdown.",
        "cagr / max_drawdown",
        source="Young, Calmar Ratio: A Smoother Tool, Futures, October 1991; here over the whole run",
        unit="number",
        range="any",
        undefined="where cagr is, or without a drawdown",
    )
    omega = _Value(
        "What days gained over what days lost.",
        f"sum(max(r, 0)) / sum(max(-r, 0)); {_DAILY}",
        source="Keating and Shadwick (2002), A Universal Performance Measure; threshold 0",
        unit="number",
        range="0 and up",
        undefined=f"{_FEW}, or no day that lost",
    )
    max_drawdown = _Value(
        "Largest fall of equity from a peak, at bar closes.",
        "max((peak - equity) / peak), the peak being the highest equity so far, at first the initial cash",
        source="Magdon-Ismail and Atiya (2004), Maximum Drawdown, Risk 17(10)",
        unit="ratio",
        range="0 and up; above 1 if the account ended in debt",
        undefined="never",
    )
    max_drawdown_days = _Value(
        "Longest time below a peak.",
        "max(time of the close back at the peak, or of the last close, - time of the last close at it)",
        source="the same; calendar time, not a count of bars",
        unit="days of 24 hours",
        range="0 and up",
        undefined="never",
    )
    trades = _Value(
        "Round trips, flat to flat.",
        "count of closed trades",
        unit="count",
        range="0 and up",
        undefined="never",
    )
    win_rate = _Value(
        "Share of closed trades that made money after fees and funding.",
        "count(pnl > 0) / trades",
        unit="ratio",
        range="0 to 1",
        undefined="without a closed trade",
    )
    profit_factor = _Value(
        "Money that winners made over money that losers lost.",
        "sum(max(pnl, 0)) / sum(max(-pnl, 0)) of closed trades",
        unit="number",
        range="0 and up",
        undefined="no closed trade that lost",
    )
    expectancy = _Value(
        "What a trade made on average.",
        "mean(pnl) of closed trades",
        source="Tharp, Trade Your Way to Financial Freedom; in money, not in multiples of risk",
        unit="money",
        range="any",
        undefined="without a closed trade",
    )
    sqn = _Value(
        "System quality number: how far the mean profit of trades is from 0, as a t-statistic.",
        "sqrt(trades) * mean(pnl) / std(pnl, ddof=1) of closed trades",
        source="Tharp, The Definitive Guide to Position Sizing; of pnl, not capped at 100 trades",
        unit="number",
        range="any",
        undefined="fewer than 2 closed trades, or profits without spread (1e-14 of the initial cash)",
    )
    exposure = _Value(
        "Share of time with a position.",
        "time from entry to exit fills, an open trade's to the end / time from first open to last close",
        unit="ratio",
        range="0 to 1",
        undefined="without bars",
    )
    fees = _Value(
        "Fees paid, open trades' too; slippage, spread and funding are not fees.",
        "sum(fee) of all fills",
        unit="money",
        range="0 and up; below 0 if rebates were larger",
        undefined="never",
    )
    turnover = _Value(
        "Value traded, in initial accounts: 2 is one round trip of all of it.",
        "sum(size * price) of all fills / initial cash; over the whole run, not per year",
        unit="number",
        range="0 and up",
        undefined="never",
    )
    best_trade = _Value(
        "Return of the best closed trade.",
        "max(pnl / entry value)",
        unit="ratio",
        range="any",
        undefined="without a closed trade",
    )
    worst_trade = _Value(
        "Return of the worst closed trade.",
        "min(pnl / entry value)",
        unit="ratio",
        range="any",
        undefined="without a closed trade",
    )
    avg_trade = _Value(
        "Return of a closed trade on average.",
        "mean(pnl / entry value), arithmetic",
        unit="ratio",
        range="any",
        undefined="without a closed trade",
    )
    var_95 = _Value(
        "Value at risk: one day in twenty returns less than this. A loss is negative.",
        f"5th percentile of r, interpolated between the two nearest ranks; {_DAILY}",
        source="historical simulation; Jorion, Value at Risk",
        unit="ratio",
        range="-1 and up",
        undefined=_FEW,
    )
    skew = _Value(
        "Lopsidedness of daily returns; negative where large losses outweigh large gains.",
        f"n * sqrt(n - 1) / (n - 2) * m3 / m2^1.5, m the sums of powers of r - mean(r); {_DAILY}",
        source="Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis: G1, as pandas",
        unit="number",
        range="any",
        undefined="fewer than 3 days, or returns without spread",
    )
    kurtosis = _Value(
        "Weight of the tails of daily returns, 0 for a normal distribution.",
        "(n - 1) / ((n - 2) (n - 3)) * (n (n + 1) * m4 / m2^2 - 3 (n - 1)); r and m as for skew",
        source="Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis: G2, as pandas",
        unit="number",
        range="any",
        undefined="fewer than 4 days, or returns without spread",
    )

    @property
    def convention(self) -> str:
        """Whose definitions the values follow: `alipes`, `vectorbt`, `backtesting.py` or `quantstats`."""
        return self._convention

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before believing the values."""
        return self._warnings

    def to_dict(self) -> dict[str, float]:
        """A plain dict of the values."""
        return dict(self._values)

    def __getitem__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(f"no statistic {name!r}{nearest(str(name), self._values)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        rows = [(label(name), written(name, value)) for name, value in self.items()]
        wide, far = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
        lines = [f"{name:<{wide}}  {text:>{far}}" for name, text in rows]
        return "\n".join([*self._heading(), *lines])

    def _repr_html_(self) -> str:
        rows = "".join(self._row(name, value) for name, value in self.items())
        return f"<p>{'<br>'.join(map(escape, self._heading()))}</p><table><tbody>{rows}</tbody></table>"

    def _row(self, name: str, value: float) -> str:
        # The formulas are those of one convention; beside a number of another they would be wrong.
        hint = escape(METRICS[name].text()) if self._convention == "alipes" else ""
        return (
            f'<tr title="{hint}"><th style="text-align:left">{escape(label(name))}</th>'
            f'<td style="text-align:right">{escape(written(name, value))}</td></tr>'
        )

    def _heading(self) -> list[str]:
        return [f"Statistics, convention {self._convention}", *(f"! {text}" for text in self._warnings)]


METRICS: Mapping[str, Metric] = MappingProxyType(
    {name: value.metric for name, value in vars(Stats).items() if isinstance(value, _Value)}
)
"""Every statistic by name, in the order in which they are shown."""
