"""A bot as it is often written: it buys once, and tries again when the network fails."""

import time

import ccxt

from alipes.mockvenue import point

SYMBOL, SIZE = "BTC/USDT:USDT", 0.01
ATTEMPTS = 3


def connect(addresses):
    """A ccxt exchange at the addresses that `alipes venue` prints."""
    exchange = ccxt.binanceusdm(
        {"apiKey": addresses["key"], "secret": addresses["secret"], "timeout": 2000, "enableRateLimit": True}
    )
    exchange.urls["api"] = point(exchange.urls["api"], rest=addresses["rest"], stream=addresses["stream"])
    exchange.load_markets()
    return exchange


def place(exchange, side, size):
    """Places a market order; a timeout is taken for a failure."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return exchange.create_order(SYMBOL, "market", side, size)
        except (ccxt.RequestTimeout, ccxt.NetworkError) as error:
            print(f"  attempt {attempt}: {type(error).__name__}, so it tries again")
            time.sleep(0.2)
    return None


class Bot:
    """Buys once and holds.

    Args:
        exchange: A ccxt exchange.
    """

    def __init__(self, exchange):
        self.exchange = exchange
        self.position = 0.0

    def step(self):
        """One look at the market: buys if it holds nothing."""
        if self.position > 0:
            return
        order = place(self.exchange, "buy", SIZE)
        if order is not None:
            self.position += SIZE
            print(f"  order placed, it believes that it holds {self.position}")


def run(addresses):
    """Runs the bot for a few steps; gives what it believes to hold."""
    bot = Bot(connect(addresses))
    for _ in range(3):
        bot.step()
    return bot.position
