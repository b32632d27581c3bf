"""Constraint texts: random ones mean what they mean in Python; no other text is more than an error."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counts import scaled

from alipes.errors import InputError
from alipes.rules import parse_constraint

COUNT = scaled(300, 10_000)
VALUES = st.sampled_from([-3.0, -1.0, 0.5, 1.0, 2.0, 4.0])
NUMBERS = st.recursive(
    st.sampled_from(["fast", "slow", "2", "0.5", "7"]),
    lambda x: st.one_of(
        st.builds("({} {} {})".format, x, st.sampled_from(["+", "-", "*"]), x),
        st.builds("(-{})".format, x),
        st.builds("abs({})".format, x),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), x, x),
    ),
    max_leaves=6,
)
SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
TRUTHS = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, NUMBERS, SIGNS, NUMBERS),
        st.builds("{} {} {} {} {}".format, NUMBERS, SIGNS, NUMBERS, SIGNS, NUMBERS),
    ),
    lambda x: st.one_of(
        st.builds("({}) {} ({})".format, x, st.sampled_from(["and", "or"]), x),
        st.builds("not ({})".format, x),
    ),
    max_leaves=4,
)
PIECES = [
    "fast",
    "slow",
    "<",
    "and",
    "not",
    "(",
    ")",
    "1",
    "1e9",
    "**",
    ",",
    "min",
    ".",
    "[",
    "'",
    "lambda",
    ":",
    " ",
]


@settings(max_examples=COUNT, deadline=None)
@given(TRUTHS, VALUES, VALUES)
def test_a_text_of_the_grammar_means_what_python_means(text, fast, slow):
    columns = {"fast": np.array([fast]), "slow": np.array([slow])}
    expected = eval(text, {"fast": fast, "slow": slow})  # noqa: S307 - the oracle
    assert parse_constraint(text).evaluate(columns).tolist() == [expected]


@settings(max_examples=COUNT, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)))
def test_any_other_text_is_an_input_error(text):
    try:
        constraint = parse_constraint(text)
    except InputError:
        return
    assert all(name.isidentifier() for name in constraint.names)
