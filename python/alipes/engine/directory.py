"""Instruments by name: ``account:symbol``, or the bare symbol while it is unambiguous."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from alipes.errors import InputError
from alipes.model import Instrument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alipes.engine.market import Market


_MOST_NAMED = 8
"""How many instruments an error names."""


class Directory:
    """Finds the market of an instrument.

    Args:
        markets: By instrument index.
    """

    __slots__ = ("_by_name", "_markets")

    def __init__(self, markets: Sequence[Market]) -> None:
        self._markets = markets
        self._by_name: dict[str, list[Market]] = {}
        for market in markets:
            for name in (str(market.instrument), market.instrument.symbol):
                self._by_name.setdefault(name, []).append(market)

    def find(self, instrument: Instrument | str) -> Market:
        """The market of an instrument or of its name.

        Raises:
            InputError: Unknown or ambiguous (the candidates are named), or neither an instrument nor text.
        """
        if type(instrument) is Instrument:
            index = instrument.index
            if index < len(self._markets) and self._markets[index].instrument is instrument:
                return self._markets[index]
            raise InputError(f"instrument {instrument} belongs to another engine")
        if not isinstance(instrument, str):
            raise InputError(
                f"instrument: expected an Instrument or its name, got {type(instrument).__name__}"
            )
        found = self._by_name.get(instrument, [])
        if len(found) == 1:
            return found[0]
        names = sorted(str(market.instrument) for market in found or self._markets)[:_MOST_NAMED]
        if found:
            raise InputError(f"instrument {instrument!r} is ambiguous: it is one of {', '.join(names)}")
        known = ", ".join(names)
        if len(self._markets) > _MOST_NAMED:
            near = difflib.get_close_matches(instrument, sorted(self._by_name), n=1)
            known += f", …; the nearest name is {near[0]}" if near else ", …"
        raise InputError(f"instrument {instrument!r} is unknown; known are {known}")
