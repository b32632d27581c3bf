"""Market data as people have it: bars, and recorded captures with their columns and event logs."""

from alipes.data.bars import Bars, as_bars, as_funding, bars
from alipes.data.capture import Market, open_capture
from alipes.data.columns import columns, event_log

__all__ = ["Bars", "Market", "as_bars", "as_funding", "bars", "columns", "event_log", "open_capture"]
