"""What ``alipes backtest`` and ``alipes sweep`` are to do: a TOML file, or ``module:rules`` and flags.

A file has the tables ``[backtest]`` (rules, bars, options), ``[params]`` and ``[sweep]``; its paths are
relative to it. An unknown key is an error that names the nearest one. Flags go before the file.
"""

from __future__ import annotations

import importlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alipes.cli.barflags import READING
from alipes.cli.execute import search_folder
from alipes.config import nearest
from alipes.errors import AlipesError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alipes.cli.barflags import BarFlags
    from alipes.data.bars import Bars

SWEEP_KEYS = ("params", "where", "metrics", "sample", "seed")
"""Keys of ``[sweep]``."""
_FILES = (".csv", ".csv.gz", ".parquet")
_INSTRUMENT_KEYS = (
    "symbol",
    "kind",
    "base",
    "quote",
    "settle",
    "tick_size",
    "lot_size",
    "contract_size",
    "min_notional",
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A backtest or sweep, read but not loaded.

    Attributes:
        rules: ``module:name`` of rules or of a strategy.
        bars: path of the bars.
        reading: how to read them: unit, label, tz, freq.
        options: options of `alipes.backtest.run`; files among them are still paths.
        params: parameters with one value.
        sweep: the table ``[sweep]``.
    """

    rules: str
    bars: Path
    reading: dict[str, Any]
    options: dict[str, Any]
    params: dict[str, Any]
    sweep: dict[str, Any] = field(default_factory=dict)

    def load_bars(self) -> Bars:
        """The bars.

        Raises:
            AlipesError: they cannot be read or trusted; the message names the file.
        """
        return load_bars(self.bars, self.reading)

    def load_options(self) -> dict[str, Any]:
        """The options with their files read.

        Raises:
            AlipesError: a file cannot be read, or the instrument is none; the message says which.
        """
        options = dict(self.options)
        if isinstance(options.get("instrument"), dict):
            options["instrument"] = _instrument(options["instrument"])
        if "detail" in options:
            options["detail"] = load_bars(Path(options["detail"]), {})
        if str(options.get("funding", "")).endswith(_FILES):
            options["funding"] = _table(Path(options["funding"]))
        if "others" in options:
            options["others"] = {name: load_bars(Path(path), {}) for name, path in options["others"].items()}
        return options


def read_plan(target: str, flags: BarFlags) -> Plan:
    """What to do, from a file or from flags alone. Modules are found beside the file and in this folder.

    Args:
        target: a TOML file, or ``module:name``.
        flags: the flags.

    Raises:
        ConfigError: it is neither, cannot be read, holds an unknown key, or lacks its rules or bars.
    """
    search_folder(Path.cwd())
    given = flags.given()
    path = Path(target)
    if path.suffix != ".toml":
        if ":" not in target:
            raise ConfigError(f"{target!r}: expected a TOML file, or module:rules")
        return _plan({"backtest": {"rules": target}}, given)
    tables = _tables(path)
    search_folder(path.parent)
    try:
        _check_keys("the file", tables, ("backtest", "params", "sweep"))
        return _plan(_beside(tables, path.parent), given)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def load_rules(name: str) -> Any:
    """What ``module:name`` names: `alipes.rules.Rules`, or a strategy's class.

    Raises:
        ConfigError: it does not import, or is something else.
    """
    from alipes.rules import Rules
    from alipes.strategy import Strategy

    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise ConfigError(f"rules {name!r}: expected module:name, such as my_rules:rules")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ConfigError(
            f"rules {name!r}: module {module_name!r} does not import: {type(error).__name__}: {error}"
        ) from error
    known = [key for key, value in vars(module).items() if isinstance(value, Rules)]
    if not hasattr(module, attribute):
        raise ConfigError(f"rules {name!r}: {module_name} has no {attribute!r}{nearest(attribute, known)}")
    found = getattr(module, attribute)
    if isinstance(found, Rules) or (isinstance(found, type) and issubclass(found, Strategy)):
        return found
    raise ConfigError(f"rules {name!r} is {found!r}: expected alipes.rules.Rules{nearest(attribute, known)}")


def load_bars(path: Path, reading: Mapping[str, Any]) -> Bars:
    """The bars of a file.

    Raises:
        AlipesError: they cannot be read or trusted; the message names the file.
    """
    from alipes.data.bars import bars

    if not path.is_file():
        raise ConfigError(f"bars {path}: there is no such file")
    try:
        return bars(path, **reading)
    except AlipesError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{path}: {error}") from error


def _plan(tables: Mapping[str, Any], given: dict[str, Any]) -> Plan:
    from alipes.backtest.bars.options import OptionArguments

    table = dict(tables["backtest"])
    options = tuple(OptionArguments.__annotations__)
    _check_keys("[backtest]", table, ("rules", "bars", "others", *options))
    rules, bars = table.pop("rules", None), table.pop("bars", None)
    reading = dict(bars) if isinstance(bars, dict) else {} if bars is None else {"path": bars}
    _check_keys("[backtest] bars", reading, ("path", *READING))
    reading |= {name: given.pop(name) for name in READING if name in given}
    reading |= {"path": given.pop("bars")} if "bars" in given else {}
    if rules is None:
        raise ConfigError('[backtest] lacks rules = "module:name"')
    rules = _as_text("[backtest] rules", rules)
    if "path" not in reading:
        raise ConfigError(
            f"{rules} needs bars: --bars FILE" if bars is None else "[backtest] bars lacks path"
        )
    sweep = dict(_as_table("[sweep]", tables.get("sweep", {})))
    _check_keys("[sweep]", sweep, SWEEP_KEYS)
    return Plan(
        rules=rules,
        bars=Path(_as_text("[backtest] bars", reading.pop("path"))),
        reading=reading,
        options=table | given,
        params=dict(_as_table("[params]", tables.get("params", {}))),
        sweep=sweep | {"params": dict(_as_table("[sweep.params]", sweep.get("params", {})))},
    )


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: cannot be read: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _beside(tables: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The tables with paths relative to the file's folder."""
    if "backtest" not in tables:
        raise ConfigError('it lacks [backtest], with rules = "module:name" and bars = "file.csv"')
    table = dict(_as_table("[backtest]", tables["backtest"]))
    for key in ("bars", "detail"):
        if isinstance(table.get(key), str):
            table[key] = str(folder / table[key])
    if isinstance(table.get("bars"), dict) and isinstance(table["bars"].get("path"), str):
        table["bars"] = table["bars"] | {"path": str(folder / table["bars"]["path"])}
    if isinstance(table.get("funding"), str) and table["funding"].endswith(_FILES):
        table["funding"] = str(folder / table["funding"])
    if "others" in table:
        others = _as_table("[backtest.others]", table["others"])
        table["others"] = {name: str(folder / str(path)) for name, path in others.items()}
    return tables | {"backtest": table}


def _check_keys(place: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    names = tuple(known)
    for key in table:
        if key not in names:
            raise ConfigError(f"unknown key {key!r} in {place}{nearest(key, names)}")


def _as_table(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{place} must be a table, got {value!r}")
    return value


def _as_text(place: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{place}: expected text, got {value!r}")
    return value


def _instrument(table: dict[str, Any]) -> Any:
    from alipes import InstrumentSpec
    from alipes.config import parse_symbol

    _check_keys("[backtest.instrument]", table, _INSTRUMENT_KEYS)
    if "symbol" not in table:
        raise ConfigError('[backtest.instrument] lacks symbol, such as "BTC/USDT"')
    symbol = parse_symbol(_as_text("[backtest.instrument] symbol", table["symbol"]))
    parts = {"kind": symbol.kind, "base": symbol.base, "quote": symbol.quote, "settle": symbol.settle}
    try:
        return InstrumentSpec(**(parts | table))
    except (AlipesError, TypeError) as error:
        raise ConfigError(f"[backtest.instrument] {error}") from error


def _table(path: Path) -> Any:
    """A file of funding times and rates."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        return parquet.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"funding {path}: cannot be read: {error}") from error
