"""How expressions are shown: as the calls that made them, cut off where they are long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alipes.rules.terms import Term

_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "pow": "**",
    "gt": ">",
    "lt": "<",
    "ge": ">=",
    "le": "<=",
    "eq": "==",
    "ne": "!=",
    "and": "&",
    "or": "|",
}
_PREFIXES = {"neg": "-", "not": "~"}
_NAMES = {"true": "True", "false": "False", "min2": "minimum", "max2": "maximum"}
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a term stands for.

    Attributes:
        name: The function's name.
        args: Its arguments, terms or plain values.
        part: The field of its result, for functions that give several.
    """

    name: str
    args: tuple[object, ...]
    part: str = ""


def render(term: Term) -> str:
    """The term as text."""
    return _shown(term, 0, is_inner=False)


def _shown(thing: object, depth: int, *, is_inner: bool) -> str:
    if not hasattr(thing, "digest"):
        return f"{thing:g}" if isinstance(thing, float) else repr(thing)
    term: Term = thing  # type: ignore[assignment]
    if depth > _MAX_DEPTH:
        return "…"
    if term.label is not None:
        return _called(term.label.name, term.label.args, depth) + (
            f".{term.label.part}" if term.label.part else ""
        )
    if term.op in {"col", "param"}:
        return str(term.value)
    if term.op == "const":
        return f"{term.value:g}"
    return _operator(term, depth, is_inner=is_inner)


def _operator(term: Term, depth: int, *, is_inner: bool) -> str:
    if term.op in _SIGNS:
        left, right = (_shown(arg, depth + 1, is_inner=True) for arg in term.args)
        text = f"{left} {_SIGNS[term.op]} {right}"
        return f"({text})" if is_inner else text
    if term.op in _PREFIXES:
        return _PREFIXES[term.op] + _shown(term.args[0], depth + 1, is_inner=True)
    name = _NAMES.get(term.op, term.op)
    return _called(name, term.args, depth) if term.args else name


def _called(name: str, args: tuple[object, ...], depth: int) -> str:
    return f"{name}({', '.join(_shown(arg, depth + 1, is_inner=False) for arg in args)})"
