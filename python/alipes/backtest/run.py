"""The one door to a backtest: the data decides which driver moves time."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any, overload

from alipes.backtest import bars
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from pathlib import Path
    from typing import Unpack

    from alipes.backtest.bars import OptionArguments, Result
    from alipes.engine.result import EventResult
    from alipes.rules import Rules
    from alipes.strategy.load import StrategyLike

CAPTURES = (".jsonl", ".jsonl.gz")
"""Endings of the files that hold recorded frames; all other data are bars."""


@overload
def run(
    strategy: StrategyLike,
    capture: str | Path,
    *,
    venue: str,
    instrument: str,
    tick_size: float | str | Decimal,
    lot_size: float | str | Decimal,
    params: Mapping[str, Any] | None = None,
    fees: tuple[float | str | Decimal, float | str | Decimal] = ...,
    balance: float | str | Decimal | Mapping[str, Any] = ...,
    latency_ms: tuple[float, float] = ...,
    limits: Mapping[str, Any] | None = None,
    every: str | float = ...,
    progress: Callable[[int], None] | None = None,
) -> EventResult: ...


@overload
def run(
    strategy_or_rules: Rules | StrategyLike,
    bars: Any,
    *,
    params: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
    **options: Unpack[OptionArguments],
) -> Result: ...


def run(*arguments: Any, **options: Any) -> EventResult | Result:
    """Runs one strategy or one set of rules over recorded data.

    Over a capture (a path that ends in ``.jsonl`` or ``.jsonl.gz``) it is `alipes.backtest.events.run`: the
    engine's kernel with the simulated exchange. Over bars (a DataFrame, arrays, a CSV or Parquet path,
    `alipes.bars(...)`) it is `alipes.backtest.bars.run`: the bar fill model. They list their options.

    Args:
        *arguments: The strategy or rules, then the data.
        **options: The options of the driver.

    Raises:
        AlipesError: As the driver does.
    """
    data = arguments[1] if len(arguments) > 1 else options.get("capture", options.get("bars"))
    if data is None:
        raise InputError("backtest.run: no data: expected a strategy or rules, and bars or a capture")
    driver: Any = bars.run
    if "capture" in options or is_capture(data):
        from alipes.backtest import events  # noqa: PLC0415 - the engine is half of a second to load

        driver = events.run
    result: EventResult | Result = driver(*arguments, **options)
    return result


# What `help` and editors show: most calls are on bars.
run.__signature__ = inspect.signature(bars.run)  # type: ignore[attr-defined]


def is_capture(data: object) -> bool:
    """Whether data are recorded frames: a path that ends like one."""
    return isinstance(data, (str, os.PathLike)) and os.fspath(data).endswith(CAPTURES)
