"""The order state table, as data: what each event does in each state.

Execution state and the request that awaits its answer are two separate tables, because a pending cancel says
nothing about what has traded. Every pair has a cell; a pair that cannot happen is an alarm, which is counted
and reported, and never a crash. ``docs/render_order_states.py`` renders it as ``docs/order-states.md``.

Four convictions are in the table. What a venue says late about an order that ended changes nothing. Evidence
that an order exists outranks the belief that it does not: a denied or rejected order that is seen alive is
open again, with an alarm. Absence proves the end of an order only where nothing else was ever heard of it
(`unknown`). And a fill is applied whatever the state: cancelled and expired orders keep their end, because
the venue said that nothing is left.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from alipes.model import OrderState
from alipes.model.order import AMEND_IN_FLIGHT, CANCEL_IN_FLIGHT


class Cause(StrEnum):
    """What can happen to an order: our requests, then a connector's events as the table tells them apart."""

    SUBMIT = "submit"
    DENY = "deny"
    EMULATE = "emulate"
    AMEND = "amend"
    CANCEL = "cancel"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REJECTED_INFERRED = "rejected_inferred"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    TRIGGERED = "triggered"
    PARTIAL_FILL = "partial_fill"
    FULL_FILL = "full_fill"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    AMENDED = "amended"
    AMENDED_DONE = "amended_done"
    AMEND_REJECTED = "amend_rejected"
    AMEND_UNKNOWN = "amend_unknown"
    CANCEL_REJECTED = "cancel_rejected"
    CANCEL_UNKNOWN = "cancel_unknown"


MEANING: Mapping[Cause, str] = {
    Cause.SUBMIT: "we send the order",
    Cause.DENY: "we refuse it before it is sent",
    Cause.EMULATE: "we hold it until its condition is met",
    Cause.AMEND: "we ask for another price or size",
    Cause.CANCEL: "we ask for its end",
    Cause.ACCEPTED: "the venue has it",
    Cause.REJECTED: "the venue refused it",
    Cause.REJECTED_INFERRED: "complete sweeps of the venue found no trace of it",
    Cause.NOT_SENT: "it provably never left",
    Cause.UNKNOWN: "it left and the answer was lost",
    Cause.TRIGGERED: "its condition was met",
    Cause.PARTIAL_FILL: "a trade that leaves some of it open",
    Cause.FULL_FILL: "a trade that completes it",
    Cause.CANCELLED: "the venue took the rest off the market",
    Cause.EXPIRED: "the venue ended it by its own rules",
    Cause.AMENDED: "the venue changed it; some of it is open",
    Cause.AMENDED_DONE: "the venue changed it to a size that has already traded",
    Cause.AMEND_REJECTED: "the amend was refused or provably not sent",
    Cause.AMEND_UNKNOWN: "the answer to an amend was lost",
    Cause.CANCEL_REJECTED: "the cancel was refused or provably not sent",
    Cause.CANCEL_UNKNOWN: "the answer to a cancel was lost; it may be sent again",
}

