"""Alipes: crypto trading engine for Python."""

from typing import TYPE_CHECKING, Any

from alipes._core import (
    BookSync,
    BookView,
    CaptureReader,
    InstrumentSpec,
    OrderBook,
    SyncState,
    SynthMarket,
    __version__,
)
from alipes.data import Bars, bars, columns
from alipes.strategy import Context, Strategy

if TYPE_CHECKING:
    from alipes import backtest as backtest
    from alipes import rules as rules

__all__ = [
    "Bars",
    "BookSync",
    "BookView",
    "CaptureReader",
    "Context",
    "InstrumentSpec",
    "OrderBook",
    "Strategy",
    "SyncState",
    "SynthMarket",
    "__version__",
    "backtest",
    "bars",
    "columns",
    "rules",
]

_LAZY = frozenset({"backtest", "rules"})


def __getattr__(name: str) -> Any:
    """Parts that are heavier than the rest load on first use."""
    if name in _LAZY:
        import importlib  # noqa: PLC0415

        return importlib.import_module(f"alipes.{name}")
    raise AttributeError(f"module 'alipes' has no attribute {name!r}")
