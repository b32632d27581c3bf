"""Constraints on parameter sets: ``"fast < slow and slow <= 3 * fast"``, read by a grammar of its own.

The text is parsed, never run: numbers, names of parameters, ``+ - * / // % **``, comparisons (also chained),
``and or not``, parentheses, ``abs``, ``min``, ``max``. Everything else is refused, naming the place.
Evaluation is over whole columns of parameter values.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from alipes.errors import InputError, shown
from alipes.rules.arithmetic import evaluate_term
from alipes.rules.graph import Graph, names_of
from alipes.rules.terms import Condition, Expr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from numpy.typing import NDArray

Columns: TypeAlias = "Mapping[str, NDArray[np.float64]]"

MAX_LENGTH = 1_000
"""Characters that a constraint may have."""
MAX_DEPTH = 50
"""How deep its parentheses and operators may be nested."""
_MAX_WHOLE = 10**15

_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_OPERATORS: dict[type, Callable[..., Any]] = {
    **_ARITHMETIC,
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
    ast.Not: np.logical_not,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": np.abs, "min": np.minimum, "max": np.maximum}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition on parameter values.

    Attributes:
        text: How it is shown.
        names: Parameters it reads; None if that cannot be known (a callable).
    """

    text: str
    names: tuple[str, ...] | None
    _test: Callable[[Columns], Any] = field(repr=False)

    def evaluate(self, columns: Columns) -> NDArray[np.bool_]:
        """Which parameter sets satisfy it.

        Args:
            columns: (n,) float64 values of each parameter, all of one length.

        Returns:
            (n,) bool. A comparison with a number that is not finite, such as x / 0, does not hold.

        Raises:
            InputError: An unknown name, or a callable that gives no such array.
        """
        for name in self.names or ():
            if name not in columns:
                known = ", ".join(columns) or "none"
                raise InputError(f"constraint {self.text!r}: no parameter {name!r}; there are: {known}")
        with np.errstate(all="ignore"):
            given = np.asarray(self._test(columns))
        length = len(next(iter(columns.values()), ()))
        if given.dtype != np.bool_ or given.shape not in {(), (length,)}:
            raise InputError(
                f"constraint {self.text!r} gave {given.dtype} of shape {given.shape}; expected bool of "
                f"shape ({length},)"
            )
        return np.broadcast_to(given, (length,)).copy()


def parse_constraint(given: object) -> Constraint:
    """A constraint from a text, an expression of parameters, or a callable.

    Args:
        given: A text such as ``"fast < slow"``; a condition such as ``r.param("fast") < r.param("slow")``; or
            a function that takes a mapping of (n,) float64 arrays and gives an (n,) bool array.

    Raises:
        InputError: Another type; a text that the grammar does not have, with the place; an expression that
            reads bars.
    """
    if isinstance(given, str):
        return _from_text(given)
    if isinstance(given, Condition):
        return _from_condition(given)
    if callable(given) and not isinstance(given, Expr):
        return Constraint(getattr(given, "__qualname__", repr(given)), None, given)
    raise InputError(
        f"constraint is {shown(given)}; expected a text like 'fast < slow', a condition of parameters, or a "
        "function"
    )


def _from_condition(condition: Condition) -> Constraint:
    graph = Graph()
    graph.add(condition)
    return Constraint(
        repr(condition), names_of(graph.nodes, "param"), lambda columns: evaluate_term(graph, columns)
    )


