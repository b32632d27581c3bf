"""A live order book: feed it messages as the socket gives them, read it at any time."""

import alipes
from alipes import SynthMarket  # stands in for your socket: seeded, no network

sync = alipes.BookSync("binanceusdm", "BTC/USDT:USDT", tick_size="0.1", lot_size="0.001")
for _, message in SynthMarket(seed=1, seconds=2):
    sync.feed(message)  # -> "empty", "buffering", "synced" or "stale"

book = sync.book
bids, asks = book.depth(3)  # two (k, 2) float64 arrays, best first
print(f"{sync.state}: {book.best_bid} / {book.best_ask}, microprice {book.microprice:.2f}")
print(f"buying 1.5 costs {book.vwap('buy', 1.5):.2f} each; imbalance {book.imbalance(5):+.2f}")
print("bids", bids.tolist(), "asks", asks.tolist())
