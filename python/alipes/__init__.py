"""Alipes: crypto trading engine for Python."""

from alipes._core import InstrumentSpec, __version__

__all__ = ["InstrumentSpec", "__version__"]
