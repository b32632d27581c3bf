"""The page on metrics says of each what the code says, and the names keep the rules that no linter checks."""

import re
from pathlib import Path

import pytest

from alipes.monitor.metrics import METRICS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "metrics-endpoint.md").read_text(encoding="utf-8")
UNITS = ("_percent", "_pct", "_ms", "_us", "_ns", "_millis", "_milliseconds", "_minutes", "_bps")


def rows(heading):
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in section.splitlines() if row[:3] == "| `"
    ]


def test_the_page_has_every_metric_as_it_is():
    said = [
        (name, kind, re.findall(r"`(\w+)`", labels), meaning)
        for name, kind, labels, meaning in rows("What there is")
    ]
    assert said == [(f"`alipes_{each.name}`", each.kind, list(each.labels), each.meaning) for each in METRICS]


def test_the_page_explains_every_label():
    said = {name for cell, _ in rows("Labels") for name in re.findall(r"`(\w+)`", cell)}
    assert {label for metric in METRICS for label in metric.labels} == said - {
        "orders_total",
        "exchange_requests_total",
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_are_in_base_units(metric):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", metric.name)
    assert not any(f"{unit}_" in f"{metric.name}_" for unit in UNITS)
    assert metric.name.endswith("_total") is (metric.kind == "counter")
    assert metric.kind != "histogram" or metric.name.endswith("_seconds")
    assert "mode" in metric.labels


def test_names_are_used_once():
    assert len({metric.name for metric in METRICS}) == len(METRICS)
