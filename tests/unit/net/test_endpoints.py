"""A local venue stands in for the real one: every address, or an error."""

import ccxt.pro
import pytest

from alipes.errors import ConfigError
from alipes.net.ccxt_session import CcxtSession
from alipes.net.endpoints import original, relocate

LOCAL = {"https": "http://127.0.0.1:1", "wss": "ws://127.0.0.1:1"}


def addresses(urls):
    if isinstance(urls, dict):
        return [each for value in urls.values() for each in addresses(value)]
    return [urls] if isinstance(urls, str) else []


@pytest.mark.parametrize("venue", ["binance", "binanceusdm", "bybit", "okx", "kraken", "coinbase"])
def test_every_address_is_replaced_and_paths_stay(venue):
    exchange = getattr(ccxt.pro, venue)()
    before = addresses(exchange.urls["api"])
    moved = relocate(exchange.urls, LOCAL)
    after = addresses(exchange.urls["api"])
    assert len(after) == len(before) > 1
    assert {each.split("/")[2] for each in after} == {"127.0.0.1:1"}
    for old, new in zip(before, after, strict=True):
        assert new.split("/", 3)[3:] == old.split("/", 3)[3:]
        assert original(new, moved).split("/", 3)[3:] == old.split("/", 3)[3:]


def test_a_host_by_name_goes_before_its_scheme():
    urls = {"api": {"a": "https://fapi.binance.com/fapi/v1", "b": "https://api.binance.com/api"}}
    moved = relocate(urls, {"https://fapi.binance.com": "http://one:1/", "https": "http://two"})
    assert urls["api"] == {"a": "http://one:1/fapi/v1", "b": "http://two/api"}
    assert original("http://one:1/fapi/v1/order?x=1", moved) == "https://fapi.binance.com/fapi/v1/order?x=1"
    assert original("http://elsewhere/x", moved) == "http://elsewhere/x"


def test_an_address_without_a_replacement_is_an_error():
    with pytest.raises(ConfigError, match="no replacement for wss://"):
        CcxtSession(account="main", venue="binanceusdm", endpoints={"https": "http://127.0.0.1:1"})


def test_unknown_venues_and_environments_are_errors():
    with pytest.raises(ConfigError, match="'binanceusd'"):
        CcxtSession(account="main", venue="binanceusd")
    with pytest.raises(ConfigError, match="no environment 'testnet'"):
        CcxtSession(account="main", venue="kraken", environment="testnet")
