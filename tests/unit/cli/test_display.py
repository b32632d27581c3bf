"""Where a running engine is shown: a panel on a terminal, plain lines elsewhere, nothing of it in results."""

import io

from rich.console import Console
from tests.unit.cli.test_panel import SHOT

from alipes.cli.console import progress
from alipes.cli.display import LineDisplay, PanelDisplay, display


def test_a_terminal_gets_the_panel_and_a_pipe_gets_lines():
    assert isinstance(display(Console(file=io.StringIO(), force_terminal=True)), PanelDisplay)
    assert isinstance(display(Console(file=io.StringIO())), LineDisplay)


def test_the_panel_is_redrawn_in_place_and_stays_when_done():
    out = io.StringIO()
    with display(Console(file=out, force_terminal=True, width=100, height=30)) as screen:
        screen.show(SHOT)
        screen.show(SHOT)
    assert out.getvalue().count("spread") == 3  # twice drawn, once left standing
    assert "\x1b[?25h" in out.getvalue(), "the cursor is visible again"


def test_a_line_is_plain_text():
    out = io.StringIO()
    with display(Console(file=out)) as screen:
        screen.show(SHOT)
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


def test_progress_is_silent_without_a_terminal(capsys):
    with progress("running", lambda: 0.5, is_quiet=False) as tick:
        tick(1000)
    assert capsys.readouterr() == ("", "")
