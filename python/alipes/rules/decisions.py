"""What signals decide, given what is held (B9), and how much an entry takes (B10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from alipes.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.rules.rules import Rules
    from alipes.rules.stream import Signals


class Decision(NamedTuple):
    """What to do at a bar's close.

    Attributes:
        closes: Whether the position is closed.
        side: The side of an entry or addition, if there is one.
        adds: Whether the entry adds to the position.
    """

    closes: bool = False
    side: Side | None = None
    adds: bool = False


def decide(signals: Signals, held: int, opposite: str, *, has_room: bool) -> Decision:
    """The decision of a bar.

    Args:
        signals: The conditions; None is false.
        held: 1 long, -1 short, 0 flat.
        opposite: What an entry against the position does: ``reverse``, ``close`` or ``ignore``.
        has_room: Whether the position may be added to.
    """
    enters_long, enters_short = bool(signals.enter_long), bool(signals.enter_short)
    if enters_long and enters_short:
        enters_long = enters_short = False
    if not held:
        return Decision(side=Side.BUY if enters_long else Side.SELL if enters_short else None)
    same, against = (enters_long, enters_short) if held > 0 else (enters_short, enters_long)
    exits = bool(signals.exit_long if held > 0 else signals.exit_short)
    own, other = (Side.BUY, Side.SELL) if held > 0 else (Side.SELL, Side.BUY)
    if against and opposite == "reverse":
        return Decision(closes=True, side=other)
    if exits or (against and opposite == "close"):
        return Decision(closes=True)
    return Decision(side=own, adds=True) if same and has_room else Decision()


def units_of(rules: Rules, values: Mapping[str, float], *, price: float, equity: float) -> float:
    """Base units that an entry wants before fees, caps and lots; nan where undefined.

    Args:
        rules: The rules.
        values: Value of the slots ``size`` and ``stop_loss`` at the decision bar.
        price: Expected fill price.
        equity: Of the strategy, in quote currency.
    """
    amount, kind = values["size"], rules.size.kind
    if kind == "units":
        return amount
    if kind == "notional":
        return amount / price
    if kind == "risk":
        stop = rules.slots["stop_loss"]
        distance = values["stop_loss"] * (price if stop[0] == "pct" else 1.0)
        return amount * equity / distance
    return amount * equity / price
