"""Client order ids: 18 characters of ``[a-z0-9]`` that every venue accepts, never reused, recognisably ours.

    a | 4: hash of account and installation | 4: store epoch | 9: counter        (numbers in base 36)

The hash tells our orders from foreign ones after a restart; the epoch, raised whenever a store is created,
tells this store's orders from those of another engine or of a store that was lost.
"""

from hashlib import blake2b

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 18
_PAIRS = tuple(high + low for high in DIGITS for low in DIGITS)
_BLOCK = len(_PAIRS)
_HASH_RANGE = 36**4
_COUNTER_RANGE = 36**9


def base36(number: int, width: int) -> str:
    """A number of at most `width` digits in base 36, zero-padded.

    Raises:
        ValueError: It is negative or needs more digits.
    """
    if not 0 <= number < 36**width:
        raise ValueError(f"{number} does not fit {width} digits of base 36")
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


class ClientIds:
    """The ids of one account.

    Args:
        account: Name of the account.
        installation: What tells this installation from others that trade the account.
        epoch: Number of the store, 0 to 1,679,615.
        start: First counter value, after the highest one in the journal.

    Raises:
        ValueError: `epoch` or `start` is out of range.
    """

    __slots__ = ("_head", "_low", "_next_block", "_stem")

    def __init__(self, *, account: str, installation: str, epoch: int, start: int = 0) -> None:
        digest = blake2b(f"{account}\0{installation}".encode(), digest_size=8).digest()
        self._stem = "a" + base36(int.from_bytes(digest) % _HASH_RANGE, 4) + base36(epoch, 4)
        self._next_block, self._low = divmod(start, _BLOCK)
        self._head = ""
        self._open_block()

    def _open_block(self) -> None:
        self._head = self._stem + base36(self._next_block, 7)
        self._next_block += 1

    def take(self) -> str:
        """The next id.

        Raises:
            ValueError: All 36^9 ids of the epoch are used.
        """
        low = self._low
        if low == _BLOCK:
            self._open_block()
            low = 0
        self._low = low + 1
        return self._head + _PAIRS[low]

    def skip_past(self, client_order_id: str) -> None:
        """Take no id up to this one again; ids of other stores change nothing."""
        if self.is_of_this_epoch(client_order_id):
            following = counter_of(client_order_id) + 1
            if following > (self._next_block - 1) * _BLOCK + self._low:
                self._next_block, self._low = divmod(following, _BLOCK)
                self._open_block()

    def is_ours(self, client_order_id: str) -> bool:
        """Whether an id carries our account and installation, of any epoch."""
        return len(client_order_id) == LENGTH and client_order_id[:5] == self._stem[:5]

    def is_of_this_epoch(self, client_order_id: str) -> bool:
        """Whether an id is of this very store; ours of another epoch means another engine or a lost store."""
        return len(client_order_id) == LENGTH and client_order_id[:9] == self._stem


def counter_of(client_order_id: str) -> int:
    """The counter inside an id of ours.

    Raises:
        ValueError: The text is no id of ours.
    """
    if len(client_order_id) != LENGTH or client_order_id[0] != "a":
        raise ValueError(f"{client_order_id!r} is no client order id of ours")
    return int(client_order_id[9:], 36) % _COUNTER_RANGE
