"""Reads one engine: what is new since the last look, and the value of every metric.

It changes nothing that a strategy or a result could see. Times of the feed become times of day by their age,
so that a market which lives in another year, as a synthetic one does, shows how old its data are.
"""

from __future__ import annotations

import platform
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from alipes._core import __version__
from alipes.model import OrderState
from alipes.monitor.metrics import Reading
from alipes.monitor.orders import OrderCounts
from alipes.monitor.tap import Tap
from alipes.risk import TradingState
from alipes.risk.latches import EVERYTHING

if TYPE_CHECKING:
    from alipes.engine.engine import Engine
    from alipes.engine.market import Market
    from alipes.monitor.histogram import Histogram
    from alipes.report import EquityPoint

_UNKNOWN = OrderState.UNKNOWN


class Probe:
    """Puts a tap on an engine that has not started, and reads it.

    Args:
        engine: The engine.
        loop_lag: Where the driver counts how late its event loop is.
    """

    def __init__(self, engine: Engine, loop_lag: Histogram) -> None:
        config = engine.config
        self._engine = engine
        self._loop_lag = loop_lag
        self._mode = config.run.mode
        self._limit = config.risk.drawdown
        self._accounts = {name: (name, each.venue, self._mode) for name, each in config.accounts.items()}
        self._tap = engine.tap = Tap()
        self._orders = OrderCounts(engine.blotter.lifecycle.get)
        self._fills: Counter[tuple[str, ...]] = Counter()
        self._fills_seen = self._points_seen = 0
        self._last_fill: dict[tuple[str, ...], int] = {}
        self._equity: dict[tuple[str, str], EquityPoint] = {}
        self._peak: dict[tuple[str, str], Decimal] = {}

    # What is new

    def count(self) -> None:
        """Counts what happened since the last call."""
        self._orders.take(self._tap.take())
        self._count_fills()
        points = self._engine.equity.points
        for point in points[self._points_seen :]:
            key = point.account, point.asset
            self._equity[key] = point
            self._peak[key] = max(self._peak.get(key, point.equity), point.equity)
        self._points_seen = len(points)

    def _count_fills(self) -> None:
        fills = self._engine.fills
        for fill in fills[self._fills_seen :]:
            labels = self._of(fill.instrument.account, fill.instrument.symbol, fill.strategy)
            self._fills[*labels, fill.side.value, "maker" if fill.is_maker else "taker"] += 1
            self._last_fill[labels] = fill.ts_recv
        self._fills_seen = len(fills)

    # All there is

    def read(self, now: int, wall: int) -> Reading:
        """A reading.

        Args:
            now: The time of the feed, int ns UTC.
            wall: The time of day, int ns UTC.
        """
        self.count()
        reading = Reading()
        reading.put("build_info", 1.0, __version__, platform.python_version(), self._mode)
        reading.put("heartbeat_timestamp_seconds", wall / 1e9, self._mode)
        reading.put("tick_to_order_seconds", self._tap.tick_to_order.distribution(), self._mode)
        reading.put("event_loop_lag_seconds", self._loop_lag.distribution(), self._mode)
        self._put_counts(reading)
        self._put_accounts(reading)
        for labels, ts in self._last_fill.items():
            reading.put("last_fill_timestamp_seconds", _time_of_day(ts, now, wall), *labels)
        for runner in self._engine.runners:
            reading.put("strategy_faulted", float(runner.fault is not None), runner.name, self._mode)
        for market in self._engine.markets:
            if market.updated_at:
                labels = self._of(market.instrument.account, market.instrument.symbol)
                seen = _time_of_day(market.updated_at, now, wall)
                reading.put("market_data_last_update_timestamp_seconds", seen, *labels)
            for runner in self._engine.runners:
                self._put_strategy(reading, runner.name, market)
        return reading

    def _put_counts(self, reading: Reading) -> None:
        counts = self._orders
        for order, count in counts.orders.items():
            labels = self._of(order.account, order.symbol, order.strategy)
            reading.put("orders_total", float(count), *labels, order.side, order.outcome)
        for labels, count in self._fills.items():
            reading.put("fills_total", float(count), *labels)
        for request, count in counts.requests.items():
            account = self._accounts[request.account]
            reading.put("exchange_requests_total", float(count), *account, request.op, request.outcome)
        for (name, op), taken in counts.round_trips.items():
            reading.put("order_round_trip_seconds", taken.distribution(), *self._accounts[name], op)

    def _put_accounts(self, reading: Reading) -> None:
        latches = self._engine.blotter.risk.latches
        for name, labels in self._accounts.items():
            is_enabled = all(latches.state_of(each) is TradingState.ACTIVE for each in (EVERYTHING, name))
            reading.put("trading_enabled", float(is_enabled), *labels)
            if self._limit is not None:
                reading.put("drawdown_limit_ratio", self._limit, *labels)
            stats = self._engine.sources[name].decoder.stats()
            reading.put("market_data_messages_total", float(stats["messages"]), *labels)
            reading.put("market_data_errors_total", float(stats["errors"]), *labels)
            reading.put("book_resyncs_total", float(stats["resyncs"]), *labels)
        for key, point in self._equity.items():
            labels, peak = self._accounts[point.account], self._peak[key]
            reading.put("equity_quote", float(point.equity), *labels, point.asset)
            below = (peak - point.equity) / peak if peak > 0 else Decimal(0)
            reading.put("drawdown_ratio", min(float(below), 1.0), *labels, point.asset)

    def _put_strategy(self, reading: Reading, strategy: str, market: Market) -> None:
        instrument = market.instrument
        labels = self._of(instrument.account, instrument.symbol, strategy)
        orders = self._engine.blotter.open_orders(strategy, instrument)
        reading.put("orders_open", float(len(orders)), *labels)
        reading.put("orders_unknown", float(sum(order.state is _UNKNOWN for order in orders)), *labels)
        row = self._engine.equity.glance(strategy, market)
        reading.put("position_base", float(row["size"]), *labels)
        reading.put("realized_pnl_quote", float(row["realized"]), *labels, row["asset"])
        if row["unrealized"] is not None:
            reading.put("unrealized_pnl_quote", float(row["unrealized"]), *labels, row["asset"])

    def _of(self, account: str, *rest: str) -> tuple[str, ...]:
        name, venue, mode = self._accounts[account]
        return (name, venue, *rest, mode)


def _time_of_day(ts: int, now: int, wall: int) -> float:
    """When it was by our clock that the feed's clock showed `ts`, seconds since 1970."""
    return (wall - (now - ts)) / 1e9
