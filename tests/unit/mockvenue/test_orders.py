"""What an order request may say, each refusal with its code, over the real matching core."""

from __future__ import annotations

import pytest

from alipes.mockvenue.call import Parameters
from alipes.mockvenue.config import VenueConfig
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.orders import read_order
from alipes.mockvenue.rest.orders import as_text
from alipes.mockvenue.server import VenueServer

LIMIT = {
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "59000.10",
}
MARKET = {"side": "SELL", "type": "MARKET", "quantity": "0.01"}


@pytest.fixture(scope="module")
def server():
    return VenueServer(VenueConfig(speed=0, history_s=0))


def _read(server, params):
    return read_order(Parameters(params), server.exchange.markets[0])


def test_a_limit_order_in_the_cores_integers(server):
    order = _read(server, {**LIMIT, "newClientOrderId": "x-1", "reduceOnly": "true"})
    assert (order.client_id, order.side, order.type, order.tif) == ("x-1", 0, 0, 0)
    assert (order.price, order.size, order.stp) == (590_001, 10_000, 0)
    assert (order.is_post_only, order.is_reduce_only, order.is_result_wanted) == (False, True, False)


def test_gtx_is_post_only_and_a_market_order_is_immediate(server):
    post_only = _read(server, {**LIMIT, "timeInForce": "GTX", "newOrderRespType": "RESULT"})
    assert (post_only.tif, post_only.is_post_only, post_only.is_result_wanted) == (0, True, True)
    market = _read(server, {**MARKET, "selfTradePreventionMode": "EXPIRE_BOTH"})
    assert (market.type, market.side, market.tif, market.price, market.stp) == (1, 1, 1, 0, 3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"side": None}, -1102),
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "TRAILING_STOP_MARKET"}, -4120),
        ({"type": "TAKE_PROFIT"}, -4120),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "DAY"}, -1115),
        ({"timeInForce": "GTD"}, -4084),
        ({"priceMatch": "QUEUE"}, -4084),
        ({"quantity": "1e3"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "0"}, -4003),
        ({"quantity": "0.0005"}, -1111),
        ({"quantity": "1001"}, -4005),
        ({"price": "0"}, -4001),
        ({"price": "99999999"}, -4002),
        ({"price": "0.01"}, -4013),
        ({"price": "59000.15"}, -4014),
        ({"price": "59000.101"}, -1111),
        ({"price": "64000"}, -4016),
        ({"side": "SELL", "price": "56000"}, -4024),
        ({"quantity": "0.001"}, -4164),
        ({"positionSide": "LONG"}, -4061),
        ({"positionSide": "UP"}, -4060),
        ({"closePosition": "true"}, -4136),
        ({"reduceOnly": "maybe"}, -1102),
        ({"stopPrice": "1"}, -1106),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"selfTradePreventionMode": "DECREMENT"}, -1130),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"newClientOrderId": "a b"}, -1100),
    ],
)
def test_each_fault_of_a_limit_order_has_its_code(server, change, code):
    params = {name: value for name, value in {**LIMIT, **change}.items() if value is not None}
    with pytest.raises(ApiError) as refused:
        _read(server, params)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [({"price": "1"}, -1106), ({"timeInForce": "IOC"}, -1106), ({"quantity": "121"}, -4005)],
)
def test_each_fault_of_a_market_order_has_its_code(server, change, code):
    with pytest.raises(ApiError) as refused:
        _read(server, {**MARKET, **change})
    assert refused.value.code == code


def test_the_least_notional_does_not_bind_reduce_only_orders(server):
    small = {**LIMIT, "quantity": "0.001"}
    with pytest.raises(ApiError, match="no smaller than 100 "):
        _read(server, small)
    assert _read(server, {**small, "reduceOnly": "true"}).size == 1_000


def test_an_order_without_a_client_id_gets_one_that_follows_from_the_seed(server):
    accounts = server.exchange.accounts
    first, second = accounts.next_client_id(), accounts.next_client_id()
    assert (len(first), first != second) == (22, True)


def test_json_values_read_as_query_text():
    assert [as_text(value) for value in (True, False, None, 0.01, 7, "x")] == [
        "true",
        "false",
        "",
        "0.01",
        "7",
        "x",
    ]
