"""docs/venue.md lists what is served: every endpoint, every method of the WebSocket API, every code."""

from __future__ import annotations

from pathlib import Path

from alipes.mockvenue.errors import REASONS, TEXTS
from alipes.mockvenue.rest import ROUTES
from alipes.mockvenue.wsapi import METHODS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "venue.md").read_text()


def test_every_endpoint_is_on_the_page_and_no_other():
    rows = PAGE[PAGE.index("| Area |") : PAGE.index("The WebSocket API (")]
    told = {cell.strip() for line in rows.splitlines()[2:] for cell in line.split("|")[-2:][0].split(",")}
    assert told - {""} == {f"{route.method} {route.path}" for route in ROUTES}


def test_every_code_is_on_the_page():
    codes = PAGE[PAGE.index("## Codes") : PAGE.index("## What changed")]
    missing = [code for code in TEXTS if f"\N{MINUS SIGN}{-code}" not in codes]
    assert missing == []
    assert set(REASONS.values()) <= set(TEXTS)


def test_every_method_of_the_websocket_api_is_on_the_page():
    words = {method.removeprefix("v2/").removeprefix("userDataStream") for method in METHODS}
    assert [word for word in words if f"{word}`" not in PAGE] == []
