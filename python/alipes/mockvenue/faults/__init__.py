"""Faults of the venue as switches: what may go wrong, when it does, and the hooks that do it.

`table` lists every fault with its parameters; docs, reader and control endpoint share it. `trigger` decides
when a fault acts, `requests` and `frames` hold what each does, `read` takes them from files and `switches`
puts them in the way of requests and frames. The venue behind them stays honest.
"""

from __future__ import annotations

from alipes.mockvenue.faults.switches import Faults, Switch, load
from alipes.mockvenue.faults.table import TABLE

__all__ = ["TABLE", "Faults", "Switch", "load"]
