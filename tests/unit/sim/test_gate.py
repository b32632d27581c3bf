"""Every numeric risk check, at its limit and one tick or lot beyond."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from alipes._core import Gate, InstrumentSpec
from alipes.errors import InputError

LOT = 1_000_000  # size steps of 1 BTC
OK, PRICE, LOTS, SIZE, NOTIONAL, POSITION, COLLAR, REFERENCE, LEAST = range(9)


@dataclass(frozen=True)
class Order:
    """A buy of one BTC at 100.0 while the book is 99.9 / 100.1, as `Gate.check` takes it."""

    side: int = 0
    type: int = 0
    price: int = 1000
    size: int = LOT
    position: int = 0
    open_buys: int = 0
    open_sells: int = 0
    reduce_only: bool = False
    bid: int | None = 999
    ask: int | None = 1001

    def judged(self, gate: Gate) -> int:
        code = gate.check(0, *vars(self).values())
        assert bool(gate.explain(0, *vars(self).values())) == bool(code)
        return code

    def explained(self, gate: Gate) -> str:
        return gate.explain(0, *vars(self).values())


BUY, SELL = Order(), Order(side=1)


def gate(kind: str = "linear", least: str | None = None, **limits: str) -> Gate:
    gate = Gate()
    terms = {"tick_size": "0.1", "lot_size": "0.001", "contract_size": "10" if kind == "inverse" else "1"}
    spec = InstrumentSpec(symbol="X", base="BTC", quote="USD", kind=kind, min_notional=least, **terms)
    gate.add_instrument(0, spec)
    gate.set_limits(0, **limits)
    return gate


def test_no_limits_pass_any_order_on_the_grid() -> None:
    assert BUY.judged(gate()) == OK
    assert replace(SELL, type=1, bid=None, ask=None).judged(gate()) == OK


@pytest.mark.parametrize(("price", "code"), [(1, OK), (0, PRICE), (-5, PRICE)])
def test_a_limit_price_is_positive(price: int, code: int) -> None:
    assert replace(BUY, price=price).judged(gate()) == code
    assert replace(BUY, price=price, type=1).judged(gate()) == OK


@pytest.mark.parametrize(("size", "code"), [(1000, OK), (999, LOTS), (1001, LOTS), (0, LOTS), (-1000, LOTS)])
def test_a_size_is_a_positive_number_of_lots(size: int, code: int) -> None:
    assert replace(BUY, size=size).judged(gate()) == code


def test_order_size_stops_one_lot_above_its_limit() -> None:
    limited = gate(max_order_size="1")
    assert BUY.judged(limited) == OK
    assert replace(BUY, size=LOT + 1000).judged(limited) == SIZE
    assert replace(BUY, size=LOT + 1000).explained(limited) == "size 1.001 is above the limit 1"


def test_order_notional_stops_one_tick_above_its_limit() -> None:
    limited = gate(max_order_notional="100")
    assert BUY.judged(limited) == OK
    assert replace(BUY, price=1001).judged(limited) == NOTIONAL
    assert replace(BUY, price=1001).explained(limited) == "notional 100.1 is above the limit 100"


def test_a_market_order_counts_at_the_collar_or_the_best_price() -> None:
    market = replace(BUY, type=1)
    assert market.judged(gate(max_order_notional="100.1")) == OK
    assert market.judged(gate(max_order_notional="100.0")) == NOTIONAL
    assert market.judged(gate(max_order_notional="110.1", collar_bps="1000")) == OK
    assert market.judged(gate(max_order_notional="110.0", collar_bps="1000")) == NOTIONAL
    assert replace(market, bid=None, ask=None).judged(gate(max_order_notional="100")) == REFERENCE


def test_inverse_notional_is_contracts_times_their_size() -> None:
    limited = gate(kind="inverse", max_order_notional="10")
    assert replace(BUY, price=77_777).judged(limited) == OK
    assert replace(BUY, price=1, size=LOT + 1000).judged(limited) == NOTIONAL
    assert replace(BUY, type=1, bid=None, ask=None).judged(limited) == OK


def test_least_notional_spares_reduce_only_orders() -> None:
    limited = gate(least="100")
    assert BUY.judged(limited) == OK
    below = replace(BUY, price=999)
    assert below.judged(limited) == LEAST
    assert below.explained(limited) == "notional 99.9 is below the least 100"
    assert replace(below, reduce_only=True).judged(limited) == OK


@pytest.mark.parametrize(
    "order",
    [
        replace(BUY, position=LOT, open_buys=LOT, open_sells=9 * LOT),
        replace(SELL, position=-LOT, open_sells=LOT, open_buys=9 * LOT),
    ],
)
def test_position_counts_open_orders_of_the_side(order: Order) -> None:
    limited = gate(max_position="3")
    assert order.judged(limited) == OK
    one_step_more = order.position + (1 if order.side == 0 else -1)
    assert replace(order, position=one_step_more).judged(limited) == POSITION
    above = replace(order, size=LOT + 1000)
    assert above.judged(limited) == POSITION
    assert above.explained(limited) == "position could reach 3.001, above the limit 3"
    assert replace(above, reduce_only=True).judged(limited) == OK
    assert replace(order, position=-order.position * 9, size=9 * LOT).judged(limited) == OK


def test_the_collar_stops_one_tick_beyond() -> None:
    limited = gate(collar_bps="50")
    assert limited.collar_price(0, 0, 1001) == 1006  # 100.1 * 1.005 = 100.6005
    assert limited.collar_price(0, 1, 999) == 995  # 99.9 * 0.995 = 99.4005
    assert [replace(BUY, price=price).judged(limited) for price in (1006, 1007)] == [OK, COLLAR]
    assert [replace(SELL, price=price).judged(limited) for price in (995, 994)] == [OK, COLLAR]
    text = replace(BUY, price=1007).explained(limited)
    assert text == "price 100.7 is beyond the collar 100.6 (50 bps from 100.1)"


def test_the_collar_uses_the_own_side_where_the_other_is_empty() -> None:
    limited = gate(collar_bps="0")
    assert [replace(BUY, price=price, ask=None).judged(limited) for price in (999, 1000)] == [OK, COLLAR]
    assert replace(BUY, bid=None, ask=None).judged(limited) == REFERENCE


def test_amounts_beyond_128_bits_are_refused_not_wrapped() -> None:
    huge = replace(BUY, price=2**63 - 1, size=(2**63 - 1) // 1000 * 1000)
    assert huge.judged(gate(max_order_notional=Decimal("1e30"))) == NOTIONAL
    assert replace(huge, open_buys=2**63 - 1, position=2**63 - 1).judged(gate(max_position="1")) == POSITION


def test_wrong_limits_are_one_clear_error() -> None:
    with pytest.raises(InputError, match="max_position must not be negative, got -1"):
        gate(max_position="-1")
    with pytest.raises(InputError, match="instrument 4 was not added to this gate"):
        Gate().set_limits(4)
    with pytest.raises(InputError, match="side must be 0"):
        replace(BUY, side=2).judged(gate())
