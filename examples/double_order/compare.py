"""Two bots meet an exchange that accepts an order and never answers; one of them buys twice.

Run it: ``python examples/double_order/compare.py`` (half a minute; it starts a local exchange itself)
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import naive

HERE = Path(__file__).parent
CONFIG = """\
[run]
mode = "testnet"

[accounts.main]
venue = "binanceusdm"
endpoints = {{ https = "{rest}", wss = "{stream}" }}

[instruments."main:BTC/USDT:USDT"]
tick_size = "0.1"
lot_size = "0.001"

[feed]
type = "ccxt"
seconds = 6

[strategies.once]
class = "buy_once:BuyOnce"
folder = "{folder}"

[monitor]
metrics = false
"""


@contextmanager
def venue():
    """The addresses of a local exchange that loses the answer to the first order."""
    command = [sys.executable, "-m", "alipes", "venue", "--faults", HERE / "faults.toml"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def told_by(addresses):
    """How many orders the exchange accepted, and what it holds for the account, by its own books."""
    with urlopen(f"{addresses['control']}/requests") as answer:
        orders = sum(json.load(answer)["accepted"].values())
    held = naive.connect(addresses).fetch_positions([naive.SYMBOL])[0]["contracts"]
    print(f"  the exchange accepted {orders} order{'s' * (orders > 1)} and holds {held}")


def run_strategy(addresses):
    """Runs the strategy through the engine, by the command that anyone would use."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.toml"
        config.write_text(CONFIG.format(**addresses, folder=HERE.as_posix()), encoding="utf-8")
        environ = {
            **os.environ,
            "ALIPES_MAIN_KEY": addresses["key"],
            "ALIPES_MAIN_SECRET": addresses["secret"],
        }
        command = [sys.executable, "-m", "alipes", "run", config, "--json"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    position = json.loads(done.stdout)["positions"][0]["size"]
    print(f"  it knows that it holds {position}")


if __name__ == "__main__":
    print("A bot that tries again after a timeout:")
    with venue() as addresses:
        naive.run(addresses)
        told_by(addresses)
    print("The same bot as a strategy of the engine:")
    with venue() as addresses:
        run_strategy(addresses)
        told_by(addresses)
