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
