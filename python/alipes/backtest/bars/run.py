"""`run`: rules or a strategy over bars, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alipes import _core
from alipes.backtest.bars import inputs
from alipes.backtest.bars.options import BarOptions
from alipes.backtest.bars.result import Result
from alipes.backtest.bars.signature import with_options
from alipes.backtest.bars.strategy import run_strategy
from alipes.data.bars import as_bars
from alipes.errors import InputError
from alipes.rules import Rules
from alipes.rules.evaluate import columns_with_user
from alipes.rules.terms import Term

if TYPE_CHECKING:
    from typing import Unpack

    from alipes.backtest.bars.options import OptionArguments
    from alipes.data.bars import Bars
    from alipes.strategy.load import StrategyLike


@with_options
def run(
    strategy_or_rules: Rules | StrategyLike,
    bars: Any,
    *,
    params: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
    **options: Unpack[OptionArguments],
) -> Result:
    """Runs rules, or a strategy's `on_bar`, over bars.

    Args:
        strategy_or_rules: `alipes.rules.Rules`, or a strategy (object, class or ``"module:Class"``).
        bars: What `alipes.bars` takes or gives.
        params: Value of each parameter of the rules, or keyword arguments of the strategy's class.
        others: Bars of other instruments by name, as `alipes.rules.other` names them.
        **options: The terms; see `BarOptions` for each.

    Raises:
        InputError: An option, parameter or column that is wrong, missing or unknown; a size or distance that
            no order can have, with its bar.
        DataError: Bars that cannot be trusted, or gaps where ``gaps="error"``.
    """
    _check_first(strategy_or_rules, bars, options)
    terms = BarOptions.of(options, beside=("params", "others"))
    if isinstance(strategy_or_rules, Rules):
        return run_rules(strategy_or_rules, as_bars(bars), params=params, others=others, options=terms)
    return run_strategy(strategy_or_rules, as_bars(bars), params=params, others=others, options=terms)


def _check_first(first: Any, bars: Any, options: Mapping[str, Any]) -> None:
    """Refuses what is often taken for rules, and says where it goes.

    Raises:
        InputError: It is neither rules nor a strategy, or the two are mixed up.
    """
    if isinstance(first, Rules):
        for name in options:
            if name in first.params and name not in BarOptions.__dataclass_fields__:
                raise InputError(
                    f"run: {name!r} is a parameter of the rules: expected params={{{name!r}: ...}}"
                )
    elif isinstance(bars, Rules):
        raise InputError("run: the rules are the second argument: expected run(rules, bars)")
    elif isinstance(first, Term):
        raise InputError(
            f"run: {first!r} is an expression: expected rules, such as Rules(enter_long={first!r})"
        )
    elif isinstance(first, Mapping) or hasattr(first, "__array__") or isinstance(first, (list, tuple)):
        raise InputError(
            f"run: the first argument is of type {type(first).__name__}: expected rules or a strategy, then"
            " the bars; ready arrays of signals are run by signals(bars, entries=...)"
        )


def run_rules(
    rules: Rules,
    bars: Bars,
    *,
    params: Mapping[str, Any] | None,
    others: Mapping[str, Any] | None,
    options: BarOptions,
    first_bar: int | None = None,
) -> Result:
    """Runs rules over bars on checked options: what a sweep does again for one of its rows.

    Args:
        rules: What to do at each bar.
        bars: What is traded.
        params: Value of each parameter.
        others: Bars of other instruments by name.
        options: The terms.
        first_bar: The bar to start at; by default the first, or the first warm one if "common" is asked.

    Raises:
        InputError: As `run`.
        DataError: As `run`.
    """
    chosen = inputs.bound(rules.params, params)
    read = inputs.others_of(rules, others)
    inputs.check_columns(rules, bars, read)
    columns = columns_with_user(rules.nodes, rules.user_columns, bars, chosen, read)
    warm_up = rules.warmup_bars(chosen, step=bars.step)
    if first_bar is None:
        first_bar = inputs.common_start(warm_up, bars) if options.score_from == "common" else 0
    raw = _core.bar_run(
        _core.BarProgram(rules.nodes, rules.slots),
        bars.ts,
        columns | options.columns(bars),
        bars.step,
        chosen,
        options.to_terms(bars) | {"first_bar": first_bar},
        {name: inputs.as_given(each) for name, each in read.items()} or None,
        whole=False,
    )
    return Result(
        raw,
        bars=bars,
        options=options,
        params=chosen,
        name="Rules",
        rules=inputs.slots_of(rules),
        warm_up=warm_up,
        first_bar=first_bar,
    )
