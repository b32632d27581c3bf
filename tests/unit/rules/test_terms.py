"""Expressions: what they take, what they refuse and how, how they look, and that equal ones are one node."""

import numpy as np
import pytest

import alipes.rules as r
from alipes.errors import InputError
from alipes.rules.graph import Graph


def lowered(*terms):
    graph = Graph()
    return [graph.add(term) for term in terms], graph.nodes


def test_equal_expressions_written_twice_are_one_node():
    (first, second), nodes = lowered(r.sma(r.close, 20) + 1, r.sma(r.column("close"), 20) + 1.0)
    assert first == second
    assert len(nodes) == len(set(nodes)) == 5


def test_nodes_come_after_their_arguments():
    _, nodes = lowered(r.macd(r.close).histogram > r.atr(14))
    assert all(arg < place for place, (_, args, _) in enumerate(nodes) for arg in args)


def test_a_graph_deeper_than_pythons_stack_is_lowered():
    term = r.close
    for _ in range(20_000):
        term = term + 1
    (output,), nodes = lowered(term)
    assert output == len(nodes) - 1 == 20_001


def test_an_expression_that_doubles_itself_stays_small_as_graph_and_as_text():
    term = r.close
    for _ in range(200):
        term = term + term
    assert len(lowered(term)[1]) == 201
    assert len(repr(term)) < 10_000


@pytest.mark.parametrize(
    ("term", "op"),
    [
        (r.close + 1, "add"),
        (1 - r.close, "sub"),
        (2 * r.close, "mul"),
        (1 / r.close, "div"),
        (r.close**2, "pow"),
        (2**r.close, "pow"),
        (-r.close, "neg"),
        (abs(r.close), "abs"),
        (r.close > 1, "gt"),
        (1 > r.close, "lt"),  # noqa: SIM300
        (r.close >= 1, "ge"),
        (r.close <= 1, "le"),
        (r.close == 1, "eq"),
        (r.close != 1, "ne"),
        ((r.close > 1) & (r.open > 1), "and"),
        (True | (r.open > 1), "or"),
        (~(r.open > 1), "not"),
        (np.float64(2.0) * r.close, "mul"),
        (np.int64(2) < r.close, "gt"),
    ],
)
def test_operators_make_the_node_of_their_name(term, op):
    assert term.op == op


def test_sides_keep_their_order():
    (output,), nodes = lowered(1 - r.close)
    left, right = nodes[output][1]
    assert nodes[left] == ("const", (), 1.0)
    assert nodes[right] == ("col", (), "close")


