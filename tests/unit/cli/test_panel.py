"""The live panel drawn from a snapshot."""

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from alipes.cli.panel import FillLine, OwnQuote, Snapshot, line, panel
from alipes.cli.panel.ladder import bar

SHOT = Snapshot(
    title="BTC/USDT:USDT",
    place="synthetic market",
    mode="paper",
    elapsed_s=12.4,
    total_s=30,
    digits=1,
    base="BTC",
    quote="USDT",
    state="synced",
    asks=[(60000.1 + 0.1 * step, 1.5) for step in range(20)],
    bids=[(60000.0 - 0.1 * step, 2.5) for step in range(20)],
    own=[OwnQuote("buy", 59999.9, 0.01, 1.234), OwnQuote("sell", 60000.1, 0.01, 0.0)],
    position=Decimal("-0.02"),
    average_price=Decimal("60001.35"),
    realized=Decimal("12.3456"),
    unrealized=Decimal("-0.44"),
    fees=Decimal("1.22"),
    equity=[0.0, 1.0, 4.0],
    fills=[FillLine(11.0, "sell", Decimal("0.010"), Decimal("60000.1"), is_maker=True, fee=Decimal("0.1"))],
    counts={"messages": 12345, "maker fills": 1},
    latency={"tick to decision": (12_000.0, 55_000.0)},
)


def drawn(shot: Snapshot, width: int = 100, height: int = 30) -> str:
    out = io.StringIO()
    Console(file=out, width=width, height=height).print(panel(shot, width=width, height=height))
    return out.getvalue()


def test_the_panel_shows_quotes_queue_money_fills_and_speed():
    text = drawn(SHOT)
    for part in (
        "60000.1", "◀ 0.01 1.234 ahead", "◀ 0.01 first", "● synced",
        "-0.02 BTC @ 60,001.4", "+12.35", "-0.44",
        "+10.69 USDT", "maker", "12 µs", "55 µs", "messages 12,345", "12.4 / 30 s",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (160, 50), (60, 40)])
def test_no_line_is_wider_than_the_terminal(width: int, height: int):
    lines = drawn(SHOT, width, height).splitlines()
    assert max(map(len, lines)) <= width
    if width >= 80:
        assert len(lines) <= height


def test_a_fault_or_a_halt_is_said_at_the_foot():
    warned = drawn(
        replace(SHOT, warnings=["quoter FAULTED: ZeroDivisionError: division by zero", "more " * 50])
    )
    assert "quoter FAULTED: ZeroDivisionError" in warned
    assert len(warned.splitlines()) == len(drawn(SHOT).splitlines())


def test_an_empty_market_and_no_fills_draw_too():
    empty = replace(SHOT, asks=[], bids=[], own=[], fills=[], equity=[], unrealized=None, state="buffering")
    text = drawn(empty)
    assert "no market" in text
    assert "none yet" in text
    assert "● buffering" in text


def test_the_panel_keeps_its_height_as_the_book_thins():
    assert len(drawn(SHOT).splitlines()) == len(
        drawn(replace(SHOT, asks=SHOT.asks[:1], fills=[])).splitlines()
    )


def test_the_plain_line_says_the_same():
    expected = (
        "  12.4 s  60,000.0 / 60,000.1  position -0.02 BTC  net +10.69 USDT  fills 1  tick to decision 12 µs"
    )
    assert line(SHOT) == expected


def test_a_bar_is_proportional_in_eighths():
    assert bar(1.0, 2.0, "red", 4).plain == "██  "
    assert bar(0.0, 0.0, "red", 4).plain == "    "
    assert bar(2.0, 2.0, "red", 4).plain == "████"
