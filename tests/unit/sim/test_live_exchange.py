"""The live exchange, order by order: priority, flags, both sides of every trade."""

from decimal import Decimal
from typing import Any

import pytest
from tests.reference.live_venue import (
    ACCEPTED,
    AMEND_REJECTED,
    AMENDED,
    BUY,
    CANCEL_REJECTED,
    CANCELLED,
    EXPIRED,
    FILL,
    FOK,
    IOC,
    LOT,
    REJECTED,
    SELL,
    TRADE,
    Venue,
    fates,
    fills,
)

from alipes._core import InstrumentSpec, LiveExchange
from alipes.errors import InputError


def test_better_prices_trade_first_then_earlier_orders() -> None:
    """An order of another account at a worse price waits, whoever came first."""
    venue = Venue()
    venue.order(1, SELL, 2, 102)
    venue.order(1, SELL, 2, 101)
    venue.order(1, SELL, 2, 101)
    events = venue.order(2, BUY, 5, 102)
    assert fills(events) == [
        *[(1, 101, 2, True), (2, 101, 2, False)] * 2,
        (1, 102, 1, True),
        (2, 102, 1, False),
    ]
    assert venue.depth() == ({}, {102: 1})


def test_an_order_waits_behind_the_outside_size_that_was_there() -> None:
    """A trade of 6 serves 5 outside lots, then one of ours; the lot that joined later waits."""
    venue = Venue()
    venue.book({100: 5}, {101: 4})
    venue.order(1, BUY, 3, 100)
    venue.book({100: 6}, {}, "depth")
    assert fills(venue.outside("trade", 100, 6 * LOT, SELL, 1)) == [(1, 100, 1, True)]
    assert venue.depth()[0] == {100: 3}


def test_trade_ids_are_counted_in_each_instrument() -> None:
    """Trades of another instrument between them leave no gap; fills and ledger name the same ids."""
    exchange = LiveExchange()
    for index, symbol in enumerate(("X/USDT:USDT", "Y/USDT:USDT")):
        terms = InstrumentSpec(symbol=symbol, base=symbol[0], quote="USDT", tick_size="1", lot_size="1")
        exchange.add_instrument(index, terms, maker_fee="0.0002", taker_fee="0.0005")
    exchange.deposit(0, exchange.add_account(), "USDT", 1_000_000)
    rows = [(index, "trade", None, 100, LOT, SELL, 7) for index in (0, 1, 1, 0)]
    exchange.ingest_events(1, rows)
    exchange.ingest_events(2, [(1, "reset", None, [], [(101, LOT)], 1)])
    flags = {"post_only": False, "reduce_only": False, "stp": 0}
    exchange.submit(3, 1, "a", 1, BUY, 0, IOC, price_ticks=101, size_steps=LOT, **flags)
    assert [[row[0] for row in exchange.trades(index)] for index in (0, 1)] == [[1, 2], [1, 2, 3]]
    assert [row[0] for row in exchange.fills(1, 1)] == [3]
    assert [(row[4], row[6]) for row in exchange.ledger(1)] == [("transfer", None), ("commission", 3)]


def test_outside_size_leaves_from_the_end() -> None:
    """Four of five ahead stay until what joined behind has left."""
    venue = Venue()
    venue.book({100: 5}, {})
    venue.order(1, BUY, 3, 100)
    venue.book({100: 9}, {}, "depth")
    venue.book({100: 4}, {}, "depth")
    assert fills(venue.outside("trade", 100, 4 * LOT, SELL, 1)) == []
    assert fills(venue.outside("trade", 100, 1 * LOT, SELL, 1)) == [(1, 100, 1, True)]


def test_what_was_taken_comes_back_only_with_new_data() -> None:
    """The same size shown again is the same size."""
    venue = Venue()
    venue.book({}, {101: 4})
    venue.order(1, BUY, 3, 101, tif=IOC)
    venue.book({}, {101: 4}, "depth")
    assert venue.depth()[1] == {101: 1}
    venue.book({}, {101: 5}, "depth")
    assert venue.depth()[1] == {101: 5}


def test_an_update_that_crosses_our_order_trades_with_it() -> None:
    """The outside is the taker: our price, our maker fee."""
    venue = Venue()
    venue.order(1, BUY, 3, 100)
    events = venue.book({}, {99: 2}, "depth")
    assert fills(events) == [(1, 100, 2, True)]
    assert venue.depth() == ({100: 1}, {})


