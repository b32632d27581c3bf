"""Backtests on bars, measured: equality with vectorbt first, then speed, memory and scaling (`make bench-bars`)."""
