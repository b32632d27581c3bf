"""Random scenarios for the live exchange: several accounts, a market that moves, all that can be asked."""

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from tests.reference.live_exchange import LiveExchange as Reference
from tests.reference.live_money import Rules
from tests.reference.market import Fees, Terms

from alipes._core import InstrumentSpec, LiveExchange

LOT = 1000
MS = 1_000_000
ACCOUNTS = 3
Step = tuple[Any, ...]


class OpenOrder(NamedTuple):
    """Stands for the id of an open order of an account, counted from the newest."""

    account: int
    age: int

    def order_id(self, exchange: LiveExchange) -> int:
        """The id when the step is played; 1 where the account has no open order."""
        ids = [row[0] for row in exchange.open_orders(self.account)] or [1]
        return ids[-1 - min(self.age, len(ids) - 1)]


def arguments_of(step: Step, exchange: LiveExchange) -> list[Any]:
    """The arguments of a step's call, with the ids of open orders put in."""
    return [each.order_id(exchange) if isinstance(each, OpenOrder) else each for each in step[1:]]


@dataclass
class Instrument:
    """One random instrument and the state its random market needs."""

    index: int
    least: str | None
    fees: Fees
    max_leverage: int
    maintenance: str
    mid: int = 100
    update_id: int = 1000
    is_marked: bool = False

    @property
    def spec(self) -> InstrumentSpec:
        """Tick 0.5, lot 0.01."""
        names = {"symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT"}
        return InstrumentSpec(**names, tick_size="0.5", lot_size="0.01", min_notional=self.least)

    @property
    def rules(self) -> Rules:
        """The same for the reference."""
        least = None if self.least is None else Fraction(self.least)
        terms = Terms("linear", Fraction(1, 2), Fraction(1, 10**5), LOT, min_notional=least)
        return Rules(terms, self.fees, self.max_leverage, Fraction(self.maintenance), 9)


def rate(share: Fraction) -> str:
    """Text of a rate."""
    return f"{float(share):.6f}"


