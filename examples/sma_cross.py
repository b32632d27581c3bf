"""Two moving averages that cross, with a stop: rules to run once, or with many parameters.

    alipes backtest examples/sma_cross.toml
    alipes sweep examples/sma_cross.toml
    python examples/sma_cross.py

The bars are synthetic: what they earn says nothing of a market.
"""

from pathlib import Path

import alipes
import alipes.rules as r

fast, slow = r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))
rules = r.Rules(
    enter_long=r.cross_above(fast, slow),
    exit_long=r.cross_below(fast, slow),
    stop_loss=r.param("k") * r.atr(14),
)

if __name__ == "__main__":
    result = alipes.backtest.sweep(
        rules,
        alipes.bars(Path(__file__).with_name("sma_cross.csv.gz")),
        params={"fast": range(4, 40, 4), "slow": range(10, 120, 10), "k": [3.0]},
        where="fast < slow",
        fees_bps=5,
    )
    print(result)
    print(result.heatmap("fast", "slow"))
    print(result.run(result.best().index))
