"""The summary in five lines, for the end of a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.config import split_instrument
from alipes.report.render import NS_PER_S, amount, duration, exact, gain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.report.summary import Summary


def five_lines(summary: Summary) -> list[tuple[str, str]]:
    """(label, text) of market, orders, fills, profit and speed."""
    return [
        ("market", _market(summary)),
        ("orders", _orders(summary)),
        ("fills", _fills(summary)),
        ("profit", _profit(summary)),
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
    both = maker["notional"] + taker["notional"]
    volume = exact(maker["volume"] + taker["volume"])
    return f"{maker['fills']:,} maker and {taker['fills']:,} taker, volume {volume} worth {amount(both)}"


def _profit(summary: Summary) -> str:
    parts = []
    for asset, pnl in summary["pnl"].items():
        sources = ", ".join(f"{name} {gain(pnl[name])}" for name in ("realized", "unrealized"))
        parts.append(f"{gain(pnl['net'])} {asset} net ({sources}, fees {amount(pnl['fees'])})")
    held = [
        f"{exact(row['size'])} {split_instrument(row['instrument'])[1]}"
        for row in summary["positions"]
        if row["size"]
    ]
    return "; ".join(parts) + f"; holding {', '.join(held) or 'nothing'}"


def _speed(latency: Mapping[str, Mapping[str, float]]) -> str:
    measured = {name: found for name, found in latency.items() if found.get("count")}
    parts = [
        f"{name.replace('_', ' ')} {duration(found['p50_us'] * 1e3)} (p99 {duration(found['p99_us'] * 1e3)})"
        for name, found in measured.items()
    ]
    return ", ".join(parts) or "not measured"
