"""What `import alipes` costs a fresh interpreter, beyond the interpreter itself."""

import subprocess
import sys


def start(statement: str) -> None:
    subprocess.run([sys.executable, "-I", "-c", statement], check=True)


def test_interpreter_alone(benchmark):
    benchmark.extra_info["unit"] = "process"
    benchmark.pedantic(start, args=("pass",), rounds=15, warmup_rounds=2)


def test_interpreter_and_numpy(benchmark):
    benchmark.extra_info["unit"] = "process"
    benchmark.pedantic(start, args=("import numpy",), rounds=15, warmup_rounds=2)


def test_interpreter_and_import_alipes(benchmark):
    benchmark.extra_info["unit"] = "process"
    benchmark.pedantic(start, args=("import alipes",), rounds=15, warmup_rounds=2)
