"""What options need of the bars they are for: columns that the engine reads, gaps, finer bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alipes.config.names import nearest
from alipes.data.bars.clock import length_text
from alipes.errors import DataError, InputError
from alipes.report.tables import time_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alipes._core import InstrumentSpec
    from alipes.data.bars import Bars

_MOST_UNLIKE = 1 / 20
"""Share of bars that may differ from their finer ones before those are taken for another market's."""
_PRICE_TOLERANCE = 1e-9
"""Relative difference of prices that is none."""


def spread_column(name: str, bars: Bars) -> NDArray[np.float64]:
    """The spread column of bars: (n,) float64, price units, >= 0.

    Raises:
        InputError: There is no such column, a value that is no spread, or one of twice the bar's low or more;
            its row and time are named.
    """
    if name not in bars.columns:
        raise InputError(f"spread={name!r}: the bars have no such column{nearest(name, bars.columns)}")
    values = bars.columns[name]
    wrong = np.flatnonzero(~(values >= 0) | np.isinf(values))
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"spread: column {name!r} is {values[row]} at {_row(bars, row)}: expected a number >= 0, the full"
            " spread in price units"
        )
    wide = np.flatnonzero(values / 2 >= bars["low"])
    if len(wide):
        row = int(wide[0])
        raise InputError(
            f"spread: column {name!r} is {values[row]} at {_row(bars, row)}, where the low is"
            f" {float(bars['low'][row])!r}: half of it would be taken off a price and leave none. Expected"
            " the full spread in price units, not in basis points or ticks"
        )
    return values


def refuse_coarse_tick(instrument: InstrumentSpec, bars: Bars) -> None:
    """Passes an instrument whose tick is not above the lowest price, which it would round to 0.

    Raises:
        InputError: It is above; both are named.
    """
    row = int(np.argmin(bars["low"]))
    lowest = float(bars["low"][row])
    if float(instrument.tick_size) > lowest:
        raise InputError(
            f"instrument: tick_size={instrument.tick_size} of {instrument.symbol} is above the lowest price,"
            f" {lowest!r} at {_row(bars, row)}, and rounds it to 0: expected the tick of the instrument of"
            " these bars, in their quote units"
        )


def dear_lot(instrument: InstrumentSpec, bars: Bars, money: float) -> str:
    """What to say of a lot that costs more than there is money for at any price; empty if it does not.

    Args:
        instrument: The grid.
        bars: What is traded.
        money: The largest notional at the start, quote units.
    """
    row = int(np.argmin(bars["low"]))
    lowest = float(bars["low"][row])
    cost = float(instrument.lot_size) * lowest
    if cost <= money:
        return ""
    return (
        f"one lot, {instrument.lot_size} of {instrument.symbol}, costs {cost:,g} at the lowest price,"
        f" {lowest!r} at {_row(bars, row)}, and cash times leverage is {money:,g}: nothing can be bought"
    )


def refuse_unpaid_marks(bars: Bars, payments: NDArray[np.int64]) -> None:
    """Passes bars whose mark is a price wherever funding is due, or that have none.

    Args:
        bars: The bars; of their column ``mark``, if there is one, funding takes the value of the position.
        payments: (m,) int64 ns UTC, when funding is due: at the first bar that does not open before it.

    Raises:
        DataError: A mark that is undefined or not above 0 where funding is due; row and value are named.
    """
    if "mark" not in bars.columns:
        return
    rows = np.searchsorted(bars.ts, payments)
    rows = rows[rows < len(bars)]
    marks = bars.columns["mark"][rows]
    wrong = np.flatnonzero(~((marks > 0) & (marks < np.inf)))
    if len(wrong):
        raise DataError(
            f"funding: column 'mark' is {marks[wrong[0]]} at {_row(bars, rows[wrong[0]])}, where a payment is"
            f" due: expected a finite price above 0; {len(wrong):,} of {len(rows):,} payments have none. Fill"
            " the marks, or rename the column to have the open taken"
        )


def refuse_gaps(bars: Bars) -> None:
    """Passes bars of which none is missing.

    Raises:
        DataError: One is; the first gap is named, and how many there are.
    """
    if len(bars.gap_rows):
        row = int(bars.gap_rows[0])
        missing = int(bars.ts[row + 1] - bars.ts[row]) // bars.step - 1
        raise DataError(
            f"gaps='error': bars are missing after row {row} ({time_text(int(bars.ts[row]))}), {missing} of"
            f" them; the first of {len(bars.gap_rows)} gaps. gaps='keep' runs over them with a warning"
        )


def refuse_unfit_detail(detail: Bars, bars: Bars) -> None:
    """Passes finer bars that divide the bars they refine.

    Raises:
        InputError: Their step is not a whole part of the bars' step.
    """
    if detail.step >= bars.step or bars.step % detail.step:
        raise InputError(
            f"detail: bars of {length_text(detail.step)} refine no bars of {length_text(bars.step)}:"
            " expected a step that divides theirs"
        )


def refuse_other_detail(detail: Bars, bars: Bars) -> None:
    """Passes finer bars that make up the bars they refine, or all but a few of them.

    Raises:
        InputError: More than one in twenty of the bars that finer ones cover fully differ from them.
    """
    differing, covered, text = unlike_detail(detail, bars)
    if differing > covered * _MOST_UNLIKE:
        raise InputError(
            f"detail: {differing:,} of {covered:,} bars are not what their finer bars make up, {text}:"
            " expected finer bars of the same market and prices, stamped with open times (alipes.bars(x,"
            " label='close') takes close times)"
        )


def unlike_detail(detail: Bars, bars: Bars) -> tuple[int, int, str]:
    """Bars that are not what their finer bars make up: first open, highest high, lowest low, last close.

    Bars of which a finer one is missing are not judged.

    Returns:
        How many differ, how many are covered fully, and the first that differs in words.
    """
    first, after = _spans(detail, bars)
    rows = np.flatnonzero(after - first == bars.step // detail.step)
    if not len(rows):
        return 0, 0, ""
    first, after = first[rows], after[rows]
    # Every other span of the reduction is what lies between two bars; the last one needs no end.
    ends = np.column_stack([first, after]).ravel()[: -1 if after[-1] == len(detail) else None]
    made = {
        "open": detail["open"][first],
        "high": np.maximum.reduceat(detail["high"], ends)[::2],
        "low": np.minimum.reduceat(detail["low"], ends)[::2],
        "close": detail["close"][after - 1],
    }
    is_off = {name: np.abs(each / bars[name][rows] - 1) > _PRICE_TOLERANCE for name, each in made.items()}
    differing = np.flatnonzero(np.any(list(is_off.values()), axis=0))
    if not len(differing):
        return 0, len(rows), ""
    at = int(differing[0])
    name = next(name for name, off in is_off.items() if off[at])
    theirs, ours = float(made[name][at]), float(bars[name][rows[at]])
    return len(differing), len(rows), f"first {_row(bars, rows[at])}: {name} {ours!r}, theirs {theirs!r}"


def without_detail(detail: Bars, bars: Bars) -> int:
    """How many bars no finer bar lies in."""
    first, after = _spans(detail, bars)
    return int(np.count_nonzero(first == after))


def _spans(detail: Bars, bars: Bars) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first finer bar of each bar, and the one after its last."""
    return np.searchsorted(detail.ts, bars.ts), np.searchsorted(detail.ts, bars.ts + bars.step)


def _row(bars: Bars, row: int) -> str:
    return f"row {row} ({time_text(int(bars.ts[row]))})"
