"""The public types as a user sees them. `mypy tests/typing` checks this file; nothing runs it.

Each block is code that must type-check as it stands; `assert_type` pins what comes back, and an ignored error
that is none any more is an error itself.
"""

from decimal import Decimal
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import alipes
from alipes.engine.result import EventResult
from alipes.model import (
    Bar,
    Fill,
    Filled,
    Instrument,
    Order,
    OrderEvent,
    OrderState,
    OrderType,
    PendingRequest,
    Position,
    Side,
    TimeInForce,
    Trade,
)
from alipes.orders import Applied, Lifecycle, MemoryJournal, Plan, Quote, plan_quote, plan_target
from alipes.ports import Connector, Journal
from alipes.risk import InstrumentLimits, RiskChecks


class Quoter(alipes.Strategy):
    """Every hook, with the types of its arguments."""

    def __init__(self, *, size: str = "0.01") -> None:
        self.size = size

    def on_start(self, ctx: alipes.Context, resumed: bool) -> None:  # noqa: FBT001 - the hook
        self.btc = assert_type(ctx.subscribe_book("BTC/USDT:USDT"), Instrument)
        ctx.subscribe_trades(self.btc)
        ctx.timer("tick", every="1s")
        ctx.state["started"] = not resumed

    def on_book(self, ctx: alipes.Context, book: alipes.BookView) -> None:
        assert_type(book.best_bid, float)
        assert_type(book.bbo(), tuple[float, float, float, float])
        ctx.quote(self.btc, bid=(book.best_bid, self.size), ask=(book.best_ask, Decimal("0.01")))

    def on_trade(self, ctx: alipes.Context, trade: Trade) -> None:
        assert_type(trade.price, float)
        assert_type(trade.taker, Side)
        assert_type(ctx.now, int)

    def on_bar(self, ctx: alipes.Context, bar: Bar) -> None:
        assert_type(bar.close, float)
        ctx.target(self.btc, 0.5)

    def on_timer(self, ctx: alipes.Context, name: str) -> None:
        order = assert_type(ctx.buy(self.btc, "0.01", price=60_000.0, post_only=True, tag=name), Order)
        ctx.sell(self.btc, notional=Decimal(100))
        ctx.amend(order, price="60000.1")
        ctx.cancel(order)
        assert_type(ctx.position(self.btc), Position)

    def on_order(self, ctx: alipes.Context, order: Order) -> None:
        assert_type(order.state, OrderState)
        assert_type(order.pending, PendingRequest)
        assert_type(order.price, Decimal | None)
        assert_type(order.leaves, Decimal)
        assert_type(order.average_price, Decimal | None)
        assert_type(order.denied, tuple[str, str] | None)
        ctx.log.info(order.reason)

    def on_fill(self, ctx: alipes.Context, fill: Fill) -> None:
        assert_type(fill.price * fill.size - fill.fee, Decimal)
        ctx.cancel_all()


def backtests() -> None:
    result = alipes.backtest.run(
        Quoter,
        "capture.jsonl.gz",
        venue="binanceusdm",
        instrument="BTC/USDT:USDT",
        tick_size="0.1",
        lot_size="0.001",
        params={"size": "0.02"},
    )
    assert_type(result, EventResult)
    assert_type(result.fills, list[Fill])


def books() -> None:
    book = alipes.OrderBook(tick_size="0.1", lot_size=0.001)
    book.apply(np.zeros((0, 2)), [("1.0", 2.0)])
    assert_type(book.depth(10), tuple[NDArray[np.float64], NDArray[np.float64]])
    sync = alipes.BookSync("binanceusdm", "BTC/USDT:USDT", tick_size="0.1", lot_size="0.001")
    assert_type(sync.feed(b"{}"), alipes.SyncState)
    sync.book.apply([], [])  # type: ignore[attr-defined]


def lifecycle(instrument: Instrument, event: OrderEvent, connector: Connector) -> None:
    life, journal = Lifecycle(), MemoryJournal()
    order = life.create(
        instrument, "maker", Side.BUY, OrderType.LIMIT, 10_000, price_ticks=1_000, tif=TimeInForce.IOC
    )
    life.submit(order)
    assert_type(life.request_amend(order, price_ticks=999), tuple[str, str] | None)
    applied = assert_type(life.apply(event), Applied)
    assert_type(applied.fill, Fill | None)
    records, requests = life.take_effects()
    keep(journal, connector)
    for record in records:
        journal.append(record)
    for _, each in requests:
        connector.submit(each)


def keep(journal: Journal, connector: Connector) -> None:
    journal.commit()
    assert_type(connector.next_due(), int | None)


def plans(life: Lifecycle, instrument: Instrument) -> None:
    mine = life.open_of(instrument, "maker")
    assert_type(plan_quote(mine, Quote(999, 1_000), None), Plan)
    assert_type(plan_target(mine, position_steps=0, target_steps=1_000), Plan)
    assert_type(mine.buy_steps, int)


def events_are_frozen(fill: Filled, order: Order) -> None:
    fill.size_steps = 1  # type: ignore[misc]
    order.size = Decimal(1)  # type: ignore[misc]
    order.filled = 0  # type: ignore[assignment,misc]
    order.tag = "x"  # type: ignore[misc]


def risk(instrument: Instrument, order: Order) -> None:
    checks = RiskChecks()
    checks.set_limits(instrument, InstrumentLimits(max_position=Decimal(1)))
    refusal = checks.refusal(
        order,
        price_ticks=None,
        size_steps=1_000,
        position_steps=0,
        open_buy_steps=0,
        open_sell_steps=0,
        touch=(None, 1_000),
    )
    assert_type(refusal, tuple[str, str] | None)
