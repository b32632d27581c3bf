"""The summary and its tables."""

import io
from decimal import Decimal

from rich.console import Console
from tests.unit.report.results import summary

from alipes.report import repeatable
from alipes.report.lines import five_lines
from alipes.report.render import amount, duration, exact, summary_view


def test_fills_are_split_into_maker_and_taker_with_exact_sums():
    found = summary()
    assert found["maker"] == {"fills": 2, "volume": Decimal("0.014"), "notional": Decimal("840.041")}
    assert found["taker"] == {"fills": 1, "volume": Decimal("0.006"), "notional": Decimal("360.0678")}
    assert found["fees"] == {"USDT": Decimal("0.34804210")}


def test_profit_is_net_of_fees():
    assert summary()["pnl"]["USDT"]["net"] == Decimal("0.1068") - Decimal("0.34804210")


def test_orders_are_counted_by_state_and_refusals_by_code():
    states = {"denied": 1, "filled": 3}
    assert summary()["orders"] == {"total": 4, "by_state": states, "denied": {"max_order_size": 1}}


def test_what_depends_on_the_machine_is_apart():
    assert summary()["measured"]["messages_per_second"] == 2000
    assert "measured" not in repeatable(summary())


def test_the_view_shows_every_part():
    out = io.StringIO()
    Console(width=100, file=out).print(summary_view(summary()))
    text = out.getvalue()
    for part in (
        "backtest", "2.0 s", "messages", "1,000", "repeats", "decisions", "filled", "max_order_size", "maker",
        "0.014", "840.04", "quoter main:BTC/USDT:USDT", "+0.11", "-0.24", "decode apply", "1.5 µs",
        "FAULTED momentum: ZeroDivisionError: division by zero", "RESTRICTED main: halted: daily loss",
    ):  # fmt: skip
        assert part in text, part


def test_numbers_read_well():
    assert amount(Decimal("1234567.891")) == "1,234,567.89"
    assert exact(Decimal("0.0100")) == "0.01"
    assert exact(Decimal(1000)) == "1,000"
    assert [duration(each) for each in (150, 1500, 2.5e6, 3e9)] == ["150 ns", "1.5 µs", "2.5 ms", "3 s"]


def test_a_rebate_is_named_beside_the_profit_it_made():
    assert dict(five_lines(summary(), Decimal("-0.00005")))["profit"].endswith(
        "fees 0.35, a maker rebate of 0.5 bp"
    )
    assert "rebate" not in dict(five_lines(summary(), Decimal("0.0002")))["profit"]


def test_five_lines_say_the_same():
    assert five_lines(summary()) == [
        ("market", "1,000 messages in 2.0 s, book in step from start to end"),
        ("orders", "4 from 900 decisions: 1 denied, 3 filled"),
        ("fills", "2 maker and 1 taker worth 1,200.11; holding nothing"),
        ("profit", "-0.24 USDT: realized +0.11, unrealized 0.00, fees 0.35"),
        ("speed", "decode apply 1.5 µs (p99 2 µs)"),
    ]
