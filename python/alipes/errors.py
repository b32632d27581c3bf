"""Everything Alipes raises, in one tree.

    AlipesError
    ├── ConfigError            a configuration that cannot run: unknown key, missing value, bad path
    ├── InputError             an argument that is wrong in type, shape, range or name
    │   └── OffGridError       a price or size between two grid points
    ├── DataError              market data that cannot be trusted
    │   ├── DecodeError        bytes that are not the message they claim to be
    │   ├── GapError           updates are missing
    │   └── StaleBookError     a book was read while it is out of step with the venue
    ├── BookBusyError          a book was used while a batch call in another thread holds it
    ├── VenueError             a venue answered with an error, or did not answer
    │   ├── ConnectivityError  the network failed; only reads are retried
    │   │   └── LostAnswerError  a request left, and what became of it is unknown
    │   ├── RateLimitedError   the venue asks us to slow down
    │   └── AuthError          key, signature or permission refused
    ├── StoreError             the journal or the state store failed
    └── InvariantError         our own books disagree: trading halts

A risk refusal is a value (an order in state ``denied``) and an order's fate is an event; neither is
an exception.
"""

_LONGEST = 60
"""Characters of a value that an error shows."""


def shown(value: object) -> str:
    """A wrong value as an error shows it: on one line, cut off where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


class AlipesError(Exception):
    """Base of every error that Alipes raises."""


class ConfigError(AlipesError):
    """A configuration that cannot run."""


class InputError(AlipesError, ValueError):
    """An argument that is wrong in type, shape, range or name."""


class OffGridError(InputError):
    """A price or size between two grid points; the message names both neighbours."""


class DataError(AlipesError):
    """Market data that cannot be trusted."""


class DecodeError(DataError):
    """Bytes that are not the message they claim to be."""


class GapError(DataError):
    """Updates are missing."""


class StaleBookError(DataError):
    """A book was read while it is out of step with the venue."""


class BookBusyError(AlipesError):
    """A book was used while a batch call in another thread holds it."""


class VenueError(AlipesError):
    """A venue answered with an error, or did not answer."""


class ConnectivityError(VenueError):
    """The network failed. Reads are retried, orders never are."""


class LostAnswerError(ConnectivityError):
    """A request left, wholly or in part, and no answer came: what became of it is unknown."""


class RateLimitedError(VenueError):
    """The venue asks us to slow down."""


class AuthError(VenueError):
    """Key, signature or permission refused."""


class StoreError(AlipesError):
    """The journal or the state store failed."""


class InvariantError(AlipesError):
    """Our own books disagree with themselves. Trading halts."""
