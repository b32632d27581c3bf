"""Read a config: TOML text to tables, each error with the file, the table and the nearest known name."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from alipes.config.check import checked
from alipes.config.names import nearest
from alipes.config.tables import Config, Table
from alipes.errors import ConfigError

_EXPECTED = {
    "object": "a table",
    "array": "a list",
    "str": "text",
    "bool": "true or false",
    "decimal": "a number",
    "float": "a number",
    "int": "a whole number",
}


def load(path: str | Path) -> Config:
    """Read a config file.

    Paths in it are taken relative to the file.

    Args:
        path: a TOML file.

    Raises:
        ConfigError: it is missing, no TOML, or holds an unknown key, a wrong type, or parts that do not fit.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{file}: cannot be read: {reason}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    return from_tables(tables, source=str(file), folder=file.parent)


def from_tables(tables: Mapping[str, Any], *, source: str = "config", folder: Path | None = None) -> Config:
    """Build a config from nested mappings, such as parsed TOML.

    Args:
        tables: the tables.
        source: what errors call it.
        folder: paths in it are relative to this folder; the current one by default.

    Raises:
        ConfigError: an unknown key, a wrong type, or parts that do not fit together.
    """
    try:
        return checked(_table(Config, tables, ()), Path() if folder is None else folder)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}") from error.__cause__


def _table(kind: type[Table], value: object, path: tuple[str, ...]) -> Any:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{_shown(path)} must be a table, got {value!r}")
    fields = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    tag = kind.__struct_config__.tag_field
    for key in value:
        if key not in fields and key != tag:
            raise ConfigError(f"unknown key {key!r} in {_shown(path)}{nearest(key, fields)}")
    missing = [name for name, each in fields.items() if each.required and name not in value]
    if missing:
        raise ConfigError(f"{_shown(path)} lacks {_listed(missing, path)}")
    values = {
        fields[key].name: _value(fields[key].type, item, (*path, key))
        for key, item in value.items()
        if key != tag
    }
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{_shown(path)} {error}") from error


def _value(kind: Any, value: object, path: tuple[str, ...]) -> Any:
    if isinstance(kind, type) and issubclass(kind, Table):
        return _table(kind, value, path)
    args = get_args(kind)
    if get_origin(kind) is dict and _is_table(args[1]):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{_shown(path)} must be a table, got {value!r}")
        return {key: _table(args[1], item, (*path, key)) for key, item in value.items()}
    if args and all(map(_is_table, args)):
        return _tagged(args, value, path)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        choices = _choices(kind)
        if choices:
            raise ConfigError(
                f"{_shown(path[:-1])} {path[-1]}: expected one of {', '.join(map(repr, choices))},"
                f" got {value!r}{_meant(value, choices)}"
            ) from error
        raise ConfigError(f"{_shown(path[:-1])} {path[-1]}: {_plain(str(error))}, got {value!r}") from error


def _choices(kind: Any) -> list[str]:
    """The values of a Literal, also of one that may be absent."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [choice for part in get_args(kind) if get_origin(part) is Literal for choice in get_args(part)]


def _meant(value: object, choices: list[str]) -> str:
    hint = nearest(str(value), choices)
    return hint if hint.endswith("?") else ""


def _tagged(kinds: tuple[type[Table], ...], value: object, path: tuple[str, ...]) -> Any:
    by_tag = {str(kind.__struct_config__.tag): kind for kind in kinds}
    tag = value.get("type") if isinstance(value, Mapping) else None
    if tag is None:
        raise ConfigError(f"{_shown(path)} lacks type: one of {', '.join(by_tag)}")
    if str(tag) not in by_tag:
        raise ConfigError(f"{_shown(path)} type {tag!r} is not known{nearest(str(tag), by_tag)}")
    return _table(by_tag[str(tag)], value, path)


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)


def _listed(missing: list[str], path: tuple[str, ...]) -> str:
    show: Callable[[str], str] = (lambda name: f"[{name}]") if not path else repr
    return " and ".join(map(show, missing))


def _plain(message: str) -> str:
    for term, words in _EXPECTED.items():
        message = message.replace(f"`{term}`", words)
    words, *_ = re.split(", got| - at", message)
    return words[:1].lower() + words[1:]


def _shown(path: tuple[str, ...]) -> str:
    parts = [part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"' for part in path]
    return f"[{'.'.join(parts)}]" if parts else "the file"
