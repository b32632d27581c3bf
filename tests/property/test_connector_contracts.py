"""Contracts of any size through the connector: sizes are base units here and contracts on the wire, exactly.

What the connector gives to a real ccxt object and takes from it, whose one market is given by `set_markets`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled
from tests.support.markets import market

from alipes.connectors.ccxt_replies import fill_of, order_of, position_of
from alipes.connectors.ccxt_requests import call_of
from alipes.connectors.client_ids import rules_of
from alipes.connectors.sizes import instrument_spec
from alipes.model import Accepted, Instrument, OrderType, RequestKind, Side
from alipes.net.ccxt_session import CcxtSession
from alipes.orders import Lifecycle

SYMBOL, ID = "XYZ/USDT:USDT", "XYZUSDT"
RULES = rules_of("binanceusdm")
SESSION = CcxtSession(account="main", venue="binanceusdm")
EXCHANGE = SESSION.exchange
CASES = settings(max_examples=scaled(60, 1000), deadline=None, derandomize=True)
LOTS = ("0.001", "0.1", "1", "10")
TICKS = ("0.01", "0.1", "0.5", "0.0000001")
terms = st.tuples(st.sampled_from(("0.01", "1", "1000000")), st.sampled_from(LOTS), st.sampled_from(TICKS))
lots = st.integers(1, 10**7)
ticks = st.integers(1, 10**7)
sides = st.sampled_from(Side)


def listed(contract_size, lot, tick, min_cost=5.0):
    """The one instrument that ccxt knows; the venue's market is read as the engine reads it."""
    described = market(
        SYMBOL, tick=float(tick), lot=float(lot), contract_size=float(contract_size), min_cost=min_cost
    )
    EXCHANGE.markets = EXCHANGE.markets_by_id = None
    EXCHANGE.set_markets({SYMBOL: described})
    spec = instrument_spec(EXCHANGE.market(SYMBOL), EXCHANGE.precisionMode)
    return Instrument("main", SYMBOL, 0, spec)


def order_for(instrument, side, count, price):
    lifecycle = Lifecycle()
    size = count * instrument.spec.lot_steps
    order = lifecycle.create(instrument, "one", side, OrderType.LIMIT, size, price_ticks=price)
    lifecycle.submit(order)
    return lifecycle, order


def call_for(kind, order):
    return call_of(kind, order, exchange=EXCHANGE, rules=RULES, venue_order_id="7")


def written(amount, price):
    """What ccxt puts on the wire for the numbers that it is given."""
    return (
        Fraction(EXCHANGE.amount_to_precision(SYMBOL, amount)),
        Fraction(EXCHANGE.price_to_precision(SYMBOL, price)),
    )


@CASES
@given(terms, lots, ticks, sides)
def test_a_request_counts_contracts_and_its_report_base_units(market_terms, count, price, side):
    contract, lot, tick = map(Fraction, market_terms)
    instrument = listed(*market_terms)
    _, order = order_for(instrument, side, count, price)
    method, args = call_for(RequestKind.SUBMIT, order)
    assert (method, args[:3]) == ("create_order", (SYMBOL, "limit", side.value))
    contracts, limit = written(args[3], args[4])
    assert (contracts, limit) == (count * lot, price * tick)
    assert Fraction(order.size) == contracts * contract
    row = {
        "symbol": ID, "orderId": 7, "clientOrderId": order.client_order_id, "status": "NEW",
        "side": side.value.upper(), "type": "LIMIT", "timeInForce": "GTC", "positionSide": "BOTH",
        "origQty": EXCHANGE.amount_to_precision(SYMBOL, args[3]), "executedQty": "0", "avgPrice": "0",
        "price": EXCHANGE.price_to_precision(SYMBOL, args[4]), "cumQuote": "0", "updateTime": 1,
    }  # fmt: skip
    seen = order_of(instrument, EXCHANGE.parse_order(row))
    assert (seen.size_steps, seen.price_ticks, seen.filled_steps) == (order.size_steps, price, 0)
    assert (seen.client_order_id, seen.side, seen.state) == (order.client_order_id, side, "open")


