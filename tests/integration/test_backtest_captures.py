"""The library strategies over both real captures: they trade, an independent script agrees, runs repeat."""

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest
from tests.reference.recompute import recompute, step_of

import alipes
from alipes.backtest import EventResult

GRIDS = {
    "binanceusdm": ("BTC/USDT:USDT", "0.1", "0.001"),
    "binance": ("BTC/USDT", "0.01", "0.00001"),
}
LIBRARY = {
    "quoter": "alipes.strategy.library.quoter:Quoter",
    "momentum": "alipes.strategy.library.momentum:Momentum",
}
RUNS = [(name, venue) for name in LIBRARY for venue in GRIDS]


def run(name: str, venue: str, captures: dict[str, Path]) -> EventResult:
    instrument, tick, lot = GRIDS[venue]
    return alipes.backtest.run(
        LIBRARY[name], captures[venue], venue=venue, instrument=instrument, tick_size=tick, lot_size=lot
    )


@pytest.fixture(scope="module")
def results(captures: dict[str, Path]) -> dict[tuple[str, str], EventResult]:
    return {(name, venue): run(name, venue, captures) for name, venue in RUNS}


def test_the_set_of_runs_trades_enough(results):
    orders = sum(result.summary["orders"]["total"] for result in results.values())
    makers = sum(result.summary["maker"]["fills"] for result in results.values())
    takers = sum(result.summary["taker"]["fills"] for result in results.values())
    assert orders >= 200
    assert makers >= 20
    assert takers >= 5
    assert not any(result.summary["faults"] for result in results.values())


def test_every_book_stays_in_step(results):
    for result in results.values():
        market = result.summary["market"]
        assert market["gaps"] == market["errors"] == market["stales"] == 0
        assert market["scanned"] == market["messages"]


@pytest.mark.parametrize(("name", "venue"), RUNS)
def test_an_independent_script_agrees_exactly(name, venue, results, tmp_path):
    result = results[name, venue]
    _, tick, lot = GRIDS[venue]
    folder = result.write(tmp_path / "out")
    rows = pyarrow.parquet.read_table(folder / "fills.parquet").to_pylist()
    found = recompute(rows, Decimal(tick), step_of(Decimal(lot)))
    held = {row["strategy"]: row for row in result.summary["positions"]}
    assert found["size"].get(name, 0) == held[name]["size"]
    assert found["realised"][name] == held[name]["realized"]
    assert found["fees"] == result.summary["fees"]
    assert len(rows) == result.summary["maker"]["fills"] + result.summary["taker"]["fills"]


@pytest.mark.parametrize(("name", "venue"), RUNS)
def test_equity_ends_where_the_money_is(name, venue, results):
    result = results[name, venue]
    last = result.equity[-1]
    assert last.asset == "USDT"
    assert last.equity == Decimal(100_000) + result.summary["pnl"]["USDT"]["net"]


@pytest.mark.parametrize(("name", "venue"), RUNS)
def test_two_runs_give_identical_files(name, venue, results, captures, tmp_path):
    first = results[name, venue].write(tmp_path / "first")
    second = run(name, venue, captures).write(tmp_path / "second")
    for path in sorted(first.iterdir()):
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_a_capture_of_another_venue_is_one_clear_error(captures):
    with pytest.raises(alipes.errors.DataError, match="binance"):
        alipes.backtest.run(
            LIBRARY["quoter"],
            captures["binance"],
            venue="binanceusdm",
            instrument="BTC/USDT:USDT",
            tick_size="0.1",
            lot_size="0.001",
        )
