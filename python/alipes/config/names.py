"""Names of the field: accounts, symbols, instruments, and the nearest known name for a misspelt one.

A symbol is ccxt's (``BTC/USDT``, ``BTC/USDT:USDT``); an instrument is ``account:symbol``. Text before the
first colon is an account only if it holds no slash, so a bare symbol reads unambiguously.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from alipes.errors import ConfigError

Kind = Literal["spot", "linear", "inverse"]

_ACCOUNT = re.compile(r"[a-z0-9_-]+")
_SYMBOL = re.compile(r"(?P<base>[^/:\s-]+)/(?P<quote>[^/:\s-]+)(:(?P<settle>[^/:\s-]+)(?P<dated>-.*)?)?")


_KINDS: dict[str, Kind] = {"binance": "spot", "binanceusdm": "linear"}
"""What each venue trades."""


_FEW = 20
"""Names that an error can list."""


class Symbol(NamedTuple):
    """What a unified symbol says of its instrument.

    Attributes:
        base: asset that is bought and sold.
        quote: asset that prices are in.
        settle: asset that profit and fees are paid in; the quote asset of a spot pair.
        kind: ``spot``, ``linear`` (settles in the quote asset) or ``inverse`` (settles in the base asset).
    """

    base: str
    quote: str
    settle: str
    kind: Kind


def parse_symbol(symbol: str) -> Symbol:
    """Read a unified symbol.

    Raises:
        ConfigError: it is no symbol, an option, or settles in a third asset.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        raise ConfigError(
            f"{symbol!r} is not a symbol: expected BASE/QUOTE (spot) or BASE/QUOTE:SETTLE (a swap or future)"
        )
    base, quote, settle, dated = match.group("base", "quote", "settle", "dated")
    if dated and re.search(r"-[CP]$", dated):
        raise ConfigError(
            f"{symbol!r} is an option: not supported, its risk is not what the limits here measure"
        )
    if settle is None:
        return Symbol(base, quote, quote, "spot")
    if settle == quote:
        return Symbol(base, quote, settle, "linear")
    if settle == base:
        return Symbol(base, quote, settle, "inverse")
    raise ConfigError(
        f"{symbol!r} settles in {settle}: expected the quote {quote} (linear) or the base {base} (inverse)"
    )


def check_venue(symbol: str, venue: str) -> None:
    """Refuse a symbol of a kind that the venue does not trade: it would be accounted for as another thing.

    Raises:
        ConfigError: it is of another kind; the message names the symbol that was likely meant.
    """
    names, kind = parse_symbol(symbol), _KINDS.get(venue)
    if kind is None or names.kind == kind:
        return
    pair = f"{names.base}/{names.quote}"
    likely = pair if kind == "spot" else f"{pair}:{names.quote}"
    raise ConfigError(
        f"{symbol!r} is a {names.kind} symbol and {venue!r} trades {kind} ones: did you mean {likely!r}?"
    )


def split_instrument(name: str) -> tuple[str | None, str]:
    """Split ``account:symbol`` into (account, symbol); the account of a bare symbol is None."""
    account, colon, symbol = name.partition(":")
    if not colon or "/" in account:
        return None, name
    return account, symbol


def full_name(name: str, accounts: Iterable[str]) -> str:
    """The instrument's full name ``account:symbol``.

    Raises:
        ConfigError: an unknown account, no symbol, or a bare symbol while there are several accounts.
    """
    known = list(accounts)
    account, symbol = split_instrument(name)
    parse_symbol(symbol)
    if account is not None:
        if account not in known:
            raise ConfigError(f"{name!r}: no account {account!r}{nearest(account, known)}")
        return name
    if len(known) != 1:
        choices = " or ".join(f"{each}:{symbol}" for each in known)
        raise ConfigError(f"{name!r} is ambiguous with {len(known)} accounts: write {choices}")
    return f"{known[0]}:{symbol}"


def check_account(name: str) -> None:
    """Refuse an account name that could not stand before a colon.

    Raises:
        ConfigError: it does not match ``[a-z0-9_-]+``.
    """
    if _ACCOUNT.fullmatch(name) is None:
        raise ConfigError(f"account name {name!r}: expected lower-case letters, digits, - and _ only")


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error on an unknown name: the nearest known one, else all of them if they are few."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(choices)}" if 0 < len(choices) <= _FEW else ""
