"""Parameter sets: grids in order, samples that repeat, and what is no parameter refused by name."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import alipes.rules as r
from alipes.backtest.sweeps import choice, integers, log_uniform, uniform
from alipes.backtest.sweeps.grid import ParamSets, grid, sample_of
from alipes.backtest.sweeps.where import as_constraint
from alipes.errors import InputError

VALUES = st.lists(
    st.integers(-1000, 1000) | st.floats(-1e6, 1e6), min_size=1, max_size=5, unique_by=lambda x: x + 0.0
)


def test_a_grid_is_the_product_with_the_last_parameter_fastest():
    sets = grid({"fast": range(5, 15, 5), "slow": [20, 30.5], "k": np.array([1, 2])})
    assert sets.names == ("fast", "slow", "k")
    assert sets.values.tolist() == [
        [5, 20, 1], [5, 20, 2], [5, 30.5, 1], [5, 30.5, 2],
        [10, 20, 1], [10, 20, 2], [10, 30.5, 1], [10, 30.5, 2],
    ]  # fmt: skip


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_a_grid_is_what_itertools_makes(axes: list[list[float]]):
    sets = grid({f"p{index}": axis for index, axis in enumerate(axes)})
    assert sets.values.tolist() == [list(map(float, row)) for row in itertools.product(*axes)]


def test_whole_parameters_come_back_as_ints():
    row = grid({"fast": [5.0, 10], "k": [0.5, 1]}).row(1)
    assert row == {"fast": 5, "k": 1.0}
    assert [type(value) for value in row.values()] == [int, float]


def test_a_number_is_one_value_and_any_iterable_will_do():
    sets = grid({"k": 2.0, "fast": (n for n in (1, 2)), "slow": np.float64(3)})
    assert sets.values.tolist() == [[2, 1, 3], [2, 2, 3]]


def test_a_million_combinations_are_laid_out_as_one_array():
    sets = grid({"a": range(100), "b": range(100), "c": range(100)})
    assert sets.values.shape == (1_000_000, 3)
    assert sets.row(123_456) == {"a": 12, "b": 34, "c": 56}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"fast": []}, "params 'fast': there is no value in []: expected at least one"),
        ({"fast": range(0)}, "params 'fast': there is no value in range(0, 0)"),
        ({"fast": "5:10"}, "params 'fast': '5:10': expected numbers, such as range(5, 100, 5)"),
        ({"fast": [1, "2"]}, "params 'fast': value 1 is '2': expected a finite number"),
        ({"fast": [1, None]}, "params 'fast': value 1 is None"),
        ({"fast": [True, 2]}, "params 'fast': value 0 is True"),
        ({"fast": [1, float("nan")]}, "params 'fast': value 1 is nan"),
        ({"fast": [1, 2, 1]}, "params 'fast': 1 is there 2 times: expected each value once"),
        ({"fast": [0.0, -0.0]}, "params 'fast': 0 is there 2 times"),
        ({"fast": np.ones((2, 2))}, "an array of shape (2, 2): expected one dimension"),
        ({"fast": object()}, "value 0 is <object object"),
        ({"k": uniform(0, 1)}, "has no list of values: say how many to draw, sample=n"),
        (
            {name: range(1000) for name in "abc"},
            "1000 x 1000 x 1000 = 1,000,000,000 combinations: expected at most",
        ),
    ],
)
def test_what_is_no_parameter_is_refused(params: dict, message: str):
    with pytest.raises(InputError) as caught:
        grid(params)
    assert message in str(caught.value)


def test_a_sample_repeats_with_its_seed_and_has_no_duplicates():
    params = {"fast": integers(2, 50), "k": uniform(0.5, 3.0), "a": log_uniform(1e-3, 1.0), "m": [1, 2]}
    one, same, other = (sample_of(params, 500, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.values, other.values)
    assert len(np.unique(one.values, axis=0)) == 500
    low, high = one.values.min(axis=0), one.values.max(axis=0)
    assert (low >= [2, 0.5, 1e-3, 1]).all()
    assert (high <= [50, 3.0, 1.0, 2]).all()
    assert {2.0, 50.0} <= set(sample_of({"fast": integers(2, 50)}, 49).column("fast"))


def test_log_uniform_draws_as_many_in_each_decade():
    drawn = sample_of({"a": log_uniform(1e-4, 1.0)}, 40_000).column("a")
    counts = np.histogram(np.log10(drawn), bins=4, range=(-4, 0))[0]
    assert (np.abs(counts - 10_000) < 500).all()


def test_a_sample_of_a_small_space_can_take_all_of_it_once():
    params = {"fast": integers(1, 4), "slow": choice([10, 20, 30])}
    whole = sample_of(params, 12)
    assert sorted(map(tuple, whole.values.tolist())) == sorted(itertools.product(range(1, 5), (10, 20, 30)))
    with pytest.raises(
        InputError, match="sample=13: there are only 12 distinct combinations: leave sample out"
    ):
        sample_of(params, 13)


def test_a_sample_keeps_to_where():
    constraint = as_constraint("fast < slow", ("fast", "slow"))
    drawn = sample_of({"fast": uniform(0, 10), "slow": uniform(0, 10)}, 300, constraint=constraint)
    assert len(drawn) == 300
    assert (drawn.column("fast") < drawn.column("slow")).all()
    with pytest.raises(InputError, match="only 3 distinct combinations that where allows"):
        sample_of({"fast": [1, 2, 3], "slow": [1, 2, 3]}, 4, constraint=constraint)
    never = as_constraint("fast > 20", ("fast", "slow"))
    with pytest.raises(InputError, match="draws gave only 0 distinct combinations that where allows"):
        sample_of({"fast": uniform(0, 10), "slow": [1]}, 4, constraint=never)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: uniform(2, 1), r"uniform\(2, 1\): expected the first bound below the second"),
        (lambda: uniform(0, float("inf")), "value 1 is inf"),
        (lambda: log_uniform(0, 1), "expected bounds > 0"),
        (lambda: integers(0.5, 3), "expected whole numbers"),
        (lambda: choice([]), "choice: there is no value"),
        (lambda: choice([1, 1]), "choice: 1 is there 2 times"),
        (lambda: sample_of({"a": [1]}, 0), "sample=0: expected a whole number >= 1"),
        (lambda: sample_of({"a": [1]}, 1.5), "sample=1.5: expected a whole number"),
        (lambda: sample_of({"a": [1]}, 1, seed=-1), "seed=-1: expected a whole number >= 0"),
    ],
)
def test_wrong_distributions_are_refused(make, message: str):
    with pytest.raises(InputError, match=message):
        make()


FAST_SLOW = grid({"fast": range(1, 8), "slow": range(1, 8), "k": [0.5, 1.0]})


@pytest.mark.parametrize(
    "where",
    [
        "fast < slow and k * fast >= 1",
        (r.param("fast") < r.param("slow")) & (r.param("k") * r.param("fast") >= 1),
        lambda p: p["fast"] < p["slow"] and p["k"] * p["fast"] >= 1,
    ],
    ids=["text", "expression", "function"],
)
def test_a_constraint_means_the_same_in_each_of_its_forms(where):
    constraint = as_constraint(where, FAST_SLOW.names)
    assert constraint is not None
    kept = FAST_SLOW.kept(constraint(FAST_SLOW))
    assert kept.values.tolist() == [
        row for row in FAST_SLOW.values.tolist() if row[0] < row[1] and row[2] * row[0] >= 1
    ]


def test_a_constraint_is_computed_for_all_sets_at_once():
    sets = grid({"fast": range(1000), "slow": range(1000)})
    constraint = as_constraint("2 * fast < slow", sets.names)
    assert constraint is not None
    assert constraint(sets).sum() == sum(1 for fast in range(1000) for slow in range(1000) if 2 * fast < slow)


def test_a_constraint_that_is_undefined_does_not_hold():
    sets = ParamSets(("a", "b"), np.array([[1.0, 0.0], [1.0, 2.0]]))
    for where in ("a / b > 0", r.param("a") / r.param("b") > 0):
        constraint = as_constraint(where, sets.names)
        assert constraint is not None
        assert constraint(sets).tolist() == [False, True]


def kept_by(where: object) -> list[bool]:
    constraint = as_constraint(where, FAST_SLOW.names)
    assert constraint is not None
    return constraint(FAST_SLOW).tolist()


def test_none_is_no_constraint():
    assert as_constraint(None, ("fast",)) is None


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("fats < slow", "no parameter 'fats'; did you mean 'fast'?"),
        ("fast <", "where: constraint"),
        ("__import__('os').getcwd() == ''", "where: constraint"),
        (r.close > r.param("fast"), "reads bars"),
        (5, "where: "),
        (r.param("fast") + 1, "where: "),
        (r.param("fats") < 2, "did you mean 'fast'?"),
    ],
)
def test_what_is_no_constraint_is_refused(where, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        kept_by(where)


def test_a_function_that_gives_no_truth_is_refused_with_its_argument():
    constraint = as_constraint(lambda p: p["fast"], FAST_SLOW.names)
    with pytest.raises(
        InputError, match=r"where: \{'fast': 1, 'slow': 1, 'k': 0.5\} gave 1: expected True or False"
    ):
        constraint(FAST_SLOW)


def test_an_error_of_a_function_says_what_it_was_called_with():
    constraint = as_constraint(lambda p: p["quick"] > 1, FAST_SLOW.names)
    with pytest.raises(KeyError) as caught:
        constraint(FAST_SLOW)
    assert caught.value.__notes__ == ["raised by where, called with {'fast': 1, 'slow': 1, 'k': 0.5}"]
