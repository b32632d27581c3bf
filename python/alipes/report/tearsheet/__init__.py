"""The tearsheet of a backtest: one figure for a notebook, one HTML file for everybody else.

Draws a `Sheet`; does not know where the numbers come from. plotly (the extra ``report``) loads on first use.
"""

from alipes.report.tearsheet.figure import figure
from alipes.report.tearsheet.page import page
from alipes.report.tearsheet.sheet import Sheet

__all__ = ["Sheet", "figure", "page"]
