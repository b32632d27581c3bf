"""Alipes: crypto trading engine for Python."""

from alipes._core import BookSync, InstrumentSpec, SyncState, __version__

__all__ = ["BookSync", "InstrumentSpec", "SyncState", "__version__"]
