"""Alipes: crypto trading engine for Python."""

from alipes._core import __version__

__all__ = ["__version__"]