def _from_text(text: str) -> Constraint:
    if len(text) > MAX_LENGTH:
        raise InputError(f"constraint of {len(text)} characters; at most {MAX_LENGTH}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = getattr(error, "offset", None) or len(text.strip()) + 1  # 0 is the end
        reason = getattr(error, "msg", None) or str(error)
        raise InputError(_pointed(text.strip(), at - 1, f"cannot be read: {reason}")) from None
    checker = _Checker(text.strip())
    if not checker.is_truth(tree, 0):
        checker.refuse(tree, "is a number; expected a comparison such as fast < slow")
    return Constraint(text.strip(), tuple(checker.names), lambda columns: _value(tree, columns))


class _Checker:
    """Walks the tree once, refusing what the grammar does not have and mixing of numbers with truths."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: dict[str, None] = {}

    def refuse(self, node: ast.AST, problem: str) -> NoReturn:
        raw = getattr(node, "col_offset", 0)
        at = len(self.text.encode()[:raw].decode(errors="ignore"))
        raise InputError(_pointed(self.text, at, problem))

    def is_truth(self, node: ast.expr, depth: int) -> bool:
        """Whether a node is true or false rather than a number."""
        if depth > MAX_DEPTH:
            self.refuse(node, f"is nested deeper than {MAX_DEPTH}")
        if isinstance(node, ast.BoolOp):
            for part in node.values:
                self._expect(part, depth, is_truth=True)
            return True
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self._expect(node.operand, depth, is_truth=True)
            return True
        if isinstance(node, ast.Compare):
            for sign, part in zip(node.ops, node.comparators, strict=True):
                if type(sign) not in _COMPARISONS:
                    self.refuse(part, "comparison is not known: < <= > >= == != are")
            for part in (node.left, *node.comparators):
                self._expect(part, depth, is_truth=False)
            return True
        self._number(node, depth)
        return False

    def _expect(self, node: ast.expr, depth: int, *, is_truth: bool) -> None:
        if self.is_truth(node, depth + 1) is not is_truth:
            self.refuse(
                node,
                "is a number; expected a comparison" if is_truth else "is a comparison; expected a number",
            )

    def _number(self, node: ast.expr, depth: int) -> None:
        if isinstance(node, ast.Constant):
            if type(node.value) not in {int, float} or not abs(node.value) <= _MAX_WHOLE:  # type: ignore[arg-type]
                self.refuse(node, f"is no number up to {_MAX_WHOLE:g}")
        elif isinstance(node, ast.Name):
            self.names[node.id] = None
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            self._expect(node.operand, depth, is_truth=False)
        elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            self._expect(node.left, depth, is_truth=False)
            self._expect(node.right, depth, is_truth=False)
        elif isinstance(node, ast.Call):
            self._call(node, depth)
        else:
            self.refuse(
                node,
                "is not part of the grammar: numbers, parameters, + - * / // % **, comparisons, and or not, "
                "abs, min, max",
            )

    def _call(self, node: ast.Call, depth: int) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in _FUNCTIONS or node.keywords:
            self.refuse(node, "is no call that is known: abs(x), min(x, y, ...), max(x, y, ...) are")
        if not (len(node.args) == 1 if name == "abs" else len(node.args) >= 2):
            self.refuse(node, f"{name} takes {'one number' if name == 'abs' else 'two or more numbers'}")
        for part in node.args:
            self._expect(part, depth, is_truth=False)


def _value(node: ast.expr, columns: Columns) -> Any:
    """The value of a checked tree."""
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return columns[node.id]
    parts = [_value(part, columns) for part in _parts(node)]
    if isinstance(node, ast.Compare):
        return _joined(
            np.logical_and,
            [_holds(type(s), a, b) for s, a, b in zip(node.ops, parts, parts[1:], strict=False)],
        )
    if isinstance(node, ast.Call):
        function = _FUNCTIONS[node.func.id]  # type: ignore[attr-defined]
        return function(*parts) if len(parts) == 1 else _joined(function, parts)
    function = _OPERATORS[type(node.op)]  # type: ignore[attr-defined]
    return function(*parts) if isinstance(node, ast.UnaryOp) else _joined(function, parts)


def _parts(node: ast.expr) -> list[ast.expr]:
    """What a node is made of, left to right."""
    match node:
        case ast.UnaryOp(operand=part):
            return [part]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.BoolOp(values=parts):
            return parts
        case ast.Call(args=parts):
            return parts
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
    return []


def _holds(sign: type, a: Any, b: Any) -> Any:
    return _COMPARISONS[sign](a, b) & np.isfinite(a) & np.isfinite(b)


def _joined(function: Callable[..., Any], parts: list[Any]) -> Any:
    joined = parts[0]
    for part in parts[1:]:
        joined = function(joined, part)
    return joined


def _pointed(text: str, at: int, problem: str) -> str:
    """The message with the text and a mark under the place."""
    begin = max(0, at - 60)
    shown = text[begin : begin + 100].replace("\n", " ")
    return f"constraint: what stands at character {at + 1} {problem}\n  {shown}\n  {' ' * (at - begin)}^"
