"""Equity over time: balance and unrealised profit of each account and asset, sampled on the engine's clock.

Positions are marked at the price they could be closed at: the best bid for a long one, the best ask for a
short one; while a book is out of step, at the last mark before.
"""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING

from alipes.errors import StaleBookError
from alipes.report import EquityPoint, PositionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alipes._core import Ledger
    from alipes.engine.market import Market

_EXACT = Context(prec=100)
"""Sums of money are exact: no real amount needs this many digits."""
_ZERO = Decimal(0)


class Equity:
    """Samples equity.

    Args:
        markets: By instrument index.
        ledgers: By account.
        deposits: Opening balances: account, then asset.
        strategies: Names, for the positions of each.
    """

    def __init__(
        self,
        *,
        markets: Sequence[Market],
        ledgers: Mapping[str, Ledger],
        deposits: Mapping[str, Mapping[str, Decimal]],
        strategies: Sequence[str],
    ) -> None:
        self.points: list[EquityPoint] = []
        self._markets = markets
        self._ledgers = ledgers
        self._deposits = dict(deposits)
        self._strategies = strategies
        self._marks: dict[int, int] = {}

    def open(self, account: str, balances: Mapping[str, Decimal]) -> None:
        """Takes what an account holds, by asset, before anything happens in it."""
        self._deposits[account] = dict(balances)

    def sample(self, now: int) -> list[EquityPoint]:
        """Adds the points of this moment (int ns UTC) and returns them."""
        with localcontext(_EXACT):
            points = [point for account in self._ledgers for point in self._account(account, now)]
        self.points += points
        return points

    def _account(self, account: str, now: int) -> list[EquityPoint]:
        balances = dict(self._deposits[account])
        unrealised: dict[str, Decimal] = {}
        for market in self._markets:
            if market.instrument.account != account:
                continue
            asset = market.instrument.spec.settle
            row = self.position(None, market)
            balances[asset] = balances.get(asset, _ZERO) + row["realized"]
            unrealised[asset] = unrealised.get(asset, _ZERO) + (row["unrealized"] or _ZERO)
            for paid_in, fee in self._ledgers[account].position(None, market.instrument.index)[3].items():
                balances[paid_in] = balances.get(paid_in, _ZERO) - fee
        return [
            EquityPoint(now, account, asset, balance, gain, balance + gain)
            for asset, balance in sorted(balances.items())
            for gain in (unrealised.get(asset, _ZERO),)
        ]

    def positions(self) -> list[PositionRow]:
        """Every strategy's position in every instrument it traded."""
        rows = [self.position(strategy, market) for strategy in self._strategies for market in self._markets]
        return [row for row in rows if row["size"] or row["realized"]]

    def position(self, strategy: str | None, market: Market) -> PositionRow:
        """One position (of the account if `strategy` is None) with its profit."""
        return self._row(strategy, market, self._mark)

    def glance(self, strategy: str | None, market: Market) -> PositionRow:
        """As `position`, without a trace: later marks are what they were if nobody had looked."""
        return self._row(strategy, market, self._price)

    def _row(self, strategy: str | None, market: Market, mark_of: Callable[..., int | None]) -> PositionRow:
        instrument = market.instrument
        ledger = self._ledgers[instrument.account]
        size, average, realised, _ = ledger.position(strategy, instrument.index)
        mark = mark_of(market, is_long=size > 0) if size else None
        unrealised = _ZERO if not size else None
        if mark is not None:
            unrealised = ledger.unrealised(strategy, instrument.index, mark)
        return PositionRow(
            strategy=strategy or "", instrument=str(instrument), size=size, average_price=average,
            realized=realised, unrealized=unrealised, asset=instrument.spec.settle,
        )  # fmt: skip

    def _mark(self, market: Market, *, is_long: bool) -> int | None:
        mark = self._price(market, is_long=is_long)
        if mark is not None:
            self._marks[market.instrument.index] = mark
        return mark

    def _price(self, market: Market, *, is_long: bool) -> int | None:
        """The price in ticks at which a position could be closed; the last mark where there is none."""
        kept = self._marks.get(market.instrument.index)
        try:
            price = market.view.best_bid if is_long else market.view.best_ask
        except StaleBookError:
            return kept
        return market.instrument.spec.ticks(price) if price == price else kept  # noqa: PLR0124 - nan if empty
