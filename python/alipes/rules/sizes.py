"""How much a rule trades, and how far away its exits are: values that say their unit."""

from __future__ import annotations

from dataclasses import dataclass

from alipes.errors import InputError, shown
from alipes.rules.operators import bars_per_year, close, pct_change, sqrt
from alipes.rules.rolling import rolling_std
from alipes.rules.terms import Expr, Number, Window, number, window


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size:
    """A size; made by `units`, `notional`, `equity`, `risk` or `volatility_target`.

    Attributes:
        kind: ``units``, ``notional``, ``equity``, ``exposure`` or ``risk``.
        value: How much.
        shown: How it is shown.
    """

    kind: str
    value: Expr
    shown: str

    def __repr__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ratio:
    """A distance as a ratio of the entry price; made by `pct`."""

    value: Expr

    def __repr__(self) -> str:
        return f"pct({self.value!r})"


def units(x: Number) -> Size:
    """So many base units.

    Args:
        x: Base units, >= 0; undefined skips the order.
    """
    return _size("units", "units", x)


def notional(x: Number) -> Size:
    """Base units worth so much at the fill price.

    Args:
        x: In quote currency, >= 0.
    """
    return _size("notional", "notional", x)


def equity(ratio: Number) -> Size:
    """As much as so much of the equity buys, the fee included.

    Args:
        ratio: Of the equity at the fill; 1.0 is all of it. More than 1 needs leverage.
    """
    return _size("equity", "equity", ratio)


def risk(ratio: Number) -> Size:
    """As much as loses so much of the equity if the stop-loss is hit at its price; needs a `stop_loss`.

    Args:
        ratio: Of the equity at the fill, 0 to 1; 0.01 risks one percent.
    """
    made = _size("risk", "risk", ratio)
    if isinstance(made.value.value, float) and made.value.value > 1:
        raise InputError(
            f"risk: ratio is {made.value.value:g}; expected at most 1: 0.01 risks one percent of the equity"
        )
    return made


def volatility_target(x: Number, window: Window = 20) -> Size:
    """A notional whose yearly volatility, in ratios of the equity, would be `x`.

    ``x / (std(pct_change(close), window) * sqrt(bars per year))`` times the equity, ddof 1, a year having 365
    days.

    Args:
        x: Yearly volatility wanted, a ratio; 0.2 is 20 %.
        window: Bars over which volatility is measured, at least 2.
    """
    wanted = _size("volatility_target", "exposure", x).value
    spread = rolling_std(pct_change(close), _at_least_two(window))
    return Size(
        "exposure", wanted / (spread * sqrt(bars_per_year)), f"volatility_target({wanted!r}, {window!r})"
    )


def pct(ratio: Number) -> Ratio:
    """A distance that is so much of the entry price; 0.02 is two percent.

    Args:
        ratio: More than 0; of a long's stop and a short's target less than 1 to be reachable.

    Raises:
        InputError: Not a number or expression, or not positive.
    """
    term = number(ratio, "pct: ratio")
    if isinstance(term.value, float) and term.op == "const" and term.value <= 0:
        raise InputError(f"pct: ratio is {term.value:g}; expected more than 0, e.g. 0.02 for two percent")
    return Ratio(term)


def size_of(value: object, where: str = "Rules") -> Size:
    """The size of a rule.

    Args:
        value: A size.
        where: What it was given to, for the message.

    Raises:
        InputError: Not a size, with what a bare number may have meant.
    """
    if isinstance(value, Size):
        return value
    raise InputError(
        f"{where}: size is {shown(value)}; its unit is missing: units(x) base units, notional(x) quote "
        "currency, equity(ratio) of "
        "the equity (1.0 = all), risk(ratio) of the equity at the stop-loss, volatility_target(x) a year"
    )


_STOPS = frozenset({"stop_loss", "trailing"})


def distance_of(value: object, slot: str, where: str = "Rules") -> tuple[str, Expr]:
    """Kind (``price`` or ``pct``) and term of an exit's distance.

    Args:
        value: An expression in price, or `pct`.
        slot: The argument's name, for the message.
        where: What it was given to, for the message.

    Raises:
        InputError: A bare number, another type, a constant that is not positive, or a stop's of more than all
            of the price.
    """
    if isinstance(value, Ratio):
        ratio = value.value.value
        if slot in _STOPS and value.value.op == "const" and isinstance(ratio, float) and ratio > 1:
            raise InputError(
                f"{where}: {slot} is pct({ratio:g}), {ratio:.0%} of the entry price, which no long can reach:"
                f" expected at most 1, pct({ratio / 100:g}) for {ratio:g} percent"
            )
        return "pct", value.value
    if isinstance(value, Expr):
        if isinstance(value.value, float) and value.op == "const" and value.value <= 0:
            raise InputError(f"{where}: {slot} is {value.value:g}; expected a distance of more than 0")
        return "price", value
    raise InputError(
        f"{where}: {slot} is {shown(value)}; its unit is missing: r.pct(0.02) is two percent of the entry "
        "price, an expression "
        "such as 2 * r.atr(14) or r.const(50) is a distance in price"
    )


def _size(name: str, kind: str, x: Number) -> Size:
    term = number(x, f"{name}: value")
    if isinstance(term.value, float) and term.op == "const" and term.value < 0:
        raise InputError(f"{name}: {term.value:g} is negative; expected 0 or more (the side is the rule's)")
    return Size(kind, term, f"{name}({term!r})")


def _at_least_two(n: Window) -> Expr:
    return window(n, "window", "volatility_target", least=2)
