"""The compiled bar engine against its slow twin in tests/reference: every field of every trade and order."""

import math
from typing import Any

import pytest
from tests.counts import scaled
from tests.reference import bar_engine
from tests.reference.bar_adapter import SIZES, compiled, told
from tests.reference.bar_scenarios import Scenario, scenario

SCENARIOS = scaled(1_500, 24_000)
CHUNKS = 10
TOLERANCE = 1e-9
KINDS = {"open", "add", "close", "stop_loss", "trailing", "take_profit", "liquidation", "time", "end"}
REASONS = {"", "below minimum", "short of cash", "undefined size", "position closed", "ruin"}


def is_same(ours: Any, theirs: Any, cash: float) -> bool:
    """Floats to 1e-9 of the capital (or of themselves, where larger), all else exactly."""
    if isinstance(ours, float) and isinstance(theirs, float):
        if math.isnan(ours) or math.isnan(theirs):
            return math.isnan(ours) and math.isnan(theirs)
        return abs(ours - theirs) <= TOLERANCE * max(cash, abs(ours))
    return bool(ours == theirs)


def row_difference(name: str, ours: dict[str, Any], theirs: dict[str, Any], cash: float) -> str:
    if ours.keys() != theirs.keys():
        return f"{name}: fields {sorted(ours)} against {sorted(theirs)}"
    fields = [field for field in ours if not is_same(ours[field], theirs[field], cash)]
    return "; ".join(f"{name} {field}: {ours[field]!r} against {theirs[field]!r}" for field in fields)


def difference(ours: dict[str, Any], theirs: dict[str, Any], cash: float) -> str:
    """The first difference in words; empty if there is none."""
    for name in ("orders", "trades"):
        for number, pair in enumerate(zip(ours[name], theirs[name], strict=False)):
            if found := row_difference(f"{name}[{number}]", *pair, cash):
                return found
        if len(ours[name]) != len(theirs[name]):
            return f"{name}: {len(ours[name])} against {len(theirs[name])}"
    for name in ("equity", "position"):
        for bar, pair in enumerate(zip(ours[name], theirs[name], strict=True)):
            if not is_same(*pair, cash):
                return f"{name}[{bar}]: {pair[0]!r} against {pair[1]!r}"
    return row_difference("flags", ours["flags"], theirs["flags"], cash)


def dump(case: Scenario, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """The case for a reader: terms, bars with signals, and the orders of both."""
    bars, rules = case.bars, case.rules
    lines = [f"seed {case.seed}", str(case.terms)]
    slots = ("size_kind", "size", "stop_loss", "take_profit", "trailing", "max_bars", "pyramid", "opposite")
    lines += [f"{name}: {getattr(rules, name)}" for name in slots]
    for k in range(len(bars)):
        prices = f"{bars.open[k]:g}/{bars.high[k]:g}/{bars.low[k]:g}/{bars.close[k]:g}"
        signals = (rules.enter_long[k], rules.exit_long[k], rules.enter_short[k], rules.exit_short[k])
        lines.append(f"{k} at {(bars.ts[k] - bars.ts[0]) // bars.step}: {prices} {signals}")
    for name, told_ in (("reference", ours), ("compiled", theirs)):
        lines += [f"-- {name}", *map(str, told_["orders"][:40])]
    return "\n".join(lines)


def play(seed: int, way: str) -> None:
    """Holds both engines together on one scenario."""
    case = scenario(seed)
    ours = told(bar_engine.run(case.bars, case.rules, case.terms))
    theirs = compiled(way, case.bars, case.rules, case.terms)
    found = difference(ours, theirs, case.terms.cash)
    assert not found, f"{found}\n{dump(case, ours, theirs)}"


def nameless(told_: dict[str, Any]) -> dict[str, Any]:
    """Unfilled rows without their kind: a strategy's order becomes `open` or `close` only when it fills."""
    orders = [order if order["status"] == "filled" else order | {"kind": ""} for order in told_["orders"]]
    return told_ | {"orders": orders}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_an_account_stepped_with_the_same_decisions_gives_the_same_rows(chunk: int) -> None:
    """Not where `size_at="decision"` meets a reversal: two orders of a strategy are none."""
    for seed in range(chunk, SCENARIOS, CHUNKS):
        case = scenario(seed)
        if case.terms.size_at == "decision" and case.rules.opposite == "reverse":
            continue
        ours = nameless(told(bar_engine.run(case.bars, case.rules, case.terms)))
        theirs = nameless(compiled("account", case.bars, case.rules, case.terms))
        found = difference(ours, theirs, case.terms.cash)
        assert not found, f"{found}\n{dump(case, ours, theirs)}"


@pytest.mark.parametrize("way", ["signals", "program"])
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_scenarios_give_the_same_rows(chunk: int, way: str) -> None:
    for seed in range(chunk, SCENARIOS, CHUNKS):
        play(seed, way)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_public_run_of_rules_gives_the_same_rows(chunk: int) -> None:
    for seed in range(chunk, SCENARIOS // 3, CHUNKS):
        if scenario(seed).rules.size_kind in SIZES:
            play(seed, "run")


def test_the_scenarios_show_all_that_can_happen() -> None:
    seen: set[tuple[str, str, str]] = set()
    for seed in range(3_000):
        case = scenario(seed)
        orders = bar_engine.run(case.bars, case.rules, case.terms).orders
        seen |= {(order.kind, order.status, order.reason) for order in orders}
    assert {kind for kind, _, _ in seen} == KINDS
    assert {reason for _, _, reason in seen} == REASONS
    assert {
        ("open", "cancelled", "ruin"),
        ("add", "cancelled", "ruin"),
        ("close", "cancelled", "ruin"),
    } <= seen
