"""A venue that runs for long needs no more memory: histories are bounded, and nothing else grows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.counts import IS_LONG

RUN = Path(__file__).with_name("long_run.py")
MIB = 1 << 20


def _held(minutes, orders_per_s):
    """What the venue holds: memory at every twelfth of the run, and the sizes of its histories at the end."""
    done = subprocess.run(
        [sys.executable, str(RUN), str(minutes), str(orders_per_s)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _assert_bounded(held):
    assert 10_000 <= held["orders"] <= 20_000
    assert held["made"] > held["orders"]
    assert held["last_order_is_known"]
    assert max(held["fills"], held["outside_fills"]) <= 20_000
    assert max(held["ledger"], held["outside_ledger"]) <= 100_000
    assert (held["trades"], held["aggregates"]) == (10_000, 10_000)
    assert held["total"] == "200000"


def test_twenty_minutes_of_a_busy_account_leave_bounded_histories_and_flat_memory():
    held = _held(20, 20)
    _assert_bounded(held)
    assert held["minutes"] == 21
    assert held["frames"] > 300_000
    assert held["memory"][-1] - held["memory"][-3] < 2 * MIB


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
@pytest.mark.skipif(not IS_LONG, reason="24 venue hours take ten minutes: ALIPES_LONG=1 or make test-long")
def test_a_day_needs_no_more_memory_than_its_first_third():
    held = _held(24 * 60, 1)
    _assert_bounded(held)
    assert held["minutes"] == 24 * 60 + 1
    assert held["frames"] > 20_000_000
    assert held["memory"][-1] - held["memory"][3] < 8 * MIB
