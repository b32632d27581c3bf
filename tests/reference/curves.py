"""Seeded runs to compute statistics of: a price that walks at random, a position taken at random, an account.

Plain Python and `random.Random`, whose numbers no version changes: what a peer said of these runs once can be
held against the same runs made again.
"""

import itertools
from dataclasses import dataclass
from random import Random

from tests.reference.metrics import DAY, Curve, TradeRow

HOUR = DAY // 24
MINUTE = HOUR // 60
MONDAY = 1_704_067_200_000_000_000  # 2024-01-01 00:00 UTC


@dataclass(frozen=True)
class Fill:
    """A fill at the close of a bar; units are negative for a sale."""

    bar: int
    units: float
    price: float


@dataclass(frozen=True)
class Case:
    """A run with what a peer needs to make it again.

    Attributes:
        name: What is special about it.
        curve: The run itself.
        close: Close of each bar.
        fills: What was traded, in order.
        fee: Fee of every fill as a ratio of its value.
    """

    name: str
    curve: Curve
    close: list[float]
    fills: list[Fill]
    fee: float


@dataclass(frozen=True)
class Plan:
    """What a case is made from.

    Attributes:
        trading: Chance per bar of opening or closing.
        drift: Mean return of the price per bar.
        spread: Standard deviation of the same.
        first: Bar of the first entry; later ones come at random.
    """

    name: str
    ts: list[int]
    step: int
    trading: float = 0.05
    drift: float = 0.0
    spread: float = 0.01
    fee: float = 0.001
    first: int | None = None
    has_shorts: bool = True


class Account:
    """One position at a time, bought or sold at a close with all or half of the equity."""

    def __init__(self, plan: Plan, initial: float) -> None:
        self.plan = plan
        self.initial = self.cash = initial
        self.units = 0.0
        self.fills: list[Fill] = []
        self.trades: list[TradeRow] = []
        self.entry: tuple[Fill, float] | None = None

    def open(self, bar: int, price: float, side: int, share: float) -> None:
        value = share * self.cash / (1 + self.plan.fee)
        self.entry = (self._fill(bar, side * value / price, price), value * self.plan.fee)

    def close(self, bar: int, price: float) -> None:
        fill = self._fill(bar, -self.units, price)
        fee = abs(fill.units) * price * self.plan.fee
        self.trades.append(self._row(fill, fee, self.plan.ts[bar] + self.plan.step, is_open=False))
        self.entry = None

    def end(self, bar: int, price: float) -> None:
        if self.entry is not None:
            end = Fill(bar, -self.units, price)
            self.trades.append(self._row(end, 0.0, self.plan.ts[bar] + self.plan.step, is_open=True))

    def _fill(self, bar: int, units: float, price: float) -> Fill:
        self.cash -= units * price + abs(units) * price * self.plan.fee
        self.units += units
        self.fills.append(Fill(bar, units, price))
        return self.fills[-1]

    def _row(self, last: Fill, exit_fee: float, exit_ts: int, *, is_open: bool) -> TradeRow:
        assert self.entry is not None
        entry, entry_fee = self.entry
        cost, proceeds = entry.units * entry.price, -last.units * last.price
        fees = entry_fee + exit_fee
        pnl = proceeds - cost - fees
        return TradeRow(
            pnl=pnl,
            ratio=pnl / abs(cost),
            entry_ts=self.plan.ts[entry.bar] + self.plan.step,
            exit_ts=exit_ts,
            entry_bar=entry.bar,
            exit_bar=last.bar,
            fees=fees,
            value=abs(cost) + (0.0 if is_open else abs(proceeds)),
            is_open=is_open,
        )


def make(plan: Plan, seed: int, initial: float = 10_000.0) -> Case:
    """The run of a plan."""
    random = Random(seed)
    account = Account(plan, initial)
    price, close, equity = 100.0, [], []
    for bar in range(len(plan.ts)):
        price *= 1 + random.gauss(plan.drift, plan.spread)
        close.append(price)
        side = random.choice((1, -1)) if plan.has_shorts else 1
        share = random.choice((0.5, 1.0))
        if account.entry is None:
            if bar == plan.first or (random.random() < plan.trading and bar > (plan.first or 0)):
                account.open(bar, price, side, share)
        elif random.random() < plan.trading:
            account.close(bar, price)
        equity.append(account.cash + account.units * price)
    account.end(len(plan.ts) - 1, price)
    curve = Curve(initial, list(plan.ts), plan.step, equity, account.trades)
    return Case(plan.name, curve, close, account.fills, plan.fee)


def regular(start: int, step: int, bars: int) -> list[int]:
    """Stamps without a gap."""
    return [start + i * step for i in range(bars)]


def weekdays(step: int, bars: int) -> list[int]:
    """Stamps without Saturdays and Sundays."""
    stamps = (ts for ts in itertools.count(MONDAY, step) if (ts - MONDAY) // DAY % 7 < 5)
    return list(itertools.islice(stamps, bars))


def months(count: int) -> list[int]:
    """The first of each month, every year a leap year."""
    lengths = itertools.cycle([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    days = itertools.accumulate(itertools.islice(lengths, count - 1), initial=0)
    return [MONDAY + day * DAY for day in days]


PLANS = (
    Plan("hours, from noon", regular(MONDAY + 12 * HOUR, HOUR, 1500), HOUR),
    Plan("minutes", regular(MONDAY, MINUTE, 3600), MINUTE, spread=0.001, trading=0.01),
    Plan("days", regular(MONDAY, DAY, 900), DAY, spread=0.03, drift=0.002),
    Plan("weekdays only", weekdays(HOUR, 1200), HOUR, trading=0.1),
    Plan("a losing first bar", regular(MONDAY, HOUR, 400), HOUR, first=0, drift=-0.002, has_shorts=False),
    Plan("no trades", regular(MONDAY, HOUR, 200), HOUR, trading=0.0),
    Plan("one trade that only gains", regular(MONDAY, HOUR, 300), HOUR, trading=0.0, first=10, drift=0.002,
         spread=0.0, fee=0.0, has_shorts=False),
    Plan("weeks", regular(MONDAY, 7 * DAY, 150), 7 * DAY, trading=0.2, spread=0.04),
    Plan("months", months(60), DAY, trading=0.3, spread=0.06),
    Plan("four-hour bars across a gap", regular(MONDAY, 4 * HOUR, 100)
         + regular(MONDAY + 40 * DAY, 4 * HOUR, 150), 4 * HOUR),
    Plan("less than a day", regular(MONDAY + HOUR, MINUTE, 900), MINUTE, spread=0.001),
    Plan("a single bar", regular(MONDAY, HOUR, 1), HOUR),
)  # fmt: skip


def cases() -> list[Case]:
    """The runs that statistics of peers are kept of."""
    return [make(plan, seed) for seed, plan in enumerate(PLANS)]
