"""The usual frame, read and written directly: a whole message in one frame, without extensions.

Everything else (control frames, fragments, what breaks the protocol) goes, in order, to the strict protocol
of `websockets`, whose parser takes several times as long. Tests hold this one to that one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

try:
    from websockets.speedups import apply_mask
except ImportError:  # built without its part in C
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from collections.abc import Callable

_WHOLE = frozenset({0x81, 0x82})
"""First byte of a text and of a binary message in one frame."""
_OTHERS = frozenset({0x00, 0x01, 0x02, 0x80, 0x88, 0x89, 0x8A})
"""First byte of fragments and of control frames."""


class FrameReader:
    """Cuts a stream into frames.

    Args:
        max_message: Bytes of the largest message that is taken directly.
        strict: Takes bytes of the stream and returns the messages that they complete. It gets one whole frame
            at a time; from the first breach of the protocol on, or a frame that is too large, everything.
        is_plain: Whether a whole message may come next: between fragments and after a goodbye none may.
    """

    __slots__ = ("_is_plain", "_is_strict", "_max", "_rest", "_strict")

    def __init__(
        self, *, max_message: int, strict: Callable[[bytes], list[bytes]], is_plain: Callable[[], bool]
    ) -> None:
        self._max = max_message
        self._strict = strict
        self._is_plain = is_plain
        self._is_strict = False
        self._rest = b""

    def read(self, data: bytes) -> list[bytes]:
        """The messages that are complete with these bytes, in order."""
        if self._is_strict:
            return self._strict(data)
        if self._rest:
            data = self._rest + data
        messages: list[bytes] = []
        at, end, is_plain = 0, len(data), self._is_plain()
        while end - at >= 2:
            body, length = _extent(data, at)
            first = data[at]
            if length > self._max or not (first in _WHOLE or first in _OTHERS):
                self._is_strict, self._rest = True, b""
                return messages + self._strict(data[at:])
            after = body + length
            if after > end:
                break
            if is_plain and first in _WHOLE:
                messages.append(data[body:after])
            else:
                messages += self._strict(data[at:after])
                is_plain = self._is_plain()
            at = after
        self._rest = data[at:]
        return messages


def masked_frame(message: bytes, *, is_text: bool) -> bytes:
    """A message as a client sends it: in one frame, masked by four random bytes.

    Args:
        message: The message.
        is_text: Whether to mark it as text.
    """
    first, length = 0x81 if is_text else 0x82, len(message)
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((first, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + length.to_bytes(8, "big")
    key = os.urandom(4)
    return head + key + apply_mask(message, key)


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where the payload of a frame begins and how long it is; longer than anything if it is masked.

    While the length itself is not complete the payload begins beyond the data.
    """
    length = data[at + 1]
    if length < 126:
        return at + 2, length
    if length > 127:
        return at + 2, 1 << 64
    body = at + (4 if length == 126 else 10)
    return body, int.from_bytes(data[at + 2 : body], "big")
