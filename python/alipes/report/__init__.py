"""What a run leaves behind: the summary, its tables on the terminal, and the results folder."""

from alipes.report.files import EquityPoint, as_json, check_folder, write
from alipes.report.summary import BookRow, PositionRow, Summary, repeatable, summarise

__all__ = [
    "BookRow",
    "EquityPoint",
    "PositionRow",
    "Summary",
    "as_json",
    "check_folder",
    "repeatable",
    "summarise",
    "write",
]
