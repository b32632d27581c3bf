"""The last reading as metric families of `prometheus_client`, which writes the page from them.

A collector of our own instead of the library's counters and gauges: those are reported to, under a lock, by
what they count; here readings exist already (decision 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from alipes.monitor.histogram import BOUNDS_S, Distribution
from alipes.monitor.metrics import METRICS, PREFIX, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    import prometheus_client

    from alipes.monitor.metrics import Metric, Samples

_FAMILIES: dict[str, Any] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}
_BOUNDS = (*map(str, BOUNDS_S), "+Inf")


class ReadingCollector(Collector):
    """Collects one reading.

    Attributes:
        reading: Which. To be replaced, never changed: a scrape in another thread may be at it.
    """

    def __init__(self) -> None:
        self.reading = Reading()

    def describe(self) -> Iterator[prometheus_client.Metric]:
        """Every metric, without values: what the registry may be asked for by name."""
        for metric in METRICS:
            yield _family(metric, {})

    def collect(self) -> Iterator[prometheus_client.Metric]:
        """Every metric that has a value."""
        reading = self.reading
        for metric in METRICS:
            if samples := reading.samples[metric.name]:
                yield _family(metric, samples)


def _family(metric: Metric, samples: Samples) -> prometheus_client.Metric:
    family = _FAMILIES[metric.kind](PREFIX + metric.name, metric.meaning, labels=metric.labels)
    for labels, value in samples.items():
        if isinstance(value, Distribution):
            family.add_metric(labels, tuple(zip(_BOUNDS, value.within, strict=True)), value.total_s)
        else:
            family.add_metric(labels, value)
    return family  # type: ignore[no-any-return]
