"""Prices and sizes of the slow bar engine: slippage, grid, fee, size, cap, lot (B10 to B12, B14)."""

import math

from tests.reference.bar_terms import Terms, Value

GUARD = 1e-9
SKIP_SMALL, SKIP_CASH, SKIP_UNDEFINED = "below minimum", "short of cash", "undefined size"


def steps(value: float, step: float) -> float:
    """Size: how many ticks or lots a value holds; by 1/step where that is whole (0.1, 0.25, 0.01)."""
    per_unit = 1 / step
    is_whole = abs(per_unit - round(per_unit)) <= GUARD * per_unit
    return value * round(per_unit) if is_whole else value / step


def of_steps(count: int, step: float) -> float:
    """Size: k ticks or lots as the decimal that data hold: k/(1/step) where 1/step is whole."""
    per_unit = 1 / step
    is_whole = abs(per_unit - round(per_unit)) <= GUARD * per_unit
    return count / round(per_unit) if is_whole else count * step


def to_tick_away(price: float, tick: float, *, is_buy: bool) -> float:
    """Size: a price that goes through slip is rounded to the tick away from us, a buy up, a sell down."""
    if tick == 0:
        return price
    if is_buy:
        return of_steps(math.ceil(steps(price, tick) - GUARD), tick)
    return of_steps(math.floor(steps(price, tick) + GUARD), tick)


def to_nearest_tick(level: float, tick: float, *, is_tie_up: bool) -> float:
    """Size: levels go to the nearest tick, a tie in the level's direction from the entry."""
    if tick == 0:
        return level
    below = math.floor(steps(level, tick))
    fraction = steps(level, tick) - below
    is_up = is_tie_up if abs(fraction - 0.5) <= GUARD else fraction > 0.5
    return of_steps(below + is_up, tick)


def slip(price: float, terms: Terms, spread: float | None, *, is_buy: bool) -> float:
    """Words: p·(1±s), or p ± spread/2 of the bar of the fill; then the tick. Not clamped to the bar (B11)."""
    if spread is not None:
        moved = price + spread / 2 if is_buy else price - spread / 2
    else:
        ratio = terms.slippage_bps / 1e4
        moved = price * (1 + ratio) if is_buy else price * (1 - ratio)
    return to_tick_away(moved, terms.tick, is_buy=is_buy)


def fee(price: float, units: float, rate: float, fixed: float) -> float:
    """Words: |n|·p·rate + fixed."""
    return abs(units) * price * rate + fixed


def wanted(size: tuple[str, float], equity: float, price: float, distance: Value, terms: Terms) -> Value:
    """Size: the table of units wanted; None where the risk distance is undefined."""
    kind, value = size
    if kind == "units":
        return value
    if kind == "notional":
        return value / price
    if kind == "equity":
        return (value * equity - terms.fixed_fee) / (price * (1 + terms.taker))
    if kind == "exposure":
        return value * equity / price
    assert kind == "risk", kind
    return None if distance is None else value * equity / distance


def cap(equity: float, position: float, price: float, terms: Terms) -> float:
    """Size (B12): entry notional ≤ leverage · equity after the fee."""
    room = terms.leverage * (equity - terms.fixed_fee) - abs(position) * price
    return room / (price * (1 + terms.leverage * terms.taker))


def floor_lot(units: float, lot: float) -> float:
    """Size (B10): floor(u/lot + 1e-9)·lot."""
    return units if lot == 0 else of_steps(math.floor(steps(units, lot) + GUARD), lot)


def is_enough(units: float, price: float, equity: float, terms: Terms) -> bool:
    """Size: more than what rounding leaves of nothing, and not below the instrument's minimum notional."""
    return units * price > GUARD * abs(equity) and units * price >= terms.min_notional


def allowed(
    units: float, position: float, price: float, equity: float, terms: Terms
) -> tuple[float, bool, str]:
    """Size (B10): reduced to the cap, then to the lot; gives (units, is reduced, reason of a skip)."""
    most = cap(equity, position, price, terms)
    is_reduced = units - most > GUARD * abs(units)
    final = floor_lot(min(units, most), terms.lot)
    if is_enough(final, price, equity, terms):
        return final, is_reduced, ""
    is_for_cash = is_reduced and is_enough(floor_lot(units, terms.lot), price, equity, terms)
    return 0.0, is_reduced, SKIP_CASH if is_for_cash else SKIP_SMALL


def liquidation_price(cash: float, position: float, terms: Terms) -> Value:
    """B14: where equity is the maintenance ratio of the notional; None for a long that has no such price."""
    ratio = terms.maintenance_margin
    if position > 0:
        price = -cash / (position * (1 - ratio))
        return price if price > 0 else None
    return cash / (abs(position) * (1 + ratio))
