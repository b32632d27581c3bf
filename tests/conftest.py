"""Fixtures shared by every suite."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

CAPTURES = {
    "binanceusdm": "binance_usdm_btcusdt_20240808.jsonl.gz",
    "binance": "binance_spot_btcusdt_20240808.jsonl.gz",
}


@pytest.fixture(autouse=True)
def logging_as_it_comes() -> Iterator[None]:
    """Commands send the process's log to stderr; the next test finds it as it was."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real captures; tests that need it are skipped where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ALIPES_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real captures at {folder}: set ALIPES_DATA to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def captures(data_dir: Path) -> dict[str, Path]:
    """Path of the real capture of each venue."""
    paths = {venue: data_dir / name for venue, name in CAPTURES.items()}
    missing = [str(path) for path in paths.values() if not path.is_file()]
    if missing:
        pytest.skip(f"captures missing: {', '.join(missing)}")
    return paths
