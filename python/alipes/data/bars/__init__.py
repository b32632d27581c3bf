"""Bars from whatever holds them: checked, in UTC, as read-only columns."""

from alipes.data.bars.funding import as_funding
from alipes.data.bars.read import as_bars, bars
from alipes.data.bars.series import Bars, Gaps

__all__ = ["Bars", "Gaps", "as_bars", "as_funding", "bars"]
