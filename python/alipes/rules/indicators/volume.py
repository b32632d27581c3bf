"""Indicators of price and volume."""

from __future__ import annotations

from alipes.rules.domains import new_bucket
from alipes.rules.operators import close, cumsum, defined, diff, high, low, sign, sum_since, volume, where
from alipes.rules.terms import Condition, Expr, Window, condition, named, window


def obv() -> Expr:
    """On-balance volume: volume added where the close rose and taken off where it fell, since the first bar.

    First value at bar 0, the volume of that bar. As ``talib.OBV``. The level depends on the first bar for
    good; use its changes.
    """
    signed = where(defined(close.shift(1)), sign(diff(close)) * volume, volume)
    return named(cumsum(signed), "obv")


def vwap(anchor: str | Condition = "1d") -> Expr:
    """Volume-weighted average of the typical price since the anchor, in price.

    Args:
        anchor: A timeframe: the average begins anew at each of its buckets in UTC, ``"1d"`` being the session
            of a market that never closes; or a condition: it begins anew at the bars where that is true.

    The bar of the anchor counts. Undefined before the first anchor (data that begin inside a session have
    none until the next begins), and while no volume was traded.
    """
    is_text = isinstance(anchor, str)
    reset = new_bucket(anchor) if is_text else condition(anchor, "vwap: anchor")  # type: ignore[arg-type]
    typical = (high + low + close) / 3
    return named(sum_since(typical * volume, reset) / sum_since(volume, reset), "vwap", anchor)


def mfi(n: Window = 14) -> Expr:
    """Money flow index, 0 to 100: share of price times volume that was traded at rising typical prices.

    First value at bar n (sums over `n` changes). As ``talib.MFI``, except where less than 1 was traded at
    changing prices: it gives 0 there, here it is the ratio, undefined if nothing was.
    """
    bars = window(n, "n", "mfi")
    typical = (high + low + close) / 3
    change, flow = diff(typical), typical * volume
    rising, falling = where(change > 0, flow, 0), where(change < 0, flow, 0)
    up, down = Expr("sum", (rising, bars)), Expr("sum", (falling, bars))
    return named(100 * up / (up + down), "mfi", n)
