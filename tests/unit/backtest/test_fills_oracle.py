"""Fills and equity of vectorbt and backtesting.py where their semantics and ours are the same (recorded).

`tests/reference/bar_oracle.py` says which settings make them the same, and writes fills_oracle.json.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.reference.bar_oracle import BARS, START, STEP, TENTH, Case, case

import alipes
import alipes.rules as r
from alipes import backtest

RECORDED = json.loads((Path(__file__).parent / "fills_oracle.json").read_text(encoding="utf-8"))
CASES = [(peer, int(seed)) for peer in ("vectorbt", "backtesting.py") for seed in RECORDED[peer]]


def ours(given: Case, fill: str) -> Any:
    """The same signals through `alipes.backtest.signals`."""
    ts = START + STEP * np.arange(BARS)
    prices = {name: np.array(getattr(given, name)) for name in ("open", "high", "low", "close")}
    exits = np.array(given.exits)
    return backtest.signals(
        alipes.bars({"ts": ts, **prices, "volume": np.ones(BARS)}),
        entries=np.array(given.entries),
        exits=exits,
        short_entries=np.array(given.short_entries),
        size=r.equity(1.0) if given.units is None else r.units(given.units),
        stop_loss=None if given.stop is None else r.pct(given.stop),
        take_profit=None if given.target is None else r.pct(given.target),
        fees_bps=given.fee * 1e4,
        fixed_fee=given.fixed_fee,
        slippage_bps=given.slippage * 1e4,
        fill=fill,
    )


def by_vectorbt(given: Case, recorded: dict[str, Any]) -> None:
    """One order a bar there: the two legs of a reversal are one fill."""
    result = ours(given, "same_close")
    filled = [row for row in result.orders if row["status"] == "filled"]
    fills: dict[int, list[float]] = {}
    for row in filled:
        signed = row["size"] if row["side"] == "buy" else -row["size"]
        units, _, fee = fills.get(row["fill_bar"], [0.0, 0.0, 0.0])
        fills[row["fill_bar"]] = [units + signed, row["price"], fee + row["fee"]]
    theirs = {bar: rest for bar, *rest in recorded["fills"]}
    reversals = {bar for bar in fills if sum(row["fill_bar"] == bar for row in filled) == 2}
    assert list(fills) == list(theirs)
    for bar, fill in fills.items():
        fill[2] -= given.fixed_fee * (bar in reversals)
        assert fill == pytest.approx(theirs[bar], rel=1e-9)
    paid = np.cumsum([given.fixed_fee * (bar in reversals) for bar in range(BARS)])
    assert (result.equity["equity"] + paid)[TENTH] == pytest.approx(recorded["equity"], rel=1e-9)


def by_backtesting(given: Case, recorded: dict[str, Any]) -> None:
    result = ours(given, "next_open")
    fields = ("entry_bar", "exit_bar", "size", "entry_price", "exit_price")
    found = []
    for row in result.trades:
        if not row["is_open"]:
            signed = row["size"] if row["side"] == "long" else -row["size"]
            found.append(row | {"size": signed})
    told = np.array([[row[name] for name in fields] for row in found])
    assert told == pytest.approx(np.array(recorded["trades"]), rel=1e-9)
    assert result.equity["equity"][TENTH] == pytest.approx(recorded["equity"], rel=1e-9)


@pytest.mark.parametrize(("peer", "seed"), CASES)
def test_fills_are_those_of_the_peer(peer: str, seed: int) -> None:
    check = by_vectorbt if peer == "vectorbt" else by_backtesting
    check(case(seed, peer), RECORDED[peer][str(seed)])


def test_the_recorded_cases_show_stops_shorts_and_fees() -> None:
    cases = [case(seed, peer) for peer, seed in CASES]
    assert sum(given.stop is not None for given in cases) > 10
    assert sum(any(given.short_entries) for given in cases) > 10
    assert len(CASES) > 50
