"""What the live exchange keeps of the past: bounded, the newest, and whatever is open."""

from decimal import Decimal

from alipes._core import InstrumentSpec, LiveExchange

LOT = 1000
BUY, SELL = 0, 1
EVERYTHING = 1_000_000
SPEC = InstrumentSpec(
    symbol="X/USDT:USDT", kind="linear", base="X", quote="USDT", tick_size="1", lot_size="1"
)


def _exchange():
    exchange = LiveExchange()
    exchange.add_instrument(0, SPEC, maker_fee="0", taker_fee="0.001")
    for account in (exchange.add_account(), exchange.add_account()):
        exchange.deposit(0, account, "USDT", 100_000_000)
    return exchange


def _submit(exchange, now, account, side, name=""):
    flags = {"post_only": False, "reduce_only": False}
    terms = {"index": 0, "side": side, "type": 0, "tif": 0, "price_ticks": 100, "size_steps": LOT}
    return exchange.submit(now, account, name or f"o{now}", **terms, **flags)


def test_twice_as_many_orders_as_are_kept_are_cut_to_the_newest_and_the_open_ones():
    exchange = _exchange()
    _submit(exchange, 1, 1, BUY, name="open")
    for number in range(2, 20_001):
        _submit(exchange, number, 1, BUY)
        exchange.cancel(number, 1, number)
    assert [row[0] for row in exchange.orders(1, 0, limit=EVERYTHING)] == list(range(1, 20_001))
    _submit(exchange, 20_001, 1, BUY, name="last")
    kept = [row[0] for row in exchange.orders(1, 0, limit=EVERYTHING)]
    assert kept == [1, *range(10_001, 20_002)]
    assert exchange.order(1, order_id=10_000) is None
    assert exchange.order(1, client_id="o10000") is None
    assert exchange.order(1, client_id="o10001")[0] == 10_001
    assert [row[0] for row in exchange.open_orders(1, 0)] == [1, 20_001]
    exchange.cancel(20_002, 1, 1)
    assert [row[1] for row in exchange.open_orders(1, 0)] == ["last"]


def test_a_client_id_that_was_used_again_names_its_newest_order_after_the_cut():
    exchange = _exchange()
    for number in range(1, 20_002):
        _submit(exchange, number, 1, BUY, name="again" if number in (1, 15_000) else "")
        exchange.cancel(number, 1, number)
    assert exchange.order(1, client_id="again")[0] == 15_000


def test_fills_and_ledger_are_cut_and_the_money_is_still_all_there():
    exchange = _exchange()
    for number in range(1, 20_002):
        seller, buyer = (1, 2) if number % 2 else (2, 1)
        _submit(exchange, number, seller, SELL)
        _submit(exchange, number, buyer, BUY)
    assert [row[0] for row in exchange.fills(1, 0, limit=EVERYTHING)] == list(range(10_001, 20_002))
    for number in range(100_000):
        exchange.deposit(30_000 + number, 1, "USDT", 1)
    entries = exchange.ledger(1, limit=EVERYTHING)
    assert 50_000 <= len(entries) < 100_000
    assert [entry[0] for entry in entries] == sorted(entry[0] for entry in entries)
    assert exchange.total("USDT") == Decimal(200_100_000)
