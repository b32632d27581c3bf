"""Rules as a strategy: bars are pushed into the stream, and what it signals is ordered by the context.

For paper and live, where the venue fills. A backtest on bars runs `Rules` themselves in the compiled fill
model. It must not know where its orders go.
"""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from alipes.errors import InputError
from alipes.model import Side
from alipes.rules.decisions import decide, units_of
from alipes.rules.sizes import pct
from alipes.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.model import Bar, Position
    from alipes.rules.rules import Rules
    from alipes.rules.sizes import Ratio
    from alipes.strategy import Context


class RulesStrategy(Strategy):
    """Trades one instrument by rules; made by `alipes.rules.Rules.strategy`.

    Decisions are those of the bar engine (B9). A notional goes with the order; other sizes are computed from
    the close of the decision bar and floored to the lot. `stop_loss` and `take_profit` go with the order as
    distances in price, or as ratios (`alipes.rules.pct`) of the fill's. An order that is still open when the
    next bar closes is left alone, and nothing is decided until it is closed.

    Args:
        rules: The rules.
        instrument: What to trade.
        timeframe: Length of a bar, e.g. ``"1m"``.
        params: Value of each parameter.
        cash: What the strategy began with, in quote currency: sizes that are ratios of the equity count from
            it.

    Raises:
        InputError: Rules with a trailing stop or `max_bars`, which no order carries; see
            `alipes.rules.Rules.stream` for the others.
    """

    def __init__(
        self,
        rules: Rules,
        instrument: str,
        timeframe: str,
        params: Mapping[str, float],
        *,
        cash: float = 10_000.0,
    ) -> None:
        missing = sorted(set(rules.columns) - {"open", "high", "low", "close", "volume"})
        if missing:
            raise InputError(
                f"RulesStrategy: the rules read {', '.join(missing)}; bars have open, high, low, close, "
                "volume"
            )
        for slot in ("trailing", "max_bars"):
            if getattr(rules, slot) is not None:
                raise InputError(f"RulesStrategy: the rules have {slot}, which an order cannot carry")
        self._rules = rules
        self._name = instrument
        self._timeframe = timeframe
        self._cash = cash
        self._stream = rules.stream(params, step=timeframe)
        self._additions = 0

    def on_start(self, ctx: Context, resumed: bool) -> None:  # noqa: ARG002, FBT001 - the hook's public signature
        """Subscribes to the bars."""
        self._log = ctx.log
        self._instrument = ctx.subscribe_bars(self._name, self._timeframe)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Decides at the close of a bar."""
        signals = self._stream.push(bar.ts_open, bar.open, bar.high, bar.low, bar.close, bar.volume)
        if not any(signals) or ctx.open_orders(self._instrument):
            return
        position = ctx.position(self._instrument)
        held = (position.size > 0) - (position.size < 0)
        values = self._stream.values()
        has_room = self._additions < values["pyramid"]
        decision = decide(signals, held, self._rules.opposite, has_room=has_room)
        if decision.closes:
            leave = ctx.sell if held > 0 else ctx.buy
            leave(self._instrument, abs(position.size), reduce_only=True, tag="close")
        if decision.side is not None:
            self._additions = self._additions + 1 if decision.adds else 0
            self._enter(ctx, bar, decision.side, position, values)

    def _enter(
        self, ctx: Context, bar: Bar, side: Side, position: Position, values: Mapping[str, float]
    ) -> None:
        wanted = self._wanted(bar, position, values)
        if not wanted:
            return
        order = ctx.buy if side is Side.BUY else ctx.sell
        order(
            self._instrument,
            **wanted,
            stop_loss=self._distance("stop_loss", values),
            take_profit=self._distance("take_profit", values),
            tag="entry",
        )

    def _wanted(self, bar: Bar, position: Position, values: Mapping[str, float]) -> dict[str, Any]:
        """How much an entry orders, as `Context.buy` takes it; empty if there is nothing to order."""
        if self._rules.size.kind == "notional":
            amount = values["size"]
            return {"notional": amount} if amount > 0 else self._skip(amount)
        units = units_of(self._rules, values, price=bar.close, equity=self._equity(bar, position))
        if not math.isfinite(units):
            return self._skip(units)
        lot = Decimal(str(self._instrument.spec.lot_size))
        size = (Decimal(repr(units)) / lot).to_integral_value(ROUND_FLOOR) * lot
        return {"size": size} if size > 0 else self._skip(units)

    def _skip(self, wanted: float) -> dict[str, Any]:
        self._log.info("entry skipped", wanted=wanted)
        return {}

    def _distance(self, slot: str, values: Mapping[str, float]) -> float | Ratio | None:
        given = self._rules.slots[slot]
        if given is None or math.isnan(values[slot]):
            return None
        return pct(values[slot]) if given[0] == "pct" else values[slot]

    def _equity(self, bar: Bar, position: Position) -> float:
        average = position.average_price if position.average_price is not None else Decimal(0)
        open_pnl = float(position.size) * (bar.close - float(average))
        return self._cash + float(position.realized_pnl) + open_pnl - float(sum(position.fees.values()))
