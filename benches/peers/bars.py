"""The dual-SMA grid by vectorbt and one run by backtesting.py; run in the environment of the peers.

    python benches/peers/bars.py FOLDER

FOLDER holds `close.npy` and `work.json` (windows, fees, cash, bars of backtesting.py, rounds). What comes out
lies there too: `windows.npy`, one (combinations,) array a metric, and `told.json` with seconds and memory.
Both contenders get the very array that we get.
"""

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def grid(price: pd.Series, work: dict) -> dict[str, np.ndarray]:
    """All pairs of windows, in one call for each step as vectorbt's users write it."""
    import vectorbt as vbt

    windows = np.array(work["windows"])
    fast, slow = vbt.MA.run_combs(price, window=windows, r=2, short_names=["fast", "slow"])
    portfolio = vbt.Portfolio.from_signals(
        price,
        fast.ma_crossed_above(slow),
        fast.ma_crossed_below(slow),
        fees=work["fees"],
        init_cash=work["cash"],
        freq="1min",
    )
    total = portfolio.total_return()
    names = ["fast_window", "slow_window"]
    return {
        "windows": np.column_stack([total.index.get_level_values(name) for name in names]).astype(np.int64),
        "total_return": total.to_numpy(),
        "max_drawdown": portfolio.max_drawdown().to_numpy(),
        "sharpe": portfolio.sharpe_ratio().to_numpy(),
        "trades": portfolio.trades.count().to_numpy(),
    }


def vectorbt_seconds(price: pd.Series, work: dict, folder: Path) -> float:
    """The best round of the grid after one on few bars that compiles what it compiles."""
    import vectorbt as vbt

    vbt.settings["engine"] = "rust"
    grid(price.iloc[: min(len(price), 2_000)], work)
    best = float("inf")
    for _ in range(work["rounds"]):
        started = time.perf_counter()
        found = grid(price, work)
        best = min(best, time.perf_counter() - started)
    for name, values in found.items():
        np.save(folder / f"{name}.npy", values)
    return best


def backtesting_seconds(price: pd.Series, work: dict) -> float:
    """One run of the same cross, windows 10 and 30."""
    from backtesting import Backtest, Strategy
    from backtesting.lib import crossover

    def mean(values: np.ndarray, window: int) -> pd.Series:
        return pd.Series(values).rolling(window).mean()

    class Cross(Strategy):
        def init(self) -> None:
            self.fast = self.I(mean, self.data.Close, 10)
            self.slow = self.I(mean, self.data.Close, 30)

        def next(self) -> None:
            if crossover(self.fast, self.slow):
                self.buy()
            elif crossover(self.slow, self.fast):
                self.position.close()

    taken = price.iloc[: work["single_bars"]]
    frame = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), taken))
    test = Backtest(frame, Cross, cash=1e7, commission=work["fees"])
    started = time.perf_counter()
    test.run()
    return time.perf_counter() - started


def main() -> None:
    """Runs both and leaves the answers."""
    folder = Path(sys.argv[1])
    work = json.loads((folder / "work.json").read_text())
    close = np.load(folder / "close.npy")
    index = pd.date_range("2020-01-01", periods=len(close), freq="1min")
    price = pd.Series(close, index=index)
    told = {"vectorbt_s": vectorbt_seconds(price, work, folder)}
    told["vectorbt_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told["backtesting_s"] = backtesting_seconds(price, work)
    (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
