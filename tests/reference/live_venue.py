"""A live exchange of one instrument and two funded accounts, and short words for what is asked of it."""

from typing import Any

from alipes._core import InstrumentSpec, LiveExchange

LOT = 1000
BUY, SELL = 0, 1
LIMIT, MARKET = 0, 1
GTC, IOC, FOK = 0, 1, 2
ACCEPTED, REJECTED, FILL, CANCELLED, EXPIRED, AMENDED, AMEND_REJECTED, CANCEL_REJECTED, TRADE = range(9)
SPEC = InstrumentSpec(
    symbol="X/USDT:USDT", kind="linear", base="X", quote="USDT", tick_size="1", lot_size="1"
)


class Venue:
    """An exchange with two funded accounts; every call is a second after the last."""

    def __init__(self, deposit: int = 1_000_000, **terms: Any) -> None:
        self.exchange = LiveExchange()
        self.exchange.add_instrument(0, SPEC, **({"maker_fee": "0.0002", "taker_fee": "0.0005"} | terms))
        self.now = 0
        self.names = 0
        for account in (self.exchange.add_account(), self.exchange.add_account()):
            self.exchange.deposit(0, account, "USDT", deposit)

    def tick(self) -> int:
        self.now += 1_000_000_000
        return self.now

    def order(self, account: int, side: int, lots: int, price: int | None, **extra: Any) -> list[Any]:
        """Submits an order; without a price a market order."""
        self.names += 1
        kind = MARKET if price is None else LIMIT
        flags = {"tif": GTC, "post_only": False, "reduce_only": False, "stp": 0} | extra
        terms: dict[str, Any] = {
            "index": 0,
            "side": side,
            "type": kind,
            "price_ticks": price or 0,
            "size_steps": lots * LOT,
        }
        name = flags.pop("name", f"o{self.names}")
        return self.exchange.submit(self.tick(), account, name, **terms, **flags)

    def outside(self, kind: str, *what: Any) -> list[Any]:
        return self.exchange.ingest_events(self.tick(), [(0, kind, self.now, *what)])

    def book(self, bids: dict[int, int], asks: dict[int, int], kind: str = "reset") -> list[Any]:
        """Outside levels as {price: lots}."""
        levels = [[(price, lots * LOT) for price, lots in side.items()] for side in (bids, asks)]
        return self.outside(kind, *levels, self.now)

    def depth(self) -> tuple[dict[int, int], dict[int, int]]:
        bids, asks = self.exchange.depth(0, 10)
        return {p: s // LOT for p, s in bids}, {p: s // LOT for p, s in asks}

    def position(self, account: int) -> int:
        return sum(row[1] // LOT for row in self.exchange.positions(account))


def fills(events: list[Any]) -> list[tuple[int, int, int, bool]]:
    """(account, price, lots, is_maker) of each fill."""
    return [(e[1], e[5], e[6] // LOT, e[7]) for e in events if e[0] == FILL]


def fates(events: list[Any]) -> list[tuple[int, str]]:
    """(kind, reason) of each order event that is no fill."""
    return [(e[0], e[4]) for e in events if e[0] <= CANCEL_REJECTED and e[0] != FILL]
