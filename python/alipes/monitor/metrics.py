"""The metrics: their names, types, labels and meaning, and the form of one reading of them.

Names are those of Prometheus: base units, ``_total`` for counters, ``_ratio`` for fractions of one. No label
holds an order's id: a label's values must stay few.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from alipes.errors import InputError
from alipes.monitor.histogram import Distribution

PREFIX = "alipes_"

Value = float | Distribution
Samples = dict[tuple[str, ...], Value]
"""Values of one metric by the values of its labels."""


class Metric(NamedTuple):
    """What one metric is.

    Attributes:
        name: Without the prefix.
        kind: Its type.
        labels: Names of its labels.
        meaning: One sentence, shown as its help.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    meaning: str


_MODE = ("mode",)
_ACCOUNT = ("account", "venue", "mode")
_INSTRUMENT = ("account", "venue", "instrument", "mode")
_STRATEGY = ("account", "venue", "instrument", "strategy", "mode")

METRICS = (
    Metric("build_info", "gauge", ("version", "python", "mode"), "1; the labels say what runs"),
    Metric("heartbeat_timestamp_seconds", "gauge", _MODE, "When the engine last gave these values"),
    Metric(
        "trading_enabled",
        "gauge",
        _ACCOUNT,
        "1 while the account may trade, 0 while it is restricted",
    ),
    Metric("strategy_faulted", "gauge", ("strategy", "mode"), "1 once the strategy was stopped by an error"),
    Metric("orders_total", "counter", (*_STRATEGY, "side", "outcome"), "Orders that ended, by their end"),
    Metric("orders_open", "gauge", _STRATEGY, "Orders that may still trade, those of unknown fate included"),
    Metric("orders_unknown", "gauge", _STRATEGY, "Orders of unknown fate: sent, and the answer was lost"),
    Metric("fills_total", "counter", (*_STRATEGY, "side", "liquidity"), "Trades of our orders"),
    Metric("last_fill_timestamp_seconds", "gauge", _STRATEGY, "When the last trade of our orders came in"),
    Metric("position_base", "gauge", _STRATEGY, "Signed position in base units; contracts if inverse"),
    Metric("equity_quote", "gauge", (*_ACCOUNT, "asset"), "Balance plus unrealised profit, last sample"),
    Metric("drawdown_ratio", "gauge", (*_ACCOUNT, "asset"), "How far equity is below its highest, 0 to 1"),
    Metric("drawdown_limit_ratio", "gauge", _ACCOUNT, "The drawdown that halts the account, if one is set"),
    Metric("realized_pnl_quote", "gauge", (*_STRATEGY, "asset"), "Realised profit, before fees"),
    Metric("unrealized_pnl_quote", "gauge", (*_STRATEGY, "asset"), "Profit of closing at the best price now"),
    Metric("exchange_requests_total", "counter", (*_ACCOUNT, "op", "outcome"), "Order requests, by answer"),
    Metric("order_round_trip_seconds", "histogram", (*_ACCOUNT, "op"), "From an order request to its answer"),
    Metric("tick_to_order_seconds", "histogram", _MODE, "From a frame to the requests that it caused"),
    Metric("event_loop_lag_seconds", "histogram", _MODE, "How late the event loop woke a task that slept"),
    Metric("market_data_last_update_timestamp_seconds", "gauge", _INSTRUMENT, "When data last came in"),
    Metric("market_data_messages_total", "counter", _ACCOUNT, "Messages of the feed"),
    Metric("market_data_errors_total", "counter", _ACCOUNT, "Messages of the feed that could not be read"),
    Metric("book_resyncs_total", "counter", _ACCOUNT, "Books that were put right by a new snapshot"),
)
"""Every metric, in the order in which they are shown."""
_LABELS = {metric.name: metric.labels for metric in METRICS}


class Reading:
    """The values of all metrics at one moment; not changed once it was handed on.

    Attributes:
        samples: By metric. What has no value yet is not in it.
    """

    __slots__ = ("samples",)

    def __init__(self) -> None:
        self.samples: dict[str, Samples] = {metric.name: {} for metric in METRICS}

    def put(self, name: str, value: Value, *labels: str) -> None:
        """Sets one value.

        Args:
            name: Of the metric, without the prefix.
            value: Its value.
            labels: Values of its labels, in their order.

        Raises:
            InputError: No such metric, or too few or too many labels.
        """
        names = _LABELS.get(name)
        if names is None:
            raise InputError(f"metric {name!r}: expected one of alipes.monitor.metrics.METRICS")
        if len(names) != len(labels):
            raise InputError(f"metric {name!r}: expected {len(names)} labels {names}, got {labels}")
        self.samples[name][labels] = value
