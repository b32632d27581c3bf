"""From ``"module:Class"`` or a class to a strategy object, with errors that say what was wrong.

Knows nothing of engines: it imports, checks and constructs.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from typing import TYPE_CHECKING, Any

from alipes.errors import ConfigError, InputError
from alipes.strategy.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

StrategyLike = Strategy | type[Strategy] | str
"""What a strategy may be given as: an object, a class, or ``"module:Class"``."""

_HOOKS = [name for name in vars(Strategy) if name.startswith("on_") and name != "on_fault"]


def load_strategy(given: StrategyLike, params: Mapping[str, Any] | None = None) -> Strategy:
    """The strategy object that `given` and `params` describe.

    Args:
        given: A strategy object (then `params` must be empty), a strategy class, or ``"module:Class"``.
        params: Keyword arguments of the class.

    Raises:
        ConfigError: The path does not import, names no strategy, the parameters do not fit its constructor,
            or as `checked`.
    """
    params = dict(params or {})
    if isinstance(given, Strategy):
        if params:
            raise ConfigError(f"params {sorted(params)} given with a strategy object: pass its class instead")
        return checked(given)
    return checked(_construct(_import_class(given) if isinstance(given, str) else given, params))


def checked(strategy: Strategy) -> Strategy:
    """The strategy, if its hooks are ones that will be called.

    Raises:
        ConfigError: An unknown `Strategy.on_fault`, a hook that is no plain method, or a public method whose
            name is nearly that of a hook.
    """
    what = f"strategy {type(strategy).__name__}"
    if strategy.on_fault not in ("cancel", "keep"):
        raise ConfigError(f"{what}: on_fault = {strategy.on_fault!r}: expected 'cancel' or 'keep'")
    for name in _HOOKS:
        hook = getattr(strategy, name)
        if not callable(hook):
            raise ConfigError(f"{what}: {name} is no method: {hook!r}")
        if _is_deferred(hook):
            raise ConfigError(
                f"{what}: {name} must be a plain `def`, neither async nor a generator: its body would never "
                "run; for work that waits use ctx.run and on_message"
            )
    for name in dir(strategy):
        if not name.startswith("on_") or name in _HOOKS or name == "on_fault":
            continue
        near = difflib.get_close_matches(name, _HOOKS, n=1, cutoff=0.85)
        if near and callable(inspect.getattr_static(strategy, name)):
            raise ConfigError(
                f"{what}: {name} is no hook and would never be called: did you mean {near[0]}? "
                f"(a method of your own: name it otherwise)"
            )
    return strategy


def _is_deferred(hook: Any) -> bool:
    """Whether a call of it only makes an object, and runs nothing."""
    tests = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    return any(test(hook) for test in tests)


def _import_class(path: str) -> Any:
    module_name, colon, class_name = path.partition(":")
    if not (module_name and colon and class_name):
        raise ConfigError(
            f"strategy {path!r}: expected 'module:Class', e.g. 'alipes.strategy.library.quoter:Quoter'"
        )
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ConfigError(
            f"strategy {path!r}: module {module_name!r} does not import: {type(error).__name__}: {error}"
        ) from error
    found = getattr(module, class_name, None)
    if found is None:
        raise ConfigError(
            f"strategy {path!r}: module {module_name!r} has no {class_name!r}{_hint(module, class_name)}"
        )
    return found


def _hint(module: ModuleType, class_name: str) -> str:
    classes = [
        name for name, value in vars(module).items() if _is_strategy_class(value) and value is not Strategy
    ]
    near = difflib.get_close_matches(class_name, classes, n=1) or sorted(classes)[:3]
    return f"; it has {', '.join(near)}" if near else "; it holds no strategy"


def _is_strategy_class(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Strategy)


def _construct(found: Any, params: dict[str, Any]) -> Strategy:
    if not _is_strategy_class(found):
        what = getattr(found, "__name__", repr(found))
        raise ConfigError(f"{what} is not a strategy: expected a subclass of alipes.Strategy")
    try:
        inspect.signature(found).bind(**params)
    except TypeError as error:
        takes = ", ".join(inspect.signature(found).parameters) or "nothing"
        raise ConfigError(f"strategy {found.__name__}: {error}; it takes {takes}") from error
    try:
        strategy: Strategy = found(**params)
    except Exception as error:
        shown = ", ".join(f"{name}={value!r}" for name, value in params.items())
        text = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise ConfigError(f"strategy {found.__name__}({shown}): {text}") from error
    return strategy
