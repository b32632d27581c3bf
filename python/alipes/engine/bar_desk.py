"""A strategy's way to order in a backtest on bars: its own numbers reach the account as it wrote them."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

from alipes.connectors.bars import Wanted
from alipes.engine.amounts import Denied, price_ticks, signed_steps
from alipes.engine.bar_market import MAX_LOTS
from alipes.engine.desk import StrategyDesk
from alipes.errors import InputError, OffGridError
from alipes.model import OrderType, Side
from alipes.strategy.terms import TIFS, check_rounding

if TYPE_CHECKING:
    from alipes.connectors.bars import BarConnector, Distance
    from alipes.engine.bar_market import BarDirectory, BarMarket
    from alipes.engine.blotter import Blotter
    from alipes.engine.market import Market
    from alipes.engine.runner import Runner
    from alipes.model import Instrument, Order
    from alipes.strategy.terms import Number, Rounding, Terms


class BarDesk(StrategyDesk):
    """See `alipes.strategy.context.Desk`.

    Args:
        runner: Whose desk this is.
        blotter: Where orders go.
        directory: The market by name.
        market: The market.
        connector: Who is told what the strategy wrote.
    """

    __slots__ = (
        "_connector",
        "_grid",
        "_has_grid",
        "_instrument",
        "_lot",
        "_lots",
        "_market",
        "_names",
        "_spec",
    )

    def __init__(
        self,
        *,
        runner: Runner,
        blotter: Blotter,
        directory: BarDirectory,
        market: BarMarket,
        connector: BarConnector,
    ) -> None:
        super().__init__(runner=runner, blotter=blotter, directory=directory)
        self._names = directory
        self._market = market
        self._lots, self._lot = market.grid.lots_per_unit, market.grid.lot_steps
        self._instrument = market.instrument
        self._connector = connector
        self._grid = market.grid
        self._spec = market.grid.spec
        self._has_grid = market.has_grid

    def submit(self, side: Side, instrument: Instrument | str, terms: Terms) -> Order:
        """Order, or deny the order."""
        if not self._turn.is_running:
            self._turn.require_hook()
        market = self._market if instrument is self._instrument else self._names.find(instrument)
        try:
            ticks, limit = (None, None) if terms.price is None else self._limit(market, side, terms)
            if terms.post_only and ticks is None:
                raise Denied("post_only_tif", "post_only without a price: a market order always takes")  # noqa: TRY301
            size = terms.size
            if type(size) is float and terms.notional is terms.contracts is None and not self._has_grid:
                kind, steps = "units", self._fine_steps(size)  # the usual case
            else:
                kind, size, steps = self._amount(market, terms)
            if terms.stop_loss is terms.take_profit is terms.stop_price is None:
                wanted = Wanted(kind, size, limit)
            else:
                wanted = Wanted(kind, size, limit, *_exits(terms))
        except Denied as refusal:
            type_ = OrderType.MARKET if terms.price is None else OrderType.LIMIT
            return self._deny(market, side, type_, refusal, terms)
        order = self._blotter.place(
            self._runner, market, side, steps, ticks,
            tif=TIFS[terms.tif], post_only=terms.post_only, reduce_only=terms.reduce_only, tag=terms.tag,
        )  # fmt: skip
        if order.denied is None:
            self._connector.wanted[order.client_order_id] = wanted
        return order

    def amend(self, order: Order, price: Number | None, size: Number | None, rounding: Rounding) -> None:
        """Ask for another price or size."""
        super().amend(order, price, size, rounding)
        if order.amend_size_steps is None:
            return
        units = self._grid.units(order.amend_size_steps) if size is None else self._units(size)
        if price is None or self._has_grid:
            limit = None if order.amend_price_ticks is None else self._grid.price(order.amend_price_ticks)
        else:
            limit = _number("price", price)
        self._connector.wanted[order.client_order_id] = Wanted("units", units, limit)

    # Prices

    def _limit(self, market: BarMarket, side: Side, terms: Terms) -> tuple[int, float]:
        price = terms.price
        if price is None or terms.tif != "GTC":
            raise Denied("unsupported", f"tif {terms.tif} with a price: limit orders on bars rest (GTC)")
        ticks = self._ticks(market, price, side, terms.round)
        return ticks, self._grid.price(ticks) if self._has_grid else _number("price", price)

    def _ticks(self, market: Market, price: Number, side: Side, rounding: Rounding) -> int:
        if self._has_grid:
            return price_ticks(market.instrument.spec, price, side, rounding)
        check_rounding(rounding)
        value = _number("price", price)
        if not 0 < value < math.inf:
            raise Denied("price_rule", f"price {price!r}: expected a finite number above 0")
        return max(self._grid.ticks(value), 1)

    # Sizes

    def _amount(self, market: BarMarket, terms: Terms) -> tuple[str, float, int]:
        """(kind, value, size steps) of whichever of the three ways says how much."""
        size, notional = terms.size, terms.notional
        if (size is None) + (notional is None) + (terms.contracts is None) != 2:
            raise InputError("give exactly one of size, notional and contracts")
        if size is not None:
            steps = self._steps_of(size)
            return "units", self._units_of(size, steps), steps
        if notional is not None:
            value = _number("notional", notional)
            return "notional", value, self._steps_of_notional(market, value)
        contracts: Any = terms.contracts
        if not self._has_grid:
            return "units", _number("contracts", contracts), self._fine_steps(_number("contracts", contracts))
        steps = _on_lots(lambda: self._spec.steps_from_contracts(contracts), contracts)
        return "units", self._grid.units(steps), steps

    def _units_of(self, size: Number, steps: int) -> float:
        return self._grid.units(steps) if self._has_grid else _number("size", size)

    def _units(self, size: Number) -> float:
        return self._units_of(size, self._steps_of(size))

    def _steps_of(self, size: Number) -> int:
        if self._has_grid:
            return _on_lots(lambda: self._spec.steps(size), size)
        return self._fine_steps(_number("size", size))

    def _fine_steps(self, units: float) -> int:
        """The nearest lots, at least one: what is positive stays so."""
        if not 0 < units < math.inf:
            raise Denied("lot", f"size {units!r}: expected a finite number above 0")
        lot = self._lot
        lots = units * self._lots
        return MAX_LOTS * lot if lots >= MAX_LOTS else round(lots) * lot or lot

    def _steps_of_notional(self, market: BarMarket, notional: float) -> int:
        """Lots at the last close, at least one; the account sizes it at the fill."""
        if not 0 < notional < math.inf:
            raise Denied("lot", f"notional {notional!r}: expected a finite number above 0")
        closed = market.series.closed
        lot = self._grid.lot_steps
        if not closed:
            return lot
        return self._fine_steps(notional / closed[-1].close)

    def _steps(self, market: Market, side: Side, terms: Terms, ticks: int | None) -> int:
        del market, side, ticks
        return self._steps_of(terms.size if terms.size is not None else 0.0)

    def _signed_steps(self, market: Market, size: Number) -> int:
        if self._has_grid:
            return signed_steps(market.instrument.spec, size)
        value = _number("target size", size)
        if not math.isfinite(value):
            raise Denied("lot", f"target size {size!r}: expected a finite number")
        return self._grid.steps(value)


def _on_lots(convert: Any, given: Any) -> int:
    try:
        steps: int = convert()
    except OffGridError as error:
        raise Denied("lot", str(error)) from error
    except InputError as error:
        if isinstance(given, (float, Decimal)) and not math.isfinite(given):
            raise Denied("lot", str(error)) from error
        raise
    return steps


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, Decimal, Real)):
        raise InputError(f"{name} {value!r}: expected a number, its text or a Decimal")
    try:
        return float(value)
    except ValueError as error:
        raise InputError(f"{name} {value!r}: expected a number, its text or a Decimal") from error


def _exits(terms: Terms) -> tuple[Distance | None, Distance | None]:
    stop, target = terms.stop_loss, terms.take_profit
    if terms.stop_price is not None:
        raise Denied("unsupported", "stop_price: orders on bars have stop_loss= instead")
    return (
        None if stop is None else _distance("stop_loss", stop),
        None if target is None else _distance("take_profit", target),
    )


def _distance(name: str, given: Any) -> Distance:
    """A distance from the entry fill: a number is in price, `alipes.rules.pct` a ratio of the fill's."""
    kind, value = "price", given
    if hasattr(given, "kind"):
        kind, value = given.kind, given.value
    elif hasattr(given, "value") and not hasattr(given, "op"):
        kind, value = "pct", given.value
    if getattr(value, "op", None) == "const":
        value = value.value
    if kind not in {"price", "pct"} or hasattr(value, "op"):
        raise InputError(f"{name} {given!r}: expected a distance in price, or alipes.rules.pct(a number)")
    distance = _number(name, value)
    if not 0 < distance < math.inf:
        raise Denied("price_rule", f"{name} {given!r}: expected a distance from the entry above 0")
    return kind, distance
