"""What a reader of a result must know before they believe it: warnings by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from alipes.backtest.bars import fit
from alipes.data.bars.funding import forward_fill
from alipes.report.tables import time_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alipes.backtest.bars.options import BarOptions
    from alipes.data.bars import Bars
    from alipes.report.tables import Table

FEW_DAYS = 30
"""Daily returns below which statistics of them are warned of."""


def warnings_of(
    bars: Bars,
    options: BarOptions,
    raw: Mapping[str, Any],
    *,
    skipped: Table,
    reduced: int,
    liquidated: Table,
    warm_up: int,
) -> dict[str, str]:
    """The warnings of a run, by name; empty if there is nothing to say.

    Args:
        bars: What was traded.
        options: On what terms.
        raw: What the engine returns.
        skipped: The orders that were skipped.
        reduced: How many orders filled for less than wanted.
        liquidated: The trades that ended in liquidation.
        warm_up: Bars before the rules settle; 0 where nothing is known of it.
    """
    told = {
        "gaps": _gaps(bars),
        "data": "; ".join(bars.notes),
        "detail": _detail(bars, options),
        "few_days": few_days(raw["days"]),
        "warm_up": _warm_up(bars, warm_up),
        "optimistic": "" if not raw["optimistic"] else "orders fill at the very close that decided them",
        "conflicts": _counted(
            raw["conflicts"], "bar", "both entries were true while flat, so neither was taken"
        ),
        "undefined_exits": _counted(
            raw["undefined_exits"], "exit", "undefined at the decision, so the trade went without"
        ),
        "lot": options.dear_lot(bars),
        "skipped": _skipped(skipped),
        "denied": _denied(raw.get("denied", ())),
        "reduced": _counted(reduced, "order", "cut to what cash and leverage allow"),
        "liquidation": _liquidation(liquidated),
        "ruin": _ruin(bars, raw),
        "funding": forward_fill(*options.payments(bars)),
        "fault": raw.get("fault", ""),
    }
    return {name: text for name, text in told.items() if text}


def _gaps(bars: Bars) -> str:
    places = len(bars.gap_rows)
    if not places:
        return ""
    gaps = bars.gaps
    return (
        f"bars are missing in {places:,} place{'s'[: places > 1]}, at most"
        f" {gaps.longest_ns // bars.step:,} in a row, after {time_text(int(bars.ts[gaps.row]))}"
    )


def _detail(bars: Bars, options: BarOptions) -> str:
    if options.detail is None:
        return ""
    lacking = fit.without_detail(options.detail, bars)
    differing, _, text = fit.unlike_detail(options.detail, bars)
    told = (
        _counted(lacking, "bar", "without finer bars, taken as pessimistic"),
        _counted(differing, "bar", f"not what the finer bars make up, {text}"),
    )
    return "; ".join(filter(None, told))


def few_days(days: int) -> str:
    """What to know of statistics of so many daily returns; empty if they are enough."""
    if days >= FEW_DAYS:
        return ""
    return f"{days} daily return{'s'[: days != 1]}; statistics of fewer than {FEW_DAYS} say little"


def _warm_up(bars: Bars, warm_up: int) -> str:
    if warm_up < len(bars):
        return ""
    return f"the rules settle after {warm_up:,} bars and there are {len(bars):,}"


def _skipped(skipped: Table) -> str:
    if not len(skipped):
        return ""
    reasons, counts = np.unique(skipped["reason"], return_counts=True)
    parts = [f"{count:,} {reason}" for reason, count in zip(reasons.tolist(), counts.tolist(), strict=True)]
    return f"{len(skipped):,} order{'s'[: len(skipped) > 1]} skipped: {', '.join(parts)}"


def _denied(refusals: Sequence[tuple[str, str]]) -> str:
    if not refusals:
        return ""
    code, detail = refusals[0]
    counted = _counted(len(refusals), "order", "refused before being sent")
    return f"{counted}, the first for {code}: {detail}"


def _liquidation(liquidated: Table) -> str:
    if not len(liquidated):
        return ""
    bar, ts = int(liquidated["exit_bar"][0]), int(liquidated["exit_ts"][0])
    counted = _counted(len(liquidated), "trade", "closed by force as equity fell to the maintenance margin")
    return f"{counted}, the first at bar {bar:,} ({time_text(ts)})"


def _ruin(bars: Bars, raw: Mapping[str, Any]) -> str:
    row = raw["ruined"]
    if row < 0:
        return ""
    return f"no money left at bar {row:,} ({time_text(int(bars.ts[row]))}); nothing was traded after it"


def _counted(count: int, noun: str, text: str) -> str:
    return f"{count:,} {noun}{'s'[: count > 1]}: {text}" if count else ""
