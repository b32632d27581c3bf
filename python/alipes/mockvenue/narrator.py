"""What an account hears of one turn of the core: order and account updates, in the order they happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue import core
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.listing import plain
from alipes.mockvenue.views import (
    AVERAGE_DECIMALS,
    SIDES,
    STATUSES,
    STP,
    TYPES,
    ZERO,
    average_text,
    break_even,
    listing_of,
    time_in_force,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alipes.mockvenue.core import Event, Fill, Order
    from alipes.mockvenue.listing import Listing

EXECUTIONS: Final = {
    core.ACCEPTED: "NEW",
    core.CANCELLED: "CANCELED",
    core.EXPIRED: "EXPIRED",
    core.AMENDED: "AMENDMENT",
}
"""Execution type of the order events that a stream tells; refusals go to the request alone."""
FORCED: Final = "autoclose-"
"""Client ids of liquidations begin with it."""
WHY: Final = {"funding": "FUNDING_FEE", "insurance_clear": "INSURANCE_CLEAR"}
"""Reason of an account update; transfers are DEPOSIT or WITHDRAW, all else is ORDER."""


def messages(
    events: Iterable[Event], account: int, listings: list[Listing], taker_fee: str
) -> list[dict[str, Any]]:
    """What one account is told.

    Args:
        events: Events of one turn, of all accounts.
        account: The account.
        listings: Perpetuals by index.
        taker_fee: Share of the value that takers pay, for break-even prices.

    Returns:
        ``ORDER_TRADE_UPDATE`` and ``ACCOUNT_UPDATE`` messages.
    """
    told: list[dict[str, Any]] = []
    open_update: dict[str, Any] | None = None
    for event in events:
        if event[0] == core.TRADE or event[1] != account:
            continue
        if event[0] in (core.BALANCE, core.POSITION):
            if open_update is None:
                open_update = _account_update(event)
                told.append(open_update)
            _add(open_update, event, listings, taker_fee)
            continue
        open_update = None
        if event[0] == core.FILL:
            fill = core.fill_of(event)
            told.append(_order_update("TRADE", core.order_of(event), fill.now, listings, fill=fill))
        elif event[0] in EXECUTIONS:
            order, now, reason = core.order_of(event), event[3], event[4]
            told.append(_order_update(EXECUTIONS[event[0]], order, now, listings, reason=reason))
    return told


def _account_update(event: Event) -> dict[str, Any]:
    is_balance = event[0] == core.BALANCE
    ms = event[5 if is_balance else 7] // NS_PER_MS
    why = WHY.get(event[6], "ORDER") if is_balance else "ORDER"
    if is_balance and event[6] == "transfer":
        why = "DEPOSIT" if event[4] > 0 else "WITHDRAW"
    return {"e": "ACCOUNT_UPDATE", "E": ms, "T": ms, "a": {"m": why, "B": [], "P": []}}


def _add(update: dict[str, Any], event: Event, listings: list[Listing], taker_fee: str) -> None:
    content = update["a"]
    if event[0] == core.BALANCE:
        wallet = plain(event[3])
        change = plain(event[4]) if content["m"] in ("DEPOSIT", "WITHDRAW") else "0"
        row = {"a": event[2], "wb": wallet, "cw": wallet, "bc": change}
        content["B"] = [each for each in content["B"] if each["a"] != event[2]] + [row]
        return
    _, _, index, size, entry, unrealised, realised, _ = event
    listing = listings[index]
    entry = entry or ZERO
    content["P"] = [each for each in content["P"] if each["s"] != listing.id]
    content["P"].append(
        {
            "s": listing.id,
            "pa": listing.size_text(size),
            "ep": plain(entry, listing.terms.price_decimals + AVERAGE_DECIMALS),
            "bep": plain(break_even(entry, size, taker_fee), listing.terms.price_decimals + AVERAGE_DECIMALS),
            "cr": plain(realised),
            "up": plain(unrealised),
            "mt": "cross",
            "iw": "0",
            "ps": "BOTH",
            "ma": listing.quote,
        }
    )


def _order_update(
    execution: str,
    order: Order,
    now: int,
    listings: list[Listing],
    *,
    fill: Fill | None = None,
    reason: str = "",
) -> dict[str, Any]:
    listing, ms = listing_of(order, listings[order.instrument]), now // NS_PER_MS
    content = {
        **_order_terms(order, listing),
        "x": execution,
        "X": "EXPIRED_IN_MATCH" if reason == "stp" else STATUSES[order.status],
        "i": order.order_id,
        "z": listing.size_text(order.filled),
        "ap": average_text(order, listing),
        "T": ms,
        **_last_fill(fill, listing),
    }
    return {"e": "ORDER_TRADE_UPDATE", "T": ms, "E": ms, "o": content}


def _order_terms(order: Order, listing: Listing) -> dict[str, Any]:
    """What was ordered."""
    kind = TYPES[order.type]
    return {
        "s": listing.id,
        "c": order.client_id,
        "S": SIDES[order.side],
        "o": "LIQUIDATION" if order.client_id.startswith(FORCED) else kind,
        "f": time_in_force(order),
        "q": listing.size_text(order.size),
        "p": listing.price_text(0 if order.type else order.price),
        "sp": listing.price_text(0),
        "b": "0",
        "a": "0",
        "R": order.is_reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": kind,
        "ps": "BOTH",
        "cp": False,
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": STP[order.stp],
        "pm": "NONE",
        "gtd": 0,
    }


def _last_fill(fill: Fill | None, listing: Listing) -> dict[str, Any]:
    """The fill that is told, zeros where there is none."""
    if fill is None:
        nothing = {"l": listing.size_text(0), "L": listing.price_text(0), "n": "0", "N": listing.quote}
        return {**nothing, "t": 0, "m": False, "rp": "0"}
    return {
        "l": listing.size_text(fill.size),
        "L": listing.price_text(fill.price),
        "n": plain(fill.fee),
        "N": fill.fee_asset,
        "t": fill.trade_id,
        "m": fill.is_maker,
        "rp": plain(fill.realised),
    }
