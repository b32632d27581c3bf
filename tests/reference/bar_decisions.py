"""What the four signals make of a position (B9)."""

from tests.reference.bar_terms import Rules

Legs = list[tuple[str, int]]


def decide(rules: Rules, index: int, side: int, *, can_add: bool) -> tuple[Legs, bool]:
    """B9, judged in its order; an undefined signal is false.

    Gives (kind, +1 buy or -1 sell) for each leg, and whether both entries were true.
    """
    wants = {+1: rules.enter_long[index] is True, -1: rules.enter_short[index] is True}
    leaves = {+1: rules.exit_long[index] is True, -1: rules.exit_short[index] is True}
    is_conflict = wants[+1] and wants[-1]
    if is_conflict:
        wants = {+1: False, -1: False}
    if side == 0:
        return [("open", way) for way in (+1, -1) if wants[way]], is_conflict
    return held(rules, side, wants=wants, is_exit=leaves[side], can_add=can_add), is_conflict


def held(rules: Rules, side: int, *, wants: dict[int, bool], is_exit: bool, can_add: bool) -> Legs:
    """B9 in a position: exit (a reversal where the other entry stands), the other entry, an addition."""
    reversal: Legs = [("close", -side), ("open", -side)]
    if is_exit:
        return reversal if wants[-side] and rules.opposite == "reverse" else [("close", -side)]
    if wants[-side] and rules.opposite == "reverse":
        return reversal
    if wants[-side] and rules.opposite == "close":
        return [("close", -side)]
    return [("add", side)] if wants[side] and can_add else []
