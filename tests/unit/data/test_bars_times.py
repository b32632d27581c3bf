"""Times of bars: exact, by their own unit and zone, and refused where they could be misread."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from tests.unit.data.made_bars import MINUTE, START, made

import alipes
from alipes.errors import DataError, InputError

UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def at(times, count: int = 6, name: str = "time") -> dict:
    mapping = made(count)
    del mapping["ts"]
    return {name: times, **mapping}


def local(first: str, count: int = 6, step: str = "30min") -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq=step)


@pytest.mark.parametrize("unit", UNITS)
def test_datetime64_converts_by_its_own_unit(unit: str):
    times = (made()["ts"] // UNITS[unit]).astype(f"datetime64[{unit}]")
    assert alipes.bars(at(times)).ts.tolist() == made()["ts"].tolist()
    assert alipes.bars(at(pd.Series(times))).ts.tolist() == made()["ts"].tolist()


@pytest.mark.parametrize("code", ["D", "h", "m", "5m", "W"])
def test_coarse_datetime64_converts_by_its_own_unit(code: str):
    times = np.array(["2022-01-01"], f"datetime64[{code}]") + np.arange(3)
    want = times.astype("datetime64[ns]").astype(np.int64)
    assert alipes.bars(at(times, 3)).ts.tolist() == want.tolist()


def test_a_nanosecond_is_kept():
    times = pd.DatetimeIndex(made()["ts"] + 7)
    for kind in (
        times,
        times.astype(object),
        times.tz_localize("UTC"),
        times.strftime("%Y-%m-%dT%H:%M:%S.%f007Z"),
    ):
        assert alipes.bars(at(kind)).ts[0] == START + 7


@pytest.mark.parametrize("unit", UNITS)
def test_integers_count_what_they_are_said_to(unit: str):
    times = made()["ts"] // UNITS[unit]
    assert alipes.bars(at(times), unit=unit).ts.tolist() == made()["ts"].tolist()
    assert alipes.bars(at(times.tolist()), unit=unit).ts.tolist() == made()["ts"].tolist()
    if unit != "ns":
        assert alipes.bars(at(times.astype(float)), unit=unit).ts.tolist() == made()["ts"].tolist()
        assert alipes.bars(made(ts=times), unit=unit).ts.tolist() == made()["ts"].tolist()


@pytest.mark.parametrize("unit", UNITS)
def test_integers_without_a_unit_get_the_line_to_write(unit: str):
    with pytest.raises(InputError, match=rf"'time' holds numbers .*alipes\.bars\(x, unit=\"{unit}\"\)"):
        alipes.bars(at(made()["ts"] // UNITS[unit]))


@pytest.mark.parametrize("made_in", ["s", "ms", "us"])
def test_a_mappings_ts_in_another_unit_is_refused(made_in: str):
    with pytest.raises(InputError, match=rf"row 0: .* taken as nanoseconds.*unit=\"{made_in}\""):
        alipes.bars(made(ts=made()["ts"] // UNITS[made_in]))


@pytest.mark.parametrize("made_in", UNITS)
@pytest.mark.parametrize("said", UNITS)
def test_a_wrong_unit_is_refused(made_in: str, said: str):
    times = made()["ts"] // UNITS[made_in]
    if made_in == said:
        alipes.bars(at(times), unit=said)
        return
    with pytest.raises(InputError, match=rf"unit=\"{made_in}\""):
        alipes.bars(at(times), unit=said)


def test_milliseconds_read_as_nanoseconds_by_pandas_are_refused():
    with pytest.raises(InputError, match=r"start at 1970-01-01T00:27.*milliseconds: make them with pd\.to"):
        alipes.bars(at(pd.to_datetime(made()["ts"] // 10**6)))


def test_made_up_nanoseconds_from_zero_are_taken_as_they_are():
    assert alipes.bars(made(ts=np.arange(6) * MINUTE)).ts.tolist() == [row * MINUTE for row in range(6)]


@pytest.mark.parametrize(
    ("times", "row"),
    [([-1, *range(1, 6)], 0), ([START, *(START + np.arange(1, 5) * MINUTE), 2**62], 5)],
)
def test_times_no_market_has_are_refused(times, row: int):
    with pytest.raises(DataError, match=rf"row {row}: .*before 1970 or after 2100"):
        alipes.bars(made(ts=np.array(times, np.int64)))


def test_times_past_int64_are_refused():
    with pytest.raises(DataError, match=r"row 5: .* past int64"):
        alipes.bars(made(ts=np.array([*range(5), 2**63], np.uint64)))


def test_fractions_of_a_unit_are_refused():
    with pytest.raises(DataError, match=r"row 2: .*\.5 is no whole number of seconds"):
        alipes.bars(at(made()["ts"] / 1e9 + np.array([0, 0, 0.5, 0, 0, 0])), unit="s")


def test_a_unit_beside_times_that_know_theirs_is_refused():
    for times in (pd.DatetimeIndex(made()["ts"]), ["2022-01-01"] * 6):
        with pytest.raises(InputError, match=r"leave unit='ms' out"):
            alipes.bars(at(times), unit="ms")


def test_an_unknown_unit_is_refused():
    with pytest.raises(InputError, match=r"unit 'minutes': expected one of 's'|unit 'minutes'.*'ns'"):
        alipes.bars(at(made()["ts"]), unit="minutes")


def test_naive_times_are_local_times_of_tz():
    summer = alipes.bars(at(local("2022-07-01 12:00")), tz="Europe/Berlin")
    assert summer.ts[0] == pd.Timestamp("2022-07-01 10:00").value
    winter = alipes.bars(at([str(time) for time in local("2022-01-01 12:00")]), tz=ZoneInfo("Europe/Berlin"))
    assert winter.ts[0] == pd.Timestamp("2022-01-01 11:00").value
    assert (
        alipes.bars(at(local("2022-01-01 12:00")), tz="+05:30").ts[0]
        == pd.Timestamp("2022-01-01 06:30").value
    )
    west = timezone(timedelta(hours=-3, minutes=-30))
    assert alipes.bars(at(local("2022-01-01 12:00")), tz=west).ts[0] == pd.Timestamp("2022-01-01 15:30").value
    assert alipes.bars(at(local("2022-01-01 12:00")), tz=UTC).ts[0] == pd.Timestamp("2022-01-01 12:00").value


def test_days_without_a_time_are_midnights_of_tz():
    days = [datetime(2022, 7, 1 + day).date() for day in range(6)]  # noqa: DTZ001
    assert alipes.bars(at(days), tz="Asia/Tokyo").ts[0] == pd.Timestamp("2022-06-30 15:00").value


def test_a_local_time_that_exists_twice_is_refused():
    with pytest.raises(DataError, match=r"row 4: the local time 2022-10-30T02:00:00 exists twice in Europe"):
        alipes.bars(at(local("2022-10-30 00:00")), tz="Europe/Berlin")


def test_a_local_time_that_the_clocks_skip_is_refused():
    with pytest.raises(
        DataError, match=r"row 4: the local time 2022-03-27T02:00:00 does not exist in Europe/Be"
    ):
        alipes.bars(at(local("2022-03-27 00:00")), tz="Europe/Berlin")


def test_aware_times_refuse_another_zone():
    aware = local("2022-01-01").tz_localize("America/New_York")
    with pytest.raises(InputError, match=r"zone America/New_York, which tz='Europe/Berlin' contradicts"):
        alipes.bars(at(aware), tz="Europe/Berlin")
    assert alipes.bars(at(aware), tz="America/New_York").ts[0] == pd.Timestamp("2022-01-01 05:00").value


def test_integers_refuse_a_zone_as_they_count_from_1970_in_utc():
    with pytest.raises(InputError, match=r"tz='Europe/Berlin' contradicts"):
        alipes.bars(at(made()["ts"]), unit="ns", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("tz", "text"), [("Europe/Berln", "unknown time zone"), (7, "must be a time zone's name")]
)
def test_an_unknown_zone_is_refused(tz, text: str):
    with pytest.raises(InputError, match=text):
        alipes.bars(at(local("2022-01-01")), tz=tz)


def test_of_no_times_at_all_an_unknown_zone_is_named_first():
    empty = {**made(0), "ts": np.array([], "datetime64[ns]")}
    with pytest.raises(InputError, match="unknown time zone 'Europe/Berln': expected a name such as"):
        alipes.bars(empty, tz="Europe/Berln")
    with pytest.raises(InputError, match="no bars: the data is empty"):
        alipes.bars(empty, tz="Europe/Berlin")


def test_naive_among_aware_times_is_refused():
    moments = [datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=row) for row in range(6)]
    moments[3] = moments[3].replace(tzinfo=None)
    for times in (moments, [moment.isoformat() for moment in moments]):
        with pytest.raises(DataError, match=r"row 3: .* is naive, the times before it are aware"):
            alipes.bars(at(times))


def test_an_unreadable_text_names_its_row():
    texts = [f"2022-01-01T00:0{row}:00" for row in range(6)]
    texts[4] = "04.01.2022"
    with pytest.raises(DataError, match=r"'time', row 4: '04\.01\.2022' is no time in ISO form"):
        alipes.bars(at(texts))


@pytest.mark.parametrize("missing", [pd.NaT, None, np.datetime64("NaT")])
def test_a_missing_time_names_its_row(missing):
    times = [*pd.DatetimeIndex(made()["ts"])[:5], missing]
    for kind in (times, pd.Series(pd.to_datetime(pd.Series(times))), np.array(times, object)):
        with pytest.raises(DataError, match=r"row 5: the time is missing"):
            alipes.bars(at(kind))


def test_closing_stamps_move_back_by_a_bar():
    assert alipes.bars(made(), label="close").ts.tolist() == (made()["ts"] - MINUTE).tolist()
    assert alipes.bars(made(), label="close", freq="30s").ts[0] == START - MINUTE // 2
    with pytest.raises(InputError, match=r"label 'end': expected 'open' or 'close'"):
        alipes.bars(made(), label="end")


@pytest.mark.parametrize(
    ("freq", "step"),
    [
        ("1min", MINUTE), ("1m", MINUTE), ("min", MINUTE), ("60s", MINUTE), ("30s", MINUTE // 2),
        (MINUTE, MINUTE),
        (timedelta(minutes=1), MINUTE), (np.timedelta64(1, "m"), MINUTE), (pd.Timedelta("1min"), MINUTE),
    ],
)  # fmt: skip
def test_freq_is_the_length_of_a_bar(freq, step: int):
    assert alipes.bars(made(), freq=freq).step == step


@pytest.mark.parametrize("freq", ["", "1x", "0min", "-1min", 0, True, 1.5, "1M", timedelta(0), [1]])
def test_a_freq_that_is_no_length_is_refused(freq):
    with pytest.raises(InputError, match="freq"):
        alipes.bars(made(), freq=freq)
