"""How much of a randomised suite runs: a seeded slice by default, the full counts with ``ALIPES_LONG=1``."""

import os

IS_LONG = os.environ.get("ALIPES_LONG", "0") not in {"", "0"}


def scaled(short: int, long: int) -> int:
    """The number of random cases to run."""
    return long if IS_LONG else short
