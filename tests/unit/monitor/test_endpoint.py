"""The page over HTTP: what it shows, to whom, and what a port in use says."""

import gzip
import http.client
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing

import pytest
import structlog
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from alipes.errors import ConfigError, InputError
from alipes.monitor.endpoint import Endpoint
from alipes.monitor.histogram import BOUNDS_S, Histogram
from alipes.monitor.metrics import Reading


@pytest.fixture
def shown():
    with Endpoint() as endpoint:
        yield endpoint


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - of our own endpoint
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return answer.read().decode()


def port_of(endpoint):
    return int(endpoint.url.split(":")[2].split("/")[0])


def reading(name, value, *labels):
    made = Reading()
    made.put(name, value, *labels)
    return made


def test_the_last_reading_is_shown_with_its_help_and_type(shown):
    shown.show(reading("trading_enabled", 0.0, "main", "binance", "paper"))
    shown.show(reading("trading_enabled", 1.0, "main", "binance", "paper"))
    assert get(shown.url) == (
        "# HELP alipes_trading_enabled 1 while the account may trade, 0 while it is restricted\n"
        "# TYPE alipes_trading_enabled gauge\n"
        'alipes_trading_enabled{account="main",mode="paper",venue="binance"} 1.0\n'
    )


def test_what_has_no_value_is_not_shown(shown):
    assert get(shown.url) == ""


def test_a_label_may_hold_any_text(shown):
    name = 'a "quoted" \\ name\nin two lines'
    shown.show(reading("strategy_faulted", 1.0, name, "paper"))
    (family,) = text_string_to_metric_families(get(shown.url))
    (sample,) = family.samples
    assert (sample.labels, sample.value) == ({"strategy": name, "mode": "paper"}, 1.0)


def test_a_histogram_is_shown_in_cumulative_buckets_with_its_sum_and_count(shown):
    taken = Histogram()
    for duration in (1_000, 1_500, 100_000_000_000):
        taken.add(duration)
    shown.show(reading("tick_to_order_seconds", taken.distribution(), "paper"))
    (family,) = text_string_to_metric_families(get(shown.url))
    buckets = [(float(each.labels["le"]), each.value) for each in family.samples if "le" in each.labels]
    assert family.type == "histogram"
    assert buckets == [
        (BOUNDS_S[0], 1.0),
        *((bound, 2.0) for bound in BOUNDS_S[1:]),
        (float("inf"), 3.0),
    ]
    assert {each.name: each.value for each in family.samples if "le" not in each.labels} == {
        "alipes_tick_to_order_seconds_count": 3.0,
        "alipes_tick_to_order_seconds_sum": 100.0000025,
    }


def test_open_metrics_are_served_to_who_asks_for_them(shown):
    shown.show(reading("market_data_messages_total", 7.0, "main", "binance", "paper"))
    text = get(shown.url, Accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    (family,) = openmetrics.text_string_to_metric_families(text)
    assert (family.name, family.type) == ("alipes_market_data_messages", "counter")
    assert [(each.name, each.value) for each in family.samples] == [
        ("alipes_market_data_messages_total", 7.0)
    ]


def test_the_page_is_compressed_for_who_can_read_that(shown):
    shown.show(reading("strategy_faulted", 1.0, "one", "paper"))
    with closing(http.client.HTTPConnection("127.0.0.1", port_of(shown), timeout=10)) as connection:
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.read()).decode() == get(shown.url)


def test_samples_may_be_asked_for_by_name(shown):
    made = reading("strategy_faulted", 1.0, "one", "paper")
    made.put("trading_enabled", 1.0, "main", "binance", "paper")
    shown.show(made)
    assert get(f"{shown.url}?name[]=alipes_strategy_faulted") == (
        "# HELP alipes_strategy_faulted 1 once the strategy was stopped by an error\n"
        "# TYPE alipes_strategy_faulted gauge\n"
        'alipes_strategy_faulted{mode="paper",strategy="one"} 1.0\n'
    )


def test_a_page_that_cannot_be_made_is_logged_and_the_next_is_served(shown):
    shown.show(reading("tick_to_order_seconds", 1.0, "paper"))
    with structlog.testing.capture_logs() as lines, pytest.raises(http.client.RemoteDisconnected):
        get(shown.url)
    assert [(line["event"], line["error"].partition(":")[0]) for line in lines] == [
        ("metrics not served", "TypeError")
    ]
    shown.show(Reading())
    assert get(shown.url) == ""


def test_only_an_endpoint_imports_prometheus_client():
    code = (
        "import sys, alipes, alipes.cli.run, alipes.backtest, alipes.engine.runtime, alipes.engine.metering\n"
        "assert 'prometheus_client' not in sys.modules\n"
        "import alipes.monitor.endpoint\n"
        "assert 'prometheus_client' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_value_of_no_metric_is_an_error():
    with pytest.raises(InputError, match="'no_such_metric'"):
        reading("no_such_metric", 1.0)


def test_a_value_needs_every_label():
    with pytest.raises(InputError, match=r"3 labels \('account', 'venue', 'mode'\), got \('main',\)"):
        reading("trading_enabled", 1.0, "main")


@pytest.mark.parametrize("path", ["/", "/metrics/", "/favicon.ico"])
def test_there_is_one_page(shown, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(shown.url.replace("/metrics", path))
    assert (caught.value.code, caught.value.read()) == (404, b"there is /metrics only\n")
    caught.value.close()


def test_a_page_in_a_browser_cannot_reach_it_by_a_name_of_its_own(shown):
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(shown.url, Host="rebound.example:80")
    assert caught.value.code == 403
    assert caught.value.read() == b"host 'rebound.example': expected 127.0.0.1 or localhost\n"
    caught.value.close()
    assert get(shown.url, Host="localhost:1") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only there is all of 127.0.0.0/8 this machine")
def test_it_listens_on_the_loopback_interface_only(shown):
    port = port_of(shown)
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))


def test_a_port_in_use_is_named_with_the_key_and_the_ways_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            Endpoint(port)
    assert str(caught.value) == (
        f"[monitor] metrics_port = {port}: 127.0.0.1:{port} cannot be listened on: Address already in use;"
        " choose another port, 0 for a free one, or metrics = false for no endpoint"
    )


def test_a_closed_endpoint_frees_its_port():
    with Endpoint() as endpoint:
        port = port_of(endpoint)
    with Endpoint(port) as again:
        assert again.url == endpoint.url