def test_a_trade_below_our_bid_fills_us_up_to_its_size() -> None:
    """What is left of it trades outside: the public volume is the trade's."""
    venue = Venue()
    venue.book({99: 1}, {})
    venue.order(1, BUY, 3, 100)
    events = venue.outside("trade", 99, 5 * LOT, SELL, 1)
    assert fills(events) == [(1, 100, 3, True)]
    assert [(e[4], e[5] // LOT) for e in events if e[0] == TRADE] == [(100, 3), (99, 1), (99, 1)]


@pytest.mark.parametrize(
    ("terms", "fate", "left"),
    [
        ({"tif": FOK}, [(ACCEPTED, ""), (EXPIRED, "fok")], {101: 2}),
        ({"tif": IOC}, [(ACCEPTED, ""), (EXPIRED, "ioc")], {}),
        ({"post_only": True}, [(REJECTED, "post_only_would_take")], {101: 2}),
        ({"post_only": True, "tif": IOC}, [(REJECTED, "post_only_tif")], {101: 2}),
        ({"reduce_only": True}, [(REJECTED, "reduce_only")], {101: 2}),
    ],
)
def test_what_becomes_of_a_taker_larger_than_the_book(terms: Any, fate: Any, left: Any) -> None:
    """Five lots against two."""
    venue = Venue()
    venue.order(1, SELL, 2, 101)
    assert fates(venue.order(2, BUY, 5, 101, **terms)) == fate
    assert venue.depth() == ({}, left)


def test_a_market_order_takes_what_there_is_and_its_rest_expires() -> None:
    """No limit: every level."""
    venue = Venue()
    venue.book({}, {101: 1, 150: 1})
    events = venue.order(1, BUY, 3, None)
    assert fills(events) == [(1, 101, 1, False), (1, 150, 1, False)]
    assert fates(events) == [(ACCEPTED, ""), (EXPIRED, "no_liquidity")]


@pytest.mark.parametrize(
    ("stp", "fate", "traded", "depth"),
    [
        (
            0,
            [(ACCEPTED, "")],
            [(1, 101, 2, True), (1, 101, 2, False), (2, 101, 1, True), (1, 101, 1, False)],
            {},
        ),
        (1, [(ACCEPTED, ""), (EXPIRED, "stp")], [], {101: 3}),
        (2, [(ACCEPTED, ""), (EXPIRED, "stp")], [(2, 101, 1, True), (1, 101, 1, False)], {}),
        (3, [(ACCEPTED, ""), (EXPIRED, "stp"), (EXPIRED, "stp")], [], {101: 1}),
    ],
)
def test_self_trade_prevention(stp: int, fate: Any, traded: Any, depth: Any) -> None:
    """Two lots of our own stand before one of another account."""
    venue = Venue()
    venue.order(1, SELL, 2, 101)
    venue.order(2, SELL, 1, 101)
    events = venue.order(1, BUY, 3, 101, stp=stp)
    assert (fates(events), fills(events), venue.depth()[1]) == (fate, traded, depth)


def test_reduce_only_never_turns_a_position_round() -> None:
    """A resting order of five closes the two that there are; the rest expires."""
    venue = Venue()
    venue.order(1, SELL, 2, 100)
    venue.order(2, BUY, 2, 100)
    venue.order(2, SELL, 5, 105, reduce_only=True)
    events = venue.order(1, BUY, 9, 105)
    assert fills(events) == [(2, 105, 2, True), (1, 105, 2, False)]
    assert fates(events) == [(ACCEPTED, ""), (EXPIRED, "reduce_only")]
    assert (venue.position(1), venue.position(2)) == (0, 0)


def test_a_smaller_size_keeps_the_place_and_a_larger_one_loses_it() -> None:
    """The first order shrinks, then grows."""
    venue = Venue()
    venue.order(1, BUY, 3, 100)
    venue.order(2, BUY, 3, 100)
    venue.exchange.amend(venue.tick(), 1, 1, 100, 2 * LOT)
    assert fills(venue.outside("trade", 100, LOT, SELL, 1)) == [(1, 100, 1, True)]
    venue.exchange.amend(venue.tick(), 1, 1, 100, 3 * LOT)
    assert fills(venue.outside("trade", 100, LOT, SELL, 1)) == [(2, 100, 1, True)]


def test_an_amended_price_that_reaches_the_other_side_takes() -> None:
    """The order keeps its id."""
    venue = Venue()
    venue.order(2, SELL, 1, 101)
    venue.order(1, BUY, 3, 100)
    events = venue.exchange.amend(venue.tick(), 1, 2, 101, 3 * LOT)
    assert fates(events) == [(AMENDED, "")]
    assert fills(events) == [(2, 101, 1, True), (1, 101, 1, False)]
    assert venue.depth() == ({101: 2}, {})


def test_requests_about_orders_that_are_not_ours_are_refused() -> None:
    """Another account's order is unknown; ids of closed orders too."""
    venue = Venue()
    venue.order(1, BUY, 3, 100)
    assert fates(venue.exchange.cancel(venue.tick(), 2, 1)) == [(CANCEL_REJECTED, "unknown_order")]
    assert fates(venue.exchange.cancel(venue.tick(), 1, 1)) == [(CANCELLED, "")]
    assert fates(venue.exchange.cancel(venue.tick(), 1, 1)) == [(CANCEL_REJECTED, "unknown_order")]
    refused = venue.exchange.amend(venue.tick(), 1, 1, 100, LOT)
    assert fates(refused) == [(AMEND_REJECTED, "unknown_order")]
    order = venue.exchange.order(1, order_id=1)
    assert order is not None
    assert order[12] == "canceled"


def test_a_client_id_is_free_again_once_its_order_is_closed() -> None:
    """As on the venue: unique among open orders."""
    venue = Venue()
    venue.order(1, BUY, 1, 100, name="a")
    assert fates(venue.order(1, BUY, 1, 100, name="a")) == [(REJECTED, "duplicate_client_order_id")]
    assert fates(venue.order(2, BUY, 1, 100, name="a")) == [(ACCEPTED, "")]
    venue.exchange.cancel_all(venue.tick(), 1, 0)
    assert fates(venue.order(1, BUY, 1, 100, name="a")) == [(ACCEPTED, "")]


def test_an_order_beyond_the_margin_is_refused() -> None:
    """100 USDT at leverage 20 stand behind 2,000 USDT: 20 lots at 100."""
    venue = Venue(deposit=100)
    assert fates(venue.order(1, BUY, 21, 100)) == [(REJECTED, "insufficient_margin")]
    assert fates(venue.order(1, BUY, 20, 100)) == [(ACCEPTED, "")]
    assert fates(venue.order(1, SELL, 20, 150)) == [(REJECTED, "insufficient_margin")]
    assert venue.exchange.set_leverage(1, 0, 10) == "insufficient_margin"
    assert venue.exchange.set_leverage(1, 0, 126) == "leverage"
    assert venue.exchange.set_leverage(1, 0, 40) is None


def test_what_an_order_loses_at_the_mark_must_be_covered_too() -> None:
    """At a mark of 100, ten lots at 104 bind 52 and lose 40 of 100 USDT; at 105 it is 52.5 and 50."""
    venue = Venue(deposit=100)
    assert fates(venue.order(1, BUY, 10, 90)) == [(ACCEPTED, "")]
    venue.exchange.mark(venue.tick(), 0, 100)
    venue.exchange.cancel_all(venue.tick(), 1, 0)
    short = [(REJECTED, "insufficient_margin")]
    assert fates(venue.order(1, BUY, 10, 105)) == short
    assert fates(venue.order(1, BUY, 10, 104)) == [(ACCEPTED, "")]
    assert fates(venue.exchange.amend(venue.tick(), 1, 2, 105, 10 * LOT)) == [
        (AMEND_REJECTED, "insufficient_margin")
    ]
    venue.exchange.cancel_all(venue.tick(), 1, 0)
    assert fates(venue.order(1, SELL, 10, 94)) == short
    venue.book({}, {101: 1, 120: 9})
    assert fates(venue.order(1, BUY, 10, None)) == short
    assert fates(venue.order(1, BUY, 1, None)) == [(ACCEPTED, "")]


def test_an_order_that_only_closes_is_taken_whatever_it_loses() -> None:
    """Bought at 100, the mark at 97: nothing is available, and the bid is far below."""
    venue = Venue(deposit=100, maintenance_rate="0")
    venue.book({80: 20}, {100: 20})
    venue.exchange.mark(venue.tick(), 0, 100)
    venue.order(1, BUY, 20, 100)
    venue.exchange.mark(venue.tick(), 0, 97)
    assert venue.exchange.margin(1, "USDT")[-1] < 0
    assert fates(venue.order(1, BUY, 1, 80)) == [(REJECTED, "insufficient_margin")]
    assert fates(venue.order(1, SELL, 20, None)) == [(ACCEPTED, "")]
    assert venue.position(1) == 0


def test_both_sides_of_a_trade_are_booked_and_fees_go_to_the_exchange() -> None:
    """Account 1 buys at 100 and sells at 110; what one gains the other loses."""
    venue = Venue()
    venue.exchange.mark(0, 0, 100)
    venue.order(2, SELL, 2, 100)
    venue.order(1, BUY, 2, 100)
    venue.order(2, BUY, 2, 110)
    venue.order(1, SELL, 2, 110)
    assert venue.exchange.balances(1) == {"USDT": Decimal("1000019.79")}
    assert venue.exchange.balances(2) == {"USDT": Decimal("999979.916")}
    assert venue.exchange.fee_account() == {"USDT": Decimal("0.294")}
    assert venue.exchange.total("USDT") == 2_000_000
    assert [(e[3:]) for e in venue.exchange.ledger(1)][1:] == [
        (Decimal("-0.1"), "commission", 0, 1),
        (Decimal(20), "realized_pnl", 0, 2),
        (Decimal("-0.11"), "commission", 0, 2),
    ]


def test_a_third_fee_asset_pays_as_long_as_its_wallet_lasts() -> None:
    """Then the settlement asset does, so that no wallet goes below zero for a fee."""
    venue = Venue(fee_asset="BNB", fee_price="500")
    venue.exchange.deposit(venue.tick(), 2, "BNB", "0.00015")
    venue.book({}, {100: 9})
    assert [e[8:10] for e in venue.order(2, BUY, 1, None) if e[0] == FILL] == [(Decimal("0.0001"), "BNB")]
    assert [e[8:10] for e in venue.order(2, BUY, 1, None) if e[0] == FILL] == [(Decimal("0.05"), "USDT")]


def test_liquidation_closes_what_the_wallet_cannot_carry() -> None:
    """Twenty lots bought at 100 with 100 USDT: at a mark of 95 nothing is left of them."""
    venue = Venue(deposit=100, maker_fee="0", taker_fee="0")
    venue.book({95: 50}, {100: 50})
    venue.order(1, BUY, 20, 100)
    venue.order(1, SELL, 1, 120)
    assert venue.exchange.mark(venue.tick(), 0, 96) == []
    events = venue.exchange.mark(venue.tick(), 0, 95)
    assert fates(events) == [(EXPIRED, "liquidation"), (ACCEPTED, "")]
    assert fills(events) == [(1, 95, 20, False)]
    order = venue.exchange.order(1, client_id="autoclose-1")
    assert order is not None
    assert (order[7], order[12]) == (True, "filled")
    assert venue.exchange.balances(1) == {"USDT": Decimal(0)}


def test_the_outside_market_covers_what_a_liquidation_left_below_zero() -> None:
    """The position is closed 40 USDT below what the wallet held."""
    venue = Venue(deposit=100, maker_fee="0", taker_fee="0")
    venue.book({93: 50}, {100: 50})
    venue.order(1, BUY, 20, 100)
    venue.exchange.mark(venue.tick(), 0, 95)
    assert venue.exchange.balances(1) == {"USDT": Decimal(0)}
    assert venue.exchange.ledger(1)[-1][3:5] == (Decimal(40), "insurance_clear")
    assert venue.exchange.balances(0) == {"USDT": Decimal(100)}
    assert venue.exchange.total("USDT") == 200


def test_funding_moves_money_from_longs_to_shorts() -> None:
    """0.01 % of 2,000 USDT."""
    venue = Venue()
    venue.order(2, SELL, 20, 100)
    venue.order(1, BUY, 20, 100)
    venue.exchange.mark(venue.tick(), 0, 100)
    before = [venue.exchange.balances(account)["USDT"] for account in (1, 2)]
    venue.exchange.fund(venue.tick(), 0, "0.0001")
    after = [venue.exchange.balances(account)["USDT"] for account in (1, 2)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [Decimal("-0.2"), Decimal("0.2")]
    assert venue.exchange.ledger(1)[-1][3:] == (Decimal("-0.2"), "funding", 0, None)


def test_depth_changes_are_told_once() -> None:
    """Zero where a level is gone."""
    venue = Venue()
    venue.book({100: 5}, {101: 4})
    venue.order(1, BUY, 1, 100)
    assert venue.exchange.take_depth(0) == ([(100, 6 * LOT)], [(101, 4 * LOT)])
    venue.order(1, BUY, 4, 101)
    assert venue.exchange.take_depth(0) == ([], [(101, 0)])
    assert venue.exchange.take_depth(0) == ([], [])
    assert venue.exchange.best(0) == (100, 6 * LOT, None, None)


def test_calls_that_name_what_is_not_there_are_errors() -> None:
    """The message says what."""
    venue = Venue()
    with pytest.raises(InputError, match="account 3 was not added"):
        venue.order(3, BUY, 1, 100)
    with pytest.raises(InputError, match="account 0 is the outside market"):
        venue.order(0, BUY, 1, 100)
    with pytest.raises(InputError, match="instrument 7 was not added"):
        venue.exchange.mark(0, 7, 100)
    with pytest.raises(InputError, match="no more than the wallet holds"):
        venue.exchange.deposit(0, 1, "USDT", -2_000_000)
