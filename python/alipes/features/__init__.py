"""Features by name: the front of the compiled operators that batch columns and live strategies share.

    features = FeatureSet(["mid", "ofi(1s)", "imbalance(5)"])
    decoder.on_frame(raw, ts_recv)
    features.on_frame(decoder)
    features.values(index)["ofi(1s)"]

The same names, rules and numbers as `alipes.columns`, bit for bit.
"""

from alipes._core import FeatureSet, feature_catalogue, parse_duration
from alipes.errors import InputError

__all__ = ["FeatureSet", "catalogue", "step_ns"]


def catalogue() -> dict[str, str]:
    """Every feature's name (with the form of its arguments) and what it is."""
    return dict(feature_catalogue())


def step_ns(every: str | int | None) -> int | None:
    """Read a step of time: ``"100ms"``, ``"1s"``, int ns, or None.

    Raises:
        InputError: It is none of these, or not positive.
    """
    if every is None:
        return None
    if isinstance(every, str):
        return parse_duration(every)
    if isinstance(every, bool) or not isinstance(every, int):
        raise InputError(f"a step of time must be text such as '100ms' or int ns, not {every!r}")
    return every
