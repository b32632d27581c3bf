"""What ccxt's unified structures say, in the engine's values."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from alipes.connectors.sizes import exact, steps_of, ticks_of
from alipes.model import (
    Cancelled,
    Expired,
    Filled,
    LedgerEntry,
    Side,
    VenueBalance,
    VenueFill,
    VenueOrder,
    VenuePosition,
    VenueState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.connectors.client_ids import IdRules
    from alipes.model import Instrument, OrderEvent

NS_PER_MS = 1_000_000
_STATES: dict[str, VenueState] = {
    "open": "open",
    "closed": "filled",
    "canceled": "cancelled",
    "expired": "expired",
    "rejected": "rejected",
}
Reply = dict[str, Any]


def stamp(reply: Mapping[str, Any], default: int = 0) -> int:
    """Venue time of a structure, int ns UTC."""
    ms = reply.get("lastUpdateTimestamp") or reply.get("timestamp")
    return default if ms is None else int(ms) * NS_PER_MS


def order_of(instrument: Instrument, reply: Reply, *, is_conditional: bool = False) -> VenueOrder:
    """An order structure."""
    spec, state = instrument.spec, _STATES.get(str(reply.get("status")), "unclear")
    price, amount, filled = reply.get("price"), reply.get("amount"), reply.get("filled")
    if reply.get("type") == "market":
        price = None  # ccxt puts the average of the fills there
    filled_steps = None if filled is None else steps_of(spec, filled)
    if is_conditional and state == "filled" and not filled_steps:
        state = "unclear"  # it was triggered: what came of that is another order's affair
    return VenueOrder(
        instrument=instrument,
        venue_order_id=str(reply["id"]),
        client_order_id=reply.get("clientOrderId") or None,
        state=state,
        side=None if reply.get("side") is None else Side(reply["side"]),
        price_ticks=ticks_of(spec, price) if price else None,
        size_steps=steps_of(spec, amount) if amount else None,
        filled_steps=filled_steps,
        is_conditional=is_conditional,
        ts_event=stamp(reply),
    )


def fill_of(instrument: Instrument, reply: Reply, rules: IdRules) -> VenueFill:
    """A trade structure of the account."""
    spec, info = instrument.spec, reply.get("info")
    raw = info.get(rules.in_fills) if rules.in_fills and isinstance(info, dict) else None
    fee: Reply = reply.get("fee") or next(iter(reply.get("fees") or ()), {})
    cost = fee.get("cost")
    return VenueFill(
        instrument=instrument,
        trade_id=str(reply["id"]),
        venue_order_id=None if reply.get("order") is None else str(reply["order"]),
        client_order_id=reply.get("clientOrderId") or raw or None,
        side=Side(reply["side"]),
        price_ticks=ticks_of(spec, reply["price"]),
        size_steps=steps_of(spec, reply["amount"]),
        is_maker=reply.get("takerOrMaker") == "maker",
        fee=Decimal(0) if cost is None else exact(cost),
        fee_asset=fee.get("currency"),
        ts_event=stamp(reply),
    )


def filled(fill: VenueFill, client_order_id: str, now: int) -> Filled:
    """A trade as an event of its order, received at `now` (int ns UTC)."""
    return Filled(
        client_order_id, fill.ts_event or now, now, fill.trade_id, fill.price_ticks, fill.size_steps,
        fill.is_maker, fill.fee, fill.fee_asset, fill.venue_order_id,
    )  # fmt: skip


def end_of(order: VenueOrder, client_order_id: str, now: int) -> OrderEvent | None:
    """The event of an end that is no fill; None while there is none."""
    ts = order.ts_event or now
    if order.state == "cancelled":
        return Cancelled(client_order_id, ts, now, "cancelled at the venue")
    if order.state == "expired":
        return Expired(client_order_id, ts, now, "expired at the venue")
    return None


def position_of(instrument: Instrument, reply: Reply) -> VenuePosition:
    """A position structure; a short is negative."""
    steps = steps_of(instrument.spec, reply.get("contracts") or 0)
    return VenuePosition(
        instrument=instrument,
        size_steps=-abs(steps) if reply.get("side") == "short" else abs(steps),
        entry_price=_decimal(reply.get("entryPrice")),
        liquidation_price=_decimal(reply.get("liquidationPrice")),
        unrealized_pnl=_decimal(reply.get("unrealizedPnl")),
    )


def balances_of(reply: Reply) -> dict[str, VenueBalance]:
    """A balance structure, by asset; assets of which there is nothing are left out."""
    totals, free = reply.get("total") or {}, reply.get("free") or {}
    return {
        asset: VenueBalance(asset, exact(total), exact(free.get(asset) or 0))
        for asset, total in totals.items()
        if total
    }


def entry_of(reply: Reply) -> LedgerEntry:
    """A ledger structure."""
    amount = exact(reply.get("amount") or 0)
    return LedgerEntry(
        id=str(reply.get("id")),
        kind=str(reply.get("type")),
        asset=str(reply.get("currency")),
        amount=-amount if reply.get("direction") == "out" and amount > 0 else amount,
        symbol=reply.get("symbol"),
        ts_event=stamp(reply),
    )


def _decimal(number: Any) -> Decimal | None:
    return None if number is None else exact(number)
