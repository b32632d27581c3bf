"""What `import alipes` must not bring along: it stays fast."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["alipes", "alipes.engine.wiring", "alipes.cli.app"])
def test_network_libraries_load_only_where_they_are_used(module):
    code = f"import sys, {module}; print(sorted({{'ccxt', 'aiohttp', 'websockets'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
