"""Rate limits: request weight by address, orders by account, and the ban of those who do not listen.

Windows are whole minutes and seconds of venue time, as the venue counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from alipes.mockvenue.clock import NS_PER_MS, NS_PER_S
from alipes.mockvenue.errors import BANNED, ApiError

MINUTE_NS: Final = 60 * NS_PER_S
TEN_SECONDS_NS: Final = 10 * NS_PER_S
TEAPOT: Final = 418
FIRST_BAN_S: Final = 120
MOST_BAN_S: Final = 3 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may ask.

    Attributes:
        weight_minute: Request weight of an address in a minute.
        orders_10s: New and changed orders of an account in ten seconds.
        orders_minute: The same in a minute.
        patience: Requests that an address may send after its first 429 of a minute before it is banned.
    """

    weight_minute: int = 2400
    orders_10s: int = 300
    orders_minute: int = 1200
    patience: int = 20


@dataclass(slots=True)
class _Window:
    """A count in one window of fixed length."""

    length_ns: int
    start: int = 0
    count: int = 0

    def add(self, now: int, amount: int) -> int:
        start = now // self.length_ns
        if start != self.start:
            self.start, self.count = start, 0
        self.count += amount
        return self.count

    def left_s(self, now: int) -> int:
        """Whole seconds until the window ends, at least one."""
        return max(1, -(-((self.start + 1) * self.length_ns - now) // NS_PER_S))


class _Address:
    def __init__(self) -> None:
        self.weight = _Window(MINUTE_NS)
        self.ignored = _Window(MINUTE_NS)
        self.bans = 0
        self.banned_until = 0


class RateLimits:
    """Counts requests and refuses those over a limit.

    Args:
        limits: The limits.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._addresses: dict[str, _Address] = {}
        self._orders: dict[int, tuple[_Window, _Window]] = {}

    def charge(self, address: str, weight: int, now: int) -> dict[str, str]:
        """Counts a request.

        Args:
            address: Where it came from.
            weight: Its weight.
            now: Venue time, ns.

        Returns:
            Headers that tell what has been used.

        Raises:
            ApiError: -1003 with 429 and Retry-After over the limit, with 418 while banned.
        """
        known = self._addresses.setdefault(address, _Address())
        if now < known.banned_until:
            raise self._banned(address, known, now)
        used = known.weight.add(now, weight)
        headers = {"X-MBX-USED-WEIGHT-1M": str(used)}
        if used <= self.limits.weight_minute:
            return headers
        if known.ignored.add(now, 1) > self.limits.patience:
            ban_s = min(FIRST_BAN_S * 2**known.bans, MOST_BAN_S)
            known.bans += 1
            known.banned_until = now + ban_s * NS_PER_S
            raise self._banned(address, known, now)
        headers["Retry-After"] = str(known.weight.left_s(now))
        raise ApiError(-1003, address, self.limits.weight_minute, headers=headers)

    def charge_orders(self, account: int, orders: int, now: int) -> dict[str, str]:
        """Counts new and changed orders of an account; see `charge`.

        Raises:
            ApiError: -1015 with 429 and Retry-After over a limit.
        """
        windows = self._orders.setdefault(account, (_Window(TEN_SECONDS_NS), _Window(MINUTE_NS)))
        short, long = windows[0].add(now, orders), windows[1].add(now, orders)
        headers = {"X-MBX-ORDER-COUNT-10S": str(short), "X-MBX-ORDER-COUNT-1M": str(long)}
        if short > self.limits.orders_10s:
            headers["Retry-After"] = str(windows[0].left_s(now))
            raise ApiError(-1015, self.limits.orders_10s, "10 SECOND", headers=headers)
        if long > self.limits.orders_minute:
            headers["Retry-After"] = str(windows[1].left_s(now))
            raise ApiError(-1015, self.limits.orders_minute, "1 MINUTE", headers=headers)
        return headers

    def used(self, address: str, account: int | None, now: int) -> list[dict[str, object]]:
        """The ``rateLimits`` that WebSocket API answers carry."""
        weight = self._addresses.setdefault(address, _Address()).weight.add(now, 0)
        rows: list[dict[str, object]] = [
            _row("REQUEST_WEIGHT", "MINUTE", 1, self.limits.weight_minute, weight)
        ]
        if account in self._orders:
            short, long = self._orders[account]
            rows.append(_row("ORDERS", "SECOND", 10, self.limits.orders_10s, short.add(now, 0)))
            rows.append(_row("ORDERS", "MINUTE", 1, self.limits.orders_minute, long.add(now, 0)))
        return rows

    def _banned(self, address: str, known: _Address, now: int) -> ApiError:
        until_ms = known.banned_until // NS_PER_MS
        left = str(max(1, -(-(known.banned_until - now) // NS_PER_S)))
        return ApiError(-1003, address, until_ms, status=TEAPOT, text=BANNED, headers={"Retry-After": left})


def _row(kind: str, interval: str, number: int, limit: int, count: int) -> dict[str, object]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
        "count": count,
    }
