"""`signals`: ready arrays of entries and exits over bars, through the same fill model as rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alipes import _core
from alipes.backtest.bars import checks
from alipes.backtest.bars.arrays import conditions, distances
from alipes.backtest.bars.options import BarOptions
from alipes.backtest.bars.result import Result
from alipes.backtest.bars.signature import with_options
from alipes.data.bars import as_bars
from alipes.errors import InputError
from alipes.rules import Expr, Ratio, Size, equity
from alipes.rules.evaluate import evaluated
from alipes.rules.graph import Graph, names_of
from alipes.rules.sizes import distance_of, size_of

if TYPE_CHECKING:
    from typing import Literal, Unpack

    from numpy.typing import NDArray

    from alipes.backtest.bars.options import OptionArguments
    from alipes.data.bars import Bars

    Value = float | NDArray[Any]


@with_options
def signals(
    bars: Any,
    *,
    entries: Any,
    exits: Any = None,
    short_entries: Any = None,
    short_exits: Any = None,
    size: Size | None = None,
    stop_loss: Any = None,
    take_profit: Any = None,
    trailing: Any = None,
    max_bars: int | None = None,
    pyramid: int = 0,
    opposite: Literal["reverse", "close", "ignore"] = "reverse",
    **options: Unpack[OptionArguments],
) -> Result:
    """Runs ready signals over bars: whatever made them, they fill as those of rules do.

    A signal at bar i is judged at its close and fills at the next open by default. Arrays do not show whether
    they look ahead; `alipes.backtest.check_lookahead` tests the function that makes them.

    Args:
        bars: What `alipes.bars` takes or gives.
        entries: When to buy: (n,) bool from numpy, pandas, polars or arrow, an absent value being false; None
            for never. A pandas index must hold the bars' open times, or count rows.
        exits: When to sell what was bought.
        short_entries: When to sell short.
        short_exits: When to buy back.
        size: How much: `units`, `notional`, `equity`, `risk` of `alipes.rules`; all of the equity by default.
        stop_loss: Distance of the stop from the entry fill: (n,) float64 in price, an expression, or
            `alipes.rules.pct`.
        take_profit: Distance of the target.
        trailing: Distance of the trailing stop from the best price since the entry.
        max_bars: Bars of time after which a position is closed, >= 1.
        pyramid: How many times a position may be added to.
        opposite: What an entry against the position does: ``"reverse"``, ``"close"`` or ``"ignore"``.
        **options: The terms; see `BarOptions` for each.

    Raises:
        InputError: An array of another length, kind or index than the bars'; a wrong option; a negative size
            or a distance that is not positive, with its bar.
        DataError: Bars that cannot be trusted, or gaps where ``gaps="error"``.
    """
    terms = BarOptions.of(options)
    data = as_bars(bars)
    given = {"entries": entries, "exits": exits, "short_entries": short_entries, "short_exits": short_exits}
    arrays = {name: conditions(name, value, data) for name, value in given.items()}
    if arrays["entries"] is None and arrays["short_entries"] is None:
        raise InputError("signals: neither entries nor short_entries is given: nothing would ever be traded")
    if stop_loss is None and size is not None and size_of(size, "signals").kind == "risk":
        raise InputError("signals: size=risk(...) needs a stop_loss: it sizes by the distance to it")
    values = {
        "size": _size(size, data),
        "stop_loss": _distance("stop_loss", stop_loss, data),
        "take_profit": _distance("take_profit", take_profit, data),
        "trailing": _distance("trailing", trailing, data),
        "max_bars": None if max_bars is None else checks.whole(at_least=1)("max_bars", max_bars),
        "pyramid": checks.whole(at_least=0, at_most=1_000_000_000)("pyramid", pyramid),
        "opposite": checks.word("reverse", "close", "ignore")("opposite", opposite),
    }
    enter_long, exit_long, enter_short, exit_short = arrays.values()
    raw = _core.bar_signals(
        data.ts, terms.columns(data), data.step, enter_long, exit_long, enter_short, exit_short, values,
        terms.to_terms(data), whole=False,
    )  # fmt: skip
    return Result(raw, bars=data, options=terms, params={}, name="Signals")


def _size(size: Size | None, bars: Bars) -> tuple[str, Value]:
    chosen = equity(1.0) if size is None else size_of(size, "signals")
    return chosen.kind, _value("size", chosen.value, bars)


def _distance(name: str, given: Any, bars: Bars) -> tuple[str, Value] | None:
    """Kind and value of an exit's distance; an array is in price."""
    if given is None:
        return None
    if isinstance(given, (Expr, Ratio, str)) or not hasattr(given, "__len__"):
        kind, term = distance_of(given, name, "signals")
        return kind, _value(name, term, bars)
    return "price", distances(name, given, bars)


def _value(name: str, term: Expr, bars: Bars) -> Value:
    """A number where the term is one, else its value at each bar."""
    graph = Graph()
    graph.add(term)
    if names_of(graph.nodes, "param") or names_of(graph.nodes, "other"):
        raise InputError(
            f"{name}: {term!r} reads parameters or other bars, and signals takes neither: expected what "
            "reads the bars alone, or rules for run"
        )
    if term.op == "const" and isinstance(term.value, float):
        return term.value
    found: NDArray[Any] = evaluated(term, bars)
    return found
