"""The ledger against tests/reference/ledger.py: random fills of every kind of instrument and fee."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.counts import scaled
from tests.reference import ledger as reference
from tests.reference.market import Terms

from alipes._core import InstrumentSpec, Ledger

RUNS = scaled(60, 3000)
KINDS = ["linear", "spot", "inverse"]
TICK, LOT, LOT_DECIMALS = "0.05", "0.01", 2
STRATEGIES = ["maker", "taker"]


def pair(kind: str) -> tuple[Ledger, reference.Ledger]:
    contract = {"inverse": "100", "linear": "0.001"}.get(kind, "1")
    grids = {"tick_size": TICK, "lot_size": LOT, "contract_size": contract}
    ledger = Ledger()
    ledger.add_instrument(7, InstrumentSpec(symbol="A/B", base="A", quote="B", kind=kind, **grids))
    step = Fraction(1, 10 ** (LOT_DECIMALS + 3))
    terms = Terms(kind, Fraction(TICK), step, 1000, Fraction(contract), "A", "B")
    return ledger, reference.Ledger(terms)


def assert_equal(ledger: Ledger, expected: reference.Ledger, mark: int, where: str) -> None:
    total = Fraction(0)
    for strategy in STRATEGIES:
        size, average, realised, fees = ledger.position(strategy, 7)
        position = expected.positions[strategy]
        assert Fraction(size) == position.units * expected.unit, where
        assert Fraction(realised) == position.realised * expected.cost_unit, where
        assert {asset: Fraction(fee) for asset, fee in fees.items()} == position.fees, where
        assert Fraction(ledger.unrealised(strategy, 7, mark)) == expected.unrealised(strategy, mark), where
        exact = expected.average_price(strategy)
        assert (average is None) == (exact is None), where
        if average is not None and exact is not None:
            assert average == Decimal(round(exact * 10**10)) / 10**10, where
        total += position.units * expected.unit
    assert Fraction(ledger.position(None, 7)[0]) == total, where
    balances = {asset: Fraction(amount) for asset, amount in ledger.balances().items() if amount}
    assert balances == {asset: amount for asset, amount in expected.balances.items() if amount}, where


def play(seed: int, kind: str) -> None:
    rng = random.Random(seed)
    ledger, expected = pair(kind)
    price = rng.choice([3, 2000, 1_230_000])
    for number in range(rng.randint(1, 40)):
        price = max(1, price + rng.randint(-5, 5))
        steps = rng.choice([1, 7, 1000, 3000, 12_345, 10**9])
        fee = Fraction(rng.choice([0, 1, -1, 12_345_678, 99_999_999]), 10**8)
        asset, strategy, side = rng.choice("ABC"), rng.choice(STRATEGIES), rng.randint(0, 1)
        ledger.fill(strategy, 7, side, price, steps, str(Decimal(fee.numerator) / fee.denominator), asset)
        expected.fill(strategy, side, price, steps, (fee, asset))
        assert_equal(ledger, expected, price + 3, f"seed {seed}, {kind}, fill {number}")


@pytest.mark.parametrize("kind", KINDS)
def test_random_fills_give_the_same_digits(kind: str) -> None:
    for seed in range(RUNS):
        play(seed, kind)
