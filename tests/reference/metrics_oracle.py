"""What vectorbt, backtesting.py and quantstats say of the runs of `tests.reference.curves`, in our terms.

Run from the root of the repository, where the three can be imported, to write the file that the tests read:

    python -m tests.reference.metrics_oracle tests/unit/backtest/metrics_oracle.json

Every value is the peer's own: vectorbt replays the fills as orders, the other two get equity and trades. Only
units are changed: percent to ratios, spans to days, drawdowns to positive.
"""

import importlib.metadata
import json
import math
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

from tests.reference.curves import Case, cases
from tests.reference.metrics import DAY, daily_returns, midnights

PEERS = {"vectorbt": "vectorbt", "backtesting.py": "backtesting", "quantstats": "quantstats"}
"""Distribution by convention."""


def by_vectorbt(case: Case) -> dict[str, float]:
    """A portfolio of the same orders."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    import vectorbt as vbt  # noqa: PLC0415

    size = np.full(len(case.close), np.nan)
    for fill in case.fills:
        size[fill.bar] = fill.units
    close = pd.Series(case.close, index=pd.to_datetime(case.curve.ts))
    freq = pd.Timedelta(case.curve.step)
    portfolio = vbt.Portfolio.from_orders(
        close, size, fees=case.fee, init_cash=case.curve.initial, freq=freq, size_granularity=np.nan
    )
    np.testing.assert_allclose(portfolio.value().to_numpy(), case.curve.equity, rtol=1e-12)
    closed, returns = portfolio.trades.closed, portfolio.returns()
    return {
        "total_return": portfolio.total_return(),
        "cagr": portfolio.annualized_return(),
        "volatility": portfolio.annualized_volatility(),
        "sharpe": portfolio.sharpe_ratio(),
        "sortino": portfolio.sortino_ratio(),
        "calmar": portfolio.calmar_ratio(),
        "omega": portfolio.omega_ratio(),
        "max_drawdown": -portfolio.max_drawdown(),
        "max_drawdown_days": portfolio.drawdowns.max_duration() / pd.Timedelta(days=1),
        "trades": portfolio.trades.count(),
        "win_rate": closed.win_rate(),
        "profit_factor": closed.profit_factor(),
        "expectancy": closed.expectancy(),
        "sqn": closed.sqn(),
        "exposure": portfolio.trades.coverage(),
        "fees": portfolio.orders.fees.sum(),
        "best_trade": closed.returns.max(),
        "worst_trade": closed.returns.min(),
        "avg_trade": closed.returns.mean(),
        "var_95": portfolio.value_at_risk(),
        "skew": returns.skew(),
        "kurtosis": returns.kurtosis(),
    }


def by_backtesting(case: Case) -> dict[str, float]:
    """The statistics of `Backtest.run`, which counts closed trades only."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    from backtesting._stats import compute_stats  # noqa: PLC0415

    index = pd.to_datetime(case.curve.ts)
    trades = [
        SimpleNamespace(
            size=1.0, entry_bar=row.entry_bar, exit_bar=row.exit_bar, entry_price=1.0, exit_price=1.0,
            sl=None, tp=None, pl=row.pnl, pl_pct=row.ratio, tag=None, _commissions=row.fees,
            entry_time=index[row.entry_bar], exit_time=index[row.exit_bar],
        )
        for row in case.curve.closed
    ]  # fmt: skip
    data = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), case.close), index=index)
    found = compute_stats(trades, np.array(case.curve.equity), data, None)
    duration = found["Max. Drawdown Duration"]
    return {
        "total_return": found["Return [%]"] / 100,
        "cagr": found["CAGR [%]"] / 100,
        "volatility": found["Volatility (Ann.) [%]"] / 100,
        "sharpe": found["Sharpe Ratio"],
        "sortino": found["Sortino Ratio"],
        "calmar": found["Calmar Ratio"],
        "max_drawdown": -found["Max. Drawdown [%]"] / 100,
        "max_drawdown_days": duration / pd.Timedelta(days=1)
        if isinstance(duration, pd.Timedelta)
        else math.nan,
        "trades": found["# Trades"],
        "win_rate": found["Win Rate [%]"] / 100,
        "profit_factor": found["Profit Factor"],
        "expectancy": found["Expectancy [%]"] / 100,
        "sqn": found["SQN"],
        "exposure": found["Exposure Time [%]"] / 100,
        "fees": found.get("Commissions [$]", 0.0),
        "best_trade": found["Best Trade [%]"] / 100,
        "worst_trade": found["Worst Trade [%]"] / 100,
        "avg_trade": found["Avg. Trade [%]"] / 100,
    }


def by_quantstats(case: Case) -> dict[str, float]:
    """The functions of `quantstats.stats` on our daily returns, each with its defaults."""
    import pandas as pd  # noqa: PLC0415
    from quantstats import stats  # noqa: PLC0415

    # A return is of the day before the midnight at which it is known.
    index = pd.to_datetime([midnight - DAY for midnight in midnights(case.curve)])
    returns = pd.Series(daily_returns(case.curve), index=index, dtype=float)
    if not len(returns):
        return {}
    longest = stats.drawdown_details(stats.to_drawdown_series(returns))["days"].max()
    return {
        "total_return": stats.comp(returns),
        "cagr": stats.cagr(returns),
        "volatility": stats.volatility(returns),
        "sharpe": stats.sharpe(returns),
        "sortino": stats.sortino(returns),
        "calmar": stats.calmar(returns),
        "omega": stats.omega(returns),
        "max_drawdown": -stats.max_drawdown(returns),
        "max_drawdown_days": longest,
        "win_rate": stats.win_rate(returns),
        "profit_factor": stats.profit_factor(returns),
        "exposure": stats.exposure(returns),
        "var_95": stats.value_at_risk(returns),
        "skew": stats.skew(returns),
        "kurtosis": stats.kurtosis(returns),
    }


ORACLES = {"vectorbt": by_vectorbt, "backtesting.py": by_backtesting, "quantstats": by_quantstats}
"""Statistics of a case by convention; ImportError without the peer."""


def asked(convention: str, case: Case) -> dict[str, float]:
    """A peer's statistics of a case, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: float(value) for name, value in ORACLES[convention](case).items()}


def main(path: Path) -> None:
    """Writes what all peers say of all cases; floats in full, nan and infinities as words."""
    written = {
        convention: {
            "version": importlib.metadata.version(distribution),
            "cases": {
                case.name: {name: repr(value) for name, value in asked(convention, case).items()}
                for case in cases()
            },
        }
        for convention, distribution in PEERS.items()
    }
    path.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
