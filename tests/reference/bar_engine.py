"""The bar engine a second time: slow, plain Python, clause by clause from docs/bar-engine.md.

Nothing is vectorised, skipped or remembered cleverly: every bar walks every step of B2 in its order. It knows
nothing of the compiled engine; tests/property/test_bar_engine_against_reference.py holds the two together.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference import bar_prices as prices
from tests.reference.bar_decisions import decide
from tests.reference.bar_path import Exits, at_open, on_leg, pieces, points
from tests.reference.bar_terms import Bars, Order, Outcome, Rules, Terms, Trade, Value


@dataclass
class Leg:
    """A decided order that waits, its direction, and its units where `size_at="decision"` fixed them."""

    order: Order
    side: int
    units: Value = None


class BarEngine:
    """One run over bars with given signals."""

    def __init__(self, bars: Bars, rules: Rules, terms: Terms) -> None:
        self.bars, self.rules, self.terms = bars, rules, terms
        self.cash, self.position = terms.cash, 0.0
        self.trade: Trade | None = None
        self.exits = Exits(1, terms.tick)
        self.time_due: int | None = None
        self.waiting: list[Leg] = []
        self.out = Outcome(optimistic=terms.fill == "same_close")

    def run(self) -> Outcome:
        """All bars; after ruin equity stays at cash to the end (B14)."""
        for index in range(len(self.bars)):
            if self.out.ruined < 0:
                self.bar(index)
            self.out.equity.append(self.cash + self.position * self.bars.close[index])
            self.out.position.append(self.position)
        if self.trade is not None:  # B4: an open trade is marked at the last close and flagged
            self.trade.exit_value = self.trade.size * self.bars.close[-1]
            self.trade.exit_bar, self.trade.exit_ts = len(self.bars) - 1, self.bars.ts[-1] + self.bars.step
        return self.out

    def bar(self, index: int) -> None:
        """B2: the order of things inside a bar."""
        opens, closes = self.bars.ts[index], self.bars.ts[index] + self.bars.step
        is_last = index == len(self.bars) - 1
        self.fund(index)
        if self.terms.fill == "next_open":
            self.fill_point(index, self.bars.open[index], opens)
        if self.position != 0:
            self.walk(index)
        if self.terms.fill == "next_close":
            self.fill_point(index, self.bars.close[index], closes)
        if self.terms.fill == "same_close":
            self.stop_by_time(index, self.bars.close[index], closes)
        if self.out.ruined < 0:
            self.decide(index)
        if self.terms.fill == "same_close":
            self.fill_orders(index, self.bars.close[index], closes)
        if is_last and self.terms.close_at_end and self.position != 0:
            self.exit_at_market(index, "end", self.bars.close[index], closes)

    def fund(self, index: int) -> None:
        """Step 1 (B13): every t with ts[i-1] < t ≤ ts[i]: cash -= q·m·rate, m the mark, else the open."""
        if index == 0 or self.trade is None:
            return
        price = self.bars.open[index] if self.bars.mark is None else self.bars.mark[index]
        for time, rate in sorted(self.terms.funding):
            if self.bars.ts[index - 1] < time <= self.bars.ts[index]:
                paid = self.position * price * rate
                self.cash -= paid
                self.trade.funding += paid

    def fill_point(self, index: int, price: float, now: int) -> None:
        """Steps 2 and 5: a time stop that is due, then the orders decided before."""
        self.stop_by_time(index, price, now)
        self.fill_orders(index, price, now)

    def stop_by_time(self, index: int, price: float, now: int) -> None:
        """B19 (max_bars): due at the first fill point at or after t + n·Δ, never in the entry's bar."""
        is_due = self.time_due is not None and now >= self.time_due
        if self.trade is not None and is_due and index > self.trade.entry_bar:
            self.exit_at_market(index, "time", price, now)

    def fill_orders(self, index: int, price: float, now: int) -> None:
        """Steps 2, 5, 7: reductions before increases; those of a position closed meanwhile are void."""
        while self.waiting:
            leg = self.waiting.pop(0)
            if leg.order.kind != "open" and self.position == 0:
                leg.order.status, leg.order.reason = "cancelled", "position closed"
            elif leg.order.kind == "close":
                self.leave(leg.order, index, self.slip(index, price, is_buy=self.position < 0), now)
            else:
                self.enter(leg, index, self.slip(index, price, is_buy=leg.side > 0), now)

    def slip(self, index: int, price: float, *, is_buy: bool) -> float:
        """Words: slip with the spread of the bar in which the fill happens."""
        spread = self.bars.spread[index] if self.terms.spread and self.bars.spread is not None else None
        return prices.slip(price, self.terms, spread, is_buy=is_buy)

    def walk(self, index: int) -> None:
        """Steps 3 and 4: the gap at the open, then the legs of the path, until the position closes (B8)."""
        side, path, start = self.exits.side, self.terms.path, self.bars.ts[index]
        for number, piece in enumerate(pieces(self.bars, index, self.terms)):
            first = self.bars.open[index] if number == 0 else piece[0]
            kind = at_open(self.exits, first, self.liquidation(), path)
            if kind is not None:
                self.exit_on_path(index, kind, first, start)
                return
            way = points(piece, side, path)
            for a, b in itertools.pairwise(way):
                hit = on_leg(self.exits, a, b, self.liquidation(), path)
                if hit is not None:
                    self.exit_on_path(index, *hit, start)
                    return

    def liquidation(self) -> Value:
        """B14: recomputed whenever cash or q changes."""
        return prices.liquidation_price(self.cash, self.position, self.terms)

    def exit_on_path(self, index: int, kind: str, price: float, now: int) -> None:
        """B6: a target fills at its price as a maker; a stop and a liquidation are slipped taker fills."""
        if kind == "take_profit":
            self.leave(self.row(index, now, kind, -self.exits.side), index, price, now, is_maker=True)
        else:
            self.exit_at_market(index, kind, price, now)

    def exit_at_market(self, index: int, kind: str, price: float, now: int) -> None:
        """A taker fill of the whole position that no decision made, with an order row of its own."""
        order = self.row(index, now, kind, -self.exits.side)
        self.leave(order, index, self.slip(index, price, is_buy=self.position < 0), now)

    def row(self, index: int, now: int, kind: str, side: int) -> Order:
        """Orders: the next id, counted from 0."""
        order = Order(len(self.out.orders), index, now, kind, "buy" if side > 0 else "sell")
        self.out.orders.append(order)
        return order

    def book(
        self, order: Order, index: int, price: float, units: float, now: int, *, is_maker: bool
    ) -> float:
        """Words: cash moves by the notional and the fee; the order's row is filled. Gives the fee."""
        rate = self.terms.maker if is_maker else self.terms.taker
        paid = prices.fee(price, units, rate, self.terms.fixed_fee)
        self.cash += (-units if order.side == "buy" else units) * price - paid
        order.status, order.size, order.price, order.fee = "filled", units, price, paid
        order.fill_bar, order.fill_ts, order.is_maker = index, now, is_maker
        assert self.trade is not None
        order.trade = self.trade.id
        self.trade.fees += paid
        return paid

    def leave(self, order: Order, index: int, price: float, now: int, *, is_maker: bool = False) -> None:
        """Trades: the position goes flat, the trade ends; flat with cash ≤ 0 is ruin (B14)."""
        units, trade = abs(self.position), self.trade
        assert trade is not None
        self.book(order, index, price, units, now, is_maker=is_maker)
        trade.exit_value, trade.exit_bar, trade.exit_ts = units * price, index, now
        trade.reason, trade.is_open = order.kind, False
        self.position, self.trade, self.time_due = 0.0, None, None
        if self.cash <= 0:
            self.out.ruined = index
            for leg in self.waiting:
                leg.order.status, leg.order.reason = "cancelled", "ruin"
            self.waiting = []

    def enter(self, leg: Leg, index: int, price: float, now: int) -> None:
        """B10: size fixed at the fill from price and cash then, capped and floored; skipped or filled."""
        order, equity = leg.order, self.cash + self.position * price
        units = leg.units
        if self.terms.size_at == "fill":
            units = self.wanted(order.bar, equity, price)
        if units is None:
            order.status, order.reason = "skipped", prices.SKIP_UNDEFINED
            return
        final, is_reduced, reason = prices.allowed(units, self.position, price, equity, self.terms)
        if reason:
            order.status, order.reason = "skipped", reason
            return
        is_all_in = self.is_all_in(leg, final, units)
        if self.trade is None:
            self.trade = Trade(len(self.out.trades), leg.side, now, index)
            self.out.trades.append(self.trade)
        order.is_reduced = is_reduced
        self.book(order, index, price, final, now, is_maker=False)
        self.cash = 0.0 if is_all_in else self.cash
        self.position += leg.side * final
        self.trade.size += final
        self.trade.entry_value += final * price
        self.trade.additions += order.kind == "add"
        self.set_exits(order, leg.side, price, now)

    def is_all_in(self, leg: Leg, final: float, units: float) -> bool:
        """Size: `equity(1)` in full, leverage 1, flat, long, sized at the fill: cash is 0 exactly."""
        value = 1.0 if self.rules.size is None else self.rules.size[leg.order.bar]
        is_whole = self.rules.size_kind == "equity" and value == 1 and self.terms.leverage == 1
        is_plain = self.position == 0 and leg.side > 0 and self.terms.size_at == "fill"
        return is_whole and is_plain and final == units

    def wanted(self, bar: int, equity: float, price: float) -> Value:
        """Size: the units of the table, with the values of the decision bar; a negative size is an error."""
        value = 1.0 if self.rules.size is None else self.rules.size[bar]
        if value is None:
            return None
        if value < 0:
            raise ValueError(f"size at bar {bar} is {value}")
        distance = self.distance(self.rules.stop_loss, bar, price)
        return prices.wanted((self.rules.size_kind, value), equity, price, distance, self.terms)

    def distance(self, slot: tuple[str, Sequence[Value]] | None, bar: int, price: float) -> Value:
        """B19: a price distance, or for `r.pct(k)` k·price; a distance ≤ 0 is an error."""
        if slot is None or slot[1][bar] is None:
            return None
        kind, values = slot
        value = values[bar]
        assert value is not None
        if value <= 0:
            raise ValueError(f"distance at bar {bar} is {value}")
        return value * price if kind == "pct" else value

    def set_exits(self, order: Order, side: int, price: float, now: int) -> None:
        """B19: levels from this fill, frozen; an addition replaces what it carries; undefined are counted."""
        rules, bar = self.rules, order.bar
        if order.kind == "open":
            self.exits = Exits(side, self.terms.tick)
            if rules.max_bars is not None:
                limit = rules.max_bars[bar]
                self.time_due = None if limit is None else now + int(limit * self.bars.step)
                self.out.undefined_exits += limit is None
        for name in ("stop_loss", "take_profit", "trailing"):
            slot = getattr(rules, name)
            if slot is None:
                continue
            distance = self.distance(slot, bar, price)
            if distance is None:
                self.out.undefined_exits += 1
            else:
                self.set_exit(name, side, price, distance)

    def set_exit(self, name: str, side: int, price: float, distance: float) -> None:
        """B19: stop = entry - side·distance, target = entry + side·distance; levels ≤ 0 are never reached."""
        if name == "trailing":
            self.exits.distance, self.exits.extreme = distance, price
            return
        sign = -side if name == "stop_loss" else side
        level = prices.to_nearest_tick(price + sign * distance, self.terms.tick, is_tie_up=sign > 0)
        kept = level if level > 0 else None
        if name == "stop_loss":
            self.exits.stop = kept
        else:
            self.exits.target = kept

    def decide(self, index: int) -> None:
        """Step 7 (B9): the rules on the values of bar i; one order a leg, a reversal's close leg first."""
        side = 0 if self.trade is None else self.trade.side
        can_add = self.trade is not None and self.trade.additions < self.rules.pyramid
        kinds, is_conflict = decide(self.rules, index, side, can_add=can_add)
        self.out.conflicts += is_conflict
        now = self.bars.ts[index] + self.bars.step
        for kind, direction in kinds:
            leg = Leg(self.row(index, now, kind, direction), direction)
            if kind != "close" and self.terms.size_at == "decision":
                leg.units = self.wanted_at_decision(index, is_reversal=len(kinds) == 2)
            self.waiting.append(leg)

    def wanted_at_decision(self, index: int, *, is_reversal: bool) -> Value:
        """B10: from the unslipped close, cash and q then; a reversal's close leg as if filled there."""
        price, cash, position = self.bars.close[index], self.cash, self.position
        if is_reversal:
            cash += position * price - prices.fee(price, position, self.terms.taker, self.terms.fixed_fee)
            position = 0.0
        return self.wanted(index, cash + position * price, price)


def run(bars: Bars, rules: Rules, terms: Terms) -> Outcome:
    """One run of the slow engine."""
    return BarEngine(bars, rules, terms).run()
