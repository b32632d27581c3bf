"""The live exchange when instruments change, and when it is put away and taken up again."""

from decimal import Decimal
from typing import Any

import pytest
from tests.reference.live_scenarios import Scenario, arguments_of
from tests.reference.live_venue import (
    ACCEPTED,
    BUY,
    CANCELLED,
    EXPIRED,
    LOT,
    REJECTED,
    SELL,
    Venue,
    fates,
    fills,
)

from alipes._core import InstrumentSpec, LiveExchange
from alipes.errors import DataError, InputError


def spec(tick: str = "1", lot: str = "1", **terms: Any) -> InstrumentSpec:
    """The instrument of `Venue` on other grids."""
    names = {"symbol": "X/USDT:USDT", "base": "X", "quote": "USDT"} | terms
    return InstrumentSpec(**names, tick_size=tick, lot_size=lot)


def change(venue: Venue, new: InstrumentSpec, status: str = "trading") -> list[Any]:
    """Changes the instrument."""
    return venue.exchange.set_instrument(venue.tick(), 0, new, status=status)


def test_orders_off_a_coarser_tick_expire_and_the_others_keep_their_places() -> None:
    """On a tick of 2 a price of 101 is none, and 100 is 50 ticks."""
    venue = Venue()
    venue.book({100: 5}, {})
    venue.order(1, BUY, 1, 100)
    venue.order(2, BUY, 1, 100)
    venue.order(1, BUY, 1, 101)
    assert fates(change(venue, spec("2"))) == [(EXPIRED, "price_rule")]
    assert venue.depth() == ({50: 2}, {})
    assert fills(venue.outside("trade", 50, LOT, SELL, 1)) == [(1, 50, 1, True)]


def test_orders_off_a_coarser_lot_expire() -> None:
    """Three lots of 1 are no whole lots of 2; two are one."""
    venue = Venue()
    venue.order(1, BUY, 2, 100)
    venue.order(1, BUY, 3, 100)
    assert fates(change(venue, spec(lot="2"))) == [(EXPIRED, "lot")]
    assert [order[:1] + order[8:10] for order in venue.exchange.open_orders(1)] == [(1, 100, 2 * LOT)]


def test_a_change_of_grids_costs_nobody_a_fraction() -> None:
    """Bought at 101 on a tick of 1, sold at 104 on one of 8: the position remembers 101."""
    venue = Venue(maker_fee="0", taker_fee="0")
    venue.exchange.mark(venue.tick(), 0, 103)
    venue.order(2, SELL, 2, 101)
    venue.order(1, BUY, 2, 101)
    change(venue, spec("8", "0.5"))
    assert venue.exchange.positions(1)[0][1:4] == (20_000, Decimal(101), Decimal(4))
    assert venue.exchange.mark_price(0) == 12
    events = venue.order(2, BUY, 20, 13) + venue.order(1, SELL, 20, 13)
    assert [event[10] for event in events if event[0] == 2] == [Decimal(-6), Decimal(6)]
    assert venue.exchange.balances(1) == {"USDT": Decimal(1_000_006)}
    assert venue.exchange.total("USDT") == 2_000_000
    change(venue, spec("0.25"))
    assert venue.exchange.mark_price(0) == 412
    assert venue.exchange.margin(1, "USDT")[0] == Decimal(1_000_006)


def test_margin_of_open_orders_survives_a_finer_tick() -> None:
    """Twenty lots at 100 bind 100 USDT at leverage 20, whatever the tick."""
    venue = Venue(deposit=1000)
    venue.order(1, BUY, 20, 100)
    assert venue.exchange.margin(1, "USDT")[3] == Decimal(100)
    change(venue, spec("0.1", "0.01"))
    assert venue.exchange.margin(1, "USDT")[3] == Decimal(100)
    venue.exchange.cancel_all(venue.tick(), 1, 0)
    assert venue.exchange.margin(1, "USDT")[3] == Decimal(0)


def test_nothing_trades_while_halted_and_what_then_crosses_trades_after() -> None:
    """Cancels work; an outside ask that came below our bid meets it when trading resumes."""
    venue = Venue()
    venue.order(1, BUY, 2, 100)
    venue.order(1, BUY, 2, 98)
    assert change(venue, spec(), "halted") == []
    assert fates(venue.order(2, SELL, 1, 100)) == [(REJECTED, "not_trading")]
    assert fates(venue.exchange.amend(venue.tick(), 1, 1, 101, LOT)) == [(6, "not_trading")]
    assert fates(venue.exchange.cancel(venue.tick(), 1, 2)) == [(CANCELLED, "")]
    assert venue.book({}, {99: 5}, "depth") == []
    assert venue.outside("trade", 99, LOT, SELL, 1) == []
    assert fills(change(venue, spec())) == [(1, 100, 2, True)]
    assert fates(venue.order(2, SELL, 1, 100)) == [(ACCEPTED, "")]


def test_a_spec_of_another_instrument_is_refused() -> None:
    """Symbol, assets, kind and contract size stay."""
    venue = Venue()
    with pytest.raises(InputError, match="not one of X/USDT:USDT"):
        change(venue, spec(symbol="Y/USDT:USDT"))
    with pytest.raises(InputError, match='status must be "trading", "halted" or "settling"'):
        change(venue, spec(), "open")


@pytest.mark.parametrize("seed", range(12))
def test_a_restored_exchange_goes_on_as_if_nothing_had_happened(seed: int) -> None:
    """After every fifth step: the same events, and in the end the same bytes."""
    scenario = Scenario(seed)
    exchange, _ = scenario.exchanges()
    other, _ = scenario.exchanges()
    for number, step in enumerate(scenario.steps):
        action, arguments = step[0], arguments_of(step, exchange)
        if number % 5 == 0:
            other = LiveExchange.restore(other.state())
        assert getattr(other, action)(*arguments) == getattr(exchange, action)(*arguments)
    assert other.state() == exchange.state()
    assert other.total("USDT") == exchange.total("USDT")


def test_damaged_states_are_refused() -> None:
    """Torn, changed, or of another version."""
    venue = Venue()
    venue.order(1, BUY, 2, 100)
    state = venue.exchange.state()
    for torn in (state[:20], state[:-1], state + b" "):
        with pytest.raises(DataError, match="the state is damaged"):
            LiveExchange.restore(torn)
    changed = state.replace(b'"price":100', b'"price":101')
    assert changed != state
    with pytest.raises(DataError, match="checksum"):
        LiveExchange.restore(changed)
    with pytest.raises(DataError, match="must begin with"):
        LiveExchange.restore(b"alipes-live-0" + state[13:])
