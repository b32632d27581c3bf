"""The summary of a run: one mapping that the terminal, ``--json`` and ``summary.json`` all show.

It is computed from what the run left behind (orders, fills, positions, counters), never kept along the way,
so it cannot disagree with the files. What depends on this machine's speed is under ``measured`` alone:
without it two runs of the same input give the same summary.
"""

from __future__ import annotations

from collections import Counter
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alipes.model import Fill, Order


_EXACT = Context(prec=100)
"""Sums of money are exact: no sum of real amounts comes near this many digits."""


class Flow(TypedDict):
    """Fills of one kind.

    Attributes:
        fills: their number.
        volume: summed size, base units.
        notional: summed price times size, quote units.
    """

    fills: int
    volume: Decimal
    notional: Decimal


class PositionRow(TypedDict):
    """One position at the end of the run.

    Attributes:
        strategy: owner.
        instrument: full name.
        size: base units, negative when short.
        average_price: entry price, None when flat.
        realized: profit of closed size before fees, settle asset.
        unrealized: profit of the open size at the last mark, settle asset; None without a mark.
        asset: settle asset.
    """

    strategy: str
    instrument: str
    size: Decimal
    average_price: Decimal | None
    realized: Decimal
    unrealized: Decimal | None
    asset: str


class Orders(TypedDict):
    """Orders by final state, and the refusals among them by code."""

    total: int
    by_state: dict[str, int]
    denied: dict[str, int]


class BookRow(TypedDict):
    """How far the book of an instrument could be followed.

    Attributes:
        out_of_step_seconds: time without a book that can be trusted, before the first snapshot included.
        in_step_at_end: whether it could be trusted when the run ended.
    """

    out_of_step_seconds: float
    in_step_at_end: bool


class Summary(TypedDict):
    """What a run did.

    Attributes:
        run: mode, venue, instruments, strategies, feed, seed, first and last market time (int ns).
        market: counters of the feed: messages, gaps, resyncs and others, by name.
        books: how far each book could be followed, by instrument.
        decisions: strategy hooks that ran.
        orders: orders by final state.
        maker: fills that rested in the book.
        taker: fills that took from it.
        fees: paid fees by asset; negative is a rebate.
        positions: positions at the end.
        pnl: by asset: realized, unrealized, fees, net.
        faults: message of each strategy that faulted, by name.
        restrictions: state and reason of what was halted or reduced, by scope.
        warnings: what makes the numbers doubtful, in words.
        measured: seconds of wall time, messages a second, latency percentiles in µs.
    """

    run: dict[str, Any]
    market: dict[str, int]
    books: dict[str, BookRow]
    decisions: int
    orders: Orders
    maker: Flow
    taker: Flow
    fees: dict[str, Decimal]
    positions: list[PositionRow]
    pnl: dict[str, dict[str, Decimal]]
    faults: dict[str, str]
    restrictions: dict[str, str]
    warnings: list[str]
    measured: dict[str, Any]


def summarise(
    *,
    run: Mapping[str, Any],
    market: Mapping[str, int],
    books: Mapping[str, BookRow],
    decisions: int,
    orders: Iterable[Order],
    fills: Sequence[Fill],
    positions: Sequence[PositionRow],
    faults: Mapping[str, str],
    restrictions: Mapping[str, str],
    warnings: Iterable[str],
    wall_seconds: float,
    latencies: Mapping[str, Mapping[str, float]],
) -> Summary:
    """Build the summary.

    Args:
        run: what ran, see `Summary`.
        market: feed counters by name.
        books: how far each book could be followed, by instrument.
        decisions: strategy hooks that ran.
        orders: all orders, in their final state.
        fills: all fills.
        positions: positions at the end.
        faults: strategies that faulted, with the message.
        restrictions: what was halted or reduced, with the reason.
        warnings: what makes the numbers doubtful, in words.
        wall_seconds: time the run took.
        latencies: ``count``, ``p50_us``, ``p99_us`` and so on by name, such as ``tick_to_decision``.
    """
    with localcontext(_EXACT):
        return Summary(
            run=dict(run),
            market=dict(market),
            books=dict(books),
            decisions=decisions,
            orders=_orders(orders),
            maker=_flow(fill for fill in fills if fill.is_maker),
            taker=_flow(fill for fill in fills if not fill.is_maker),
            fees=_fees(fills),
            positions=list(positions),
            pnl=_pnl(positions, _fees(fills)),
            faults=dict(faults),
            restrictions=dict(restrictions),
            warnings=list(warnings),
            measured=_measured(wall_seconds, market.get("messages", 0), latencies),
        )


def _measured(
    wall_seconds: float, messages: int, latencies: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    return {
        "wall_seconds": wall_seconds,
        "messages_per_second": messages / wall_seconds if wall_seconds > 0 else 0.0,
        "latency": {name: dict(found) for name, found in latencies.items()},
    }


def repeatable(summary: Summary) -> dict[str, Any]:
    """The summary without what depends on the machine."""
    return {name: value for name, value in summary.items() if name != "measured"}


def _orders(orders: Iterable[Order]) -> Orders:
    states: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for order in orders:
        states[str(order.state)] += 1
        if order.denied is not None:
            codes[str(order.denied[0])] += 1
    return Orders(
        total=states.total(), by_state=dict(sorted(states.items())), denied=dict(sorted(codes.items()))
    )


def _flow(fills: Iterable[Fill]) -> Flow:
    count, volume, notional = 0, Decimal(0), Decimal(0)
    for fill in fills:
        count, volume, notional = count + 1, volume + fill.size, notional + _notional(fill)
    return Flow(fills=count, volume=volume, notional=notional)


def _notional(fill: Fill) -> Decimal:
    return fill.instrument.spec.notional(fill.price_ticks, fill.size_steps)


def _fees(fills: Iterable[Fill]) -> dict[str, Decimal]:
    fees: dict[str, Decimal] = {}
    for fill in fills:
        if fill.fee_asset is not None:
            fees[fill.fee_asset] = fees.get(fill.fee_asset, Decimal(0)) + fill.fee
    return dict(sorted(fees.items()))


def _pnl(positions: Sequence[PositionRow], fees: Mapping[str, Decimal]) -> dict[str, dict[str, Decimal]]:
    pnl = {}
    for asset in sorted({row["asset"] for row in positions} | set(fees)):
        rows = [row for row in positions if row["asset"] == asset]
        pnl[asset] = _asset_pnl(rows, fees.get(asset, Decimal(0)))
    return pnl


def _asset_pnl(rows: Sequence[PositionRow], fees: Decimal) -> dict[str, Decimal]:
    realized = sum((row["realized"] for row in rows), Decimal(0))
    unrealized = sum((row["unrealized"] or Decimal(0) for row in rows), Decimal(0))
    return {"realized": realized, "unrealized": unrealized, "fees": fees, "net": realized + unrealized - fees}
