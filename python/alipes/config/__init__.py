"""Typed configuration: TOML in, frozen tables out; an unknown key is an error that names the nearest one."""

from alipes.config.check import balances
from alipes.config.names import Symbol, check_venue, full_name, nearest, parse_symbol, split_instrument
from alipes.config.read import from_tables, load
from alipes.config.tables import (
    Account,
    CaptureFeed,
    CcxtFeed,
    Config,
    Feed,
    Fees,
    Instrument,
    Limits,
    Mode,
    Monitor,
    Risk,
    Run,
    Strategy,
    SyntheticFeed,
)
from alipes.config.write import to_toml

__all__ = [
    "Account",
    "CaptureFeed",
    "CcxtFeed",
    "Config",
    "Feed",
    "Fees",
    "Instrument",
    "Limits",
    "Mode",
    "Monitor",
    "Risk",
    "Run",
    "Strategy",
    "Symbol",
    "SyntheticFeed",
    "balances",
    "check_venue",
    "from_tables",
    "full_name",
    "load",
    "nearest",
    "parse_symbol",
    "split_instrument",
    "to_toml",
]
