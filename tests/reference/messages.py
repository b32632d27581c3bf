"""One message of every shape that the Binance venues send, real ones with few levels, bare and wrapped."""

from pathlib import Path
from typing import Any

SHAPES_DIR = Path(__file__).parent / "shapes"
GRIDS = {"binanceusdm": ("0.1", "0.001"), "binance": ("0.01", "0.00001")}


def both_ways(venue: str) -> list[bytes]:
    """The messages of a venue bare, then in the combined-stream wrapper."""
    bare = (SHAPES_DIR / f"{venue}.jsonl").read_bytes().splitlines()
    return bare + [b'{"stream":"btcusdt@depth@100ms","data":%s}' % raw for raw in bare]


SHAPES = {venue: both_ways(venue) for venue in GRIDS}


def terms(venue: str) -> dict[str, Any]:
    """Arguments of the decoders for a venue's messages."""
    tick_size, lot_size = GRIDS[venue]
    return {"tick_size": tick_size, "lot_size": lot_size}
