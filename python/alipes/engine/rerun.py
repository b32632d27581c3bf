"""What lets a kept config run again: where its strategies come from, or that nothing but the object knew."""

from __future__ import annotations

import datetime as dt
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from alipes.config.write import REASON
from alipes.errors import ConfigError
from alipes.strategy.load import load_strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alipes.config import Config
    from alipes.config import Strategy as Given
    from alipes.strategy.base import Strategy

_PLAIN = {str, int, float, bool, dt.datetime, dt.date, dt.time}


def made(name: str, given: Given) -> Strategy:
    """The strategy object that a config names.

    Raises:
        ConfigError: it does not load, its module comes from another folder, or the config cannot run again.
    """
    if not given.rerun:
        raise ConfigError(f"[strategies.{name}] rerun = false: {REASON}; run it from Python as before")
    if given.folder is not None and given.folder not in sys.path:
        sys.path.insert(0, given.folder)
    strategy = load_strategy(given.path, given.params)
    found = _folder(given.path)
    if given.folder is not None and found is not None and Path(found) != Path(given.folder).resolve():
        module = given.path.partition(":")[0]
        raise ConfigError(f"[strategies.{name}] module {module!r} comes from {found}, not {given.folder}")
    return strategy


def without_objects(config: Config, strategies: Iterable[str]) -> Config:
    """The config, saying of strategies that were given as objects that it does not know how to make them."""
    chosen = {
        name: replace(each, rerun=each.rerun and name not in strategies)
        for name, each in config.strategies.items()
    }
    return replace(config, strategies=chosen)


def kept(config: Config) -> Config:
    """The config as results keep it: it says where strategies are, and not where results went."""
    strategies = {
        name: replace(each, folder=each.folder or (_folder(each.path) if each.rerun else None))
        for name, each in config.strategies.items()
    }
    feed: Any = config.feed
    if getattr(feed, "record", None) is not None:
        feed = replace(feed, record=None)
    return replace(config, run=replace(config.run, out=None), feed=feed, strategies=strategies)


def is_named(kind: type[Strategy], params: Mapping[str, Any]) -> bool:
    """Whether ``"module:Class"`` and TOML can say how to make a strategy of this class."""
    module = kind.__module__
    found = getattr(sys.modules.get(module), kind.__qualname__, None)
    return module != "__main__" and found is kind and _is_plain(dict(params))


def _is_plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return all(map(_is_plain, value)) if type(value) is list else type(value) in _PLAIN


def _folder(path: str) -> str | None:
    """The folder that a loaded module's name is relative to; None for what is installed."""
    name = path.partition(":")[0]
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None or name.partition(".")[0] == "alipes":
        return None
    place = Path(file).resolve()
    if place.name == "__init__.py":
        place = place.parent
    folder = place.parents[name.count(".")]
    installed = {Path(each).resolve() for each in sysconfig.get_paths().values()}
    return None if folder in installed else str(folder)