@pytest.mark.parametrize(
    "use",
    [
        lambda: bool(r.close > 1),
        lambda: r.close > 1 and r.open > 1,
        lambda: 30 < r.rsi(r.close) < 70,
        lambda: not r.close,
        lambda: 1 if r.close > 1 else 2,
        lambda: min(r.close, r.open),
    ],
)
def test_the_truth_of_an_expression_is_a_type_error_that_says_what_to_write(use):
    with pytest.raises(TypeError, match=r"& \| ~ instead of 'and'.*\(30 < x\) & \(x < 70\).*r\.minimum"):
        use()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: r.close + "x", r"right side of 'add' is 'x' \(str\).*r.column\(\"x\"\)"),
        (lambda: r.close + True, r"right side of 'add' is True \(bool\)"),
        (lambda: r.close + (r.close > 1), r"is the condition close > 1.*r.where"),
        (lambda: r.close * np.ones(3), r"ndarray.*r.column\(name\)"),
        (lambda: np.ones(3) * r.close, r"left side of 'mul'.*ndarray"),
        (lambda: r.close + float("nan"), "nan; expected a finite number"),
        (lambda: r.const(float("inf")), "inf; expected a finite number"),
        (lambda: r.close == r.sma, "function.*Was the call forgotten"),
        (lambda: (r.close > 1) & r.close, "right side of 'and' is the number close; expected a condition"),
        (lambda: (r.close > 1) & 1, r"right side of 'and' is 1 \(int\); expected a condition"),
        (lambda: (r.close > 1) == True, "join conditions with & | ~ instead of =="),  # noqa: E712
        (lambda: (r.close > 1) != (r.open > 1), "instead of !="),
        (lambda: r.sma(r.close, -1), r"sma: n is -1 \(int\); expected a whole number of bars of at least 1"),
        (lambda: r.sma(r.close, 0), "sma: n is 0"),
        (lambda: r.sma(r.close, 10**15), r"sma: n is 10{15} \(int\); expected at most 4,000,000,000 bars"),
        (lambda: r.close.shift(10**400), r"shift: n is 10+\.\.\. .*at most 4,000,000,000 bars"),
        (lambda: r.ema(r.close, 2.5), r"ema: n is 2.5 \(float\)"),
        (lambda: r.ema(r.close, 20.0), r"ema: n is 20.0 \(float\)"),
        (lambda: r.ema(r.close, n=True), r"ema: n is True \(bool\)"),
        (lambda: r.rsi(14), "rsi: x is 14; expected an expression, such as r.close, and the number of bars"),
        (lambda: r.bollinger(20, 2), "bollinger: x is 20; expected an expression"),
        (lambda: r.macd(12, 26), "macd: x is 12; expected an expression"),
        (lambda: r.roc(10.0), r"roc: x is 10\.0; expected an expression"),
        (lambda: r.rsi(r.close, "14"), r"rsi: n is '14' \(str\)"),
        (lambda: r.sma(r.close, r.volume), "sma: n is volume, which changes from bar to bar"),
        (lambda: r.close.shift(-1), "shift: n is -1.*at least 0"),
        (lambda: r.shift(r.close, r.close), "shift: n is close, which changes"),
        (lambda: r.adx(1), "adx: n is 1.*at least 2"),
        (lambda: r.rolling_corr(r.close, r.open, 1), "rolling_corr: n is 1.*at least 2"),
        (lambda: r.rolling_std(r.close, 1), "rolling_std: n is 1.*at least 2"),
        (lambda: r.rolling_quantile(r.close, 3, 1.5), "rolling_quantile: q is 1.5; expected at most 1"),
        (lambda: r.rolling_quantile(r.close, 3, -0.5), "q is -0.5; expected 0 to 1"),
        (lambda: r.ewm_mean(r.close), "exactly one of span=, alpha= and half_life="),
        (lambda: r.ewm_mean(r.close, span=3, alpha=0.1), "exactly one of"),
        (lambda: r.ewm_mean(r.close, alpha=0), "ewm_mean: alpha is 0; expected more than 0"),
        (lambda: r.ewm_std(r.close, alpha=1.5), "ewm_std: alpha is 1.5; expected at most 1"),
        (lambda: r.ewm_std(r.close, span=0.5), "ewm_std: span is 0.5; expected at least 1"),
        (lambda: r.column(""), "column: name is ''"),
        (lambda: r.column("user:0"), "not starting with 'user:'"),
        (lambda: r.param("two words"), "param: name is 'two words'; expected an identifier"),
        (lambda: r.param(3), "param: name is 3"),
        (lambda: r.where(r.close, 1, 2), "where: when is the number close"),
        (lambda: r.close + 10**400, "is beyond what a float holds; expected a finite number"),
        (lambda: r.tf("90", r.close), "tf: timeframe is '90'; expected a text such as"),
        (lambda: r.tf("1h", r.tf("1d", r.close)), r"tf: x has tf\('1d', close\) inside"),
        (lambda: r.other("", r.close), "other: name is ''"),
        (lambda: r.other("A|B", r.close), "without '|'"),
        (lambda: r.other("A", r.other("B", r.close)), "other: x has other"),
        (lambda: r.other("A", r.close, max_age=0), "other: max_age is 0"),
        (lambda: r.user(3, r.close), "user: function is 3; expected a function"),
        (lambda: r.user(len), "user: no arguments"),
        (lambda: r.user(len, r.close, causal=False), r"causal is False; expected True .* or 'check'"),
        (lambda: r.user(len, r.close, warmup=-1), "user: warmup is -1"),
        (lambda: r.vwap("session"), "new_bucket: timeframe is 'session'"),
        (lambda: r.vwap(r.close), "vwap: anchor is the number close"),
    ],
)
def test_a_wrong_argument_is_refused_with_its_name_and_value(use, message):
    with pytest.raises(InputError, match=message):
        use()


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (
            r.cross_above(r.sma(r.close, r.param("fast")), r.sma(r.close, r.param("slow"))),
            "cross_above(sma(close, fast), sma(close, slow))",
        ),
        ((r.close - r.open) / 2 > r.param("k") * r.atr(14), "((close - open) / 2) > (k * atr(14))"),
        (~((r.close > 1) & (r.volume != 0.5)), "~((close > 1) & (volume != 0.5))"),
        (r.macd(r.close, 3, 2 * r.param("n")).signal, "macd(close, 3, 2 * n, 9).signal"),
        (r.tf("1h", r.rsi(r.close)), "tf('1h', rsi(close, 14))"),
        (
            r.where(r.hour == 3, -r.close, r.minimum(r.close, 2)),
            "where(hour == 3, -close, minimum(close, 2))",
        ),
    ],
)
def test_an_expression_looks_like_the_call_that_made_it(term, text):
    assert repr(term) == text


def test_a_label_does_not_make_another_expression():
    (named, plain), _ = lowered(r.sma(r.close, 3), r.rolling_mean(r.close, 3))
    assert named == plain


def test_windows_take_parameters_and_their_arithmetic():
    n = r.param("n")
    (output,), nodes = lowered(r.sma(r.close, 2 * n + 1))
    assert nodes[nodes[output][1][1]][0] == "add"


def test_expressions_cannot_be_changed():
    with pytest.raises(AttributeError):
        r.close.value = "open"


def test_two_functions_of_equal_text_are_two_user_operators():
    def maker(k):
        return lambda x: x * k

    (first, second), _ = lowered(r.user(maker(1), r.close), r.user(maker(2), r.close))
    assert first != second


def test_a_timeframe_is_written_as_the_length_of_bars_is():
    assert r.tf("30min", r.close).digest == r.tf("30m", r.close).digest
    assert r.new_bucket("1D").digest == r.new_bucket("24h").digest
