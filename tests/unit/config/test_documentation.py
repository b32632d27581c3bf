"""The page on configuration names every key there is, and no other."""

import re
from pathlib import Path

import msgspec
import pytest

from alipes import config

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
TABLES = {
    "[run]": [config.Run],
    "[accounts.NAME]": [config.Account],
    '[instruments."NAME:SYMBOL"]': [config.Instrument],
    "[feed]": [config.CaptureFeed, config.SyntheticFeed, config.CcxtFeed],
    "[strategies.NAME]": [config.Strategy],
    "[risk]": [config.Risk],
    "[monitor]": [config.Monitor],
}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_names_the_keys_of_each_table(name: str):
    section = PAGE.split(f"## `{name}`")[1].split("\n## ")[0]
    cells = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    written = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    known = {each.encode_name for table in TABLES[name] for each in msgspec.structs.fields(table)}
    assert written == known - {"instruments"}
