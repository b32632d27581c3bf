"""The order states once more, as rules instead of a table: the oracle of the table's tests.

Written from the design, not from the table. `check_table` raises where the table says something else.
"""

from alipes.model import OrderState as S
from alipes.orders.transitions import TABLE, Cause, Row

UNSENT = {S.PENDING, S.EMULATED}
AWAITED = {S.SUBMITTED, S.UNKNOWN}
ABSENT = {S.DENIED, S.REJECTED}
OVER = {S.CANCELLED, S.EXPIRED}
PROGRESS = [S.ACCEPTED, S.TRIGGERED, S.PARTIALLY_FILLED]
"""Live at the venue, by how much is known; news moves an order forward only."""

STAY = Row(None)
ALARM = Row(None, is_alarm=True)
REFUSE = Row(None, is_refused=True)


def to(state: S, *, alarm: bool = False) -> Row:
    return Row(state, is_alarm=alarm)


def expected(state: S, cause: Cause) -> Row:
    """What the design says about one pair."""
    rule = RULES.get(cause)
    return rule(state) if rule else LIFE_SIGNS[cause](state)


def request(allowed: set[S], target: S | None) -> object:
    return lambda state: REFUSE if state not in allowed else to(target) if target else STAY


def life_sign(target: S) -> object:
    def rule(state: S) -> Row:
        if state in UNSENT | ABSENT:
            return to(target, alarm=True)
        if state in AWAITED:
            return to(target)
        if state in PROGRESS and PROGRESS.index(target) > PROGRESS.index(state):
            return to(target)
        return ALARM if (state, target) == (S.FILLED, S.PARTIALLY_FILLED) else STAY

    return rule


def full_fill(state: S) -> Row:
    return STAY if state is S.FILLED else to(S.FILLED, alarm=state in UNSENT | ABSENT)


def end(target: S) -> object:
    def rule(state: S) -> Row:
        if state is S.FILLED:
            return ALARM
        return STAY if state in OVER else to(target, alarm=state in ABSENT | {S.PENDING})

    return rule


def rejected(state: S) -> Row:
    if state in UNSENT | AWAITED | {S.ACCEPTED, S.TRIGGERED}:
        return to(S.REJECTED, alarm=state in UNSENT)
    return STAY if state is S.REJECTED else ALARM


def rejected_inferred(state: S) -> Row:
    if state is S.UNKNOWN:
        return to(S.REJECTED)
    return STAY if state.is_terminal else ALARM


def not_sent(state: S) -> Row:
    if state is S.SUBMITTED:
        return to(S.DENIED)
    return STAY if state is S.DENIED else ALARM


def unknown(state: S) -> Row:
    if state is S.SUBMITTED:
        return to(S.UNKNOWN)
    return ALARM if state in UNSENT | {S.DENIED} else STAY


def amended(state: S) -> Row:
    if state is S.FILLED:
        return to(S.PARTIALLY_FILLED)
    if state is S.EMULATED:
        return STAY
    return life_sign(S.ACCEPTED)(state)


def amended_done(state: S) -> Row:
    if state in OVER | {S.PARTIALLY_FILLED}:
        return to(S.FILLED)
    return STAY if state is S.FILLED else ALARM


def amend_answer(state: S) -> Row:
    return ALARM if state in {S.PENDING, S.DENIED} else STAY


def cancel_answer(state: S) -> Row:
    return ALARM if state is S.PENDING else STAY


RULES = {
    Cause.SUBMIT: request(UNSENT, S.SUBMITTED),
    Cause.DENY: request(UNSENT, S.DENIED),
    Cause.EMULATE: request({S.PENDING}, S.EMULATED),
    Cause.AMEND: request({S.EMULATED, *PROGRESS}, None),
    Cause.CANCEL: request({state for state in S if not state.is_terminal}, None),
    Cause.REJECTED: rejected,
    Cause.REJECTED_INFERRED: rejected_inferred,
    Cause.NOT_SENT: not_sent,
    Cause.UNKNOWN: unknown,
    Cause.FULL_FILL: full_fill,
    Cause.CANCELLED: end(S.CANCELLED),
    Cause.EXPIRED: end(S.EXPIRED),
    Cause.AMENDED: amended,
    Cause.AMENDED_DONE: amended_done,
    Cause.AMEND_REJECTED: amend_answer,
    Cause.AMEND_UNKNOWN: amend_answer,
    Cause.CANCEL_REJECTED: cancel_answer,
    Cause.CANCEL_UNKNOWN: cancel_answer,
}
LIFE_SIGNS = {
    Cause.ACCEPTED: life_sign(S.ACCEPTED),
    Cause.TRIGGERED: life_sign(S.TRIGGERED),
    Cause.PARTIAL_FILL: life_sign(S.PARTIALLY_FILLED),
}


def check_table() -> None:
    """Every pair has a row, and it is the one the rules give."""
    assert set(TABLE) == set(Cause)
    for cause, rows in TABLE.items():
        assert set(rows) == set(S), f"{cause} lacks states"
        for state, row in rows.items():
            assert row == expected(state, cause), f"{cause} while {state}"
