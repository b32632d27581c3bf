"""The public types as a user sees them. `mypy tests/typing` checks this file; nothing runs it.

Each block is code that must type-check as it stands; `assert_type` pins what comes back, and an ignored error
that is none any more is an error itself.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import alipes
import alipes.rules as r
from alipes import backtest
from alipes.backtest.sweeps import Distribution, Heatmap, Row
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
from alipes.report.tables import Table
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


def bars() -> alipes.Bars:
    data = assert_type(alipes.bars("bars.parquet"), alipes.Bars)
    assert_type(data.ts, NDArray[np.int64])
    assert_type(data["close"], NDArray[np.float64])
    assert_type(data[-100:], alipes.Bars)
    assert_type(data.step, int)
    data.step = 1  # type: ignore[misc]
    return data


def rules() -> r.Rules:
    fast, slow = assert_type(r.sma(r.close, r.param("fast")), r.Expr), r.ema(r.close, 2 * r.param("n") + 1)
    assert_type(fast + 1, r.Expr)
    assert_type(fast > slow, r.Condition)
    assert_type((fast > slow) & ~(r.rsi(r.close) > 70), r.Condition)
    assert_type(r.tf("1h", fast), r.Expr)
    assert_type(r.other("ETH", fast > slow), r.Condition)
    assert_type(r.bollinger(r.close, 20).upper, r.Expr)
    assert_type(r.evaluate(fast, bars()), Any)
    made = r.Rules(
        enter_long=r.cross_above(fast, slow),
        exit_long=fast < slow,
        size=assert_type(r.risk(0.01), r.Size),
        stop_loss=r.param("k") * r.atr(14),
        take_profit=assert_type(r.pct(0.02), r.Ratio),
        max_bars=48,
    )
    assert_type(made.params, dict[str, tuple[str, ...]])
    assert_type(made.warmup_bars({"fast": 10, "n": 5, "k": 2.0}, step="1h"), int)
    made.pyramid = 1  # type: ignore[misc]
    r.Rules(fast > slow, opposite="flip")  # type: ignore[arg-type]
    r.Rules(fast > slow, stop_loss=0.02)  # type: ignore[arg-type]
    return made


def bar_results(is_up: NDArray[np.bool_]) -> None:
    result = backtest.run(rules(), bars(), params={"fast": 10}, fees_bps=5, fill="next_close")
    assert_type(result, backtest.Result)
    assert_type(backtest.run(Quoter, bars(), cash=1_000.0), backtest.Result)
    assert_type(backtest.signals(bars(), entries=is_up, size=r.equity(0.5)), backtest.Result)
    assert_type(result.stats, backtest.Stats)
    assert_type(result.stats["sharpe"], float)
    assert_type(result.stats.sharpe, float)
    for table in (result.equity, result.trades, result.orders, result.skipped, result.drawdowns):
        assert_type(table, Table)
    assert_type(result.trades.where(is_up).head(3), Table)
    assert_type(result.warnings, dict[str, str])
    assert_type(result.params, dict[str, float])
    assert_type(result.options, backtest.BarOptions)
    assert_type(result.ruined, int | None)
    assert_type(result.to_html("run.html"), Path)
    backtest.run(rules(), bars(), fill="next_opn")  # type: ignore[call-overload]
    backtest.run(rules(), bars(), fee_bps=5)  # type: ignore[call-overload]
    backtest.signals(bars(), entries=is_up, path="worst")  # type: ignore[arg-type]


def sweeps() -> None:
    found = backtest.sweep(
        rules(),
        bars(),
        params={"fast": range(5, 50, 5), "n": assert_type(backtest.integers(2, 90), Distribution), "k": 2.0},
        sample=100,
        where=r.param("fast") < r.param("n"),
        progress=lambda done, total: None,
        score_from="common",
    )
    assert_type(found, backtest.SweepResult)
    assert_type(found["sharpe"], NDArray[np.float64])
    assert_type(found.best(), Row)
    assert_type(found.best("max_drawdown", 5), list[Row])
    assert_type(found.best().params, dict[str, float])
    assert_type(found.run(found.best().index), backtest.Result)
    assert_type(found.heatmap("fast", "n", others="mean"), Heatmap)
    assert_type(found.heatmap("fast").values, NDArray[np.float64])
    assert_type(found.table(), Table)
    assert_type(found.warnings, tuple[str, ...])
    backtest.sweep(Quoter, bars(), params={})  # type: ignore[arg-type]


def look_ahead() -> None:
    report = backtest.check_lookahead(lambda df: df["close"], bars(), cuts=10)
    assert_type(report, backtest.LookaheadReport)
    assert_type(report.changed, Table)
    assert_type(report.warmup_bars, int | None)


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
