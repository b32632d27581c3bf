"""Position, fees and profit of a run from its fills alone: plain Python integers, nothing of Alipes.

    python tests/reference/recompute.py FOLDER/fills.parquet TICK_SIZE LOT_SIZE

It follows the rule that docs/accounting.md states: the cost of an open position is kept as an exact integer
of ticks times size steps, and closing q of Q takes round-half-even(cost * q / Q) out of it.
"""

import sys
from decimal import Context, Decimal, localcontext
from typing import Any

EXACT = Context(prec=200)


def half_even(numerator: int, denominator: int) -> int:
    """The quotient of integers (denominator > 0) to the nearest integer, ties to the even one."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient % 2 == 1))


class Position:
    """One linear or spot position, in ticks and size steps."""

    def __init__(self) -> None:
        self.size = 0
        self.cost = 0
        self.realised = 0

    def fill(self, sign: int, ticks: int, steps: int) -> None:
        """Applies a fill; `sign` is +1 for a buy."""
        signed = sign * steps
        if self.size * signed < 0:
            closed = min(steps, abs(self.size))
            freed = half_even(self.cost * closed, abs(self.size))
            self.realised += -sign * closed * ticks - freed
            self.cost -= freed
            self.size += sign * closed
            signed -= sign * closed
        self.size += signed
        self.cost += signed * ticks


def recompute(fills: list[dict[str, Any]], tick_size: Decimal, step_size: Decimal) -> dict[str, Any]:
    """Per strategy: size, realised profit and cost (Decimal), and fees by asset of all."""
    positions: dict[str, Position] = {}
    fees: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for fill in fills:
            position = positions.setdefault(fill["strategy"], Position())
            sign = 1 if fill["side"] == "buy" else -1
            position.fill(sign, fill["price_ticks"], fill["size_steps"])
            fees[fill["fee_asset"]] = fees.get(fill["fee_asset"], Decimal(0)) + fill["fee"]
        unit = tick_size * step_size
        return {
            "size": {name: position.size * step_size for name, position in positions.items()},
            "realised": {name: position.realised * unit for name, position in positions.items()},
            "cost": {name: position.cost * unit for name, position in positions.items()},
            "fees": fees,
        }


def step_of(lot_size: Decimal) -> Decimal:
    """The size step of a lot: three decimals finer than the lot's own."""
    return Decimal(1).scaleb(int(lot_size.normalize().as_tuple().exponent) - 3)


def main() -> None:
    """Prints what the fills of a Parquet file add up to."""
    import pyarrow.parquet  # noqa: PLC0415

    path, tick, lot = sys.argv[1], Decimal(sys.argv[2]), Decimal(sys.argv[3])
    rows = pyarrow.parquet.read_table(path).to_pylist()
    for name, value in recompute(rows, tick, step_of(lot)).items():
        print(name, value)


if __name__ == "__main__":
    main()
