"""What vectorbt and backtesting.py fill where their semantics and ours are the same, as recorded runs.

Run from the root of the repository, where both can be imported, to write the file that the tests read:

    python -m tests.reference.bar_oracle tests/unit/backtest/fills_oracle.json

What must be set so that the same thing happens (ours beside theirs):

* vectorbt `from_signals`: `fill="same_close"`; all cash is `equity(1)`, `size` is `units`; no bar carries
  both an entry and an exit; a stop is live from the next bar on both sides, but vectorbt takes no entry in
  the bar of a stop, so such cases are left out; its stops have no slippage, so they run without.
* backtesting.py: `fill="next_open"` (`trade_on_close=False`), whole units, `commission` is the taker and the
  maker fee, stop and target given as prices from the next open; its target needs a touch only, so prices
  touch nothing.
"""

import importlib.metadata
import json
import random
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEP = 3_600_000_000_000
START = 1_704_067_200_000_000_000
BARS = 150
TENTH = slice(9, None, 10)
"""The bars whose equity is recorded; the last one is among them."""


@dataclass(frozen=True)
class Case:
    """Bars with signals and terms, all from the seed."""

    seed: int
    peer: str
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    entries: list[bool]
    exits: list[bool]
    short_entries: list[bool]
    units: float | None
    fee: float
    fixed_fee: float
    slippage: float
    stop: float | None
    target: float | None


def signals(rng: random.Random, density: float, taken: list[list[bool]]) -> list[bool]:
    """Random signals where none of `taken` is true; none at bar 0, which backtesting.py does not show."""
    return [k > 0 and rng.random() < density and not any(each[k] for each in taken) for k in range(BARS)]


def case(seed: int, peer: str) -> Case:
    """Prices of many decimals, so that nothing is touched exactly."""
    rng, rows, last = random.Random(seed), [], 100.0
    for _ in range(BARS):
        open_ = last * (1 + rng.gauss(0, 0.004))
        close = open_ * (1 + rng.gauss(0, 0.012))
        high, low = (
            max(open_, close) * (1 + rng.random() * 0.01),
            min(open_, close) * (1 - rng.random() * 0.01),
        )
        rows.append((open_, high, low, close))
        last = close
    has_stop, is_both = rng.random() < 0.5, rng.random() < 0.4
    entries = signals(rng, 0.06, [])
    exits = signals(rng, 0.06, [entries])
    shorts = signals(rng, 0.05 if is_both else 0.0, [entries, exits])
    units = 3.0 if is_both or peer == "backtesting.py" else None
    prices = [list(column) for column in zip(*rows, strict=True)]
    slippage = 0.0 if has_stop or peer == "backtesting.py" else rng.choice([0.0, 0.0005])
    fixed = rng.choice([0.0, 1.5]) if peer == "vectorbt" else 0.0
    target = 0.03 if has_stop and peer == "backtesting.py" else None
    fee = rng.choice([0.0, 0.001])
    return Case(
        seed,
        peer,
        *prices,
        entries,
        exits,
        shorts,
        units,
        fee,
        fixed,
        slippage,
        0.02 if has_stop else None,
        target,
    )


def by_vectorbt(given: Case) -> dict[str, Any] | None:
    """Order records and value; None where an entry falls into the bar of a stop."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    import vectorbt as vbt  # noqa: PLC0415

    index = pd.to_datetime([START + k * STEP for k in range(BARS)])
    frame = {name: pd.Series(getattr(given, name), index=index) for name in ("open", "high", "low", "close")}
    arrays = {name: np.array(getattr(given, name)) for name in ("entries", "exits", "short_entries")}
    rest: dict[str, Any] = {"fees": given.fee, "fixed_fees": given.fixed_fee, "slippage": given.slippage}
    if given.units is not None:
        rest |= {"size": given.units, "size_type": "amount"}
    if any(given.short_entries):
        rest |= {"short_exits": np.zeros(BARS, bool), "upon_opposite_entry": "reverse"}
    else:
        del arrays["short_entries"]
    if given.stop is not None:
        rest["sl_stop"] = given.stop
    portfolio = vbt.Portfolio.from_signals(**frame, **arrays, **rest, init_cash=10_000.0, freq="1h")
    orders = portfolio.orders.records
    fills = []
    for row in orders.to_dict("records"):
        signed = row["size"] if row["side"] == 0 else -row["size"]
        fills.append([int(row["idx"]), float(signed), float(row["price"]), float(row["fees"])])
    if given.stop is not None:
        stops = {
            bar
            for bar, *_ in fills
            if not (given.entries[bar] or given.exits[bar] or given.short_entries[bar])
        }
        stops |= {bar for bar, signed, price, _ in fills if price != given.close[bar]}
        if any(given.entries[bar] or given.short_entries[bar] for bar in stops):
            return None
    return {"fills": fills, "equity": portfolio.value().to_list()[TENTH]}


def by_backtesting(given: Case) -> dict[str, Any]:
    """Trades and equity of a strategy that orders on the bar's close."""
    import pandas as pd  # noqa: PLC0415
    from backtesting import Backtest, Strategy  # noqa: PLC0415

    class Signals(Strategy):
        def init(self) -> None:
            pass

        def next(self) -> None:
            k = len(self.data) - 1
            side = 1 if given.entries[k] else -1 if given.short_entries[k] else 0
            held = (self.position.size > 0) - (self.position.size < 0)
            if held > 0 and given.exits[k]:
                self.position.close()
            elif side and held != side:
                if held:
                    self.position.close()
                self.order(k, side)

        def order(self, k: int, side: int) -> None:
            entry, levels = given.open[min(k + 1, BARS - 1)], {}
            if given.stop is not None and given.target is not None:
                levels = {"sl": entry * (1 - side * given.stop), "tp": entry * (1 + side * given.target)}
            (self.buy if side > 0 else self.sell)(size=int(given.units or 1), **levels)

    index = pd.to_datetime([START + k * STEP for k in range(BARS)])
    names = {name.title(): getattr(given, name) for name in ("open", "high", "low", "close")}
    frame = pd.DataFrame({**names, "Volume": 1.0}, index=index)
    test = Backtest(
        frame, Signals, cash=10_000.0, commission=given.fee, trade_on_close=False, finalize_trades=False
    )
    stats = test.run()
    trades = stats["_trades"].sort_values(["EntryBar", "ExitBar"])
    rows = [
        [int(row.EntryBar), int(row.ExitBar), float(row.Size), float(row.EntryPrice), float(row.ExitPrice)]
        for row in trades.itertuples()
    ]
    return {"trades": rows, "equity": stats["_equity_curve"]["Equity"].to_list()[TENTH]}


def record() -> dict[str, Any]:
    """Both peers over their cases."""
    found: dict[str, Any] = {
        "versions": {name: importlib.metadata.version(name) for name in ("vectorbt", "backtesting")},
        "vectorbt": {},
        "backtesting.py": {},
    }
    for seed in range(30):
        filled = by_vectorbt(case(seed, "vectorbt"))
        if filled is not None:
            found["vectorbt"][str(seed)] = filled
        found["backtesting.py"][str(seed)] = by_backtesting(case(seed, "backtesting.py"))
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    Path(sys.argv[1]).write_text(json.dumps(record()), encoding="utf-8")
