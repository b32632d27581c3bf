"""Terms as a list of nodes: what the compiled engine takes, each distinct sub-expression once.

Nodes are ``(op, args, value)``, arguments before what uses them. User operators become columns ``user:0``,
``user:1``, … that are computed beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from inspect import getsource
from typing import TYPE_CHECKING, Any, TypeAlias

from alipes.rules.terms import Term, UserFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

Node: TypeAlias = "tuple[str, tuple[int, ...], float | str | None]"


@dataclass(frozen=True, slots=True, eq=False)
class UserColumn:
    """A user operator's place in a graph.

    Attributes:
        name: Its column, ``user:<k>``.
        function: What computes it.
        args: Nodes of its arguments.
    """

    name: str
    function: UserFunction
    args: tuple[int, ...]


class Graph:
    """Collects terms and gives each its node.

    Attributes:
        nodes: In topological order.
        user_columns: User operators among them, in the order in which they can be computed.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.user_columns: list[UserColumn] = []
        self._index: dict[bytes, int] = {}

    def add(self, term: Term) -> int:
        """Adds a term with all that it is made of; the index of its node."""
        waiting = [term]
        while waiting:  # a stack of its own: expressions written by a loop may be deeper than Python's
            here = waiting[-1]
            missing = [arg for arg in here.args if arg.digest not in self._index]
            if missing and here.digest not in self._index:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            if here.digest not in self._index:
                self._index[here.digest] = self._place(here)
        return self._index[term.digest]

    def _place(self, term: Term) -> int:
        args = tuple(self._index[arg.digest] for arg in term.args)
        if isinstance(term.value, UserFunction):
            name = f"user:{len(self.user_columns)}"
            self.user_columns.append(UserColumn(name, term.value, args))
            self.nodes.append(("col", (), name))
        else:
            self.nodes.append((term.op, args, term.value))
        return len(self.nodes) - 1


def names_of(nodes: list[Node], op: str) -> tuple[str, ...]:
    """Names that nodes of an operator carry, in order of appearance."""
    return tuple(dict.fromkeys(str(value) for name, _, value in nodes if name == op))


def stable_key(graph: Graph, slots: Mapping[str, Any]) -> bytes:
    """SHA-256 of a graph and its slots: equal between runs, machines and Python versions.

    A user operator counts by its module, name and source, or by its name alone where there is no source; what
    it reads from outside does not count.
    """
    hashed = sha256()
    for node in graph.nodes:
        op, args, value = node
        hashed.update(f"{op}|{args}|{value.hex() if isinstance(value, float) else value}\n".encode())
    for column in graph.user_columns:
        hashed.update(f"{column.name}|{column.args}|{_source(column.function)}\n".encode())
    for name in sorted(slots):
        hashed.update(f"{name}={slots[name]}\n".encode())
    return hashed.digest()


def _source(user: UserFunction) -> str:
    function = user.function
    module = getattr(function, "__module__", "")
    name = f"{module}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    try:
        return name + getsource(function)
    except (OSError, TypeError):
        return name
