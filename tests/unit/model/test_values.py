"""Values: text that reads well, messages that cannot change, rows that survive a round trip."""

from decimal import Decimal

import msgspec
import pytest
from tests.unit.orders.support import BTC

from alipes.model import (
    Accepted,
    CancelIntent,
    Control,
    EventRecord,
    Filled,
    Order,
    OrderIntent,
    OrderState,
    OrderType,
    Position,
    Purpose,
    RequestKind,
    Side,
    StateRecord,
    TimeInForce,
    Unknown,
)
from alipes.model.records import AnyRecord

ROWS = [
    OrderIntent(
        1, 2, "a1", "main:BTC/USDT:USDT", "maker", Side.BUY, OrderType.LIMIT, 10, 5, None,
        TimeInForce.GTC, post_only=True, reduce_only=False, tag="t", purpose=Purpose.QUOTE,
        denied=("lot", "no"),
    ),
    CancelIntent(3, 4, "a1"),
    EventRecord(5, 6, Filled("a1", 7, 8, "t1", 9, 10, fee=Decimal("0.10"), fee_asset="USDT")),
    EventRecord(5, 6, Unknown("a1", 7, 8, "timeout", RequestKind.CANCEL)),
    EventRecord(5, 6, Accepted("a1", 7, 8)),
    StateRecord(11, 12, "strategy:maker", {"n": 1, "list": [1, 2]}),
    Control(13, 14, "halt", {"by": "operator"}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[type(row).__name__ for row in ROWS])
def test_a_row_written_as_json_reads_back_the_same(row: AnyRecord) -> None:
    assert msgspec.json.decode(msgspec.json.encode(row), type=AnyRecord) == row


def test_sides() -> None:
    assert [(side.sign, side.code, side.opposite) for side in Side] == [(1, 0, Side.SELL), (-1, 1, Side.BUY)]


def test_an_order_reads_well() -> None:
    order = Order("a1", BTC, "maker", Side.SELL, OrderType.LIMIT, 10_000, 1_005)
    assert repr(order) == "Order(a1 main:BTC/USDT:USDT sell 0.01 @ 100.5 pending, filled 0)"
    market = Order("a2", BTC, "maker", Side.BUY, OrderType.MARKET, 10_000)
    assert "@ market" in repr(market)
    assert (market.price, market.account, market.average_price) == (None, "main", None)


def test_an_order_that_is_over_has_nothing_left() -> None:
    order = Order("a1", BTC, "maker", Side.SELL, OrderType.LIMIT, 10_000, 1_005, state=OrderState.CANCELLED)
    assert (order.is_open, order.leaves) == (False, 0)


def test_messages_are_frozen() -> None:
    with pytest.raises(AttributeError):
        ROWS[1].seq = 9


def test_a_position_of_zero_is_flat() -> None:
    flat = Position(BTC, None, Decimal("0.00"), None, Decimal(0), {})
    assert flat.is_flat
    assert not Position(BTC, None, Decimal(-1), Decimal(5), Decimal(0), {}).is_flat
