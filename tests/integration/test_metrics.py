"""`alipes run` scraped while it runs: over HTTP, held to its own summary and to Prometheus' linter."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from alipes.monitor.metrics import METRICS

CONFIG = """
[run]
mode = "{mode}"
seed = 3
[accounts.main]
venue = "binanceusdm"
[instruments."BTC/USDT:USDT"]
tick_size = 0.1
lot_size = 0.001
[feed]
type = "synthetic"
seconds = {seconds}
[strategies.few]
class = "few:Few"
[risk]
max_order_size = 1
drawdown = 0.25
[monitor]
{monitor}
"""
STRATEGY = """
import alipes

class Few(alipes.Strategy):
    '''Orders at its second book, and never again.'''

    books = 0

    def on_start(self, ctx, resumed):
        self.btc = ctx.subscribe_book("BTC/USDT:USDT")

    def on_book(self, ctx, book):
        self.books += 1
        if self.books == 2:
            for _ in range(3):
                ctx.buy(self.btc, "0.01", price=book.best_ask + 5, tif="IOC")
            ctx.sell(self.btc, "0.02", price=book.best_bid - 5, tif="IOC")
            ctx.buy(self.btc, "0.01", price=round(book.best_bid * 0.995, 1))
            ctx.buy(self.btc, "5", price=book.best_bid)
            ctx.timer("late", after="300ms")

    def on_timer(self, ctx, name):
        ctx.sell(self.btc, "0.01", price=ctx.book(self.btc).best_ask + 500)
