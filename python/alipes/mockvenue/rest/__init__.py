"""REST endpoints by area; `ROUTES` is all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alipes.mockvenue.rest import account, algo, history, market, orders, sapi, settings, stats

if TYPE_CHECKING:
    from alipes.mockvenue.routing import Route

ROUTES: Final[tuple[Route, ...]] = (
    *market.ROUTES,
    *stats.ROUTES,
    *orders.ROUTES,
    *history.ROUTES,
    *algo.ROUTES,
    *account.ROUTES,
    *settings.ROUTES,
    *sapi.ROUTES,
)
