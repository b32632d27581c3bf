"""Alipes: crypto trading engine for Python."""

from alipes._core import BookSync, BookView, InstrumentSpec, OrderBook, SyncState, __version__

__all__ = ["BookSync", "BookView", "InstrumentSpec", "OrderBook", "SyncState", "__version__"]
