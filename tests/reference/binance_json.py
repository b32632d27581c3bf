"""What a Binance message means, decoded the slow and obvious way: Python's json and Decimal.

An oracle that shares no code with the parsers under test. Only legal JSON is taken; a key that has a meaning
must not come twice at its level; numbers may be quoted or not, and are exact.
"""

import json
import re
from decimal import Context, Decimal
from typing import Any

REPLIES = frozenset(["id", "result", "error", "status", "code", "event", "subscriptionId"])
KEYS = REPLIES | frozenset("eETsUubaBAtpqmX") | {"stream", "data", "pu", "lastUpdateId", "bids", "asks"}
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?([0-9]+))?", re.ASCII)
PARTIAL = re.compile(r"(?:[^@]*@)?depth[0-9]", re.ASCII)
EXACT = Context(prec=200, Emax=10**6, Emin=-(10**6))
MOST = 2**63 - 1


class NotAMessageError(Exception):
    """The bytes are no message of the venue."""


class Literal(str):
    """A JSON number, as its text."""

    __slots__ = ()


class Members(list):
    """The members of a JSON object, in order."""


class Decoder:
    """Decodes messages of one instrument."""

    def __init__(self, *, venue: str, symbol: str, tick_size: str, lot_size: str) -> None:
        self.is_future = venue == "binanceusdm"
        self.symbol = symbol
        self.tick = Decimal(tick_size)
        lot = Decimal(lot_size).normalize()
        self.step = Decimal(1).scaleb(min(0, int(lot.as_tuple().exponent)) - 3)

    def decode(self, raw: bytes) -> dict[str, Any]:
        """The message in the form that the extension's test probe gives."""
        self.out: dict[str, Any] = {"ts_event": None, "rounded": 0, "is_off_grid": False}
        try:
            root = json.loads(
                raw.decode(),
                object_pairs_hook=Members,
                parse_float=Literal,
                parse_int=Literal,
                parse_constant=refuse,
            )
        except (ValueError, RecursionError) as error:
            raise NotAMessageError(str(error)) from error
        self.out["kind"] = self.root(known(root))
        if self.out["kind"].startswith("other"):
            self.out = {"kind": self.out["kind"], "ts_event": None, "rounded": 0, "is_off_grid": False}
        return self.out

    def root(self, members: dict[str, Any]) -> str:
        stream, data = members.get("stream"), members.get("data")
        require((stream is None) == (data is None))
        if stream is None:
            return self.bare(members)
        if PARTIAL.match(string(stream)) or type(data) is list:
            return "other_stream"
        inner = known(data)
        if inner.get("e") is None and inner.get("lastUpdateId") is not None:
            return "other_stream"
        return self.bare(inner)

    def bare(self, members: dict[str, Any]) -> str:
        if members.get("e") is not None:
            kind = string(members["e"])
            known_kinds = {
                "depthUpdate": self.depth,
                "bookTicker": self.touch,
                "trade": self.trade,
                "aggTrade": self.trade,
            }
            return known_kinds[kind](members) if kind in known_kinds else "other_stream"
        if members.get("lastUpdateId") is not None:
            return self.snapshot(members)
        if not self.is_future and members.get("u") is not None and members.get("B") is not None:
            return self.touch(members)
        require(any(members.get(key) is not None for key in REPLIES))
        return "other_stream"

    def depth(self, members: dict[str, Any]) -> str:
        if string(members.get("s")) != self.symbol:
            return "other_symbol"
        self.time(members, needs_event=True)
        require((members.get("pu") is not None) == self.is_future)
        previous = integer(members["pu"]) if self.is_future else 0
        self.out["ids"] = (integer(members.get("U")), integer(members.get("u")), previous)
        self.levels(members.get("b"), members.get("a"))
        return "depth"

    def snapshot(self, members: dict[str, Any]) -> str:
        self.out["ids"] = (integer(members["lastUpdateId"]),)
        self.time(members, needs_event=False)
        self.levels(members.get("bids"), members.get("asks"))
        return "snapshot"

    def touch(self, members: dict[str, Any]) -> str:
        if string(members.get("s")) != self.symbol:
            return "other_symbol"
        self.out["ids"] = (integer(members.get("u")),)
        self.time(members, needs_event=False)
        self.levels([[members.get("b"), members.get("B")]], [[members.get("a"), members.get("A")]])
        return "touch"

    def trade(self, members: dict[str, Any]) -> str:
        if string(members.get("s")) != self.symbol:
            return "other_symbol"
        if members.get("X") is not None and string(members["X"]) != "MARKET":
            return "other_stream"
        self.time(members, needs_event=True)
        is_aggregate = members["e"] == "aggTrade"
        self.out["ids"] = (integer(members.get("a" if is_aggregate else "t")),)
        level = (self.price(members.get("p")), self.size(members.get("q")))
        require(type(members.get("m")) is bool)
        self.out["bids" if members["m"] else "asks"] = [level]
        return "agg_trade" if is_aggregate else "trade"

    def time(self, members: dict[str, Any], *, needs_event: bool) -> None:
        event, transaction = members.get("E"), members.get("T")
        require(event is not None or not needs_event)
        chosen = event if transaction is None else transaction
        if chosen is not None:
            self.out["ts_event"] = integer(chosen) * 1_000_000
            require(self.out["ts_event"] <= MOST)

    def levels(self, bids: object, asks: object) -> None:
        for name, rows in (("bids", bids), ("asks", asks)):
            require(type(rows) is list)
            require(all(type(row) is list and len(row) == 2 for row in rows))
            self.out[name] = [(self.price(price), self.size(size)) for price, size in rows]

    def price(self, value: object) -> int:
        ticks = EXACT.divide(number(value), self.tick)
        require(ticks.to_integral_value("ROUND_FLOOR") <= MOST)
        if ticks == ticks.to_integral_value():
            return int(ticks)
        self.out["is_off_grid"] = True
        return 0

    def size(self, value: object) -> int:
        steps = EXACT.divide(number(value), self.step)
        nearest = steps.to_integral_value("ROUND_HALF_UP")
        require(nearest <= MOST)
        self.out["rounded"] += nearest != steps
        return int(nearest)


def known(value: object) -> dict[str, Any]:
    """The members that mean something."""
    require(type(value) is Members)
    assert isinstance(value, Members)
    for key, _ in value:
        require(is_text(key))
    mine = [(key, inner) for key, inner in value if key in KEYS]
    require(len({key for key, _ in mine}) == len(mine))
    return dict(mine)


def string(value: object) -> str:
    require(type(value) is str)
    assert isinstance(value, str)
    require(is_text(value))
    return value


def integer(value: object) -> int:
    require(type(value) is Literal)
    assert isinstance(value, str)
    require(value.isdigit())
    require(int(value) < 2**64)
    return int(value)


def number(value: object) -> Decimal:
    """A number that is not negative, of at most 36 characters, 30 decimals and an exponent within 60."""
    require(type(value) in {str, Literal})
    assert isinstance(value, str)
    match = NUMBER.fullmatch(value)
    require(match is not None and len(value) <= 36)
    assert match is not None
    require(int(match[3] or "0") <= 60)
    exact = EXACT.create_decimal(value).normalize(EXACT)
    require(-int(exact.as_tuple().exponent) <= 30)
    return exact


def is_text(value: str) -> bool:
    """Whether the text has no lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def require(condition: object) -> None:
    if not condition:
        raise NotAMessageError


def refuse(constant: str) -> None:
    raise NotAMessageError(constant)
