"""WebSocket frames as bytes: a message is framed once and written to everyone who wants it (RFC 6455)."""

from __future__ import annotations

from struct import pack
from typing import Final

_FINAL_TEXT: Final = 0x81
_FINAL_CLOSE: Final = 0x88
_LENGTH_16: Final = 126
_LENGTH_64: Final = 127


def text_frame(payload: bytes) -> bytes:
    """A whole unmasked text frame, as servers send it."""
    size = len(payload)
    if size < _LENGTH_16:
        return bytes((_FINAL_TEXT, size)) + payload
    if size < 1 << 16:
        return pack("!BBH", _FINAL_TEXT, _LENGTH_16, size) + payload
    return pack("!BBQ", _FINAL_TEXT, _LENGTH_64, size) + payload


def payload_of(frame: bytes) -> bytes:
    """The payload of a frame that `text_frame` made."""
    length = frame[1]
    return frame[{_LENGTH_16: 4, _LENGTH_64: 10}.get(length, 2) :]


def close_frame(code: int) -> bytes:
    """A frame that begins the closing handshake.

    Args:
        code: Why, by RFC 6455 section 7.4.
    """
    return pack("!BBH", _FINAL_CLOSE, 2, code)


def combined(stream: str, payload: bytes) -> bytes:
    """A message as combined streams carry it."""
    return b'{"stream":"%b","data":%b}' % (stream.encode(), payload)
