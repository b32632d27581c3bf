"""`Bars`: columns by name, slices without a copy, and what it shows of itself."""

import numpy as np
import pytest
from tests.unit.data.made_bars import MINUTE, START, made

import alipes
from alipes.data import as_bars
from alipes.errors import InputError


def test_a_slice_is_bars_on_the_same_memory():
    bars = alipes.bars(made(mine=np.arange(6.0)))
    part = bars[2:5]
    assert (len(part), part.step, part.ts[0]) == (3, MINUTE, START + 2 * MINUTE)
    assert part["mine"].tolist() == [2.0, 3.0, 4.0]
    assert np.shares_memory(part["close"], bars["close"])
    assert not part["close"].flags.writeable
    assert bars[-2:].ts.tolist() == bars.ts[4:].tolist()
    assert bars[3:4].step == MINUTE


@pytest.mark.parametrize("key", [slice(4, 2), slice(None, None, 2), slice(None, None, -1), 3, slice(6, 9)])
def test_what_is_no_run_of_bars_is_refused(key):
    with pytest.raises(InputError, match="bars"):
        alipes.bars(made())[key]


def test_an_unknown_column_says_which_there_are():
    with pytest.raises(InputError, match="no column 'mid': there are open, high, low, close, volume"):
        alipes.bars(made())["mid"]


def test_bars_are_read_only():
    bars = alipes.bars(made())
    with pytest.raises(ValueError, match="read-only"):
        bars["close"][0] = 1.0
    with pytest.raises(AttributeError):
        bars.step = 1


def test_bars_pass_through_unchanged():
    bars = alipes.bars(made())
    assert alipes.bars(bars) is bars
    assert as_bars(bars) is bars
    assert as_bars(made()).ts.tolist() == bars.ts.tolist()
    assert alipes.bars(bars, label="close").ts[0] == START - MINUTE


def test_the_text_of_bars_says_what_they_are():
    assert repr(alipes.bars(made())) == (
        "Bars(6 of 1min, 2022-01-01T00:00:00Z to 2022-01-01T00:06:00Z, open high low close volume)"
    )
    gapped = alipes.bars({name: np.delete(values, 2) for name, values in made().items()})
    assert repr(gapped).splitlines()[1] == (
        "  gaps: bars are missing in 1 place, at the longest 1 bars (1min) after 2022-01-01T00:01:00Z"
    )


def test_a_notebook_shows_the_first_and_last_bars():
    page = alipes.bars(made(1_000, **{"<b>": np.full(1_000, np.nan)}))._repr_html_()
    assert page.count("<tr>") == 1 + 3 + 1 + 2
    assert "&lt;b&gt;" in page
    assert "<td>999</td><td>2022-01-01T16:39:00Z</td>" in page
    assert alipes.bars(made())._repr_html_().count("<tr>") == 1 + 6


def test_tables_carry_times_in_utc():
    bars = alipes.bars(made())
    assert str(bars.to_arrow().schema.field("ts").type) == "timestamp[ns, tz=UTC]"
    assert str(bars.to_pandas().index.dtype) == "datetime64[ns, UTC]"
    assert str(bars.to_polars().schema["ts"]) == "Datetime(time_unit='ns', time_zone='UTC')"
