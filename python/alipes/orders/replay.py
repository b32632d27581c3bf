"""Orders out of a journal: the rows of intents and events, applied again, give every order back.

The rows are the same whether they were written by this process or read from a file. What a row once caused to
be sent is not sent again.
"""

from collections.abc import Iterable, Mapping

from alipes.errors import StoreError
from alipes.model import (
    AmendIntent,
    CancelIntent,
    EventRecord,
    Instrument,
    Order,
    OrderIntent,
    Record,
)
from alipes.orders.lifecycle import Lifecycle


def replay(records: Iterable[Record], *, instruments: Mapping[str, Instrument], into: Lifecycle) -> None:
    """Apply the rows of a journal to a lifecycle, oldest first.

    Args:
        records: The rows; those that are not about orders are passed over.
        instruments: Instruments by name, ``account:symbol``.
        into: Where the orders go; its installation and epoch are those of the journal.

    Raises:
        StoreError: A row speaks of an instrument or an order that is not known.
    """
    for record in records:
        into.stamp(record.seq, record.ts)
        if isinstance(record, OrderIntent):
            _intend(record, instruments, into)
        elif isinstance(record, AmendIntent):
            order = _known(record.client_order_id, into)
            into.request_amend(order, price_ticks=record.price_ticks, size_steps=record.size_steps)
        elif isinstance(record, CancelIntent):
            into.request_cancel(_known(record.client_order_id, into), again=True)
        elif isinstance(record, EventRecord):
            into.apply(record.event)
        into.take_effects()


def _intend(record: OrderIntent, instruments: Mapping[str, Instrument], into: Lifecycle) -> None:
    order = into.get(record.client_order_id)
    if order is None:
        order = _order(record, instruments)
        into.adopt(order)
    if record.denied is not None:
        into.deny(order, *record.denied)
    elif record.is_emulated:
        into.emulate(order)
    else:
        into.submit(order)


def _order(record: OrderIntent, instruments: Mapping[str, Instrument]) -> Order:
    instrument = instruments.get(record.instrument)
    if instrument is None:
        raise StoreError(
            f"order {record.client_order_id} is of {record.instrument!r}, which is not configured"
        )
    return Order(
        record.client_order_id,
        instrument,
        record.strategy,
        record.side,
        record.type,
        record.size_steps,
        record.price_ticks,
        record.stop_ticks,
        record.tif,
        record.post_only,
        record.reduce_only,
        record.tag,
        record.purpose,
        record.ts,
        asked_steps=record.size_steps,
    )


def _known(client_order_id: str, into: Lifecycle) -> Order:
    order = into.get(client_order_id)
    if order is None:
        raise StoreError(f"the journal speaks of order {client_order_id} before its intent")
    return order
