"""Backtests on bars, measured: equality with vectorbt, then speed, memory, scaling (`make bench-bars`)."""