"""


def written(folder, *, mode="paper", seconds=60, monitor=""):
    (folder / "few.py").write_text(STRATEGY)
    path = folder / "run.toml"
    path.write_text(CONFIG.format(mode=mode, seconds=seconds, monitor=monitor))
    return [sys.executable, "-m", "alipes", "run", str(path), "--json"]


@contextmanager
def running(folder, **options):
    command = written(folder, **options)
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, told(process)
    finally:
        process.kill()
        process.communicate(timeout=60)


def told(process):
    """Where it says that its metrics are."""
    line = process.stderr.readline()
    found = re.fullmatch(r"metrics at (http://127\.0\.0\.1:\d+/metrics)\n", line)
    assert found, line
    return found[1]


def scrape(url, kind="text/plain"):
    request = urllib.request.Request(url, headers={"Accept": kind})  # noqa: S310 - of our own endpoint
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.headers["Content-Type"].startswith(f"{kind}; version=")
        return answer.read().decode()


def samples(text):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(found, name, **labels):
    """Sum of the samples of a name with these labels."""
    wanted = set(labels.items())
    return sum(value for (each, given), value in found.items() if each == name and wanted <= set(given))


def scrape_settled(url):
    """The first scrape after the strategy's last order was accepted."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        text = scrape(url)
        found = samples(text)
        answered = total(found, "alipes_exchange_requests_total", op="submit")
        if answered == 6 and total(found, "alipes_orders_open") == 2:
            return text
    raise AssertionError(f"never settled: {text}")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A scrape while it ran, and the summary of the run, which was stopped after it."""
    with running(tmp_path_factory.mktemp("run")) as (process, url):
        text = scrape_settled(url)
        process.terminate()
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return text, json.loads(printed)


def test_orders_and_fills_are_those_of_the_summary(run):
    found, summary = samples(run[0]), run[1]
    assert summary["orders"] == {
        "total": 7,
        "by_state": {"cancelled": 2, "denied": 1, "filled": 4},
        "denied": {"max_order_size": 1},
    }
    ends = {"filled": 4, "denied": 1}
    for outcome, count in ends.items():
        assert total(found, "alipes_orders_total", outcome=outcome) == count
    assert total(found, "alipes_orders_total") == sum(ends.values())
    assert total(found, "alipes_orders_total", side="sell") == 1
    assert total(found, "alipes_orders_open") == 2, "cancelled by the stop, after the scrape"
    assert total(found, "alipes_orders_unknown") == 0
    assert total(found, "alipes_fills_total", liquidity="taker") == summary["taker"]["fills"]
    assert total(found, "alipes_fills_total", liquidity="maker") == summary["maker"]["fills"] == 0
    assert total(found, "alipes_fills_total", side="buy") >= 3


def test_money_and_positions_are_those_of_the_summary(run):
    found, summary = samples(run[0]), run[1]
    (position,) = summary["positions"]
    assert total(found, "alipes_position_base", strategy="few") == float(position["size"]) == 0.01
    assert total(found, "alipes_realized_pnl_quote", strategy="few") == float(position["realized"])
    equity = total(found, "alipes_equity_quote", account="main", asset="USDT")
    assert 99_900 < equity < 100_000
    assert total(found, "alipes_drawdown_ratio") == pytest.approx(1 - equity / 100_000, abs=1e-5)
    assert total(found, "alipes_drawdown_limit_ratio") == 0.25
    assert total(found, "alipes_trading_enabled", account="main", venue="binanceusdm", mode="paper") == 1


def test_requests_are_answered_once_each_and_timed(run):
    found = samples(run[0])
    assert total(found, "alipes_exchange_requests_total", op="submit", outcome="ok") == 6
    assert total(found, "alipes_exchange_requests_total") == 6
    assert total(found, "alipes_order_round_trip_seconds_count", op="submit") == 6
    assert total(found, "alipes_order_round_trip_seconds_sum") > 6 * 0.005
    assert total(found, "alipes_tick_to_order_seconds_count") == 1, "the timer's order follows no frame"
    assert total(found, "alipes_event_loop_lag_seconds_count") > 0
    assert total(found, "alipes_event_loop_lag_seconds_bucket", le="+Inf") == total(
        found, "alipes_event_loop_lag_seconds_count"
    )


def test_data_are_as_old_as_they_are_though_the_market_lives_in_another_year(run):
    found = samples(run[0])
    beat = total(found, "alipes_heartbeat_timestamp_seconds")
    last = total(found, "alipes_market_data_last_update_timestamp_seconds", instrument="BTC/USDT:USDT")
    fill = total(found, "alipes_last_fill_timestamp_seconds")
    assert abs(time.time() - beat) < 300
    assert 0 <= beat - last < 5
    assert 0 < beat - fill < 60
    assert run[1]["run"]["last"] < 1_751_000_000_000_000_000, "the synthetic market's own time"


def test_every_metric_is_there(run):
    names = {name for name, _ in samples(run[0])}
    for metric in METRICS:
        shown = metric.name + ("_bucket" if metric.kind == "histogram" else "")
        assert f"alipes_{shown}" in names


def test_no_label_holds_an_orders_id(run):
    labels = {name for _, given in samples(run[0]) for name, _ in given}
    assert labels == {
        "account", "venue", "instrument", "strategy", "mode", "asset", "side", "outcome", "liquidity", "op",
        "version", "python", "le",
    }  # fmt: skip


def test_promtool_has_nothing_to_say(run):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: it is part of Prometheus")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=run[0], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_port_in_use_is_refused_before_anything_runs(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = written(tmp_path, monitor=f"metrics_port = {port}")
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(
        f"error: [monitor] metrics_port = {port}: 127.0.0.1:{port} cannot be listened"
    )
    assert done.stderr.count("\n") == 1


def test_a_fixed_port_is_used(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running(tmp_path, monitor=f"metrics_port = {port}") as (_, url):
        assert url == f"http://127.0.0.1:{port}/metrics"
        assert "alipes_build_info" in scrape(url)


def test_open_metrics_say_the_same(tmp_path):
    with running(tmp_path) as (_, url):
        scrape_settled(url)
        families = list(
            openmetrics.text_string_to_metric_families(scrape(url, "application/openmetrics-text"))
        )
    totals = ("_total" if family.type == "counter" else "" for family in families)
    assert [f"{family.name}{total}" for family, total in zip(families, totals, strict=True)] == [
        f"alipes_{metric.name}" for metric in METRICS
    ]
    assert not [each.name for family in families for each in family.samples if each.name.endswith("_created")]


def test_off_is_off(tmp_path):
    command = written(tmp_path, seconds=1, monitor="metrics = false")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_long_replay_is_scraped_while_it_runs(tmp_path):
    with running(tmp_path, mode="backtest", seconds=50_000) as (_, url):
        found = samples(scrape(url))
        ended = total(found, "alipes_orders_total", mode="backtest")
        assert ended + total(found, "alipes_orders_open", mode="backtest") == 7
        assert total(found, "alipes_market_data_messages_total") > 1_000


def test_a_replay_that_is_over_at_once_says_nothing_of_it(tmp_path):
    command = written(tmp_path, mode="backtest", seconds=1)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_gives_the_same_whether_it_is_metered_or_not(tmp_path):
    printed = []
    for monitor in ("metrics = false", ""):
        command = written(tmp_path, mode="backtest", seconds=600, monitor=monitor)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
        printed.append(json.loads(done.stdout) | {"measured": None})
    assert printed[0] == printed[1]
