"""Faults from files, from JSON and from Python: one check, and errors that say where.

A file is TOML: ``seed``, and a ``[[fault]]`` table for each with its name, parameters and trigger.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from alipes.config.names import nearest
from alipes.errors import ConfigError, InputError
from alipes.mockvenue.faults.table import TABLE, Kind, Parameter
from alipes.mockvenue.faults.trigger import KEYS, Key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WORDS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "a table",
}


class RefusedKeyError(InputError):
    """A key of a fault that is refused.

    Attributes:
        key: Which.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Spec:
    """A fault that was checked.

    Attributes:
        kind: Its row of the table.
        parameters: Every parameter.
        trigger: What was given of the trigger, over the row's default.
    """

    kind: Kind
    parameters: Mapping[str, Any]
    trigger: Mapping[str, Any]


def checked(given: Mapping[str, Any]) -> Spec:
    """A fault from its name, parameters and trigger, all in one mapping.

    Raises:
        InputError: An unknown fault or key, with the nearest one, or a value that is refused.
    """
    name = given.get("name")
    if name is None:
        raise RefusedKeyError("", f"a fault lacks its name: one of {', '.join(TABLE)}")
    if not isinstance(name, str) or name not in TABLE:
        raise RefusedKeyError("name", f"fault {name!r} is not known{nearest(str(name), TABLE)}")
    kind = TABLE[name]
    keys = {each.name: each for each in KEYS if kind.scope in each.scopes}
    own = {each.name: each for each in kind.parameters}
    parameters: dict[str, Any] = {each.name: each.default for each in kind.parameters}
    trigger = dict(kind.default)
    for key, value in given.items():
        if key == "name":
            continue
        if key in own:
            parameters[key] = _parameter(name, own[key], value)
        elif key in keys:
            trigger[key] = _key(name, keys[key], value)
        else:
            raise RefusedKeyError(key, f"{name} has no parameter {key!r}{nearest(key, (*own, *keys))}")
    if trigger.get("until_s", float("inf")) <= trigger.get("from_s", 0):
        raise RefusedKeyError("until_s", f"{name}: until_s must be after from_s")
    return Spec(kind, parameters, trigger)


def _parameter(fault: str, parameter: Parameter, value: object) -> object:
    value = _typed(fault, parameter.name, type(parameter.default), value)
    if parameter.choices and value not in parameter.choices:
        choices = ", ".join(map(str, parameter.choices))
        raise RefusedKeyError(
            parameter.name, f"{fault} {parameter.name}: expected one of {choices}, got {value}"
        )
    if not parameter.choices:
        _bound(fault, parameter, value)
    return value


def _key(fault: str, key: Key, value: object) -> object:
    value = _typed(fault, key.name, key.kind, value)
    if key.choices and value not in key.choices:
        hint = nearest(str(value), key.choices)
        raise RefusedKeyError(
            key.name, f"{fault} {key.name}: expected one of {', '.join(key.choices)}, got {value!r}{hint}"
        )
    _bound(fault, key, value)
    return value


def _typed(fault: str, name: str, kind: type, value: object) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise RefusedKeyError(name, f"{fault} {name}: expected {_WORDS[kind]}, got {value!r}")
    return value


def _bound(fault: str, of: Key | Parameter, value: object) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not of.least <= value <= of.most:
        most = "" if of.most == float("inf") else f" to {of.most:g}"
        least = f"{of.least:g}{most or ' or more'}"
        raise RefusedKeyError(of.name, f"{fault} {of.name}: expected {least}, got {value}")


def read(path: Path) -> tuple[int | None, list[Mapping[str, Any]]]:
    """Reads a file of faults.

    Returns:
        Its seed, if it names one, and its faults, checked.

    Raises:
        ConfigError: It cannot be read, or a fault is refused; it names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{path}:{line[1]}" if line else f"{path}"
        raise ConfigError(f"{place}: not TOML: {error}") from error
    lines = _Lines(path, text)
    for key in tables:
        if key not in {"seed", "fault"}:
            raise ConfigError(f"{lines.of(None, key)}: unknown key {key!r}{nearest(key, ('seed', 'fault'))}")
    seed = tables.get("seed")
    if seed is not None and type(seed) is not int:
        raise ConfigError(f"{lines.of(None, 'seed')}: seed: expected a whole number, got {seed!r}")
    faults = tables.get("fault", [])
    if not isinstance(faults, list) or not all(isinstance(each, dict) for each in faults):
        raise ConfigError(f"{lines.of(None, 'fault')}: expected [[fault]] tables")
    for number, each in enumerate(faults):
        try:
            checked(each)
        except RefusedKeyError as error:
            raise ConfigError(f"{lines.of(number, error.key)}: {error}") from error
    return seed, faults


class _Lines:
    """Where keys stand in a file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._heads = [
            number for number, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*fault\s*\]\]", line)
        ]

    def of(self, fault: int | None, key: str) -> str:
        """File and line of a key of a fault, or of the file's own; of the fault's head without one."""
        start, end = 0, len(self._lines)
        if fault is None:
            end = self._heads[0] if self._heads else end
        elif fault < len(self._heads):
            start = self._heads[fault]
            end = next(iter(self._heads[fault + 1 : fault + 2]), end)
        for number in range(start, end):
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", self._lines[number]):
                return f"{self._path}:{number + 1}"
        return f"{self._path}:{start + 1}"
