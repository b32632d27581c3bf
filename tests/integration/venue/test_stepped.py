"""A stepped venue gives the same bytes in every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("stepped_run.py")


def _bytes_of(tmp_path, *, seed, hash_seed):
    file = tmp_path / f"{seed}-{hash_seed}"
    done = subprocess.run(
        [sys.executable, str(RUN), str(seed), str(file)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return file.read_bytes(), json.loads(done.stdout)


def test_two_processes_of_one_seed_answer_stream_and_book_the_same_bytes(tmp_path):
    first, (public, private, ledgers) = _bytes_of(tmp_path, seed=3, hash_seed="1")
    second, _ = _bytes_of(tmp_path, seed=3, hash_seed="2")
    other, _ = _bytes_of(tmp_path, seed=4, hash_seed="1")
    assert public > 1_000_000
    assert private > 20_000
    assert ledgers > 2_000
    assert first == second
    assert first != other
