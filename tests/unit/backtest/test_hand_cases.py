"""Cases of the bar engine that a person can check: hand_cases.csv, the arithmetic in the last column."""

from pathlib import Path
from typing import Any

import pytest
from tests.reference import bar_engine
from tests.reference.bar_adapter import compiled, told
from tests.reference.bar_cases import Case, fills, flags, read, unfilled, written_fills
from tests.reference.bar_terms import Order

from alipes.errors import DataError

CASES = read(Path(__file__).parent / "hand_cases.csv")
CLAUSES = {f"B{number}" for number in [*range(2, 16), 19]}


def check(case: Case, outcome: dict[str, Any]) -> None:
    """Everything the line says, against what an engine did."""
    row, equity, close = case.row, outcome["equity"][-1], case.bars().close[-1]
    orders = [Order(**order) for order in outcome["orders"]]
    filled = fills(orders)
    expected = written_fills(row["fills"])
    assert [(fill[0], fill[3]) for fill in filled] == [(fill[0], fill[3]) for fill in expected]
    for ours, theirs in zip(filled, expected, strict=True):
        assert ours[1:3] == pytest.approx(theirs[1:3], rel=1e-12)
    assert unfilled(orders) == row["unfilled"]
    assert equity == pytest.approx(float(row["equity"]), abs=1e-9)
    cash = equity - outcome["position"][-1] * close
    assert cash == pytest.approx(float(row["cash"]), abs=1e-9)
    assert flags(outcome) == case.flags()
    check_times(case, orders)
    check_money(case, orders, outcome)


def check_times(case: Case, orders: list[Order]) -> None:
    """Decisions at closes; decided orders fill at opens or closes; those of the path carry the stamp."""
    bars, fill = case.bars(), case.terms().fill
    for order in orders:
        is_decided = order.kind in {"open", "add", "close"}
        if is_decided:
            assert order.ts == bars.ts[order.bar] + bars.step
        if order.status == "filled":
            is_at_close = order.kind == "end" or (
                (is_decided or order.kind == "time") and fill != "next_open"
            )
            assert order.fill_ts == bars.ts[order.fill_bar] + bars.step * is_at_close
            assert is_decided or (order.bar, order.ts) == (order.fill_bar, order.fill_ts)
            assert order.is_maker == (order.kind == "take_profit")


def check_money(case: Case, orders: list[Order], outcome: dict[str, Any]) -> None:
    """What the trades earned is what the equity gained, and they carry the fees and fills of their orders."""
    rows, gained = outcome["trades"], outcome["equity"][-1] - case.terms().cash
    assert sum(row["pnl"] for row in rows) == pytest.approx(gained, abs=1e-9)
    for row in rows:
        own = [order for order in orders if order.trade == row["id"]]
        entries = [order for order in own if order.kind in {"open", "add"}]
        assert row["fees"] == pytest.approx(sum(order.fee for order in own), abs=1e-9)
        assert row["size"] == pytest.approx(sum(order.size for order in entries), rel=1e-12)
        paid = sum(order.size * order.price for order in entries)
        assert row["entry_price"] == pytest.approx(paid / row["size"], rel=1e-12)
        assert (row["entry_ts"], row["entry_bar"]) == (entries[0].fill_ts, entries[0].fill_bar)
        bars = case.bars()
        end = (bars.ts[-1] + bars.step, len(bars) - 1, bars.close[-1], "")
        closing = max(own, key=lambda order: order.fill_bar if order.kind not in {"open", "add"} else -1)
        left = (closing.fill_ts, closing.fill_bar, closing.price, closing.kind)
        assert (row["exit_ts"], row["exit_bar"], row["exit_price"], row["reason"]) == (
            end if row["is_open"] else left
        )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_slow_engine_agrees_with_the_hand(case: Case) -> None:
    check(case, told(bar_engine.run(case.bars(), case.rules(), case.terms())))


@pytest.mark.parametrize("way", ["signals", "program"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_compiled_engine_agrees_with_the_hand(case: Case, way: str) -> None:
    check(case, compiled(way, case.bars(), case.rules(), case.terms()))


WRONG = {
    "a negative size": ("size=units:1 size@1=-1", "size"),
    "a stop of no distance": ("size=units:1 stop_loss=price:1 stop_loss@1=0", "stop_loss"),
    "a negative ratio of a target": ("size=units:1 take_profit=pct:0.1 take_profit@1=-0.1", "take_profit"),
    "a negative trail": ("size=units:1 trailing=price:2 trailing@1=-2", "trailing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_an_error_that_names_the_bar(name: str) -> None:
    options, word = WRONG[name]
    row = {"name": name, "bars": "100; 100; 100; 100", "signals": "EL@1", "options": options}
    case = Case(row)
    with pytest.raises(ValueError, match="at bar 1"):
        bar_engine.run(case.bars(), case.rules(), case.terms())
    for way in ("signals", "program"):
        with pytest.raises(DataError) as caught:
            compiled(way, case.bars(), case.rules(), case.terms())
        assert "bar 1" in str(caught.value)
        assert word in str(caught.value)


def test_every_clause_has_a_case() -> None:
    assert {clause for case in CASES for clause in case.row["clause"].split()} >= CLAUSES
    assert len({case.row["name"] for case in CASES}) == len(CASES) >= 40
