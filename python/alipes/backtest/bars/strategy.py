"""A Python strategy over bars: `on_bar` through the kernel, the fills of the bar engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes.backtest.bars.result import Result
from alipes.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alipes.backtest.bars.options import BarOptions
    from alipes.data.bars import Bars
    from alipes.strategy.load import StrategyLike


def run_strategy(
    strategy: StrategyLike,
    bars: Bars,
    *,
    params: Mapping[str, Any] | None,
    others: Mapping[str, Any] | None,
    options: BarOptions,
) -> Result:
    """Runs a strategy's `on_bar` over bars: kernel, order lifecycle and gate on the bar fill model.

    At each bar the account fills what waits and the strategy hears of it (`on_fill`, `on_order`), then gets
    the bar at its close; what it orders there is decided at that bar. A strategy that raises later than in
    `on_start` hears nothing any more, its orders are cancelled, and the result's warnings say so.

    Args:
        strategy: A strategy object, its class, or ``"module:Class"``.
        bars: What is traded.
        params: Keyword arguments of the class.
        others: Bars of other instruments; a strategy has none.
        options: The terms.

    Raises:
        ConfigError: A strategy that does not load.
        InputError: What the strategy raised in `on_start`, that it asked for no bars there, or `others`.
        DataError: Bars that cannot be trusted, or gaps where ``gaps="error"``.
        InvariantError: The engine's books and the account disagree.
    """
    from alipes.backtest.bars.driver import BarDriver  # noqa: PLC0415 - the engine is half of a second to load
    from alipes.strategy.load import load_strategy  # noqa: PLC0415 - as above

    if others:
        raise InputError(f"others={sorted(others)}: a strategy on bars reads one market; rules read others")
    chosen = load_strategy(strategy, params)
    raw = BarDriver(chosen, bars, options).run()
    numbers = {
        name: float(value)
        for name, value in (params or {}).items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    return Result(raw, bars=bars, options=options, params=numbers, name=type(chosen).__name__)
