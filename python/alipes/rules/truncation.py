"""The truncation test of user operators: values at the first bars may not hang on later ones.

A signal that is rarely true shows that it looks ahead only where it changes. So the data is cut there besides
evenly and at random; the places follow from the values and a seed, so a run that passes passes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_EVEN = 5
"""Parts into which the even cuts divide the data."""
_CHANGES, _RANDOM = 64, 32
"""Cuts at which the value last kept is one that has just changed, and cuts anywhere."""
_LATER_SHARE = 8
"""Combinations of a sweep after its first have the sampled cuts divided by this, at places of their own."""
_MOST_BARS = 8_000_000
"""Bars that the sampled cuts of one test have together, at most, unless `_LEAST` of them have more."""
_LEAST = 4


def first_difference(
    whole: NDArray[np.float64], of_first: Callable[[int], NDArray[np.float64]], nth: int = 0
) -> tuple[int, NDArray[np.float64], NDArray[np.bool_]] | None:
    """The first cut at which values change when later bars are taken away.

    Args:
        whole: (n,) float64, the values with all bars.
        of_first: Gives the values of the first k bars, (k,) float64. What it raises for fewer than a fifth of
            the bars is passed over: they may be too few for it.
        nth: Which combination of a sweep this is, >= 0.

    Returns:
        The number of bars kept, the values then, and (cut,) bool, which are the same; None if all always are.
    """
    for cut in _cuts(whole, nth):
        try:
            part = of_first(cut)
        except Exception:
            if cut >= len(whole) // _EVEN:
                raise
            continue
        same = np.isclose(part, whole[:cut], rtol=1e-9, atol=1e-12, equal_nan=True)
        if not same.all():
            return cut, part, same
    return None


def _cuts(whole: NDArray[np.float64], nth: int) -> Iterator[int]:
    """Numbers of bars to keep, in ``[1, n)``: even ones, after changes, at random."""
    count = len(whole)
    even = {part * count // _EVEN for part in range(1, _EVEN)} | {count - 1}
    yield from sorted(even - {0})
    rng = np.random.default_rng(nth)
    share = 1 if nth == 0 else _LATER_SHARE
    is_same = (whole[1:] == whole[:-1]) | (np.isnan(whole[1:]) & np.isnan(whole[:-1]))
    # The value that has changed is the last one kept.
    changes = np.flatnonzero(~is_same) + 2
    wanted = rng.permutation(changes[changes < count])[: _CHANGES // share].tolist()
    if count > 1:
        wanted += rng.integers(1, count, _RANDOM // share).tolist()
    kept = 0
    for taken, cut in enumerate(wanted):
        kept += cut
        if kept > _MOST_BARS and taken >= _LEAST:
            return
        yield cut
