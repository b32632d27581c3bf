"""Proves that the truth suites can fail: each mutant breaks one rule, and its suite must notice.

``tests/mutants.toml`` lists them. The compiled code is built once with the ``mutants`` feature, outside the
normal build; every suite must pass there with no mutant on and fail with each of its own.

    python tests/run_mutants.py [name ...]
"""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "target" / "mutants-build"
SITE = BUILD / "site"
TESTS_FAILED = {"pytest": 1, "cargo": 101}


def main() -> int:
    """Runs every mutant, or the named ones; returns the process's exit status."""
    chosen = set(sys.argv[1:])
    table = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())["mutant"]
    unknown = chosen - {mutant["name"] for mutant in table}
    if unknown:
        sys.exit(f"no such mutant: {', '.join(sorted(unknown))}")
    suites: dict[str, list[dict[str, str]]] = defaultdict(list)
    for mutant in table:
        if not chosen or mutant["name"] in chosen:
            suites[mutant["suite"]].append(mutant)
    build_extension()
    verdicts = [verdict for suite, mutants in suites.items() for verdict in judge(suite, mutants)]
    survived, skipped = verdicts.count("survived"), verdicts.count("skipped")
    print(f"mutants: {verdicts.count('caught')} caught, {survived} survived, {skipped} skipped")
    return 1 if survived else 0


def build_extension() -> None:
    """A wheel with the mutants compiled in, unpacked where PYTHONPATH finds it before the normal build."""
    shutil.rmtree(BUILD, ignore_errors=True)
    maturin = Path(sys.executable).with_name("maturin")
    command = [maturin, "build", "--profile", "mutants", "--features", "mutants", "--out", BUILD]
    subprocess.run(command, cwd=ROOT, check=True)
    with zipfile.ZipFile(next(BUILD.glob("*.whl"))) as wheel:
        wheel.extractall(SITE)


def judge(suite: str, mutants: list[dict[str, str]]) -> list[str]:
    """The verdict on each mutant of one suite, after the suite itself has been seen to pass."""
    status, output = run(suite, mutant="")
    if status != 0:
        sys.exit(f"the suite fails with no mutant on: {suite}\n{output[-4000:]}")
    if suite.startswith("pytest") and " passed" not in output:
        print(f"skipped   {len(mutants):3} mutants: nothing ran in {suite}")
        return ["skipped"] * len(mutants)
    verdicts = []
    for mutant in mutants:
        status, output = run(suite, mutant["name"])
        if status not in (0, TESTS_FAILED[suite.split(maxsplit=1)[0]]):
            sys.exit(f"{suite} could not be run with {mutant['name']}: exit {status}\n{output[-4000:]}")
        verdicts.append("caught" if status else "survived")
        print(f"{verdicts[-1]:9} {mutant['name']}: {mutant['breaks']}", flush=True)
    return verdicts


def run(suite: str, mutant: str) -> tuple[int, str]:
    """Exit status and output of one suite with one mutant on."""
    runner, *arguments = suite.split()
    if runner == "pytest":
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *arguments]
    elif runner == "cargo":
        command = ["cargo", *arguments, "--quiet", "--features", "mutants"]
    else:
        sys.exit(f"a suite is run by pytest or cargo, not {runner!r}")
    environment = os.environ | {"ALIPES_MUTANT": mutant, "PYTHONPATH": str(SITE)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
