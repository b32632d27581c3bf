"""Orders: the transition table as data, the lifecycle over it, client ids, quote and target plans.

Everything is in memory and without I/O: what must be kept and what must be sent is handed to the kernel,
which writes the journal first. It knows nothing of risk limits, of the market, or of a venue's protocol.
"""

from alipes.orders.ids import ClientIds
from alipes.orders.journal import MemoryJournal
from alipes.orders.lifecycle import Lifecycle, Refusal, Request
from alipes.orders.open_orders import OpenOrders
from alipes.orders.plans import Action, Amend, Cancel, Place, Plan, Quote, plan_quote, plan_target
from alipes.orders.reactions import Alarm, Applied, Input
from alipes.orders.replay import replay

__all__ = [
    "Action",
    "Alarm",
    "Amend",
    "Applied",
    "Cancel",
    "ClientIds",
    "Input",
    "Lifecycle",
    "MemoryJournal",
    "OpenOrders",
    "Place",
    "Plan",
    "Quote",
    "Refusal",
    "Request",
    "plan_quote",
    "plan_target",
    "replay",
]
