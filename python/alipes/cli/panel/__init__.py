"""The live panel: a snapshot of the engine and the picture drawn from it; neither knows the engine."""

from alipes.cli.panel.snapshot import FillLine, OwnQuote, Snapshot
from alipes.cli.panel.view import line, panel

__all__ = ["FillLine", "OwnQuote", "Snapshot", "line", "panel"]
