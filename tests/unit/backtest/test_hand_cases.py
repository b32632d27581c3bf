"""Cases of the bar engine that a person can check: hand_cases.csv, the arithmetic in the last column."""

from pathlib import Path

import pytest
from tests.reference import bar_engine
from tests.reference.bar_cases import Case, fills, flags, read, unfilled, written_fills
from tests.reference.bar_terms import Outcome

CASES = read(Path(__file__).parent / "hand_cases.csv")
CLAUSES = {f"B{number}" for number in [*range(2, 16), 19]}


def check(case: Case, outcome: Outcome) -> None:
    """Everything the line says, against what an engine did."""
    row, cash, close = case.row, outcome.equity[-1], case.bars().close[-1]
    filled = fills(outcome.orders)
    expected = written_fills(row["fills"])
    assert [(fill[0], fill[3]) for fill in filled] == [(fill[0], fill[3]) for fill in expected]
    for ours, theirs in zip(filled, expected, strict=True):
        assert ours[1:3] == pytest.approx(theirs[1:3], rel=1e-12)
    assert unfilled(outcome.orders) == row["unfilled"]
    assert outcome.equity[-1] == pytest.approx(float(row["equity"]), abs=1e-9)
    cash -= outcome.position[-1] * close
    assert cash == pytest.approx(float(row["cash"]), abs=1e-9)
    assert flags(outcome) == case.flags()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_slow_engine_agrees_with_the_hand(case: Case) -> None:
    check(case, bar_engine.run(case.bars(), case.rules(), case.terms()))


def test_every_clause_has_a_case() -> None:
    assert {clause for case in CASES for clause in case.row["clause"].split()} >= CLAUSES
    assert len({case.row["name"] for case in CASES}) == len(CASES) >= 40
