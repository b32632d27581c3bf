"""Reads the hand-computed cases: one line of a CSV is one scenario and what a person worked out for it.

Times count steps of one minute from the first stamp. Bars are `open/high/low/close`, or one price for
all four; signals `EL@0` (true at bar 0), `EL?0` (undefined there); options `name=value`, a slot `kind:value`,
and `name@bar=value` where one bar differs.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reference.bar_terms import Bars, Order, Rules, Signal, Terms, Value

STEP = 60_000_000_000
START = 1_704_067_200_000_000_000
SIGNALS = {"EL": "enter_long", "XL": "exit_long", "ES": "enter_short", "XS": "exit_short"}
SLOTS = ("stop_loss", "take_profit", "trailing")
TIMES = "\N{MULTIPLICATION SIGN}"
WORDS = {"fill", "path", "size_at", "opposite"}


@dataclass(frozen=True)
class Case:
    """One line of the file."""

    row: dict[str, str]

    def __str__(self) -> str:
        return self.row["name"]

    def options(self) -> dict[str, str]:
        return dict(pair.split("=") for pair in self.row["options"].split())

    def bars(self) -> Bars:
        options = self.options()
        rows = [prices(text) for text in self.row["bars"].split(";")]
        times = options["ts"].split("/") if "ts" in options else range(len(rows))
        optional = {name: numbers(options[name]) for name in ("spread", "mark") if name in options}
        return Bars([stamp(time) for time in times], *columns(rows), step=STEP, **optional)

    def rules(self) -> Rules:
        options, count = self.options(), len(self.row["bars"].split(";"))
        slots: dict[str, Any] = {name: slot(options, name, count)[1:] for name in SLOTS if name in options}
        if "max_bars" in options:
            slots["max_bars"] = slot(options, "max_bars", count)[2]
        kind, size = slot(options, "size", count)[1:]
        rest = {"pyramid": int(options.get("pyramid", 0)), "opposite": options.get("opposite", "reverse")}
        return Rules(**self.signals(count), size_kind=kind, size=size, **slots, **rest)

    def signals(self, count: int) -> dict[str, list[Signal]]:
        found: dict[str, list[Signal]] = {name: [False] * count for name in SIGNALS.values()}
        for word in self.row["signals"].split():
            found[SIGNALS[word[:2]]][int(word[3:])] = None if word[2] == "?" else True
        return found

    def terms(self) -> Terms:
        options = self.options()
        known = {name: options[name] for name in options if name in Terms.__dataclass_fields__}
        special: dict[str, Any] = {"cash": 1000.0, "spread": "spread" in options}
        if "funding" in options:
            pairs = [pair.split(":") for pair in options["funding"].split("/")]
            special["funding"] = [(stamp(time), float(rate)) for time, rate in pairs]
        if "detail" in options:
            fine = [piece.split(":") for piece in options["detail"].split("|")]
            rows = [prices(text) for _, text in fine]
            special["detail"] = Bars([stamp(time) for time, _ in fine], *columns(rows), step=STEP // 4)
        plain = {
            name: text if name in WORDS else float(text)
            for name, text in known.items()
            if name not in special
        }
        return Terms(**plain | special | {"close_at_end": "close_at_end" in options})

    def flags(self) -> dict[str, int]:
        return {name: int(value) for name, value in (pair.split("=") for pair in self.row["flags"].split())}


def prices(text: str) -> list[float]:
    parts = [float(part) for part in text.split("/")]
    return parts * 4 if len(parts) == 1 else parts


def columns(rows: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split("/")]


def stamp(time: str | int) -> int:
    return START + int(float(time) * STEP)


def slot(options: dict[str, str], name: str, count: int) -> tuple[str, str, list[Value]]:
    """(name, kind, one value a bar)."""
    kind, _, value = options[name].rpartition(":")
    found: list[Value] = [float(value)] * count
    for key, text in options.items():
        if key.startswith(name + "@"):
            found[int(key.rpartition("@")[2])] = None if text == "none" else float(text)
    return name, kind, found


def fills(orders: list[Order]) -> list[tuple[int, float, float, str]]:
    """What filled, as (bar, price, signed size, words), trade after trade."""
    found = []
    for order in sorted(orders, key=lambda row: (row.trade, row.id)):
        if order.status == "filled":
            signed = order.size if order.side == "buy" else -order.size
            words = f"{order.kind} reduced" if order.is_reduced else order.kind
            found.append((order.fill_bar, order.price, signed, words))
    return found


def written_fills(text: str) -> list[tuple[int, float, float, str]]:
    """The fills column: bar@price, the signed size, the kind; in the order they happen."""
    found = []
    for part in text.split(";") if text else []:
        numbers_, _, words = part.strip().partition(" ")
        bar, rest = numbers_.split("@")
        price, size = rest.split(TIMES)
        found.append((int(bar), float(price), float(size), words))
    return found


def unfilled(orders: list[Order]) -> str:
    """The orders that never filled: `bar kind status reason`."""
    rows = [order for order in orders if order.status != "filled"]
    return "; ".join(f"{row.bar} {row.kind} {row.status} {row.reason}".strip() for row in rows)


def flags(outcome: dict[str, Any]) -> dict[str, int]:
    """The flags that are set, and the number of open trades."""
    found = {"open": sum(trade["is_open"] for trade in outcome["trades"])} | outcome["flags"]
    return {name: value for name, value in found.items() if value != (-1 if name == "ruined" else 0)}


def read(path: Path) -> list[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Case(row) for row in csv.DictReader(file)]
