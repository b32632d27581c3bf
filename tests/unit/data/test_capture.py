"""Reading captures: what is read, and one clear error for each way a capture can be bad."""

import gzip
from pathlib import Path

import pytest

from alipes._core import CaptureReader, SynthMarket
from alipes.errors import DataError, DecodeError, InputError


def write(path: Path, text: str) -> Path:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["c.jsonl", "c.jsonl.gz"])
def test_lines_become_receive_time_and_bytes(tmp_path, name):
    path = write(tmp_path / name, '5 {"a":1}\n7 {"b": 2}\n')
    reader = CaptureReader(path)
    assert list(reader) == [(5, b'{"a":1}'), (7, b'{"b": 2}')]
    assert reader.header is None
    assert reader.path == path


def test_a_header_line_is_exposed_and_is_no_frame(tmp_path):
    path = write(tmp_path / "c.jsonl", '{"alipes":{"venue":"binanceusdm","tick_size":"0.1"}}\n5 {}\n')
    reader = CaptureReader(str(path))
    assert reader.header == {"venue": "binanceusdm", "tick_size": "0.1"}
    assert list(reader) == [(5, b"{}")]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        CaptureReader(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize("text", ["", '{"alipes":{}}\n'])
def test_a_capture_without_frames_is_refused(tmp_path, text):
    with pytest.raises(DataError, match="holds no frame"):
        CaptureReader(write(tmp_path / "c.jsonl.gz", text))


def test_a_truncated_gzip_says_after_which_line(tmp_path):
    path = write(tmp_path / "c.jsonl.gz", "".join(f'{i} {{"i":{i * i * 7919}}}\n' for i in range(9999)))
    path.write_bytes(path.read_bytes()[:-9000])
    with pytest.raises(DataError, match=r"cut off or damaged after line \d+"):
        list(CaptureReader(path))


@pytest.mark.parametrize("line", ["", "5", "5 ", "x {}", "5.0 {}", "-5 {}", "5 abc", "9" * 30 + " {}"])
def test_a_malformed_line_is_named_by_number(tmp_path, line):
    path = write(tmp_path / "c.jsonl", f"1 {{}}\n{line}\n2 {{}}\n")
    with pytest.raises(DecodeError, match="line 2 is no capture line"):
        list(CaptureReader(path))


def test_a_synthetic_capture_equals_the_market_it_was_written_from(tmp_path):
    path = tmp_path / "synth.jsonl.gz"
    count = SynthMarket(seed=3).write(path, 5.0)
    reader = CaptureReader(path)
    assert reader.header == SynthMarket(seed=3).header
    frames = list(reader)
    assert len(frames) == count
    assert frames == [frame for frame, _ in zip(SynthMarket(seed=3), frames, strict=False)]


def test_two_writes_of_one_seed_are_the_same_file(tmp_path):
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        SynthMarket(seed=9).write(tmp_path / name, 2.0)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_real_captures_read_whole(captures):
    counts = {venue: sum(1 for _ in CaptureReader(path)) for venue, path in captures.items()}
    assert counts == {"binanceusdm": 93_954, "binance": 41_249}


def test_the_fraction_read_grows_to_one(tmp_path):
    path = tmp_path / "c.jsonl.gz"
    SynthMarket(seed=2).write(path, 60)
    reader = CaptureReader(path)
    seen = [reader.fraction for _ in reader]
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.9
    assert seen[-1] == reader.fraction == 1.0
