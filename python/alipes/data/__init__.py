"""Recorded market data: captures, their columns and their event logs."""

from alipes.data.capture import Market, open_capture
from alipes.data.columns import columns, event_log

__all__ = ["Market", "columns", "event_log", "open_capture"]
