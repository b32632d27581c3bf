"""Rate limits: 429 with Retry-After, 418 for those who go on, and order counts."""

from __future__ import annotations

import pytest

from alipes.mockvenue.clock import NS_PER_S
from alipes.mockvenue.errors import ApiError
from alipes.mockvenue.weights import Limits, RateLimits

MINUTE = 60 * NS_PER_S
START = 1_000_000 * MINUTE


def test_the_header_counts_weight_and_starts_over_with_the_minute():
    limits = RateLimits(Limits(weight_minute=100))
    assert limits.charge("a", 40, START) == {"X-MBX-USED-WEIGHT-1M": "40"}
    assert limits.charge("a", 60, START + MINUTE - 1) == {"X-MBX-USED-WEIGHT-1M": "100"}
    assert limits.charge("a", 1, START + MINUTE) == {"X-MBX-USED-WEIGHT-1M": "1"}


def test_over_the_limit_is_429_until_the_minute_ends():
    limits = RateLimits(Limits(weight_minute=10))
    limits.charge("a", 10, START)
    with pytest.raises(ApiError) as refused:
        limits.charge("a", 1, START + 45 * NS_PER_S)
    error = refused.value
    assert (error.status, error.code, error.headers["Retry-After"]) == (429, -1003, "15")
    assert limits.charge("b", 1, START)["X-MBX-USED-WEIGHT-1M"] == "1"


def test_going_on_after_429_bans_and_each_ban_is_twice_as_long():
    limits = RateLimits(Limits(weight_minute=1, patience=2))
    now = START
    for ban_s in (120, 240):
        limits.charge("a", 1, now)
        for _ in range(2):
            with pytest.raises(ApiError) as refused:
                limits.charge("a", 1, now)
            assert refused.value.status == 429
        with pytest.raises(ApiError) as banned:
            limits.charge("a", 1, now)
        error = banned.value
        assert (error.status, error.headers["Retry-After"]) == (418, str(ban_s))
        until = now + ban_s * NS_PER_S
        assert str(until // 1_000_000) in error.message
        with pytest.raises(ApiError) as still:
            limits.charge("a", 0, until - 1)
        assert still.value.status == 418
        now = until


def test_orders_are_counted_by_account_in_ten_seconds_and_a_minute():
    limits = RateLimits(Limits(orders_10s=2, orders_minute=3))
    assert limits.charge_orders(1, 2, START) == {
        "X-MBX-ORDER-COUNT-10S": "2",
        "X-MBX-ORDER-COUNT-1M": "2",
    }
    with pytest.raises(ApiError) as refused:
        limits.charge_orders(1, 1, START + NS_PER_S)
    assert (refused.value.status, refused.value.code) == (429, -1015)
    assert refused.value.message == "Too many new orders; current limit is 2 orders per 10 SECOND."
    assert refused.value.headers["Retry-After"] == "9"
    with pytest.raises(ApiError, match="3 orders per 1 MINUTE"):
        limits.charge_orders(1, 1, START + 10 * NS_PER_S)
    assert limits.charge_orders(2, 1, START)["X-MBX-ORDER-COUNT-1M"] == "1"
