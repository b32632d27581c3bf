"""Contracts and base units, floats and exact numbers: nothing is lost between the engine and ccxt."""

from decimal import Decimal
from fractions import Fraction

import ccxt.pro
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import market

from alipes.connectors.sizes import (
    amount_of,
    exact,
    instrument_spec,
    steps_of,
    ticks_of,
    wire_amount,
    wire_price,
)
from alipes.errors import ConfigError, InputError

LINEAR, INVERSE, SPOT = "BTC/USDT:USDT", "BTC/USD:BTC", "BTC/USDT"
LOTS = [1.0, 0.1, 0.01, 0.001, 10.0]
CONTRACTS = [0.01, 1_000_000.0, 1.0, 0.0001, 100.0]


EXCHANGES = {True: ccxt.pro.binance(), False: ccxt.pro.binanceusdm()}


def venue(described):
    """A real exchange object with this one market."""
    exchange = EXCHANGES[described["spot"]]
    exchange.markets = exchange.markets_by_id = None
    exchange.set_markets({described["symbol"]: described})
    loaded = exchange.market(described["symbol"])
    return exchange, instrument_spec(loaded, exchange.precisionMode)


@given(
    st.sampled_from(CONTRACTS),
    st.sampled_from(LOTS),
    st.integers(1, 10**8),
)
def test_a_linear_size_is_on_the_wire_in_contracts_and_comes_back(contract_size, lot, lots):
    exchange, spec = venue(market(LINEAR, tick=0.1, lot=lot, contract_size=contract_size))
    steps = lots * spec.lot_steps
    written = exchange.amount_to_precision(LINEAR, wire_amount(exchange, spec, steps))
    base = Fraction(str(contract_size)) * Fraction(str(lot)) * lots
    assert Fraction(written) == Fraction(str(lot)) * lots
    assert Fraction(spec.size(steps)) == base
    assert steps_of(spec, written) == steps
    assert steps_of(spec, float(written)) == steps


@given(st.sampled_from(CONTRACTS), st.integers(1, 10**8))
def test_an_inverse_size_counts_contracts_whatever_they_are_worth(contract_size, lots):
    exchange, spec = venue(market(INVERSE, tick=0.1, lot=1.0, contract_size=contract_size))
    steps = lots * spec.lot_steps
    assert amount_of(spec, steps) == lots
    assert exchange.amount_to_precision(INVERSE, wire_amount(exchange, spec, steps)) == str(lots)
    assert steps_of(spec, float(lots)) == steps


@given(st.sampled_from([0.1, 0.01, 1e-05, 1e-08, 0.5, 25.0]), st.integers(1, 10**7))
def test_a_price_is_on_the_wire_to_the_tick(tick, ticks):
    exchange, spec = venue(market(SPOT, tick=tick, lot=0.001))
    written = exchange.price_to_precision(SPOT, wire_price(exchange, spec, ticks))
    assert Fraction(written) == Fraction(str(tick)) * ticks
    assert ticks_of(spec, written) == ticks
    assert ticks_of(spec, float(written)) == ticks


def test_a_market_becomes_an_instrument():
    _, spec = venue(market(LINEAR, tick=0.1, lot=1.0, contract_size=0.01, min_cost=5.0))
    assert (spec.kind, spec.base, spec.quote, spec.settle) == ("linear", "BTC", "USDT", "USDT")
    assert (spec.tick_size, spec.lot_size) == (Decimal("0.1"), Decimal("0.01"))
    assert (spec.contract_size, spec.min_notional) == (Decimal("0.01"), Decimal(5))
    _, spec = venue(market(LINEAR, tick=1e-07, lot=1.0, contract_size=1_000_000.0, min_cost=None))
    assert (spec.lot_size, spec.contract_size, spec.min_notional) == (10**6, 10**6, None)


def test_a_size_that_ccxt_would_cut_is_refused():
    exchange, spec = venue(market(SPOT, tick=0.1, lot=0.001))
    exchange.markets[SPOT]["precision"]["amount"] = 0.01
    with pytest.raises(InputError, match=r"amount 0.015 would be written as 0.01"):
        wire_amount(exchange, spec, spec.steps("0.015"))


def test_more_digits_than_a_float_holds_are_refused():
    exchange, spec = venue(market(SPOT, tick=0.1, lot=1e-08))
    with pytest.raises(InputError, match="off the venue's grid"):
        wire_amount(exchange, spec, spec.steps("90000000.00000002"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"precision": {"price": None, "amount": 1.0}}, "names no price step"),
        ({"linear": None, "type": "option", "option": True}, "of type option"),
    ],
)
def test_a_market_without_what_an_instrument_needs_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        instrument_spec(market(LINEAR, tick=0.1, lot=1.0) | change, 4)


def test_precisions_in_digits_are_refused():
    with pytest.raises(ConfigError, match="TICK_SIZE"):
        instrument_spec(market(LINEAR, tick=1, lot=3), 2)


def test_a_float_stands_for_its_shortest_text():
    assert exact(0.1) == Decimal("0.1")
    assert exact(1e-05) == Decimal("0.00001")
    assert exact("3.25") == Decimal("3.25")
