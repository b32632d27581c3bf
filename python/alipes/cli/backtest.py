"""``alipes backtest``: rules, or a strategy's ``on_bar``, over bars once."""

from __future__ import annotations

import tomllib
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from alipes.cli.barflags import BarFlags
from alipes.cli.console import Flag, log_to_stderr, output, print_json, working
from alipes.cli.files import check_file, write_table
from alipes.cli.values import split_params
from alipes.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from alipes.backtest.bars import Result


def backtest(
    target: str,
    /,
    *,
    param: Annotated[list[str] | None, Parameter(negative=())] = None,
    html: Path | None = None,
    out: Path | None = None,
    json: Flag = False,
    flags: BarFlags = BarFlags(),  # noqa: B008 - frozen
) -> int:
    """Run rules over bars once.

    Args:
        target: TOML file, or module:rules (also from the current folder).
        param: Parameter as name=value; may be repeated.
        html: File for the tearsheet; it must not exist.
        out: File for the trades, named .parquet; it must not exist.
        json: Print the statistics as JSON.
        flags: The bars and the terms.

    Returns:
        0, or 1 if a strategy faulted.
    """
    from alipes.cli.plan import load_rules, read_plan

    for path, flag in ((html, "--html"), (out, "--out")):
        if path is not None:
            check_file(path, flag)
    if out is not None and out.suffix != ".parquet":
        raise InputError(f"--out {out}: the file is Parquet: name it .parquet")
    plan = read_plan(target, flags)
    params = plan.params | {name: _value(text) for name, text in split_params(param).items()}
    rules = load_rules(plan.rules)
    log_to_stderr()
    with working("running"):
        result = _run(rules, plan, params)
    if html is not None:
        result.to_html(html)
    if out is not None:
        write_table(result.trades.to_arrow(), out)
    if json:
        print_json(summary_of(result))
    else:
        output().print(view_of(result), highlight=False)
    return 1 if "fault" in result.warnings else 0


def summary_of(result: Result) -> dict[str, Any]:
    """A result as JSON values; what is undefined is null."""
    bars = result.bars
    return {
        "name": result.name,
        "params": result.params,
        "options": result.options.changed(),
        "bars": {"count": len(bars), "first": int(bars.ts[0]), "last": int(bars.ts[-1]), "step": bars.step},
        "stats": {name: float(value) for name, value in result.stats.items()},
        "warnings": dict(result.warnings),
    }


def view_of(result: Result) -> RenderableType:
    """A result for people: every statistic in two columns, and what to know of them."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from alipes.backtest.bars.result import OPEN_TRADE
    from alipes.report.tearsheet.labels import label, written

    head = repr(result).splitlines()[: 2 if result.params else 1]
    grid = Table(box=None, show_header=False, padding=(0, 3, 0, 0))
    for side in range(4):
        grid.add_column(
            justify="right" if side % 2 else "left", no_wrap=True, style="" if side % 2 else "dim"
        )
    cells = [(label(name), written(name, value)) for name, value in result.stats.items()]
    half = (len(cells) + 1) // 2
    for index in range(half):
        left, right = cells[index], cells[half + index] if half + index < len(cells) else ("", "")
        grid.add_row(*left, *right)
    told = [
        Text(f"warning, {name.replace('_', ' ')}: {text}", style="yellow")
        for name, text in result.warnings.items()
    ]
    ended = [Text(OPEN_TRADE)] if result.has_open_trade else []
    return Group(
        *(Text(line, style="bold" if not index else "") for index, line in enumerate(head)),
        grid,
        *ended,
        *told,
    )


def _run(rules: Any, plan: Any, params: dict[str, Any]) -> Result:
    from alipes.backtest.bars.run import run

    return run(rules, plan.load_bars(), params=params, **plan.load_options())


def _value(text: str) -> Any:
    """A value as TOML (a number, true, a list) where it parses as such, else text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
