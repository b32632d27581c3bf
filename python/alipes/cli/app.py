"""The commands, and what becomes of their errors: one clear line and an exit code."""

from __future__ import annotations

import signal
import sys
import threading
from enum import IntEnum
from typing import TYPE_CHECKING

import cyclopts

import alipes
from alipes.errors import AlipesError, ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = """Crypto trading engine: compiled order books, one kernel for backtest, paper and live.

Nothing here trades real money: this version runs backtests and paper trading only.
"""
EPILOGUE = """Exit codes: 0 all went well, 1 a run failed or a strategy faulted, 2 wrong usage or config, 130 interrupted, 143 terminated.

Ctrl-C (or SIGTERM) stops a paper run in order: it keeps its results and exits with 0; a second one interrupts it.

`--debug` with any command shows the full traceback of an error.
"""  # noqa: E501 - one paragraph of help


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130
    TERMINATED = 143


class _Terminated(KeyboardInterrupt):
    """SIGTERM: ends a command as Ctrl-C does, so that what it was writing is taken away."""


app = cyclopts.App(
    name="alipes",
    help=HELP,
    help_epilogue=EPILOGUE,
    version=alipes.__version__,
    help_format="markdown",
    suppress_keyboard_interrupt=False,
)
app.command(
    "alipes.cli.demo:demo",
    name="demo",
    help="Watch a quoter trade a synthetic market; needs no network and no keys.",
)
app.command(
    "alipes.cli.run:run", name="run", help="Run a config, or replay a recording through one strategy."
)
app.command("alipes.cli.backtest:backtest", name="backtest", help="Run rules over bars once.")
app.command(
    "alipes.cli.sweep:sweep", name="sweep", help="Run rules over bars with many combinations of parameters."
)
app.command(
    "alipes.cli.venue:venue",
    name="venue",
    help="Serve a local exchange that speaks Binance USD-M, for unmodified clients.",
)
data = cyclopts.App(name="data", help="Work with recorded market data.")
data.command("alipes.cli.data:columns", name="columns", help="Write features of a capture as Parquet.")
app.command(data)


def call(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: as typed, without the program's name.

    Returns:
        The exit code.
    """
    tokens = [each for each in arguments if each != "--debug"]
    try:
        _end_on_sigterm()
        done = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left: nothing to say, and nobody to say it to
        return Exit.FAILED
    except KeyboardInterrupt as signalled:
        print("interrupted: no results were written", file=sys.stderr)  # noqa: T201 - the command's last words
        return Exit.TERMINATED if isinstance(signalled, _Terminated) else Exit.INTERRUPTED
    except (AlipesError, cyclopts.CycloptsError) as error:
        if len(tokens) < len(arguments):
            raise
        is_usage = isinstance(error, (ConfigError, InputError, cyclopts.CycloptsError))
        return _refuse(_one_line(error), Exit.USAGE if is_usage else Exit.FAILED)
    return done if isinstance(done, int) else Exit.OK


def _end_on_sigterm() -> None:
    def end(_number: int, _frame: object) -> None:
        raise _Terminated

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _refuse(message: str, code: Exit) -> int:
    from alipes.cli.console import errors

    errors().print(f"[bold red]error:[/] {_escaped(message)}", highlight=False, soft_wrap=True)
    return code


def _escaped(message: str) -> str:
    from rich.markup import escape

    return escape(message)
