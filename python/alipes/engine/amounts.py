"""Prices and sizes as strategies write them, into ticks and size steps."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from alipes.errors import InputError, OffGridError, StaleBookError
from alipes.model import Side

if TYPE_CHECKING:
    from alipes._core import InstrumentSpec
    from alipes.engine.market import Market
    from alipes.strategy.terms import Number, Rounding, Terms

_UNSUPPORTED = ("stop_price", "stop_loss", "take_profit")


class Denied(Exception):  # noqa: N818 - a refusal on its way to becoming a denied order, not an error
    """A value that makes the order refused: code and detail."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def supported(terms: Terms) -> None:
    """Passes terms that the connected exchange can carry out.

    Raises:
        Denied: With code ``unsupported``, naming the term.
    """
    if terms.stop_price is None and terms.stop_loss is None and terms.take_profit is None:
        return
    given = [name for name in _UNSUPPORTED if getattr(terms, name) is not None]
    raise Denied("unsupported", f"{' and '.join(given)}: not supported by the simulated exchange yet")


def price_ticks(spec: InstrumentSpec, price: Number, side: Side, rounding: Rounding) -> int:
    """A price in ticks.

    Raises:
        Denied: Off the grid (both neighbours are named) or not finite.
        InputError: Not a number.
    """
    try:
        if rounding == "error":
            return spec.ticks(price)
        return spec.ticks_rounded(price, side.value, rounding)
    except OffGridError as error:
        raise Denied("price_rule", str(error)) from error
    except InputError as error:
        raise _denied_if_not_finite(price, "price_rule", error) from error


def size_steps(market: Market, side: Side, terms: Terms, ticks: int | None) -> int:
    """The size of an order in size steps, from whichever of the three ways says how much.

    Raises:
        Denied: Off the lot grid (both neighbours are named), not finite, or a notional without a price to
            judge by.
        InputError: None or more than one is given, or not a number.
    """
    spec = market.instrument.spec
    size, notional, contracts = terms.size, terms.notional, terms.contracts
    if (size is None) + (notional is None) + (contracts is None) != 2:
        raise InputError("give exactly one of size, notional and contracts")
    try:
        if size is not None:
            return spec.steps(size)
        if contracts is not None:
            return spec.steps_from_contracts(contracts)
        return spec.steps_from_notional(
            notional or 0.0, _best_ticks(market, side) if ticks is None else ticks
        )
    except OffGridError as error:
        raise Denied("lot", str(error)) from error
    except InputError as error:
        given = next(value for value in (size, notional, contracts) if value is not None)
        raise _denied_if_not_finite(given, "lot", error) from error


def signed_steps(spec: InstrumentSpec, size: Number) -> int:
    """A signed size (negative is short) in size steps.

    Raises:
        Denied: Off the lot grid (both neighbours are named) or not finite.
        InputError: Not a number.
    """
    try:
        value = Decimal(str(size)) if isinstance(size, float) else Decimal(size)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise InputError(f"target size {size!r}: expected a number, its text or a Decimal") from error
    try:
        steps = spec.steps(abs(value))
    except OffGridError as error:
        raise Denied("lot", str(error)) from error
    except InputError as error:
        raise _denied_if_not_finite(value, "lot", InputError(f"target size {size!r}: {error}")) from error
    return -steps if value < 0 else steps


def _best_ticks(market: Market, side: Side) -> int:
    try:
        price = market.view.best_ask if side is Side.BUY else market.view.best_bid
    except StaleBookError as error:
        raise Denied("stale_data", str(error)) from error
    if math.isnan(price):
        raise Denied("no_reference_price", f"the book of {market.instrument} has no price to take")
    return market.instrument.spec.ticks(price)


def _denied_if_not_finite(value: object, code: str, error: InputError) -> Exception:
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        return Denied(code, str(error))
    return error
