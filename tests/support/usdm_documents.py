"""Documents of Binance USD-M as it sends them, cut to what ccxt reads."""

SYMBOL = "BTCUSDT"
EXCHANGE_INFO = {
    "rateLimits": [],
    "symbols": [
        {
            "symbol": SYMBOL,
            "pair": SYMBOL,
            "contractType": "PERPETUAL",
            "status": "TRADING",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "marginAsset": "USDT",
            "pricePrecision": 2,
            "quantityPrecision": 3,
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "onboardDate": 1569398400000,
            "deliveryDate": 4133404800000,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.10", "maxPrice": "4000000", "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
                {"filterType": "MIN_NOTIONAL", "notional": "5"},
            ],
            "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET"],
            "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        }
    ],
}
RESTRICTIONS = {
    "ipRestrict": True,
    "createTime": 1,
    "enableReading": True,
    "enableFutures": True,
    "enableSpotAndMarginTrading": False,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
}


INCOME = [
    {
        "symbol": SYMBOL,
        "incomeType": "FUNDING_FEE",
        "income": "-0.375",
        "asset": "USDT",
        "info": "",
        "time": 1_700_000_000_000,
        "tranId": 77,
        "tradeId": "",
    }
]
ACCOUNT = {
    "totalWalletBalance": "1000.5",
    "assets": [
        {
            "asset": "USDT",
            "walletBalance": "1000.5",
            "unrealizedProfit": "0",
            "marginBalance": "1000.5",
            "maintMargin": "0",
            "initialMargin": "0",
            "positionInitialMargin": "0",
            "openOrderInitialMargin": "0",
            "maxWithdrawAmount": "900.25",
            "crossWalletBalance": "1000.5",
            "crossUnPnl": "0",
            "availableBalance": "900.25",
        }
    ],
    "positions": [],
}
BRACKETS = [
    {
        "symbol": SYMBOL,
        "brackets": [
            {
                "bracket": 1,
                "initialLeverage": 125,
                "notionalCap": 50000,
                "notionalFloor": 0,
                "maintMarginRatio": 0.004,
                "cum": 0.0,
            }
        ],
    }
]
POSITIONS = [
    {
        "symbol": SYMBOL,
        "positionSide": "BOTH",
        "positionAmt": "-0.250",
        "entryPrice": "50000",
        "breakEvenPrice": "50000",
        "markPrice": "50100",
        "unRealizedProfit": "-25",
        "liquidationPrice": "90000",
        "isolatedMargin": "0",
        "notional": "-12525",
        "marginAsset": "USDT",
        "isolatedWallet": "0",
        "initialMargin": "2505",
        "maintMargin": "50",
        "positionInitialMargin": "2505",
        "openOrderInitialMargin": "0",
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": 1_700_000_000_000,
    }
]
