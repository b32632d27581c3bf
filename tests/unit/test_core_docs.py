"""`help()` of the compiled classes says what the stub says: texts in two places must not drift."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from alipes import _core

STUB = Path(inspect.getfile(_core)).parent / "_core.pyi"
Documented = ast.ClassDef | ast.FunctionDef


def texts() -> Iterator[tuple[str, str]]:
    """Names of everything public in the stub, such as ``OrderBook.apply``, with their docstrings."""
    classes: dict[str, ast.ClassDef] = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef):
            classes[node.name] = node
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""
            yield from members(node, classes)


def members(node: Documented, classes: dict[str, ast.ClassDef]) -> Iterator[tuple[str, str]]:
    """Public members of a class and of those of its bases that only the stub knows."""
    if not isinstance(node, ast.ClassDef):
        return
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    for owner in [node, *(classes[name] for name in names if name in classes)]:
        for member in owner.body:
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                yield f"{node.name}.{member.name}", ast.get_docstring(member) or ""


TEXTS = sorted(texts())


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=[name for name, _ in TEXTS])
def test_help_says_what_the_stub_says(name: str, text: str) -> None:
    """Properties and methods included."""
    found: object = _core
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    assert text, f"{name} has no docstring in {STUB.name}"
    assert inspect.getdoc(found) == inspect.cleandoc(text)


def test_every_book_read_is_checked() -> None:
    """The reads that classes share through a macro count for each of them."""
    names = {name for name, _ in TEXTS}
    assert {"OrderBook.best_bid", "BookView.best_bid", "OrderBook.apply", "columns"} <= names
