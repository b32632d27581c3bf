"""docs/faults.md is held to the table of faults and to what its example prints."""

import re
import tomllib

from docs.render_faults import PAGE, render

from alipes.mockvenue.faults import TABLE
from alipes.mockvenue.faults.read import checked
from alipes.mockvenue.faults.trigger import KEYS

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_holds_the_tables():
    hint = "stale: run python docs/render_faults.py"
    assert render(TEXT) == TEXT, hint
    assert all(f"| `{name}` |" in TEXT for name in TABLE)


def test_the_files_that_the_page_shows_are_read():
    found = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(found) == 1
    faults = tomllib.loads(found[0])["fault"]
    assert [checked(each).kind.name for each in faults] == ["silence", "sequence_gap"]


def test_no_parameter_has_the_name_of_a_key_of_triggers():
    keys = {key.name for key in KEYS} | {"name"}
    assert not {each.name for kind in TABLE.values() for each in kind.parameters} & keys


def test_defaults_are_within_their_bounds_and_of_their_triggers_keys():
    for name, kind in TABLE.items():
        given = {each.name: each.default for each in kind.parameters}
        assert checked({"name": name, **given, **kind.default}).parameters == given
