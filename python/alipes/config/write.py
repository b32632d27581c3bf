"""A config as TOML text that reads back as the same config: what ``--out`` keeps beside the results."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import msgspec

from alipes.config.tables import Config

_TIMES = (dt.datetime, dt.date, dt.time)
REASON = "a strategy was an object, or a class or parameters that a file cannot name"


def to_toml(config: Config) -> str:
    """The config as TOML; values left at their default are written too, so that the file says what ran."""
    tables = msgspec.to_builtins(config, builtin_types=(Decimal, *_TIMES))
    return "\n".join([*_warnings(config), *_table(tables, ())]) + "\n"


def _warnings(config: Config) -> list[str]:
    lost = [name for name, each in config.strategies.items() if not each.rerun]
    return [f"# Cannot run again: {REASON}. It is the strategy {json.dumps(name)}." for name in lost]


def _table(values: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: item for key, item in values.items() if item is not None and not isinstance(item, dict)}
    nested = {key: item for key, item in values.items() if isinstance(item, dict)}
    lines = [f"{_key(key)} = {_value(item)}" for key, item in plain.items()]
    if path and (lines or not nested):
        lines = [f"[{'.'.join(map(_key, path))}]", *lines, ""]
    for key, item in nested.items():
        lines += _table(item, (*path, key))
    return lines


def _key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, _TIMES):
        return value.isoformat()
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
