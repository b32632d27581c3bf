"""A market maker: quote both sides at the best prices, again at each change of the book.

Run it: ``alipes run examples/quoter_in_ten_lines.toml``
"""

import alipes


class Quoter(alipes.Strategy):
    def on_start(self, ctx, resumed):
        self.btc = ctx.subscribe_book("BTC/USDT:USDT")

    def on_book(self, ctx, book):
        ctx.quote(self.btc, bid=(book.best_bid, "0.01"), ask=(book.best_ask, "0.01"))
