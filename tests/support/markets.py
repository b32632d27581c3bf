"""Unified market structures, as ccxt makes them from a venue's list."""


def market(symbol, *, tick, lot, contract_size=None, min_cost=5.0):
    """A market of a symbol; a contract where the symbol names what it settles in."""
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    is_contract = bool(settle)
    return {
        "id": base + quote, "symbol": symbol, "base": base, "quote": quote, "settle": settle or None,
        "baseId": base, "quoteId": quote, "settleId": settle or None,
        "type": "swap" if is_contract else "spot",
        "spot": not is_contract, "swap": is_contract, "future": False, "option": False, "margin": False,
        "contract": is_contract, "linear": settle == quote if is_contract else None,
        "inverse": settle == base if is_contract else None, "active": True,
        "contractSize": (contract_size or 1.0) if is_contract else None,
        "precision": {"price": tick, "amount": lot},
        "limits": {"amount": {}, "price": {}, "cost": {"min": min_cost}, "leverage": {}},
        "info": {"orderTypes": ["LIMIT", "MARKET"], "instType": "SWAP"},
    }  # fmt: skip
