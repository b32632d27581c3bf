"""Random orders of a strategy on the bar account: what must hold whatever fills, counted from the events."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.counts import scaled
from tests.reference.bar_adapter import bar_arguments, engine_terms
from tests.reference.bar_prices import slip
from tests.reference.bar_scenarios import Scenario, scenario

from alipes._core import BarAccount

RUNS = scaled(600, 12_000)
CHUNKS = 6
FILLED = 0
OPEN, ADD, CLOSE = 0, 1, 2
STRICT = {"pessimistic", "detail"}


@dataclass
class Sent:
    """An order as it was submitted."""

    bar: int
    is_buy: bool
    units: float
    limit: float | None
    is_reduce_only: bool
    is_post_only: bool
    filled: float = 0.0


@dataclass
class Play:
    """One run with what it did: cash and position are counted again from the fills."""

    case: Scenario
    cash: float
    position: float = 0.0
    fees: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    checked: int = 0

    def take(self, events: list[tuple[Any, ...]], bar: int, *, is_settling: bool) -> None:
        for client, kind, status, _, side, size, price, fee, is_maker, _ in events:
            self.ended.add(client)
            if status != FILLED:
                continue
            before = self.position
            signed = size if side == 0 else -size
            self.cash -= signed * price + fee
            self.position += signed
            self.fees += fee
            assert size > 0
            if kind in {OPEN, ADD}:
                assert abs(self.position) > abs(before), "an entry increases"
            else:
                assert abs(self.position) < abs(before) + 1e-12, "an exit reduces"
            if client >= 0:
                self.check(
                    self.sent[client], kind, price, size, is_maker=is_maker, bar=bar, at_close=is_settling
                )
                self.checked += 1

    def check_resting(self, bar: int) -> None:
        """A resting limit that the bar passes has filled or ended, unless a trade ended on the path."""
        bars = self.case.bars
        for client, order in enumerate(self.sent):
            if client in self.ended or order.limit is None or order.is_reduce_only or bar <= order.bar + 1:
                continue
            is_passed = bars.low[bar] < order.limit if order.is_buy else bars.high[bar] > order.limit
            assert not is_passed, f"order {client} at {order.limit} was passed in bar {bar}"

    def check(
        self, order: Sent, kind: int, price: float, size: float, *, is_maker: bool, bar: int, at_close: bool
    ) -> None:
        """One fill against the order it belongs to."""
        terms, bars = self.case.terms, self.case.bars
        order.filled += size
        assert order.filled <= order.units * (1 + 1e-9), "no more than was ordered"
        assert not order.is_reduce_only or kind == CLOSE, "reduce-only reduces"
        assert not (order.is_post_only and not is_maker), "post-only makes"
        if terms.fill == "same_close":
            assert bar >= order.bar
            assert bar > order.bar or at_close
        else:
            assert bar > order.bar, "an order fills after its decision"
        if order.limit is None:
            self.check_market(order, price, bar)
            return
        better = price - order.limit if order.is_buy else order.limit - price
        assert better <= 1e-9 * order.limit, "never worse than the limit"
        if is_maker:
            assert bar > order.bar
            self.check_maker(order, price, bars.open[bar], bar)

    def check_market(self, order: Sent, price: float, bar: int) -> None:
        """At its fill point and nowhere else, slipped."""
        terms, bars = self.case.terms, self.case.bars
        assert bar == order.bar + (terms.fill != "same_close")
        point = bars.open[bar] if terms.fill == "next_open" else bars.close[bar]
        spread = bars.spread[bar] if terms.spread and bars.spread is not None else None
        assert price == pytest.approx(slip(point, terms, spread, is_buy=order.is_buy), rel=1e-12)

    def check_maker(self, order: Sent, price: float, open_: float, bar: int) -> None:
        """At the limit, which the bar's path reaches, or at an open that is better."""
        terms, bars = self.case.terms, self.case.bars
        assert order.limit is not None
        if terms.path == "detail":
            return
        worst = bars.low[bar] if order.is_buy else bars.high[bar]
        if price == order.limit and terms.path in STRICT:
            assert worst < order.limit if order.is_buy else worst > order.limit, "strictly through"
        elif price == order.limit:
            assert worst <= order.limit if order.is_buy else worst >= order.limit, "touched"
        else:
            assert price == open_, "a better price is the open"


def random_order(rng: random.Random, play: Play, bar: int, account: Any) -> None:
    """Submits a market or a limit order of any kind, near the close."""
    bars, terms = play.case.bars, play.case.terms
    close, unit = bars.close[bar], 0.25
    is_limit = rng.random() < 0.6
    limit = max(close + rng.randint(-8, 8) * unit, unit) if is_limit else None
    units = rng.choice([0.5, 1.0, 1.0, 2.0, 3.0])
    order = Sent(bar, rng.random() < 0.5, units, limit, rng.random() < 0.2, is_limit and rng.random() < 0.3)
    exits = {"stop_loss": ("price", 2.0), "take_profit": ("price", 3.0), "trailing": ("pct", 0.02)}
    chosen = {name: exit_ for name, exit_ in exits.items() if rng.random() < 0.2 and not order.is_reduce_only}
    if rng.random() < 0.15 and not order.is_reduce_only:
        chosen["max_bars"] = 4.0
    flags = {"reduce_only": order.is_reduce_only, "post_only": order.is_post_only}
    play.sent.append(order)
    side = 0 if order.is_buy else 1
    account.submit(len(play.sent) - 1, side, ("units", units), limit, **flags, **chosen)
    assert terms.cash > 0


def played(seed: int) -> Play:
    """Bars of a scenario, traded at random; money and position counted beside the account."""
    case = scenario(seed)
    bars, terms, rng = case.bars, case.terms, random.Random(seed)
    account = BarAccount(engine_terms(terms) | {"funding_ts": None, "funding_rate": None}, bars.step)
    play = Play(case, terms.cash)
    for bar in range(len(bars)):
        events = account.begin(*bar_arguments(bars, terms, bar))
        play.take(events, bar, is_settling=False)
        if terms.path != "detail" and all(kind in {OPEN, ADD} for _, kind, *_ in events):
            play.check_resting(bar)
        while rng.random() < 0.35:
            random_order(rng, play, bar, account)
        if play.sent and rng.random() < 0.1:
            chosen = rng.randrange(len(play.sent))
            if account.cancel(chosen):
                play.ended.add(chosen)
        play.take(account.settle(bar == len(bars) - 1), bar, is_settling=True)
        assert account.units == pytest.approx(play.position, abs=1e-9)
        assert account.cash == pytest.approx(play.cash, abs=1e-9 * terms.cash)
    told = account.finish()
    gained = told["equity"][-1] - terms.cash
    assert sum(told["trades"]["pnl"]) == pytest.approx(gained, abs=1e-8 * terms.cash), "trades add up"
    assert sum(told["trades"]["fees"]) == pytest.approx(play.fees, abs=1e-8 * terms.cash)
    return play


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_fills_of_random_orders_keep_to_their_orders_and_add_up(chunk: int) -> None:
    fills = 0
    for seed in range(chunk, RUNS, CHUNKS):
        try:
            fills += played(seed).checked
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert fills > RUNS // CHUNKS, "runs without fills prove nothing"
