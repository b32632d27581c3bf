"""Readings in the text format of Prometheus, version 0.0.4.

Written out here because whoever asks shares the interpreter with the engine: the page of `prometheus_client`
holds it eight times as long as this one (decision 10). Its parser reads this page in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alipes.monitor.histogram import BOUNDS_S, Distribution
from alipes.monitor.metrics import METRICS, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alipes.monitor.metrics import Metric, Reading, Value

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = tuple(f',le="{bound}"}} ' for bound in (*BOUNDS_S, "+Inf"))
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def page(reading: Reading) -> bytes:
    """Every metric that has a value, with its help and type."""
    lines: list[str] = []
    for metric in METRICS:
        samples = reading.samples[metric.name]
        if samples:
            name = PREFIX + metric.name
            lines += (f"# HELP {name} {metric.meaning}", f"# TYPE {name} {metric.kind}")
            for values, value in samples.items():
                lines += _lines(name, _labels(metric, values), value)
    return "\n".join((*lines, "")).encode()


def _labels(metric: Metric, values: tuple[str, ...]) -> str:
    pairs = zip(metric.labels, values, strict=True)
    return ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in pairs)


def _lines(name: str, labels: str, value: Value) -> Iterator[str]:
    if not isinstance(value, Distribution):
        yield f"{name}{{{labels}}} {value!r}"
        return
    bucket = f"{name}_bucket{{{labels}"
    for bound, count in zip(_BOUNDS, value.within, strict=True):
        yield f"{bucket}{bound}{count}"
    yield f"{name}_sum{{{labels}}} {value.total_s!r}"
    yield f"{name}_count{{{labels}}} {value.within[-1]}"
