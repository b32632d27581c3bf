"""The few wallet endpoints that clients of the futures venue ask: permissions of the key, and assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alipes.mockvenue.routing import Route, Security

if TYPE_CHECKING:
    from alipes.mockvenue.routing import Context


def restrictions(context: Context) -> object:
    """What the API key may do: trade futures, and withdraw if it was opened so."""
    return {
        "ipRestrict": False,
        "createTime": context.exchange.accounts.updated_ms(context.account),
        "enableReading": True,
        "enableWithdrawals": context.key.can_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": True,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }


def assets(context: Context) -> object:
    """All assets that occur, none of which can be moved in or out."""
    names: dict[str, None] = {}
    for listing in context.exchange.listings:
        names.update({listing.base: None, listing.quote: None})
    names.update(dict.fromkeys(context.exchange.accounts.held(context.account)))
    return [_asset(name) for name in names]


def _asset(name: str) -> dict[str, Any]:
    return {
        "coin": name,
        "depositAllEnable": False,
        "withdrawAllEnable": False,
        "name": name,
        "free": "0",
        "locked": "0",
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "networkList": [],
    }


def account_status(context: Context) -> object:
    """The account is well."""
    del context
    return {"data": "Normal"}


def system_status(context: Context) -> object:
    """The system is up."""
    del context
    return {"status": 0, "msg": "normal"}


def no_margin_pairs(context: Context) -> object:
    """Pairs of spot margin trading: none."""
    del context
    return []


ROUTES: Final = (
    Route("GET", "/sapi/v1/account/apiRestrictions", restrictions),
    Route("GET", "/sapi/v1/system/status", system_status, 1, Security.NONE),
    Route("GET", "/sapi/v1/account/status", account_status),
    Route("GET", "/sapi/v1/margin/allPairs", no_margin_pairs),
    Route("GET", "/sapi/v1/margin/isolated/allPairs", no_margin_pairs),
    Route("GET", "/sapi/v1/capital/config/getall", assets, 10),
)
