"""A Python strategy over bars: `on_bar` through the kernel, the fills of the bar engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.backtest.bars.options import BarOptions
    from alipes.backtest.bars.result import Result
    from alipes.data.bars import Bars


def run_strategy(
    strategy: Any,
    bars: Bars,
    *,
    params: Mapping[str, Any] | None,
    others: Mapping[str, Any] | None,
    options: BarOptions,
) -> Result:
    """Runs a strategy's `on_bar` over bars.

    Args:
        strategy: A strategy object, its class, or ``"module:Class"``.
        bars: What is traded.
        params: Keyword arguments of the class.
        others: Bars of other instruments by name.
        options: The terms.

    Raises:
        InputError: Strategies on bars cannot run yet.
    """
    del bars, params, others, options
    raise InputError(f"{strategy!r}: expected alipes.rules.Rules; strategies do not run on bars yet")
