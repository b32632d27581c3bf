"""Orders and fills as a run leaves them, for the report's tests."""

from decimal import Decimal
from typing import Any

from alipes import InstrumentSpec
from alipes.model import Fill, Instrument, Order, OrderState, OrderType, Side
from alipes.report import EquityPoint, PositionRow, Summary, summarise

SPEC = InstrumentSpec(
    symbol="BTC/USDT:USDT", base="BTC", quote="USDT", settle="USDT", tick_size="0.1", lot_size="0.001"
)
BTC = Instrument("main", "BTC/USDT:USDT", 0, SPEC)


def fill(number: int, side: Side, price: str, size: str, *, is_maker: bool, fee: str) -> Fill:
    ticks, steps = SPEC.ticks(price), SPEC.steps(size)
    return Fill(
        f"order{number}", str(number), "quoter", BTC, side, ticks, steps, is_maker, Decimal(fee), "USDT",
        1_000_000 * number, 1_000_000 * number + 500,
    )  # fmt: skip


FILLS = [
    fill(1, Side.BUY, "60000.1", "0.010", is_maker=True, fee="0.12000020"),
    fill(2, Side.SELL, "60010.0", "0.004", is_maker=True, fee="0.048008"),
    fill(3, Side.SELL, "60011.3", "0.006", is_maker=False, fee="0.1800339"),
]


def order(
    number: int, side: Side, kind: OrderType, steps: int, ticks: int | None = None, **fate: Any
) -> Order:
    return Order(f"order{number}", BTC, "quoter", side, kind, steps, ticks, **fate)


def filled(
    number: int, side: Side, kind: OrderType, steps: int, ticks: int | None = None, **known: Any
) -> Order:
    cost = steps * (ticks or 600_113)
    return order(
        number, side, kind, steps, ticks, state=OrderState.FILLED, filled_steps=steps, cost=cost, **known
    )


def orders() -> list[Order]:
    denied = ("max_order_size", "0.009 is above 0.005")
    return [
        filled(1, Side.BUY, OrderType.LIMIT, 10_000, 600_001, venue_order_id="v1"),
        filled(2, Side.SELL, OrderType.LIMIT, 4_000, 600_100),
        filled(3, Side.SELL, OrderType.MARKET, 6_000),
        order(4, Side.SELL, OrderType.LIMIT, 9_000, 600_100, state=OrderState.DENIED, denied=denied),
    ]


EQUITY = [EquityPoint(1_000_000, "main", "USDT", Decimal(100_000), Decimal(0), Decimal(100_000))]


def summary() -> Summary:
    flat = PositionRow(
        strategy="quoter",
        instrument="main:BTC/USDT:USDT",
        size=Decimal(0),
        average_price=None,
        realized=Decimal("0.1068"),
        unrealized=Decimal(0),
        asset="USDT",
    )
    return summarise(
        run={"mode": "backtest", "venue": "binanceusdm", "seed": 1, "first": 10**9, "last": 3 * 10**9},
        market={"messages": 1000, "gaps": 0, "resyncs": 0, "repeats": 2},
        decisions=900,
        orders=orders(),
        fills=FILLS,
        positions=[flat],
        faults={"momentum": "ZeroDivisionError: division by zero"},
        restrictions={"main": "halted: daily loss"},
        books={},
        warnings=[],
        wall_seconds=0.5,
        latencies={
            "decode_apply": {"count": 3, "p50_us": 1.5, "p99_us": 2.0},
            "tick_to_decision": {"count": 0},
        },
    )
