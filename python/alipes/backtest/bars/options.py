"""The options of a backtest on bars: what `run`, `signals` and `sweep` share, checked once and frozen.

Knows what each option may be and how the compiled engine wants it; not what a rule is and not how a run goes.
docs/bar-engine.md says what the options mean.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from alipes._core import InstrumentSpec
from alipes.backtest.bars import checks, fit
from alipes.config.names import nearest
from alipes.data.bars import as_bars, as_funding
from alipes.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from alipes.data.bars import Bars

Fill = Literal["next_open", "same_close", "next_close"]
Path = Literal["pessimistic", "optimistic", "nearest", "detail"]
Convention = Literal["alipes", "vectorbt", "backtesting.py", "quantstats"]


class OptionArguments(TypedDict, total=False):
    """`BarOptions` as keyword arguments; for type checkers."""

    cash: float
    fees_bps: float
    maker_fees_bps: float | None
    fixed_fee: float
    slippage_bps: float
    spread: str | None
    leverage: float
    maintenance_margin: float
    funding: Any
    fill: Fill
    path: Path
    detail: Any
    size_at: Literal["fill", "decision"]
    close_at_end: bool
    gaps: Literal["keep", "error"]
    instrument: InstrumentSpec | None
    score_from: Literal["start", "common"]
    convention: Convention


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class BarOptions:
    """What a backtest on bars trades on.

    Attributes:
        cash: Money at the start, quote units, > 0.
        fees_bps: Taker fee in basis points of the traded value, in [0, 10,000).
        maker_fees_bps: Maker fee of targets and limits, in (-10,000, 10,000); negative is a rebate. None: the
            taker fee.
        fixed_fee: Money per fill, quote units, >= 0.
        slippage_bps: How much worse than the price market orders and stops fill, basis points, 0 to 10,000.
        spread: Name of a column with the full spread in price units; half of it is the slippage instead.
        leverage: Largest entry notional as a multiple of equity, > 0.
        maintenance_margin: Equity over notional at which a position is liquidated, in [0, 1).
        funding: Funding payments: (times, rates), a frame with both, one rate a bar, or the name of such a
            column; see `alipes.data.bars.as_funding`.
        fill: When decided orders fill: ``"next_open"``, ``"next_close"``, or ``"same_close"`` (optimistic).
        path: How prices go inside a bar: ``"pessimistic"``, ``"optimistic"``, ``"nearest"``, ``"detail"``.
        detail: Finer bars of the same market, for ``path="detail"`` (which they imply).
        size_at: Sizes come from prices and cash at the ``"fill"`` or at the ``"decision"``.
        close_at_end: Whether a position that is still open is sold at the last close.
        gaps: ``"keep"`` warns of missing bars, ``"error"`` refuses them.
        instrument: Grid of prices and sizes and smallest order; without one there is none.
        score_from: Statistics count from the ``"start"``, or from the ``"common"`` bar at which all is warm.
        convention: Whose formulas the statistics follow; see `Stats`.
    """

    cash: float = 10_000.0
    fees_bps: float = 0.0
    maker_fees_bps: float | None = None
    fixed_fee: float = 0.0
    slippage_bps: float = 0.0
    spread: str | None = None
    leverage: float = 1.0
    maintenance_margin: float = 0.005
    funding: Any = None
    fill: Fill = "next_open"
    path: Path = "pessimistic"
    detail: Any = None
    size_at: Literal["fill", "decision"] = "fill"
    close_at_end: bool = False
    gaps: Literal["keep", "error"] = "keep"
    instrument: InstrumentSpec | None = None
    score_from: Literal["start", "common"] = "start"
    convention: Convention = "alipes"

    def __post_init__(self) -> None:
        for name, check in _CHECKS.items():
            object.__setattr__(self, name, check(name, getattr(self, name)))
        self._check_together()

    def _check_together(self) -> None:
        if self.spread is not None and self.slippage_bps:
            raise InputError(
                f"spread={self.spread!r} and slippage_bps={self.slippage_bps:g} exclude each other: half the"
                " spread is the slippage"
            )
        if self.detail is not None:
            object.__setattr__(self, "path", _path_of_detail(self.path))
        elif self.path == "detail":
            raise InputError("path='detail' needs the finer bars: expected detail=, bars of the same market")

    @classmethod
    def of(cls, arguments: Mapping[str, Any], *, beside: Iterable[str] = ()) -> BarOptions:
        """Options out of keyword arguments.

        Args:
            arguments: Value by name.
            beside: Other names that may have been meant.

        Raises:
            InputError: An unknown name (the nearest is given), or a value outside its range.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in arguments:
            if name not in known:
                raise InputError(f"unknown option {name!r}{nearest(name, [*known, *beside])}")
        return cls(**arguments)

    def columns(self, bars: Bars) -> dict[str, NDArray[np.float64]]:
        """The columns the engine reads: the bars' own, with the chosen one as ``spread``.

        Raises:
            InputError: There is no such column, or it holds what is no spread; the row is named.
        """
        columns = dict(bars.columns)
        if self.spread is not None:
            columns["spread"] = fit.spread_column(self.spread, bars)
        return columns

    def to_terms(self, bars: Bars) -> dict[str, Any]:
        """The terms as `_core` takes them, checked against the bars they are for.

        Raises:
            DataError: ``gaps="error"`` and bars are missing, funding that
                looks forward-filled, or a mark that is no price where funding is due.
            InputError: A column that does not exist, a tick too large for the bars, or finer bars that are
                not finer or not of these bars.
        """
        if self.gaps == "error":
            fit.refuse_gaps(bars)
        if self.instrument is not None:
            fit.refuse_coarse_tick(self.instrument, bars)
        taker = self.fees_bps
        terms: dict[str, Any] = {
            "cash": self.cash,
            "fees_bps": taker,
            "maker_fees_bps": taker if self.maker_fees_bps is None else self.maker_fees_bps,
            "fixed_fee": self.fixed_fee,
            "slippage_bps": self.slippage_bps,
            "spread": self.spread is not None,
            "leverage": self.leverage,
            "maintenance_margin": self.maintenance_margin,
            "fill": self.fill,
            "path": self.path,
            "size_at": self.size_at,
            "close_at_end": self.close_at_end,
            "score_from": self.score_from,
            "convention": self.convention,
        }
        return terms | _grid(self.instrument) | self._funding(bars) | self._detail(bars)

    def dear_lot(self, bars: Bars) -> str:
        """What to say of a lot that no money buys; empty without an instrument, or if it can be bought."""
        if self.instrument is None:
            return ""
        return fit.dear_lot(self.instrument, bars, self.cash * self.leverage)

    def describe(self) -> dict[str, Any]:
        """The options as JSON values, equal for equal options: data by digest, an instrument by its grid."""
        told = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if self.maker_fees_bps is None:
            told["maker_fees_bps"] = self.fees_bps
        if self.instrument is not None:
            told["instrument"] = {"symbol": self.instrument.symbol, **_grid(self.instrument)}
        if self.detail is not None:
            told["detail"] = _digest(self.detail.ts, *(self.detail.columns[name] for name in _OHLC))
        if self.funding is not None and not isinstance(self.funding, str):
            told["funding"] = _digest(*(self.funding if isinstance(self.funding, tuple) else [self.funding]))
        return told

    def changed(self) -> dict[str, Any]:
        """What differs from the defaults, as `describe` tells it."""
        usual = BarOptions(cash=self.cash, fees_bps=self.fees_bps).describe()
        told = self.describe()
        kept = {"cash", "fees_bps"}
        return {name: value for name, value in told.items() if name in kept or value != usual[name]}

    def payments(self, bars: Bars) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times and rates of the funding payments; see `alipes.data.bars.as_funding`."""
        if isinstance(self.funding, str) and self.funding not in bars.columns:
            raise InputError(
                f"funding={self.funding!r}: the bars have no such column{nearest(self.funding, bars.columns)}"
            )
        return self.funding if isinstance(self.funding, tuple) else as_funding(self.funding, bars)

    def _funding(self, bars: Bars) -> dict[str, Any]:
        if self.funding is None:
            return {}
        times, rates = self.payments(bars)
        fit.refuse_unpaid_marks(bars, times)
        return {"funding_ts": times, "funding_rate": rates}

    def _detail(self, bars: Bars) -> dict[str, Any]:
        if self.detail is None:
            return {}
        fit.refuse_unfit_detail(self.detail, bars)
        fit.refuse_other_detail(self.detail, bars)
        return {"detail_ts": self.detail.ts} | {f"detail_{name}": self.detail.columns[name] for name in _OHLC}


_OHLC = ("open", "high", "low", "close")


def _path_of_detail(path: str) -> Path:
    if path not in {"pessimistic", "detail"}:
        raise InputError(f"path={path!r} with detail=: expected path='detail', finer bars decide the path")
    return "detail"


def _bars(name: str, value: Any) -> Bars | None:
    try:
        return None if value is None else as_bars(value)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _funding(name: str, value: Any) -> Any:
    """Payments as (times, rates); what needs the bars (a column, one rate a bar) stays as it is."""
    needs_bars = isinstance(value, str) or (isinstance(value, np.ndarray) and value.ndim == 1)
    if value is None or needs_bars:
        return value
    if np.isscalar(value):
        raise InputError(
            f"{name}={shown(value)}: expected payments as (times, rates), a frame with both, an array of one"
            " rate a bar, or the name of such a column"
        )
    try:
        return as_funding(value)
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith(name) else f"{name}: {text}") from error


def _instrument(name: str, value: Any) -> InstrumentSpec | None:
    if value is not None and not isinstance(value, InstrumentSpec):
        raise InputError(f"{name}={shown(value)}: expected an alipes.InstrumentSpec or None")
    if value is not None and value.kind == "inverse":
        raise InputError(
            f"{name}: {value.symbol} is inverse; bar backtests count base units and quote money: expected a"
            " spot or linear instrument"
        )
    return value


def _grid(instrument: InstrumentSpec | None) -> dict[str, float]:
    """Grid of an instrument in quote and base units; nothing without one."""
    if instrument is None:
        return {}
    return {
        "tick": float(instrument.tick_size),
        "lot": float(instrument.lot_size),
        "min_notional": float(instrument.min_notional or 0),
    }


def _digest(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "cash": checks.number(above=0),
    "fees_bps": checks.number(at_least=0, below=10_000),
    "maker_fees_bps": checks.optional(checks.number(above=-10_000, below=10_000)),
    "fixed_fee": checks.number(at_least=0),
    "slippage_bps": checks.number(at_least=0, below=10_000),
    "spread": checks.optional(checks.text("the name of a column")),
    "leverage": checks.number(above=0),
    "maintenance_margin": checks.number(at_least=0, below=1),
    "funding": _funding,
    "fill": checks.word("next_open", "same_close", "next_close"),
    "path": checks.word("pessimistic", "optimistic", "nearest", "detail"),
    "detail": _bars,
    "size_at": checks.word("fill", "decision"),
    "close_at_end": checks.flag,
    "gaps": checks.word("keep", "error"),
    "instrument": _instrument,
    "score_from": checks.word("start", "common"),
    "convention": checks.word("alipes", "vectorbt", "backtesting.py", "quantstats"),
}
"""By option: (name, value) to the value to keep, or InputError."""
