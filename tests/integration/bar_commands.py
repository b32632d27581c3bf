"""A command of bars called within the test's process, where the example is in the current folder."""

import shutil
import sys
from pathlib import Path

import pytest

from alipes.cli.app import call

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Command:
    """Its modules are imported once, so that many cases are cheap.

    Attributes:
        folder: the current folder; it holds the example.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for path in EXAMPLES.glob("sma_cross*"):
            shutil.copy(path, folder)
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.path", [*sys.path])
        self.folder = folder
        self._name = name
        self._capsys = capsys

    def ran(self, *arguments: object) -> str:
        """What it prints when all goes well."""
        code, out, err = self.called(*arguments)
        assert (code, err) == (0, "")
        return out

    def refused(self, *arguments: object, code: int = 2) -> str:
        """The one line of its error."""
        found, out, err = self.called(*arguments)
        assert (found, out) == (code, ""), err
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err

    def called(self, *arguments: object) -> tuple[int, str, str]:
        """Its exit code, and what it prints to stdout and stderr."""
        code = call([self._name, *map(str, arguments)])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err
