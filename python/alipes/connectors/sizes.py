"""Between the engine's integers and what ccxt calls price and amount, exactly.

ccxt counts contracts where a venue trades contracts; the engine counts base units for linear instruments.
Floats are ccxt's choice: what it will write on the wire is compared with the exact value before it is sent.
"""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from typing import TYPE_CHECKING, Any

from alipes._core import InstrumentSpec
from alipes.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

TICK_SIZE = 4
"""ccxt's name for precisions that are steps, not digits."""
_EXACT = Context(prec=60, traps=[Inexact])
_LOOSE = Context(prec=60)


def exact(number: float | str | Decimal) -> Decimal:
    """The decimal that a float's shortest text stands for."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def amount_of(spec: InstrumentSpec, steps: int) -> Decimal:
    """The amount in ccxt's sense for a size in size steps: contracts, or base units of a spot pair.

    Raises:
        InputError: It has no finite decimal form.
    """
    size = spec.size(steps)
    if spec.kind != "linear":
        return size
    try:
        return _EXACT.divide(size, spec.contract_size)
    except Inexact:
        raise InputError(
            f"{spec.symbol}: {size} is no finite number of contracts of {spec.contract_size}"
        ) from None


def steps_of(spec: InstrumentSpec, amount: float | str | Decimal) -> int:
    """Size steps of an amount that ccxt reports, to the nearest step."""
    size = exact(amount)
    if spec.kind == "linear":
        size = _LOOSE.multiply(size, spec.contract_size)
    return round(_LOOSE.divide(size, spec.size(1)))


def ticks_of(spec: InstrumentSpec, price: float | str | Decimal) -> int:
    """Ticks of a price that ccxt reports, to the nearest tick."""
    return round(_LOOSE.divide(exact(price), spec.tick_size))


def wire_amount(exchange: Any, spec: InstrumentSpec, steps: int) -> float:
    """The float to give to ccxt for a size, such that exactly that size is written.

    Raises:
        InputError: ccxt would write another one.
    """
    amount = amount_of(spec, steps)
    return _checked(exchange.amount_to_precision, spec.symbol, amount, "amount")


def wire_price(exchange: Any, spec: InstrumentSpec, ticks: int) -> float:
    """The float to give to ccxt for a price, such that exactly that price is written.

    Raises:
        InputError: ccxt would write another one.
    """
    return _checked(exchange.price_to_precision, spec.symbol, spec.price(ticks), "price")


def _checked(written: Any, symbol: str, value: Decimal, what: str) -> float:
    number = float(value)
    text = written(symbol, number)
    if Decimal(text) != value:
        raise InputError(f"{symbol}: {what} {value} would be written as {text}: it is off the venue's grid")
    return number


def instrument_spec(market: Mapping[str, Any], precision_mode: int) -> InstrumentSpec:
    """The grids and terms of a market as ccxt describes it.

    Args:
        market: A unified market structure.
        precision_mode: ccxt's ``precisionMode`` of the venue.

    Raises:
        ConfigError: It is an option, or lacks a grid, or its precisions are not steps.
    """
    symbol = market["symbol"]
    if precision_mode != TICK_SIZE:
        raise ConfigError(f"{symbol}: the venue's precisions are digits: expected steps (ccxt's TICK_SIZE)")
    kind = next((name for name in ("spot", "linear", "inverse") if market.get(name)), None)
    if kind is None or market.get("option"):
        raise ConfigError(f"{symbol} is of type {market.get('type')}: expected spot, linear or inverse")
    tick, lot = market["precision"].get("price"), market["precision"].get("amount")
    if tick is None or lot is None:
        raise ConfigError(f"{symbol}: the venue names no price step or no size step")
    contract = exact(market.get("contractSize") or 1)
    least = (market["limits"].get("cost") or {}).get("min")
    return InstrumentSpec(
        symbol=symbol,
        kind=kind,
        base=market["base"],
        quote=market["quote"],
        settle=market.get("settle"),
        tick_size=exact(tick),
        lot_size=exact(lot) * contract if kind == "linear" else exact(lot),
        contract_size=contract,
        min_notional=exact(least) if least else None,
    )
