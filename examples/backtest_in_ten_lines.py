"""A sweep of two crossing averages with a stop, and its best run in full."""

import alipes
import alipes.rules as r

bars = alipes.bars("examples/sma_cross.csv.gz")  # or a DataFrame, Arrow, ccxt's lists, a mapping of arrays
fast, slow = r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))
rules = r.Rules(
    enter_long=r.cross_above(fast, slow),
    exit_long=r.cross_below(fast, slow),
    stop_loss=r.param("k") * r.atr(14),
)
grid = {"fast": range(5, 60, 5), "slow": range(20, 200, 10), "k": [2.0, 3.0]}
sweep = alipes.backtest.sweep(rules, bars, params=grid, where="fast < slow", fees_bps=5)
print(sweep)
print(sweep.run(sweep.best("sharpe").index))  # orders, trades, equity; .plot(), .to_html("page.html")
