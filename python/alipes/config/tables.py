"""The tables of a config file as frozen, typed values: what each value means, not how a file is read."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import Struct, field

Mode = Literal["backtest", "paper", "testnet", "live"]
Amount = Decimal | dict[str, Decimal]


class Table(Struct, frozen=True, kw_only=True):
    """Base of every table: the checks after typing, so that a wrong value is refused with its own name."""

    positive: ClassVar[tuple[str, ...]] = ()
    not_negative: ClassVar[tuple[str, ...]] = ()
    at_most: ClassVar[dict[str, float]] = {}

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            for number in _numbers(getattr(self, name)):
                self._check(name, number)

    def _check(self, name: str, number: float | Decimal) -> None:
        if not Decimal(number).is_finite():
            raise ValueError(f"{name} must be a number: got {number}")
        if name in self.positive and number <= 0:
            raise ValueError(f"{name} must be above 0: got {number}")
        if name in self.not_negative and number < 0:
            raise ValueError(f"{name} must not be negative: got {number}")
        limit = self.at_most.get(name)
        if limit is not None and (number > limit or number < -limit):
            raise ValueError(f"{name} must not exceed {limit}: got {number}")


def _numbers(value: object) -> Iterable[float | Decimal]:
    if isinstance(value, dict):  # amounts by asset; a strategy's own parameters are its own business
        return [part for part in value.values() if isinstance(part, Decimal)]
    parts = value if isinstance(value, tuple) else (value,)
    return [part for part in parts if isinstance(part, (int, float, Decimal))]


class Run(Table, frozen=True, kw_only=True):
    """``[run]``: how to run.

    Attributes:
        mode: ``backtest`` (simulated time), ``paper`` (wall clock, same exchange), ``testnet`` (a venue's
            exchange without real money) or ``live``.
        seed: seed of everything drawn at random.
        latency_ms: (order entry, response) latency of the simulated exchange.
        sample_every_s: market time between two samples of equity.
        out: folder to write the results to; it must not exist.
    """

    positive = ("sample_every_s",)
    not_negative = ("latency_ms", "seed")
    at_most: ClassVar[dict[str, float]] = {
        "latency_ms": 3_600_000,
        "seed": 2**64 - 1,
        "sample_every_s": 10**8,
    }

    mode: Mode = "backtest"
    seed: int = 1
    latency_ms: tuple[float, float] = (5.0, 5.0)
    sample_every_s: Decimal = Decimal(1)
    out: str | None = None


class Fees(Table, frozen=True, kw_only=True):
    """``fees``: rates as fractions of the notional (0.0005 is 5 bps); a negative maker rate is a rebate.

    The defaults are what a small account pays on a large venue: forgotten fees must not look like profit.

    Attributes:
        maker: rate of fills that rested in the book.
        taker: rate of fills that took from it.
        asset: asset fees are charged in; the settle asset by default.
    """

    at_most: ClassVar[dict[str, float]] = {"maker": 0.1, "taker": 0.1}

    maker: Decimal = Decimal("0.0002")
    taker: Decimal = Decimal("0.0005")
    asset: str | None = None


class Account(Table, frozen=True, kw_only=True):
    """``[accounts.NAME]``: one account at one venue.

    Attributes:
        venue: venue id, as ccxt names it.
        balance: an amount of the settle asset, or a table of amounts by asset; for the simulated exchange.
        fees: fee rates; 2 bps maker and 5 bps taker if absent; for the simulated exchange.
        endpoints: addresses to use instead of the venue's, ``scheme://host:port`` by scheme or by the venue's
            own ``scheme://host``; all of them or none.
        key: environment variable that holds the API key; ``ALIPES_NAME_KEY`` if absent.
        secret: environment variable that holds the secret; ``ALIPES_NAME_SECRET`` if absent.
        password: environment variable that holds the passphrase, where the venue wants one;
            ``ALIPES_NAME_PASSWORD`` if absent.
        margin_mode: how derivatives of the account are margined; a venue that says otherwise is refused.
        accept_key_that_can_withdraw: trade although the key can move money out.
    """

    not_negative = ("balance",)

    venue: str
    balance: Amount = Decimal(100_000)
    fees: Fees = Fees()
    endpoints: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    secret: str | None = None
    password: str | None = None
    margin_mode: Literal["cross", "isolated"] | None = None
    accept_key_that_can_withdraw: bool = False


class Instrument(Table, frozen=True, kw_only=True):
    """``[instruments."account:SYMBOL"]``: the grid and the contract of one instrument.

    Attributes:
        tick_size: price step.
        lot_size: size step of orders, in the base asset.
        contract_size: base (linear) or quote (inverse) units in one contract.
        min_notional: smallest order value the venue takes, in the quote asset.
        wire_symbol: the venue's own spelling, where it does not follow from the symbol.
    """

    positive = ("tick_size", "lot_size", "contract_size")
    not_negative = ("min_notional",)
    at_most: ClassVar[dict[str, float]] = dict.fromkeys(positive, 10**9)

    tick_size: Decimal
    lot_size: Decimal
    contract_size: Decimal = Decimal(1)
    min_notional: Decimal | None = None
    wire_symbol: str | None = None


class CaptureFeed(Table, frozen=True, kw_only=True, tag_field="type", tag="capture"):
    """``[feed] type = "capture"``: a recording of one venue's frames.

    Attributes:
        path: the recording, relative to the config file.
        account: whose venue it was recorded from; needed only with several accounts.
    """

    path: str
    account: str | None = None


class SyntheticFeed(Table, frozen=True, kw_only=True, tag_field="type", tag="synthetic"):
    """``[feed] type = "synthetic"``: the seeded synthetic market; needs no network.

    Attributes:
        seconds: market time to run for.
        regime: one kind of market for ever; without it calm, trending and volatile ones take turns.
        depth_interval_ms: time between two depth updates.
        account: whose venue's wire format it speaks; needed only with several accounts.
        record: file to record the frames to, relative to the config file; it must not exist.
    """

    positive = ("seconds", "depth_interval_ms")
    at_most: ClassVar[dict[str, float]] = {"seconds": 1e7, "depth_interval_ms": 3_600_000}

    seconds: float = 30.0
    regime: Literal["calm", "trending", "volatile"] | None = None
    depth_interval_ms: int = 100
    account: str | None = None
    record: str | None = None


class CcxtFeed(Table, frozen=True, kw_only=True, tag_field="type", tag="ccxt"):
    """``[feed] type = "ccxt"``: the venue's own market data, through ccxt.

    Attributes:
        seconds: how long to run; until it is stopped if absent.
        account: whose venue it comes from; needed only with several accounts.
        record: file to record the frames to, relative to the config file; it must not exist.
    """

    positive = ("seconds",)
    at_most: ClassVar[dict[str, float]] = {"seconds": 1e9}

    seconds: float | None = None
    account: str | None = None
    record: str | None = None


Feed = CaptureFeed | SyntheticFeed | CcxtFeed


class Strategy(Table, frozen=True, kw_only=True, rename={"path": "class"}):
    """``[strategies.NAME]``: one strategy object.

    Attributes:
        path: ``module:Class`` (``class`` in the file), also from the current folder.
        params: keyword arguments of the class.
        folder: where the module is found; results keep it, so that they run again from anywhere.
        rerun: false where results cannot say how the strategy was made; such a config does not run.
    """

    path: str
    params: dict[str, Any] = field(default_factory=dict)
    folder: str | None = None
    rerun: bool = True


class Limits(Table, frozen=True, kw_only=True):
    """Pre-trade limits of one instrument; None sets no limit.

    Attributes:
        max_order_size: in the base asset.
        max_order_notional: in the quote asset.
        max_position: absolute position with all open orders filled, in the base asset.
        collar_bps: furthest a price may be beyond the opposite best price, in basis points.
    """

    positive: ClassVar[tuple[str, ...]] = (
        "max_order_size",
        "max_order_notional",
        "max_position",
        "collar_bps",
    )

    max_order_size: Decimal | None = None
    max_order_notional: Decimal | None = None
    max_position: Decimal | None = None
    collar_bps: float | None = None


class Risk(Limits, frozen=True, kw_only=True):
    """``[risk]``: limits of every instrument.

    Attributes:
        daily_loss: loss since UTC midnight that halts, in the settle asset.
        drawdown: fraction of equity below its peak that halts.
        instruments: limits of single instruments; a value there replaces the one here.
    """

    positive = (*Limits.positive, "daily_loss", "drawdown")
    at_most: ClassVar[dict[str, float]] = {"drawdown": 1}

    daily_loss: Decimal | None = None
    drawdown: float | None = None
    instruments: dict[str, Limits] = field(default_factory=dict)


class Monitor(Table, frozen=True, kw_only=True):
    """``[monitor]``: what can be seen of a run from outside.

    Attributes:
        metrics: whether ``alipes run`` serves metrics.
        metrics_port: TCP port of ``/metrics`` on 127.0.0.1; 0 is a free one, which is told.
    """

    not_negative = ("metrics_port",)
    at_most: ClassVar[dict[str, float]] = {"metrics_port": 65_535}

    metrics: bool = True
    metrics_port: int = 0


class Config(Table, frozen=True, kw_only=True):
    """A whole config. ``alipes.config.load`` reads one from a file and checks that its parts fit together."""

    run: Run = Run()
    accounts: dict[str, Account]
    instruments: dict[str, Instrument]
    feed: Feed
    strategies: dict[str, Strategy]
    risk: Risk = Risk()
    monitor: Monitor = Monitor()

    def limits(self, instrument: str) -> Limits:
        """Limits of one instrument: its own, and the general ones where it has none.

        Args:
            instrument: full name, ``account:SYMBOL``.
        """
        own = self.risk.instruments.get(instrument, Limits())
        chosen = {name: getattr(own, name) for name in Limits.__struct_fields__}
        return Limits(
            **{name: getattr(self.risk, name) if value is None else value for name, value in chosen.items()}
        )

    def feed_account(self) -> str:
        """Name of the account whose venue the feed speaks for."""
        return self.feed.account or next(iter(self.accounts))
