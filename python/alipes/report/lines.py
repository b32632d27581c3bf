"""The summary in five lines, for the end of a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.config import parse_symbol, split_instrument
from alipes.report.render import NS_PER_S, amount, duration, exact, gain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from alipes.report.summary import Summary


def five_lines(summary: Summary, maker_fee: Decimal | None = None) -> list[tuple[str, str]]:
    """(label, text) of market, orders, fills, profit and speed.

    Args:
        summary: the summary.
        maker_fee: rate of fills that rested, as a fraction; a rebate is named beside the fees it made.
    """
    return [
        ("market", _market(summary)),
        ("orders", _orders(summary)),
        ("fills", _fills(summary)),
        ("profit", _profit(summary) + _rebate(maker_fee)),
        ("speed", _speed(summary["measured"]["latency"])),
    ]


def _market(summary: Summary) -> str:
    run, market = summary["run"], summary["market"]
    seconds = (run["last"] - run["first"]) / NS_PER_S if run.get("last") else 0.0
    gaps = market.get("gaps", 0)
    order = "in step from start to end" if not gaps else f"{gaps} gaps, {market.get('resyncs', 0)} resyncs"
    return f"{market.get('messages', 0):,} messages in {seconds:,.1f} s, book {order}"


def _orders(summary: Summary) -> str:
    orders = summary["orders"]
    states = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in orders["by_state"].items())
    return f"{orders['total']:,} from {summary['decisions']:,} decisions: {states or 'none'}"


def _fills(summary: Summary) -> str:
    maker, taker = summary["maker"], summary["taker"]
    worth = amount(maker["notional"] + taker["notional"])
    held = [f"{exact(row['size'])} {_base(row['instrument'])}" for row in summary["positions"] if row["size"]]
    counts = f"{maker['fills']:,} maker and {taker['fills']:,} taker"
    return f"{counts} worth {worth}; holding {', '.join(held) or 'nothing'}"


def _profit(summary: Summary) -> str:
    parts = []
    for asset, pnl in summary["pnl"].items():
        sources = ", ".join(f"{name} {gain(pnl[name])}" for name in ("realized", "unrealized"))
        parts.append(f"{gain(pnl['net'])} {asset}: {sources}, fees {amount(pnl['fees'])}")
    return "; ".join(parts) or "nothing traded"


def _rebate(maker_fee: Decimal | None) -> str:
    if maker_fee is None or maker_fee >= 0:
        return ""
    return f", a maker rebate of {exact(-maker_fee * 10_000)} bp"


def _base(instrument: str) -> str:
    return parse_symbol(split_instrument(instrument)[1]).base


def _speed(latency: Mapping[str, Mapping[str, float]]) -> str:
    measured = {name: found for name, found in latency.items() if found.get("count")}
    parts = [
        f"{_brief(name)} {duration(found['p50_us'] * 1e3)} (p99 {duration(found['p99_us'] * 1e3)})"
        for name, found in measured.items()
    ]
    return ", ".join(parts) or "not measured"


def _brief(name: str) -> str:
    return name.replace("_and_", "+").replace("_to_", "\N{RIGHTWARDS ARROW}").replace("_", " ")
