"""The progress bar of a sweep: on a terminal after a second, or where it is asked for; never elsewhere."""

import os
import pty
from collections.abc import Callable, Iterator

import pytest
from tests.unit.backtest.sweep_fakes import FakeEvaluator, sets_of

from alipes.backtest.sweeps.run import sweep_sets


class Terminal:
    """A terminal as stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reader, writer = pty.openpty()
        os.set_blocking(self._reader, False)
        self._stderr = os.fdopen(writer, "w")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setattr("sys.stderr", self._stderr)

    def close(self) -> None:
        self._stderr.close()
        os.close(self._reader)

    def text(self) -> str:
        """What was written to it since the last time."""
        self._stderr.flush()
        text = b""
        try:
            while part := os.read(self._reader, 1 << 16):
                text += part
        except BlockingIOError:
            pass
        return text.decode()


@pytest.fixture
def make_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Terminal]]:
    """Makes a terminal within the test: pytest's own capture begins anew there."""
    made: list[Terminal] = []

    def make() -> Terminal:
        made.append(Terminal(monkeypatch))
        return made[-1]

    yield make
    monkeypatch.undo()
    for each in made:
        each.close()


def test_a_bar_that_is_asked_for_is_shown_and_taken_away(
    make_terminal: Callable[[], Terminal],
):
    terminal = make_terminal()
    sweep_sets(FakeEvaluator(), sets_of(), progress=True)
    text = terminal.text()
    assert "sweep" in text
    assert "200/200" in text
    assert text.endswith(("\x1b[2K", "\x1b[?25h"))  # the line is erased, the cursor is back


def test_a_short_sweep_shows_no_bar(make_terminal: Callable[[], Terminal]):
    terminal = make_terminal()
    sweep_sets(FakeEvaluator(), sets_of(2, 2))
    assert terminal.text() == ""


def test_a_long_sweep_shows_a_bar_by_itself(
    make_terminal: Callable[[], Terminal], monkeypatch: pytest.MonkeyPatch
):
    terminal = make_terminal()
    monkeypatch.setattr("alipes.backtest.sweeps.progress.QUIET_S", -1.0)
    sweep_sets(FakeEvaluator(), sets_of())
    assert "200/200" in terminal.text()


def test_no_bar_where_none_is_wanted(make_terminal: Callable[[], Terminal], monkeypatch: pytest.MonkeyPatch):
    terminal = make_terminal()
    monkeypatch.setattr("alipes.backtest.sweeps.progress.QUIET_S", -1.0)
    sweep_sets(FakeEvaluator(), sets_of(), progress=False)
    sweep_sets(FakeEvaluator(), sets_of(), progress=lambda _done, _total: None)
    assert terminal.text() == ""


def test_no_bar_where_nobody_watches(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("alipes.backtest.sweeps.progress.QUIET_S", -1.0)
    sweep_sets(FakeEvaluator(), sets_of())
    assert capsys.readouterr().err == ""
