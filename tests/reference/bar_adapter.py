"""Runs a case of the slow bar engine on the compiled one, and reads its arrays back as rows of the slow one.

Three ways in: `by_signals` hands over ready arrays, `by_program` a graph that reads the same signals from
columns, undefined ones as nan, and `by_account` steps the account and submits what the slow engine decides.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.reference.bar_decisions import decide
from tests.reference.bar_terms import Bars, Outcome, Rules, Terms, Value

import alipes
import alipes.rules as r
from alipes import _core, backtest

SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")
EXITS = ("stop_loss", "take_profit", "trailing")
SIZES = {"units": r.units, "notional": r.notional, "equity": r.equity, "risk": r.risk}
"""Sizes of the public rules; an exposure is what a volatility target becomes."""
Floats = NDArray[np.float64]


def floats(values: Sequence[Value]) -> Floats:
    """(n,) float64, undefined as nan."""
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def columns(bars: Bars, terms: Terms) -> dict[str, Floats]:
    named = {name: floats(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    named["volume"] = np.ones(len(bars))
    if terms.spread and bars.spread is not None:
        named["spread"] = floats(bars.spread)
    if bars.mark is not None:
        named["mark"] = floats(bars.mark)
    return named


def engine_terms(terms: Terms) -> dict[str, Any]:
    """The terms under the names of the compiled engine."""
    plain = {
        name: getattr(terms, name) for name in Terms.__dataclass_fields__ if name not in {"funding", "detail"}
    }
    plain["maker_fees_bps"] = terms.maker * 1e4 if terms.maker_fees_bps is None else terms.maker_fees_bps
    found: dict[str, Any] = plain | {"score_from": "start", "convention": "alipes"}
    if terms.funding:
        found["funding_ts"] = np.array([time for time, _ in terms.funding], np.int64)
        found["funding_rate"] = np.array([rate for _, rate in terms.funding], np.float64)
    if terms.detail is not None:
        found["detail_ts"] = np.array(terms.detail.ts, np.int64)
        for name in ("open", "high", "low", "close"):
            found[f"detail_{name}"] = floats(getattr(terms.detail, name))
    return found


def by_signals(bars: Bars, rules: Rules, terms: Terms) -> dict[str, Any]:
    """Ready arrays: (n,) bool signals, (n,) float64 values."""
    signals = [np.array([each is True for each in getattr(rules, name)], np.bool_) for name in SIGNALS]
    values: dict[str, Any] = {"size": (rules.size_kind, floats(rules.size or [1.0] * len(bars)))}
    for name in EXITS:
        slot = getattr(rules, name)
        values[name] = None if slot is None else (slot[0], floats(slot[1]))
    values["max_bars"] = None if rules.max_bars is None else floats(rules.max_bars)
    values |= {"pyramid": rules.pyramid, "opposite": rules.opposite}
    ts = np.array(bars.ts, np.int64)
    return _core.bar_signals(ts, columns(bars, terms), bars.step, *signals, values, engine_terms(terms))


def by_program(bars: Bars, rules: Rules, terms: Terms) -> dict[str, Any]:
    """A graph: each signal is a column above a half, each value a column."""
    named, nodes, slots = columns(bars, terms), [("const", (), 0.5)], {}

    def column(name: str, values: Floats) -> int:
        named[f"case_{name}"] = values
        nodes.append(("col", (), f"case_{name}"))
        return len(nodes) - 1

    for name in SIGNALS:
        nodes.append(("gt", (column(name, floats(getattr(rules, name))), 0), None))
        slots[name] = len(nodes) - 1
    slots["size"] = (rules.size_kind, column("size", floats(rules.size or [1.0] * len(bars))))
    for name in EXITS:
        slot = getattr(rules, name)
        slots[name] = None if slot is None else (slot[0], column(name, floats(slot[1])))
    slots["max_bars"] = None if rules.max_bars is None else column("max_bars", floats(rules.max_bars))
    nodes.append(("const", (), float(rules.pyramid)))
    slots |= {"pyramid": len(nodes) - 1, "opposite": rules.opposite}
    program = _core.BarProgram(nodes, slots)
    block = (None, 1, 7, 64)[len(bars) % 4]
    ts = np.array(bars.ts, np.int64)
    return _core.bar_run(program, ts, named, bars.step, {}, engine_terms(terms), block=block)


def by_account(bars: Bars, rules: Rules, terms: Terms) -> dict[str, Any]:
    """An account stepped bar by bar: each decided leg is a market order of its own."""
    account = _core.BarAccount(engine_terms(terms), bars.step)
    conflicts, additions = 0, 0
    for index in range(len(bars)):
        additions = additions_after(account.begin(*bar_arguments(bars, terms, index)), additions)
        side = (account.units > 0) - (account.units < 0)
        if side or account.cash > 0:
            legs, is_conflict = decide(rules, index, side, can_add=additions < rules.pyramid)
            conflicts += is_conflict
            for kind, way in legs:
                submit(account, rules, index, (kind, way))
        additions = additions_after(account.settle(index == len(bars) - 1), additions)
    return account.finish() | {"conflicts": conflicts}


def bar_arguments(bars: Bars, terms: Terms, index: int) -> tuple[Any, ...]:
    spread = bars.spread[index] if terms.spread and bars.spread is not None else 0.0
    prices = (bars.open[index], bars.high[index], bars.low[index], bars.close[index])
    return (bars.ts[index], *prices, spread, None if bars.mark is None else bars.mark[index])


def additions_after(events: list[tuple[Any, ...]], additions: int) -> int:
    """Filled additions of the trade that is open now; codes 0 are `open` and `filled`, code 1 is `add`."""
    for _, kind, status, *_ in events:
        if status == 0 and kind in {0, 1}:
            additions = additions + 1 if kind == 1 else 0
    return additions


def submit(account: Any, rules: Rules, index: int, leg: tuple[str, int]) -> None:
    kind, way = leg
    client, side = 2 * index + (kind != "close"), 0 if way > 0 else 1
    if kind == "close":
        account.submit(client, side, ("units", abs(account.units)), reduce_only=True)
        return
    plan: dict[str, Any] = {}
    for name in EXITS:
        slot = getattr(rules, name)
        plan[name] = None if slot is None else (slot[0], float(floats(slot[1])[index]))
    plan["max_bars"] = None if rules.max_bars is None else float(floats(rules.max_bars)[index])
    size = 1.0 if rules.size is None else float(floats(rules.size)[index])
    account.submit(client, side, (rules.size_kind, size), **plan)


def public_bars(bars: Bars) -> Any:
    """The bars through `alipes.bars`, with their spread and mark whether they are used or not."""
    named = {name: floats(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    named |= {
        name: floats(getattr(bars, name)) for name in ("spread", "mark") if getattr(bars, name) is not None
    }
    return alipes.bars(
        {"ts": np.array(bars.ts, np.int64), **named, "volume": np.ones(len(bars))}, freq=bars.step
    )


def public_options(terms: Terms) -> dict[str, Any]:
    """The terms as keyword arguments of `alipes.backtest.run`."""
    other = {"spread", "funding", "tick", "lot", "min_notional", "detail"}
    found: dict[str, Any] = {
        name: getattr(terms, name) for name in Terms.__dataclass_fields__ if name not in other
    }
    found["spread"] = "spread" if terms.spread else None
    if terms.funding:
        times, rates = zip(*terms.funding, strict=True)
        found["funding"] = (np.array(times, np.int64), np.array(rates, np.float64))
    if terms.lot:
        names = {"symbol": "BTC/USDT:USDT", "kind": "linear", "base": "BTC", "quote": "USDT"}
        least = str(terms.min_notional) if terms.min_notional else None
        grid = {"tick_size": str(terms.tick), "lot_size": str(terms.lot), "min_notional": least}
        found["instrument"] = _core.InstrumentSpec(**names, **grid)
    if terms.detail is not None and len(terms.detail) > 0:
        found["detail"] = public_bars(terms.detail)
    elif terms.path == "detail":
        found["path"] = "pessimistic"
    return found


def by_public_run(bars: Bars, rules: Rules, terms: Terms) -> dict[str, Any]:
    """`alipes.backtest.run` on `Rules` whose slots read columns."""
    named = {name: floats(getattr(rules, name)) for name in SIGNALS}
    slots: dict[str, Any] = {name: r.column(name) > 0.5 for name in SIGNALS}
    named["size"] = floats(rules.size or [1.0] * len(bars))
    slots["size"] = SIZES[rules.size_kind](r.column("size"))
    for name in EXITS:
        slot = getattr(rules, name)
        if slot is not None:
            named[name] = floats(slot[1])
            slots[name] = r.pct(r.column(name)) if slot[0] == "pct" else r.column(name)
    if rules.max_bars is not None:
        named["max_bars"], slots["max_bars"] = floats(rules.max_bars), r.column("max_bars")
    whole = public_bars(bars)
    data = {"ts": whole.ts, **whole.columns, **named}
    made = r.Rules(**slots, pyramid=rules.pyramid, opposite=rules.opposite)
    result = backtest.run(made, alipes.bars(data, freq=bars.step), **public_options(terms))
    by_bar = {"equity": result.equity["equity"], "position": result.equity["position"]}
    return {**result._raw, **result._tables, **by_bar}


WAYS = {"signals": by_signals, "program": by_program, "account": by_account, "run": by_public_run}


def word(names: Sequence[str], code: int) -> str:
    return names[code] if code >= 0 else ""


def rows(table: dict[str, Any], words: dict[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The table's rows as dicts of Python values, coded columns as their words."""
    lists = {}
    for name, values in table.items():
        plain = values.tolist()
        lists[name] = [word(words[name], code) for code in plain] if name in words else plain
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def compiled(way: str, bars: Bars, rules: Rules, terms: Terms) -> dict[str, Any]:
    """What the compiled engine did, in the form of `told`."""
    raw = WAYS[way](bars, rules, terms)
    names = raw["names"]
    trades = rows(raw["trades"], {"reason": names["kind"]})
    for trade in trades:
        trade["side"] = 1 - 2 * trade["side"]  # 0 is long, 1 short
    return {
        "orders": rows(raw["orders"], names),
        "trades": trades,
        "equity": raw["equity"].tolist(),
        "position": raw["position"].tolist(),
        "flags": {name: int(raw[name]) for name in ("conflicts", "undefined_exits", "ruined", "optimistic")},
    }


def told(outcome: Outcome) -> dict[str, Any]:
    """The slow engine's outcome as plain rows."""
    return {
        "orders": [vars(order) for order in outcome.orders],
        "trades": [trade.row() for trade in outcome.trades],
        "equity": outcome.equity,
        "position": outcome.position,
        "flags": {
            "conflicts": outcome.conflicts,
            "undefined_exits": outcome.undefined_exits,
            "ruined": outcome.ruined,
            "optimistic": int(outcome.optimistic),
        },
    }
