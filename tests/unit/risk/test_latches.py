"""Latches tighten by themselves and loosen only by command; every change is a row."""

import pytest
from tests.unit.orders.support import BTC, ETH

from alipes.model import StateRecord
from alipes.orders import MemoryJournal
from alipes.risk.latches import EVERYTHING, Latches, TradingState


def tight(scope: str, state: TradingState, reason: str = "drawdown") -> Latches:
    latches = Latches()
    assert latches.tighten(scope, state, reason, seq=1, now=2) is not None
    return latches


def codes(latches: Latches, instrument=BTC) -> tuple[str | None, str | None]:
    """Refusal codes of an entry and of a reduce-only exit."""
    answers = [latches.refusal(instrument, is_reduce_only=exits) for exits in (False, True)]
    return tuple(None if answer is None else answer[0] for answer in answers)


def test_active_admits_everything() -> None:
    assert codes(Latches()) == (None, None)


@pytest.mark.parametrize("scope", [EVERYTHING, "main", "main:BTC/USDT:USDT"])
def test_reducing_admits_only_what_reduces(scope: str) -> None:
    assert codes(tight(scope, TradingState.REDUCING)) == ("reducing", None)


@pytest.mark.parametrize("scope", [EVERYTHING, "main", "main:BTC/USDT:USDT"])
def test_halted_admits_nothing(scope: str) -> None:
    assert codes(tight(scope, TradingState.HALTED)) == ("halted", "halted")


def test_the_tightest_scope_decides_and_others_go_on() -> None:
    latches = tight("main:BTC/USDT:USDT", TradingState.HALTED)
    latches.tighten("main", TradingState.REDUCING, "foreign fill", seq=2, now=3)
    assert codes(latches) == ("halted", "halted")
    assert codes(latches, ETH) == ("reducing", None)
    assert "foreign fill" in latches.refusal(ETH, is_reduce_only=False)[1]


def test_a_trigger_never_loosens() -> None:
    latches = tight(EVERYTHING, TradingState.HALTED)
    for state in TradingState:
        assert latches.tighten(EVERYTHING, state, "again", seq=2, now=3) is None
    assert latches.state_of() is TradingState.HALTED


def test_only_a_command_releases_and_it_never_tightens() -> None:
    latches = tight(EVERYTHING, TradingState.REDUCING)
    assert latches.release(EVERYTHING, TradingState.HALTED, "operator", seq=2, now=3) is None
    row = latches.release(EVERYTHING, TradingState.ACTIVE, "operator", seq=2, now=3)
    assert row == StateRecord(2, 3, "latch:", {"state": "active", "reason": "released by operator"})
    assert codes(latches) == (None, None)


def test_a_restart_finds_the_latches_of_the_journal() -> None:
    journal, latches = MemoryJournal(), Latches()
    journal.append(latches.tighten("main", TradingState.HALTED, "lost store", seq=1, now=1))
    journal.append(latches.tighten(EVERYTHING, TradingState.REDUCING, "loss", seq=2, now=2))
    journal.append(latches.release(EVERYTHING, TradingState.ACTIVE, "operator", seq=3, now=3))
    journal.append(StateRecord(4, 4, "strategy:maker", {"state": "nothing of ours"}))
    again = Latches()
    again.restore(journal.records)
    assert again.status() == latches.status() == {"main": ("halted", "lost store")}
