"""What goes into the compiled engine besides the options: rules checked against the bars they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alipes.config.names import nearest
from alipes.data.bars import as_bars
from alipes.errors import DataError, InputError, shown

if TYPE_CHECKING:
    from alipes.data.bars import Bars
    from alipes.rules import Rules


def named(what: str, given: object) -> Mapping[str, Any]:
    """What was given by name; empty for None.

    Raises:
        InputError: No mapping.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(f"{what}={shown(given)}: expected a mapping by name, such as {what}={{'name': ...}}")
    return given


def bound(wanted: Mapping[str, object], given: Mapping[str, Any] | None) -> dict[str, float]:
    """A value for each parameter of the rules, and for nothing else.

    Args:
        wanted: Names that the rules use.
        given: Values by name.

    Raises:
        InputError: A parameter without a value, an unknown one (the nearest is named), or no finite number.
    """
    from alipes.rules.parameters import bound_params  # noqa: PLC0415 - rules load when they are used

    params = dict(named("params", given))
    for name in params:
        if name not in wanted:
            known = nearest(str(name), wanted) if wanted else "; the rules have no parameters"
            raise InputError(f"params: unknown parameter {name!r}{known}")
    return bound_params(wanted, params)


def others_of(rules: Rules, given: Mapping[str, Any] | None) -> dict[str, Bars]:
    """Bars of the other instruments that rules read.

    Raises:
        InputError: One is missing or no bars, or one is given that the rules do not read.
        DataError: Bars that cannot be trusted; the instrument is named.
    """
    bars = dict(named("others", given))
    for name in bars:
        if name not in rules.others:
            known = (
                nearest(str(name), rules.others) if rules.others else "; the rules read no other instrument"
            )
            raise InputError(f"others: {name!r} is not read by the rules{known}")
    for name in rules.others:
        if name not in bars:
            raise InputError(f"others: the rules read {name!r}: expected others={{{name!r}: its bars}}")
    return {name: _other(name, each) for name, each in bars.items()}


def _other(name: str, given: Any) -> Bars:
    try:
        return as_bars(given)
    except (InputError, DataError) as error:
        raise type(error)(f"others[{name!r}]: {error}") from error


def check_columns(rules: Rules, bars: Bars, others: Mapping[str, Bars]) -> None:
    """Passes rules whose columns are there.

    Raises:
        InputError: A column that neither the bars nor those of another instrument have; the nearest is named.
    """
    known = {name: None for each in (bars, *others.values()) for name in each.columns}
    for name in rules.columns:
        if name not in known:
            raise InputError(
                f"the rules read a column {name!r} that the bars do not have{nearest(name, known)}"
            )


def as_given(bars: Bars) -> tuple[Any, dict[str, Any], int]:
    """Bars as the engine takes those of another instrument: times, columns, step."""
    return bars.ts, dict(bars.columns), bars.step


def common_start(warm_up: int, bars: Bars) -> int:
    """The bar at which runs that are compared start: the first one at which all of them are warm.

    Raises:
        InputError: There are not that many bars.
    """
    if warm_up >= len(bars):
        raise InputError(
            f"score_from='common': the rules are warm after {warm_up:,} bars and there are {len(bars):,}"
        )
    return warm_up


def slots_of(rules: Rules) -> dict[str, str]:
    """The slots of rules that are filled, as text."""
    usual = {"pyramid": 0, "opposite": "reverse", "order": "market"}
    given = {name: getattr(rules, name) for name in rules.__dataclass_fields__}
    return {
        name: repr(value) if not isinstance(value, str) else value
        for name, value in given.items()
        if value is not None
        and not (name in usual and isinstance(value, (int, str)) and value == usual[name])
    }