@CASES
@given(terms, lots, lots, ticks, ticks)
def test_an_amend_counts_contracts(market_terms, count, more, price, other):
    _, lot, tick = map(Fraction, market_terms)
    instrument = listed(*market_terms)
    lifecycle, order = order_for(instrument, Side.BUY, count, price)
    method, args = call_for(RequestKind.CANCEL, order)
    assert (method, args[:2]) == ("cancel_order", (None, SYMBOL))
    lifecycle.apply(Accepted(order.client_order_id, 0, 0, "7"))
    steps = more * instrument.spec.lot_steps
    assert lifecycle.request_amend(order, price_ticks=other, size_steps=steps) is None
    method, args = call_for(RequestKind.AMEND, order)
    assert (method, args[0]) == ("edit_order", "7")
    assert written(args[4], args[5]) == (more * lot, other * tick)


@CASES
@given(terms, lots, ticks, sides)
def test_a_fill_is_the_contracts_that_traded(market_terms, count, price, side):
    contract, lot, tick = map(Fraction, market_terms)
    instrument = listed(*market_terms)
    row = {
        "symbol": ID, "id": 11, "orderId": 7, "side": side.value.upper(), "maker": False, "time": 1,
        "price": EXCHANGE.price_to_precision(SYMBOL, float(price * Decimal(market_terms[2]))),
        "qty": EXCHANGE.amount_to_precision(SYMBOL, float(count * Decimal(market_terms[1]))),
        "commission": "0.01", "commissionAsset": "USDT", "positionSide": "BOTH",
    }  # fmt: skip
    fill = fill_of(instrument, EXCHANGE.parse_trade(row), RULES)
    assert Fraction(instrument.spec.size(fill.size_steps)) == count * lot * contract
    assert Fraction(instrument.spec.price(fill.price_ticks)) == price * tick
    assert (fill.side, fill.fee, fill.fee_asset) == (side, Decimal("0.01"), "USDT")


@CASES
@given(terms, lots, sides)
def test_a_position_is_the_contracts_that_are_held(market_terms, count, side):
    contract, lot, _ = map(Fraction, market_terms)
    instrument = listed(*market_terms)
    amount = EXCHANGE.amount_to_precision(SYMBOL, float(count * Decimal(market_terms[1])))
    row = {
        "symbol": ID, "positionAmt": amount if side is Side.BUY else f"-{amount}", "entryPrice": "3.5",
        "markPrice": "3.5", "unRealizedProfit": "0", "liquidationPrice": "0", "leverage": "20",
        "marginType": "cross", "isolatedMargin": "0", "positionSide": "BOTH", "notional": str(side.sign),
        "isolatedWallet": "0", "updateTime": 1, "maintMargin": "0", "initialMargin": "0",
    }  # fmt: skip
    EXCHANGE.options["leverageBrackets"] = {SYMBOL: [["0", "0.004"]]}
    position = position_of(instrument, EXCHANGE.parse_position_risk(row))
    held = Fraction(instrument.spec.size(position.size_steps))
    assert held == count * lot * contract * side.sign
    assert position.entry_price == Decimal("3.5")


@CASES
@given(terms, st.sampled_from((None, 1.0, 5.0, 100.0, 0.5)))
def test_an_instrument_has_the_markets_grids_and_least_notional(market_terms, min_cost):
    contract, lot, tick = map(Decimal, market_terms)
    spec = listed(*market_terms, min_cost).spec
    assert (spec.kind, spec.symbol, spec.settle) == ("linear", SYMBOL, "USDT")
    assert (spec.tick_size, spec.lot_size, spec.contract_size) == (tick, lot * contract, contract)
    assert spec.min_notional == (None if min_cost is None else Decimal(str(min_cost)))