# One column per state in the order of `OrderState`. A cell is a state to move to, `.` to stay, `x` for a
# request that is refused, `!` for an alarm (alone: stay).
_CELLS = """
                   pend   deni   emul   subm   unkn   acce   trig   part   fill   canc   reje   expi
submit             subm   x      subm   x      x      x      x      x      x      x      x      x
deny               deni   x      deni   x      x      x      x      x      x      x      x      x
emulate            emul   x      x      x      x      x      x      x      x      x      x      x
amend              x      x      .      x      x      .      .      .      x      x      x      x
cancel             .      x      .      .      .      .      .      .      x      x      x      x
accepted           acce!  acce!  acce!  acce   acce   .      .      .      .      .      acce!  .
rejected           reje!  !      reje!  reje   reje   reje   reje   !      !      !      .      !
rejected_inferred  !      .      !      !      reje   !      !      !      .      .      .      .
not_sent           !      .      !      deni   !      !      !      !      !      !      !      !
unknown            !      !      !      unkn   .      .      .      .      .      .      .      .
triggered          trig!  trig!  trig!  trig   trig   trig   .      .      .      .      trig!  .
partial_fill       part!  part!  part!  part   part   part   part   .      !      .      part!  .
full_fill          fill!  fill!  fill!  fill   fill   fill   fill   fill   .      fill   fill!  fill
cancelled          canc!  canc!  canc   canc   canc   canc   canc   canc   !      .      canc!  .
expired            expi!  expi!  expi   expi   expi   expi   expi   expi   !      .      expi!  .
amended            acce!  acce!  .      acce   acce   .      .      .      part   .      acce!  .
amended_done       !      !      !      !      !      !      !      fill   .      fill   !      fill
amend_rejected     !      !      .      .      .      .      .      .      .      .      .      .
amend_unknown      !      !      .      .      .      .      .      .      .      .      .      .
cancel_rejected    !      .      .      .      .      .      .      .      .      .      .      .
cancel_unknown     !      .      .      .      .      .      .      .      .      .      .      .
"""


class Row(NamedTuple):
    """What one event does in one state.

    Attributes:
        next: State to move to; None to stay.
        is_alarm: Whether the pair cannot happen if everyone keeps the rules.
        is_refused: Whether a request of ours is turned down.
    """

    next: OrderState | None
    is_alarm: bool = False
    is_refused: bool = False


class Rows(dict[OrderState, Row]):
    """What one cause does in every state.

    Attributes:
        cause: Which.
    """

    __slots__ = ("cause",)

    def __init__(self, cause: Cause, rows: Mapping[OrderState, Row]) -> None:
        super().__init__(rows)
        self.cause = cause


def _row(cell: str, states: Mapping[str, OrderState]) -> Row:
    if cell == "x":
        return Row(None, is_refused=True)
    name = cell.rstrip("!")
    return Row(states[name] if name not in {"", "."} else None, is_alarm=cell.endswith("!"))


def _read(cells: str) -> dict[Cause, Rows]:
    header, *lines = cells.strip("\n").splitlines()
    states = dict(zip(header.split(), OrderState, strict=True))
    table = {}
    for line in lines:
        name, *row = line.split()
        cause = Cause(name)
        table[cause] = Rows(
            cause, {state: _row(cell, states) for state, cell in zip(OrderState, row, strict=True)}
        )
    return table


TABLE: dict[Cause, Rows] = _read(_CELLS)
"""Execution state: what each cause does in each state."""

_BOTH = AMEND_IN_FLIGHT | CANCEL_IN_FLIGHT

IN_FLIGHT: dict[Cause, tuple[int | None, int | None, int | None, int | None]] = {
    #                      none              amend            cancel            amend behind cancel
    Cause.AMEND: (AMEND_IN_FLIGHT, None, None, None),
    Cause.CANCEL: (CANCEL_IN_FLIGHT, _BOTH, None, None),
    Cause.AMENDED: (0, 0, CANCEL_IN_FLIGHT, CANCEL_IN_FLIGHT),
    Cause.AMENDED_DONE: (0, 0, CANCEL_IN_FLIGHT, CANCEL_IN_FLIGHT),
    Cause.AMEND_REJECTED: (0, 0, CANCEL_IN_FLIGHT, CANCEL_IN_FLIGHT),
    Cause.AMEND_UNKNOWN: (0, AMEND_IN_FLIGHT, CANCEL_IN_FLIGHT, _BOTH),
    Cause.CANCEL_REJECTED: (0, AMEND_IN_FLIGHT, 0, AMEND_IN_FLIGHT),
    Cause.CANCEL_UNKNOWN: (0, AMEND_IN_FLIGHT, 0, AMEND_IN_FLIGHT),
}
"""Requests in flight, by what was in flight before; None refuses. Other causes leave them as they are."""
