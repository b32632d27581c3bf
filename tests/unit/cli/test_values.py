"""Values of parameters as they are typed: exact, and anything else refused with the forms there are."""

import pytest

from alipes.backtest.sweeps import choice, integers, log_uniform, uniform
from alipes.cli.values import split_params, swept_values
from alipes.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10", [10]),
        ("5,10, 20", [5, 10, 20]),
        ("0.5,1", [0.5, 1]),
        ("5:20:5", [5, 10, 15]),
        ("5:21:5", [5, 10, 15, 20]),
        ("2:5", [2, 3, 4]),
        ("0.1:0.5:0.1", [0.1, 0.2, 0.3, 0.4]),
        ("3:0:-1", [3, 2, 1]),
        ("-2:1", [-2, -1, 0]),
        ("1e-3:4e-3:1e-3", [0.001, 0.002, 0.003]),
    ],
)
def test_lists_and_ranges_are_exact(text: str, values: list[float]):
    assert swept_values("--param k", text) == values


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("uniform(0.5, 3)", uniform(0.5, 3)),
        ("log_uniform(1e-3,1)", log_uniform(0.001, 1)),
        (" integers(2, 50) ", integers(2, 50)),
        ("choice(1,2,3)", choice([1, 2, 3])),
    ],
)
def test_distributions_are_read(text: str, distribution: object):
    assert swept_values("--param k", text) == distribution


def test_values_of_a_file_that_are_no_text_stay_as_they_are():
    assert swept_values("[sweep.params] k", [1, 2]) == [1, 2]
    assert swept_values("[sweep.params] k", 3.5) == 3.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fast", "expected a number, a list 5,10,20, a range start:stop:step"),
        ("1,,2", "expected a number"),
        ("1:2:3:4", "expected a number"),
        ("nan", "expected a number"),
        ("5:5:1", "this range holds no value; the stop is left out"),
        ("5:1:1", "this range holds no value"),
        ("5:1:0", "this range holds no value"),
        ("0:1:1e-9", "1,000,000,000 values: expected at most 1,000,000"),
        ("unifrom(1,2)", "no distribution 'unifrom'; did you mean 'uniform'?"),
        ("uniform(1)", "expected two bounds, uniform(low, high)"),
        ("uniform(2,1)", "expected the first bound below the second"),
        ("exec(1)", "no distribution 'exec'; known: choice, integers, log_uniform, uniform"),
    ],
)
def test_other_texts_are_refused_with_their_place(text: str, message: str):
    with pytest.raises(ConfigError) as caught:
        swept_values("--param k", text)
    assert str(caught.value).startswith(f"--param k {text!r}: ")
    assert message in str(caught.value)


def test_a_parameter_is_a_name_and_a_value():
    assert split_params(["fast = 5:10", "k=2"]) == {"fast": "5:10", "k": "2"}
    assert split_params(None) == {}
    for text in ("fast", "=5", "fast=", "2x=1"):
        with pytest.raises(ConfigError, match="expected name=value"):
            split_params([text])
