"""Does the order book foretell the next second? One compiled pass over a capture, the rest is numpy.

Make a capture first: ``alipes demo --seconds 20 --record market.jsonl.gz``
"""

import sys

import numpy as np

import alipes

capture = sys.argv[1] if len(sys.argv) > 1 else "market.jsonl.gz"
found = alipes.columns(
    capture,
    ["mid", "spread", "imbalance(5)", "ofi"],
    venue="binanceusdm",
    instrument="BTC/USDT:USDT",
    tick_size="0.1",
    lot_size="0.001",
    every="100ms",
)

mid = found["mid"]
next_second = mid[10:] - mid[:-10]
print(f"{len(mid)} rows, mid {np.nanmin(mid):.1f} to {np.nanmax(mid):.1f}")
for name in ("imbalance(5)", "ofi"):
    signal = found[name][:-10]
    known = np.isfinite(signal) & np.isfinite(next_second)
    correlation = np.corrcoef(signal[known], next_second[known])[0, 1]
    print(f"{name:13} correlation with the next second: {correlation:+.3f}")
