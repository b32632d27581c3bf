"""The same bot for the engine: it buys once and holds, and says so at every change of the book."""

import alipes


class BuyOnce(alipes.Strategy):
    def on_start(self, ctx, resumed):
        self.btc = ctx.subscribe_book("BTC/USDT:USDT")

    def on_book(self, ctx, book):
        ctx.target(self.btc, "0.01")  # sends what is missing; while an order's fate is unknown, nothing
