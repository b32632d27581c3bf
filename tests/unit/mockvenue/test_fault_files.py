"""What a file of faults may say, and how it is refused."""

import pytest

from alipes.errors import ConfigError, InputError
from alipes.mockvenue import Faults
from alipes.mockvenue.faults.switches import load

FILE = """\
seed = 7

[[fault]]
name = "silence"
where = { side = "BUY" }
nth = 2

[[fault]]
name = "frame_drop"   # one in a hundred
stream = "btcusdt@*"
rate = 0.01
from_s = 5
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "faults.toml"

    def written(text):
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_file_puts_its_faults_on(file):
    first, second = load(file(FILE))
    assert (first.spec.kind.name, first.trigger.where, first.trigger.nth) == ("silence", {"side": "BUY"}, 2)
    assert (first.trigger.method, first.trigger.path) == ("POST", "/fapi/v1/order")
    assert first.spec.parameters == {"ms": 60_000.0, "accepted": True}
    assert (second.trigger.stream, second.trigger.rate, second.trigger.from_s) == ("btcusdt@*", 0.01, 5.0)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (FILE.replace('"silence"', '"silense"'), 4, "'silense' is not known; did you mean 'silence'?"),
        (FILE.replace('"silence"', "[1]"), 4, "fault [1] is not known"),
        (FILE.replace("from_s = 5", "from_s = nan"), 12, "frame_drop from_s: expected 0 or more, got nan"),
        (FILE.replace("rate =", "rates ="), 11, "frame_drop has no parameter 'rates'; did you mean 'rate'?"),
        (FILE.replace("0.01", "1.5"), 11, "frame_drop rate: expected 0 to 1, got 1.5"),
        (FILE.replace("nth = 2", "nth = 0"), 6, "silence nth: expected 1 or more, got 0"),
        (FILE.replace("nth = 2", 'accepted = "no"'), 6, "silence accepted: expected true or false, got 'no'"),
        (FILE.replace("from_s = 5", "from_s = 5\nuntil_s = 5"), 13, "until_s must be after from_s"),
        (FILE.replace("from_s = 5", 'method = "GET"'), 12, "frame_drop has no parameter 'method'"),
        (FILE.replace('name = "frame_drop"', ""), 8, "a fault lacks its name"),
        (FILE.replace("seed", "sead"), 1, "unknown key 'sead'; did you mean 'seed'?"),
        (FILE.replace("seed = 7", 'seed = "7"'), 1, "seed: expected a whole number, got '7'"),
        ("seed = 1\n\nfault = 3\n", 3, "expected [[fault]] tables"),
        ("seed = 1\n[[fault]\n", 2, "not TOML"),
        (
            '[[fault]]\nname = "bare_status"\n\nstatus = 404\n',
            4,
            "bare_status status: expected one of 500, 502, 503, 504, got 404",
        ),
        (
            '[[fault]]\nname = "silence"\ntransport = "http"\n',
            3,
            "transport: expected one of rest, ws-api, got 'http'",
        ),
    ],
)
def test_what_is_refused_is_told_with_file_and_line(file, text, line, words):
    path = file(text)
    with pytest.raises(ConfigError) as told:
        load(path)
    assert str(told.value).startswith(f"{path}:{line}: ")
    assert words in str(told.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_python_is_refused_with_the_nearest_name():
    faults = Faults()
    with pytest.raises(InputError, match="'frame_dorp' is not known; did you mean 'frame_drop'"):
        faults.add("frame_dorp")
    with pytest.raises(InputError, match="stall has no parameter 'mss'; did you mean 'ms'"):
        faults.add("stall", mss=3)
    with pytest.raises(InputError, match="no fault 1 is on"):
        faults.remove(1)
    assert list(faults) == []
