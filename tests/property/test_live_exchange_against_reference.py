"""The live exchange against its slow twin: every event, balance, position and ledger entry."""

from fractions import Fraction

import pytest
from tests.counts import scaled
from tests.reference.live_exchange import LiveExchange as Reference
from tests.reference.live_scenarios import ACCOUNTS, Scenario, arguments_of

from alipes._core import LiveExchange

SCENARIOS = scaled(60, 2500)
CHUNKS = 10
ALL = 10**6


def compare_accounts(live: LiveExchange, reference: Reference, where: str) -> None:
    """Wallets, positions, margin, open orders."""
    for account in range(ACCOUNTS + 1):
        assert live.balances(account) == reference.money.wallets[account], where
        for index, size, *held in live.positions(account):
            expected = reference.holding(account, index)
            assert (size, *held[:3]) == expected, f"{where}: position of {account}"
            initial, maintenance = reference.initial(account, index)[0], reference.maintenance(account, index)
            leverage = reference.rules[index].leverage_of(account)
            assert tuple(held[3:]) == (initial, maintenance, leverage), f"{where}: margin of {account}"
        for asset in ("USDT", "BNB"):
            assert live.margin(account, asset) == reference.margin(account, asset), f"{where}: {account}"
        expected_orders = [order.row() for order in reference.open_orders(account)]
        assert live.open_orders(account) == expected_orders, f"{where}: orders of {account}"


def compare_records(live: LiveExchange, reference: Reference, where: str) -> None:
    """Everything that is kept."""
    for account in range(ACCOUNTS + 1):
        assert live.ledger(account, limit=ALL) == reference.money.ledgers[account], where
        for index in reference.rules:
            fills = reference.fills.get((account, index), [])
            assert live.fills(account, index, limit=ALL) == fills, where
            mine = [o.row() for o in reference.orders if (o.account, o.index) == (account, index)]
            assert live.orders(account, index, limit=ALL) == mine, where
    for index, trades in reference.trades.items():
        assert live.trades(index, limit=ALL) == trades, where
    earned, expected = (
        {asset: fee for asset, fee in fees.items() if fee}  # rebates may have paid out all that came in
        for fees in (live.fee_account(), reference.money.fees)
    )
    assert earned == expected, where


def play(seed: int) -> int:
    """Plays one scenario on both; gives the number of fills."""
    scenario = Scenario(seed)
    live, reference = scenario.exchanges()
    published: dict[int, tuple[dict[int, int], ...]] = {index: ({}, {}) for index in reference.rules}
    for number, step in enumerate(scenario.steps):
        action, arguments = step[0], arguments_of(step, live)
        where = f"seed {seed}, step {number}: {action} {arguments}"
        assert getattr(live, action)(*arguments) == getattr(reference, action)(*arguments), where
        compare_accounts(live, reference, where)
        for index, book in reference.books.items():
            assert live.depth(index, ALL) == (book.levels(0), book.levels(1)), where
            for side, changed in zip(published[index], live.take_depth(index), strict=True):
                side.update(changed)
            shown = tuple({price: size for price, size in side.items() if size} for side in published[index])
            assert shown == (dict(book.levels(0)), dict(book.levels(1))), f"{where}: depth changes"
    compare_records(live, reference, f"seed {seed}")
    for asset, deposited in (
        ("USDT", sum(map(Fraction, scenario.deposits))),
        ("BNB", ACCOUNTS * Fraction(scenario.tokens)),
        ("BTC", ACCOUNTS * Fraction(scenario.tokens)),
    ):
        assert live.total(asset) == reference.total(asset) == deposited, (
            f"seed {seed}: {asset} is not conserved"
        )
    return sum(map(len, reference.fills.values()))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_scenarios_give_the_same_events(chunk: int) -> None:
    """Each is about seventy steps of three accounts in one or two instruments."""
    fills = sum(play(seed) for seed in range(chunk, SCENARIOS, CHUNKS))
    assert fills > SCENARIOS // CHUNKS, "scenarios without fills prove nothing"
