"""From ``"module:Class"`` or a class to a strategy object, with errors that say what was wrong.

Knows nothing of engines: it imports, checks and constructs.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from typing import TYPE_CHECKING, Any

from alipes.errors import ConfigError
from alipes.strategy.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

StrategyLike = Strategy | type[Strategy] | str
"""What a strategy may be given as: an object, a class, or ``"module:Class"``."""


def load_strategy(given: StrategyLike, params: Mapping[str, Any] | None = None) -> Strategy:
    """The strategy object that `given` and `params` describe.

    Args:
        given: A strategy object (then `params` must be empty), a strategy class, or ``"module:Class"``.
        params: Keyword arguments of the class.

    Raises:
        ConfigError: The path does not import, names no strategy, or the parameters do not fit its
            constructor.
    """
    params = dict(params or {})
    if isinstance(given, Strategy):
        if params:
            raise ConfigError(f"params {sorted(params)} given with a strategy object: pass its class instead")
        return given
    return _construct(_import_class(given) if isinstance(given, str) else given, params)


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
        what = found.__name__ if inspect.isclass(found) else repr(found)
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
        raise ConfigError(f"strategy {found.__name__}({shown}): {type(error).__name__}: {error}") from error
    return strategy