class Scenario:
    """A seeded list of steps, and the two exchanges to play it on."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.instruments = [self.instrument(index) for index in range(self.rng.choice([1, 1, 2]))]
        self.deposits = [
            self.rng.choice(["0.1", "0.15", "0.6", "1000", "1000", "1000"]) for _ in range(ACCOUNTS)
        ]
        self.tokens = self.rng.choice(["0.000002", "0.00002", "1"])
        self.now = 0
        self.submitted = 0
        self.steps = [self.book(instrument, "reset") for instrument in self.instruments]
        for _ in range(self.rng.randint(30, 90)):
            self.steps += self.queue() if self.rng.random() < 0.06 else [self.step()]

    def instrument(self, index: int) -> Instrument:
        rng = self.rng
        maker, taker = rng.choice([("0.0002", "0.0005"), ("-0.00005", "0.00035"), ("0", "0.001")])
        asset, price = rng.choice([("USDT", None), ("USDT", None), ("BTC", None), ("BNB", Fraction("613.7"))])
        fees = Fees(Fraction(maker), Fraction(taker), asset, price)
        least, maintenance = rng.choice([None, None, "0.9"]), rng.choice(["0.004", "0.03", "0"])
        return Instrument(index, least, fees, rng.choice([10, 125]), maintenance)

    def exchanges(self) -> tuple[LiveExchange, Reference]:
        """The exchange under test and the reference, with the same accounts."""
        live, reference = LiveExchange(), Reference()
        for each in self.instruments:
            price = None if each.fees.price is None else float(each.fees.price)
            fees = {"maker_fee": rate(each.fees.maker), "taker_fee": rate(each.fees.taker)}
            margin = {"max_leverage": each.max_leverage, "maintenance_rate": each.maintenance}
            live.add_instrument(
                each.index, each.spec, **fees, fee_asset=each.fees.asset, fee_price=price, **margin
            )
            reference.add_instrument(each.index, each.rules)
        for deposit in self.deposits:
            assert live.add_account() == reference.add_account()
            account = len(reference.money.wallets) - 1
            for asset, amount in (("USDT", deposit), ("BNB", self.tokens), ("BTC", self.tokens)):
                events = live.deposit(0, account, asset, amount)
                assert events == reference.deposit(0, account, asset, Fraction(amount))
        return live, reference

    # --- The market ---

    def size(self) -> int:
        """Mostly whole lots, sometimes finer."""
        lots = self.rng.choice([1, 1, 2, 3, 5, 8, 13])
        return lots * LOT + (self.rng.randint(-400, 400) if self.rng.random() < 0.1 else 0)

    def levels(self, side: int, mid: int, *, is_reset: bool) -> list[tuple[int, int]]:
        count = 6 if is_reset else self.rng.choice([0, 1, 1, 2, 4])
        away = -1 if side == 0 else 1
        removed = 0.0 if is_reset else 0.3
        offsets = self.rng.sample(range(1, 9), count)
        return [(mid + away * o, 0 if self.rng.random() < removed else self.size()) for o in offsets]

    def book(self, instrument: Instrument, kind: str) -> Step:
        rng = self.rng
        instrument.mid += rng.choice([-1, 0, 0, 0, 0, 1])
        instrument.update_id += rng.choice([-2, 1, 1, 1, 3])
        mid, where = instrument.mid, (instrument.index, kind, None)
        if kind in {"depth", "reset"}:
            bids, asks = (self.levels(side, mid, is_reset=kind == "reset") for side in (0, 1))
            crossing = [(mid - 2, self.size())] if rng.random() < 0.1 else []
            what: tuple[Any, ...] = (bids, asks + crossing, instrument.update_id)
        elif kind == "touch":
            bid, ask = mid - rng.randint(1, 2), mid + rng.randint(0, 2)
            what = ((bid, self.size()), (ask, rng.choice([0, self.size()])), instrument.update_id)
        else:
            what = () if kind == "stale" else (mid + rng.randint(-3, 3), self.size(), rng.randint(0, 1), 7)
        return ("ingest_events", self.now, [(*where, *what)])

    def shows(self, instrument: Instrument, side: int, price: int, lots: int) -> Step:
        """The outside size of one level."""
        instrument.update_id += 1
        levels = [(price, lots * LOT)]
        what = (levels, [], instrument.update_id) if side == 0 else ([], levels, instrument.update_id)
        return ("ingest_events", self.now, [(instrument.index, "depth", None, *what)])

    def queue(self) -> list[Step]:
        """Orders join a price where outside size comes, goes and trades: who is served tells the places."""
        rng, steps = self.rng, list[Step]()
        instrument, side = rng.choice(self.instruments), rng.randint(0, 1)
        price, index = instrument.mid + (-1 if side == 0 else 1), instrument.index
        for _ in range(rng.randint(1, 3)):
            account, lots = rng.randint(1, ACCOUNTS), rng.randint(1, 4)
            self.submitted += 1
            terms = (f"q{self.submitted}", index, side, 0, 0, False, False, price, lots * LOT, 0)
            steps.append(self.shows(instrument, side, price, rng.randint(2, 9)))
            steps.append(("submit", self.now, account, *terms))
            if rng.random() < 0.5:
                steps.append(self.shows(instrument, side, price, rng.randint(2, 9)))
                size = rng.choice([max(1, lots - 1), lots + 1, lots + 2]) * LOT
                steps.append(("amend", self.now, account, OpenOrder(account, 0), price, size))
        steps.append(self.shows(instrument, side, price, rng.randint(1, 6)))
        for lots in rng.choices([1, 2, 3], k=4):
            traded = (index, "trade", None, price, lots * LOT, 1 - side, 7)
            steps.append(("ingest_events", self.now, [traded]))
        return steps

    # --- The accounts ---

    def step(self) -> Step:
        rng = self.rng
        self.now += rng.choice([0, 1, 40]) * MS
        instrument, account = rng.choice(self.instruments), rng.randint(1, ACCOUNTS)
        weights = [18, 16, 6, 2, 0.3, 4, 1, 1]
        names = ["book", "submit", "amend", "cancel", "cancel_all", "mark", "fund", "set_leverage"]
        action = rng.choices(names, weights)[0]
        if action == "book":
            kinds = ["depth", "touch", "trade", "agg_trade", "reset", "stale"]
            return self.book(instrument, rng.choices(kinds, [10, 2, 9, 3, 0.5, 0.2])[0])
        if action == "submit":
            return self.submit(account, instrument)
        if action == "set_leverage":
            return (action, account, instrument.index, rng.choice([0, 1, 5, 10, 50, 125, 126]))
        if action in {"amend", "cancel"}:
            order: OpenOrder | int = OpenOrder(account, rng.choice([0, 0, 0, 1, 2]))
            if rng.random() < 0.2:
                order = max(1, self.submitted // 2 - rng.randint(-2, 8))
            change = self.price_size(instrument) if action == "amend" else ()
            return (action, self.now, account, order, *change)
        return self.turn(action, account, instrument)

    def turn(self, action: str, account: int, instrument: Instrument) -> Step:
        """Everything withdrawn, a mark, or funding once there is a mark."""
        if action == "cancel_all":
            return (action, self.now, account, instrument.index)
        if action == "fund" and instrument.is_marked:
            paid = self.rng.choice(["0.0001", "-0.00375", "0.0000123"])
            return (action, self.now, instrument.index, paid)
        instrument.is_marked = True
        moves = [-16, -7, -3, 0, 0, 2, 5, 14]
        return ("mark", self.now, instrument.index, instrument.mid + self.rng.choice(moves))

    def price_size(self, instrument: Instrument) -> tuple[int, int]:
        lots = self.rng.choice([1, 2, 3, 6, 20]) * LOT
        price = instrument.mid + self.rng.randint(-4, 4)
        return (self.rng.choice([price] * 60 + [0, -5]), self.rng.choice([lots] * 40 + [0, LOT // 2, -LOT]))

    def submit(self, account: int, instrument: Instrument) -> Step:
        rng = self.rng
        self.submitted += 1
        name = f"o{rng.randint(0, 30)}"
        kind, tif = rng.choices([0, 1], [8, 1])[0], rng.choices([0, 1, 2], [6, 1, 1])[0]
        flags = (rng.random() < 0.15, rng.random() < 0.2)
        side, stp = rng.randint(0, 1), rng.randint(0, 3)
        terms = (kind, tif, *flags, *self.price_size(instrument), stp)
        return ("submit", self.now, account, name, instrument.index, side, *terms)
