"""Runs on a venue's own market, through real sockets: paper and testnet against a local venue."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

import alipes
from alipes import backtest, config
from alipes.cli.app import call
from alipes.engine.live import run_venue
from alipes.errors import ConfigError, VenueError
from alipes.mockvenue import VenueConfig, VenueThread

BTC = "BTC/USDT:USDT"
WRONG = "not-a-key-of-anything"


class Shopper(alipes.Strategy):
    """Buys at the market, leaves a bid far below, takes it back, and sells half of what it holds."""

    def __init__(self):
        self.step = 0
        self.bid = None
        self.seen = []

    def on_start(self, ctx, resumed):
        self.market = ctx.subscribe_book(BTC)

    def on_book(self, ctx, book):
        held = ctx.position(self.market).size
        if self.step == 0:
            ctx.buy(self.market, "0.020")
            self.bid = ctx.buy(self.market, "0.010", price=Decimal(str(book.best_bid)) - 500, post_only=True)
            self.step = 1
        elif self.step == 1 and held == Decimal("0.020") and self.bid.state == "accepted":
            ctx.cancel(self.bid)
            self.step = 2
        elif self.step == 2 and not self.bid.is_open:
            ctx.sell(self.market, "0.010", reduce_only=True)
            self.step = 3

    def on_fill(self, ctx, fill):
        self.seen.append((str(fill.side), fill.size_steps))


class Idle(alipes.Strategy):
    """Listens."""

    def on_start(self, ctx, resumed):
        ctx.subscribe_book(BTC)


def tables(venue, *, mode, seconds=6.0, **account):
    """A config of one strategy on a local venue."""
    return {
        "run": {"mode": mode},
        "accounts": {
            "main": {
                "venue": "binanceusdm",
                "endpoints": {"https": venue["rest"], "wss": venue["stream"]},
                **account,
            }
        },
        "instruments": {BTC: {"tick_size": "0.1", "lot_size": "0.001"}},
        "feed": {"type": "ccxt", "seconds": seconds},
        "strategies": {"one": {"class": f"{__name__}:Shopper"}},
    }


def keys(venue):
    return {"ALIPES_MAIN_KEY": venue["key"], "ALIPES_MAIN_SECRET": venue["secret"]}


def drop_all(hub):
    """Ends every stream connection without a closing handshake; gives how many there were."""
    connections = {each for stream in list(hub._by_stream) for each in hub.subscribers(stream)}
    for each in connections:
        each.drop()
    return len(connections)


def run_on(venue, *, mode, strategy, seconds=6.0, environ=None, readers=(), **account):
    loaded = config.from_tables(tables(venue, mode=mode, seconds=seconds, **account))
    environ = keys(venue) if environ is None else environ
    return run_venue(loaded, strategies={"one": strategy}, environ=environ, readers=readers)


def test_a_testnet_run_leaves_the_same_account_here_and_at_the_venue():
    shopper, readings = Shopper(), []
    with VenueThread(VenueConfig()) as venue:
        result = run_on(venue.addresses, mode="testnet", strategy=shopper, readers=[readings.append])
        live, key = venue.server.exchange.live, venue.server.key
        wallet = venue.call(live.balances, key.account)["USDT"]
        fills = venue.call(live.fills, key.account, 0)
        positions = venue.call(live.positions, key.account)
        still_open = venue.call(live.open_orders, key.account)
    assert shopper.step == 3
    states = [str(order.state) for order in result.orders]
    assert states == ["filled", "cancelled", "filled"]
    assert [fill.trade_id for fill in result.fills] == [str(each[0]) for each in fills]
    assert sum(fill.fee for fill in result.fills) > 0
    assert result.equity[-1].balance == wallet
    row = result.summary["positions"][0]
    assert [(each[0], each[1]) for each in positions] == [(0, 10_000)]
    assert (row["size"], row["average_price"]) == (Decimal("0.01"), positions[0][2])
    assert still_open == []
    requests = readings[-1].samples["exchange_requests_total"]
    account = ("main", "binanceusdm", "testnet")
    assert requests == {(*account, "submit", "ok"): 3.0, (*account, "cancel", "ok"): 1.0}
    taken = readings[-1].samples["order_round_trip_seconds"][*account, "submit"]
    assert taken.within[-1] == 3


def test_a_paper_run_on_the_venues_market_replays_from_its_recording(tmp_path):
    record = tmp_path / "market.jsonl"
    with VenueThread(VenueConfig()) as venue:
        made = tables(venue.addresses, mode="paper", seconds=4.0)
        made["feed"]["record"] = str(record)
        first = run_venue(config.from_tables(made), strategies={"one": Shopper()}, environ={})
    made["run"]["mode"] = "backtest"
    made["feed"] = {"type": "capture", "path": str(record)}
    again = backtest.run_config(config.from_tables(made), strategies={"one": Shopper()})
    assert len(first.fills) >= 2
    told = [
        (each.ts_event, str(each.side), each.price_ticks, each.size_steps, each.fee) for each in first.fills
    ]
    assert told == [
        (each.ts_event, str(each.side), each.price_ticks, each.size_steps, each.fee) for each in again.fills
    ]
    assert first.summary["market"]["gaps"] == 0


def test_a_book_that_was_cut_off_is_in_step_again_and_the_run_goes_on():
    class Watcher(Idle):
        def __init__(self):
            self.books = 0
            self.cut = 0

        def on_book(self, ctx, book):
            self.books += 1
            if self.books == 10:
                self.cut = venue.call(drop_all, venue.server.hub)

    watcher = Watcher()
    with VenueThread(VenueConfig()) as venue:
        run_on(venue.addresses, mode="paper", strategy=watcher, seconds=6.0)
    assert watcher.cut >= 1
    assert watcher.books > 20


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"instruments": {BTC: {"tick_size": "0.5", "lot_size": "0.001"}}},
            "tick_size = 0.5 and binanceusdm has 0.1",
        ),
        (
            {"instruments": {"DOGE/USDT:USDT": {"tick_size": "0.1", "lot_size": "1"}}},
            "binanceusdm has no 'DOGE/USDT:USDT'",
        ),
    ],
)
def test_a_grid_that_is_not_the_venues_is_refused_before_anything_is_ordered(change, text):
    with VenueThread(VenueConfig()) as venue:
        loaded = config.from_tables({**tables(venue.addresses, mode="testnet"), **change})
        with pytest.raises(ConfigError, match=text.replace(".", r"\.")):
            run_venue(loaded, strategies={"one": Idle()}, environ=keys(venue.addresses))


def test_an_account_that_holds_a_position_is_refused():
    with VenueThread(VenueConfig()) as venue:
        run_on(venue.addresses, mode="testnet", strategy=Shopper())
        with pytest.raises(ConfigError, match=r"account 'main' holds 0\.01\d* BTC/USDT:USDT: close it first"):
            run_on(venue.addresses, mode="testnet", strategy=Shopper())


def test_a_margin_mode_that_is_not_the_accounts_is_refused():
    with (
        VenueThread(VenueConfig()) as venue,
        pytest.raises(ConfigError, match="on cross margin and the config says isolated"),
    ):
        run_on(venue.addresses, mode="testnet", strategy=Idle(), margin_mode="isolated")


def test_keys_come_from_the_environment_and_their_absence_is_named():
    with VenueThread(VenueConfig()) as venue:
        with pytest.raises(
            ConfigError, match="set ALIPES_MAIN_KEY and ALIPES_MAIN_SECRET in the environment"
        ):
            run_on(venue.addresses, mode="testnet", strategy=Idle(), environ={})
        named = {"MY_KEY": venue.addresses["key"]}
        with pytest.raises(ConfigError, match="set ALIPES_MAIN_SECRET in the environment"):
            run_on(venue.addresses, mode="testnet", strategy=Idle(), environ=named, key="MY_KEY")


def test_a_wrong_secret_is_refused_by_the_venue_and_not_shown():
    with VenueThread(VenueConfig()) as venue:
        wrong = {**keys(venue.addresses), "ALIPES_MAIN_SECRET": WRONG}
        with pytest.raises(
            VenueError, match=r"-1022.*: look at ALIPES_MAIN_KEY and ALIPES_MAIN_SECRET"
        ) as caught:
            run_on(venue.addresses, mode="testnet", strategy=Idle(), environ=wrong)
    assert WRONG not in str(caught.value)


def test_the_config_of_the_page_runs_on_a_venue(tmp_path, capsys, monkeypatch):
    page = (Path(__file__).resolve().parents[2] / "docs" / "live-runs.md").read_text(encoding="utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    with VenueThread(VenueConfig()) as venue:
        path = tmp_path / "bot.toml"
        path.write_text(
            text.replace('"REST"', f'"{venue.addresses["rest"]}"').replace(
                '"STREAM"', f'"{venue.addresses["stream"]}"'
            ),
            encoding="utf-8",
        )
        for name, value in keys(venue.addresses).items():
            monkeypatch.setenv(name, value)
        assert call(["run", str(path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["run"]["mode"] == "testnet"
    assert summary["orders"]["total"] > 0


def test_the_command_runs_a_config_on_a_venue(tmp_path, capsys):
    with VenueThread(VenueConfig()) as venue:
        made = tables(venue.addresses, mode="paper", seconds=2.0)
        endpoints = made["accounts"]["main"]["endpoints"]
        path = tmp_path / "bot.toml"
        path.write_text(
            f"""
[run]
mode = "paper"
[accounts.main]
venue = "binanceusdm"
endpoints = {{ https = "{endpoints["https"]}", wss = "{endpoints["wss"]}" }}
[instruments."{BTC}"]
tick_size = "0.1"
lot_size = "0.001"
[feed]
type = "ccxt"
seconds = 2
[monitor]
metrics = false
[strategies.quoter]
class = "alipes.strategy.library:Quoter"
params = {{ size = "0.05", half_spread_bps = 0.02 }}
""",
            encoding="utf-8",
        )
        assert call(["run", str(path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["run"]["feed"] == "ccxt"
    assert summary["market"]["depths"] > 5
