"""Renders the order state tables into docs/order-states.md: ``python docs/render_order_states.py``."""

from pathlib import Path

from alipes.model import OrderState
from alipes.orders.transitions import IN_FLIGHT, MEANING, TABLE, Row

PAGE = Path(__file__).resolve().parent / "order-states.md"

PREFACE = """# Order states

Generated from `python/alipes/orders/transitions.py`; do not edit.

A cell says where an order in the column's state goes: `·` stays, *refused* turns a request of ours down,
**alarm** marks a pair that cannot happen while everyone keeps the rules; it is counted and reported. Fills
count once per account, instrument, trade id and side, in any state. Trading more than the order's size raises
the alarm `overfill`.

## Execution state
"""

PENDING_PREFACE = """
## Pending request

Apart from the execution state. A cancel outranks an amend; an end of the order clears both. While an amend to
a larger size awaits its answer, only a trade of that size is a `full_fill`. Events that are not listed change
nothing.
"""


def text_of(row: Row) -> str:
    """A cell, as the page shows it."""
    if row.is_refused:
        return "refused"
    if row.next is None:
        return "**alarm**" if row.is_alarm else "·"
    return f"{row.next}{' **alarm**' if row.is_alarm else ''}"


def pending_text(bits: int | None) -> str:
    """What is in flight, as the page shows it."""
    return "refused" if bits is None else ("none", "amend", "cancel", "cancel (amend behind it)")[bits]


def render() -> str:
    """The tables as Markdown."""
    lines = [PREFACE, f"| event | {' | '.join(OrderState)} |", "|---" * (len(OrderState) + 1) + "|"]
    lines += [
        f"| `{cause}` | {' | '.join(text_of(row[state]) for state in OrderState)} |"
        for cause, row in TABLE.items()
    ]
    lines += ["", "The events:", ""] + [f"- `{cause}`: {meaning}" for cause, meaning in MEANING.items()]
    lines += [
        PENDING_PREFACE,
        "| event | none | amend | cancel | cancel (amend behind it) |",
        "|---" * 5 + "|",
    ]
    lines += [f"| `{cause}` | {' | '.join(map(pending_text, row))} |" for cause, row in IN_FLIGHT.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
