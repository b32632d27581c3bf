"""Indicators give TA-Lib's numbers from TA-Lib's first bar on, seeding included."""

import numpy as np
import pytest
from tests.unit.rules.values import ENGINES, evaluate, random_bars

import alipes.rules as r

talib = pytest.importorskip("talib", reason="TA-Lib is not installed")

COUNT = 300
TS, C = random_bars(COUNT)
H, L, X, V = (C[name] for name in ("high", "low", "close", "volume"))

CASES = {
    "sma": (r.sma(r.close, 20), lambda: talib.SMA(X, 20)),
    "ema": (r.ema(r.close, 20), lambda: talib.EMA(X, 20)),
    "ema of one bar": (r.ema(r.close, 1), lambda: X),
    "wma": (r.wma(r.close, 9), lambda: talib.WMA(X, 9)),
    "rsi": (r.rsi(r.close, 14), lambda: talib.RSI(X, 14)),
    "atr": (r.atr(14), lambda: talib.ATR(H, L, X, 14)),
    "true range": (r.true_range(), lambda: talib.TRANGE(H, L, X)),
    "adx": (r.adx(14), lambda: talib.ADX(H, L, X, 14)),
    "adx of few bars": (r.adx(3), lambda: talib.ADX(H, L, X, 3)),
    "plus di": (r.plus_di(14), lambda: talib.PLUS_DI(H, L, X, 14)),
    "minus di": (r.minus_di(5), lambda: talib.MINUS_DI(H, L, X, 5)),
    "bollinger upper": (r.bollinger(r.close, 20, 2.0).upper, lambda: talib.BBANDS(X, 20, 2.0, 2.0)[0]),
    "bollinger middle": (r.bollinger(r.close, 20, 2.0).middle, lambda: talib.BBANDS(X, 20, 2.0, 2.0)[1]),
    "bollinger lower": (r.bollinger(r.close, 20, 1.5).lower, lambda: talib.BBANDS(X, 20, 1.5, 1.5)[2]),
    "obv": (r.obv(), lambda: talib.OBV(X, V)),
    "roc": (r.roc(r.close, 10), lambda: talib.ROC(X, 10)),
    "cci": (r.cci(20), lambda: talib.CCI(H, L, X, 20)),
    "mfi": (r.mfi(14), lambda: talib.MFI(H, L, X, V, 14)),
    "donchian upper": (r.donchian(20).upper, lambda: talib.MAX(H, 20)),
    "donchian lower": (r.donchian(20).lower, lambda: talib.MIN(L, 20)),
    "donchian middle": (r.donchian(20).middle, lambda: (talib.MAX(H, 20) + talib.MIN(L, 20)) / 2),
    "stochastic d": (r.stochastic(14, 3, 3).d, lambda: talib.STOCH(H, L, X, 14, 3, 0, 3, 0)[1]),
    "macd line": (r.macd(r.close).line, lambda: talib.EMA(X, 12) - talib.EMA(X, 26)),
    "keltner upper": (
        r.keltner(20, 2.0, 10).upper,
        lambda: talib.EMA(X, 20) + 2 * talib.ATR(H, L, X, 10),
    ),
    "rolling std": (r.rolling_std(r.close, 10, ddof=0), lambda: talib.STDDEV(X, 10, 1.0)),
    "rolling slope": (r.rolling_slope(r.close, 14), lambda: talib.LINEARREG_SLOPE(X, 14)),
    "rolling corr": (r.rolling_corr(r.high, r.low, 30), lambda: talib.CORREL(H, L, 30)),
    "rolling sum": (r.rolling_sum(r.close, 30), lambda: talib.SUM(X, 30)),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_values_and_first_bar_are_those_of_talib(name, engine):
    term, theirs = CASES[name]
    np.testing.assert_allclose(
        evaluate(term, TS, C, engine=engine), theirs(), rtol=1e-9, atol=1e-9, equal_nan=True
    )


def test_slow_stochastic_k_is_talibs_and_begins_before_d():
    ours = evaluate(r.stochastic(14, 3, 5).k, TS, C)
    theirs = talib.STOCH(H, L, X, 14, 3, 0, 5, 0)[0]
    assert np.flatnonzero(~np.isnan(ours))[0] == 14 + 3 - 2
    has_both = ~np.isnan(theirs)
    np.testing.assert_allclose(ours[has_both], theirs[has_both], rtol=1e-9)


def test_macd_signal_is_the_average_of_the_line():
    line, signal, histogram = (evaluate(part, TS, C) for part in r.macd(r.close, 12, 26, 9))
    begun = 25
    expected = np.concatenate([np.full(begun, np.nan), talib.EMA(line[begun:], 9)])
    np.testing.assert_allclose(signal, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    np.testing.assert_allclose(histogram, line - signal, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_macd_comes_to_talibs_once_the_fast_seed_is_forgotten():
    ours = evaluate(r.macd(r.close, 5, 12, 4).signal, TS, C)
    theirs = talib.MACD(X, 5, 12, 4)[1]
    assert abs(ours[16] - theirs[16]) > 1e-6
    np.testing.assert_allclose(ours[100:], theirs[100:], rtol=0, atol=1e-9 * 1000)


def test_rsi_of_a_price_that_never_moved_is_undefined():
    flat = {name: np.full(40, 100.0) for name in C}
    assert np.isnan(evaluate(r.rsi(r.close, 14), TS[:40], flat)).all()
    assert talib.RSI(flat["close"], 14)[-1] == 0.0


N = 7
FIRST = [
    (r.sma(r.close, N), N - 1),
    (r.ema(r.close, N), N - 1),
    (r.wilder(r.close, N), N - 1),
    (r.wma(r.close, N), N - 1),
    (r.macd(r.close, 3, N, 4).line, N - 1),
    (r.macd(r.close, 3, N, 4).signal, N + 4 - 2),
    (r.macd(r.close, 3, N, 4).histogram, N + 4 - 2),
    (r.rsi(r.close, N), N),
    (r.stochastic(N, 3, 4).k, N + 3 - 2),
    (r.stochastic(N, 3, 4).d, N + 3 + 4 - 3),
    (r.atr(N), N),
    (r.true_range(), 1),
    (r.plus_di(N), N),
    (r.minus_di(N), N),
    (r.adx(N), 2 * N - 1),
    (r.bollinger(r.close, N).upper, N - 1),
    (r.keltner(N, 2.0, 3).lower, N - 1),
    (r.keltner(3, 2.0, N).lower, N),
    (r.donchian(N).middle, N - 1),
    (r.supertrend(N).line, N),
    (r.supertrend(N).direction, N),
    (r.obv(), 0),
    (r.roc(r.close, N), N),
    (r.cci(N), N - 1),
    (r.mfi(N), N),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("term", "first"), FIRST, ids=repr)
def test_the_first_value_is_at_the_bar_that_is_stated(term, first, engine):
    assert np.flatnonzero(~np.isnan(evaluate(term, TS, C, engine=engine)))[0] == first


@pytest.mark.parametrize("engine", ENGINES)
def test_session_vwap_begins_with_the_session_and_weighs_by_volume(engine):
    minute = 60_000_000_000
    ts = 1439 * minute + minute * np.arange(4, dtype=np.int64)
    flat = {"open": 0, "high": 0, "low": 0}
    columns = {name: np.array([10.0, 20.0, 30.0, 60.0]) for name in (*flat, "close")}
    columns["volume"] = np.array([5.0, 1.0, 3.0, 0.0])
    found = evaluate(r.vwap(), ts, columns, engine=engine)
    np.testing.assert_allclose(found, [np.nan, 20.0, 27.5, 27.5])


@pytest.mark.parametrize("engine", ENGINES)
def test_supertrend_follows_a_hand_computed_path(engine):
    # High - low = 2, true range 2 throughout but for the jump: bands 1 x ATR(1) around the middle.
    close = np.array([10.0, 10.0, 14.0, 14.0, 9.0])
    columns = {"close": close, "high": close + 1, "low": close - 1, "open": close, "volume": close}
    line, direction = (evaluate(part, TS[:5], columns, engine=engine) for part in r.supertrend(1, 1.0))
    # true range: -, 2, 5, 2, 6; upper: -, 12, 19, 16, 15; lower: -, 8, 9, 12, 3
    np.testing.assert_allclose(direction, [np.nan, -1, 1, 1, -1])
    np.testing.assert_allclose(line, [np.nan, 12, 9, 12, 15])
