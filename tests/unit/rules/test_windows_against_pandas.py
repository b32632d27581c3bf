"""Rolling and exponentially weighted operators give pandas' numbers, undefined values included."""

import numpy as np
import pytest
from tests.unit.rules.values import ENGINES, evaluate, random_bars

import alipes.rules as r

pandas = pytest.importorskip("pandas", reason="pandas is not installed")

TS, C = random_bars(200)
C["signal"] = np.where(np.arange(200) % 37 == 5, np.nan, C["close"] - 1000)
X, Y, S = (pandas.Series(C[name]) for name in ("close", "volume", "signal"))

WHOLE = {
    "sum": (r.rolling_sum(r.volume, 7), lambda: Y.rolling(7).sum()),
    "mean": (r.rolling_mean(r.close, 7), lambda: X.rolling(7).mean()),
    "std": (r.rolling_std(r.close, 7), lambda: X.rolling(7).std()),
    "std ddof 0": (r.rolling_std(r.close, 7, ddof=0), lambda: X.rolling(7).std(ddof=0)),
    "var": (r.rolling_var(r.close, 7), lambda: X.rolling(7).var()),
    "min": (r.rolling_min(r.close, 7), lambda: X.rolling(7).min()),
    "max": (r.rolling_max(r.close, 7), lambda: X.rolling(7).max()),
    "median": (r.rolling_median(r.close, 8), lambda: X.rolling(8).median()),
    "quantile": (r.rolling_quantile(r.close, 9, 0.3), lambda: X.rolling(9).quantile(0.3)),
    "rank": (r.rolling_rank(r.close, 9), lambda: X.rolling(9).rank(pct=True)),
    "corr": (r.rolling_corr(r.close, r.volume, 9), lambda: X.rolling(9).corr(Y)),
    "mean of a series with holes": (r.rolling_mean(r.column("signal"), 5), lambda: S.rolling(5).mean()),
    "rank of a series with holes": (
        r.rolling_rank(r.column("signal"), 5),
        lambda: S.rolling(5).rank(pct=True),
    ),
    "zscore": (
        r.rolling_zscore(r.volume, 9),
        lambda: (Y - Y.rolling(9).mean()) / Y.rolling(9).std(),
    ),
    "ewm span": (r.ewm_mean(r.close, span=9), lambda: X.ewm(span=9).mean()),
    "ewm alpha": (r.ewm_mean(r.close, alpha=0.2), lambda: X.ewm(alpha=0.2).mean()),
    "ewm half life": (r.ewm_mean(r.close, half_life=5), lambda: X.ewm(halflife=5).mean()),
    "ewm unadjusted": (
        r.ewm_mean(r.close, span=9, adjust=False),
        lambda: X.ewm(span=9, adjust=False).mean(),
    ),
    "ewm std": (r.ewm_std(r.close, span=9), lambda: X.ewm(span=9).std()),
    "shift": (r.shift(r.close, 3), lambda: X.shift(3)),
    "diff": (r.diff(r.close, 3), lambda: X.diff(3)),
    "pct change": (r.pct_change(r.close, 3), lambda: X.pct_change(3)),
    "cumsum with holes": (r.cumsum(r.column("signal")), S.cumsum),
    "cummax with holes": (r.cummax(r.column("signal")), S.cummax),
    "cummin": (r.cummin(r.close), X.cummin),
    "cumprod": (r.cumprod(r.close / 1000), (X / 1000).cumprod),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", WHOLE)
def test_values_are_those_of_pandas(name, engine):
    term, theirs = WHOLE[name]
    found = evaluate(term, TS, C, engine=engine)
    np.testing.assert_allclose(found, theirs().to_numpy(), rtol=1e-9, atol=1e-9, equal_nan=True)


def test_after_an_undefined_value_an_average_starts_again_where_pandas_carries_on():
    values = np.array([1.0, 5.0, np.nan, 10.0, 20.0])
    columns = {"x": values}
    ours = evaluate(r.ewm_mean(r.column("x"), alpha=0.5), TS[:5], columns)
    assert ours.tolist()[3:] == [10.0, pytest.approx(50 / 3)]
    assert pandas.Series(values).ewm(alpha=0.5).mean()[3] != 10.0
