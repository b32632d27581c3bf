"""API keys and signatures: HMAC-SHA256 and Ed25519, timestamps and the receive window.

Knows nothing of routes; a request says what it is made of (`Call.payload`).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from alipes.errors import InputError
from alipes.mockvenue.call import Parameters
from alipes.mockvenue.clock import NS_PER_MS
from alipes.mockvenue.errors import AHEAD, ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alipes.mockvenue.call import Call

RECV_WINDOW_MS: Final = 5000
MOST_RECV_WINDOW_MS: Final = 60_000
AHEAD_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an account.

    Attributes:
        key: What the client sends.
        secret: Of HMAC keys; empty for Ed25519.
        account: The account's number at the core.
        public_pem: Of Ed25519 keys, PEM; empty for HMAC.
        can_withdraw: Whether the venue says that it may move money out; nothing can be moved here.
    """

    key: str
    secret: str
    account: int
    public_pem: str = ""
    can_withdraw: bool = False

    def is_signed(self, payload: str, signature: str) -> bool:
        """Whether a signature is this key's for a text."""
        if self.public_pem:
            return _is_ed25519(self.public_pem, payload, signature)
        expected = hmac.new(self.secret.encode(), _bytes_of(payload), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), _bytes_of(signature.lower()))


def _bytes_of(text: str) -> bytes:
    """The bytes that a client sent, which need not have been UTF-8."""
    return text.encode(errors="surrogateescape")


def public_key(public_pem: str) -> Ed25519PublicKey:
    """A public key out of PEM.

    Raises:
        InputError: It is no PEM, or a key of another kind.
    """
    try:
        key = load_pem_public_key(public_pem.encode())
    except ValueError:
        raise InputError("public_pem: expected an Ed25519 public key in PEM, got something else") from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"an API key of type {type(key).__name__}: expected an Ed25519 public key")
    return key


def _is_ed25519(public_pem: str, payload: str, signature: str) -> bool:
    key = public_key(public_pem)
    try:
        key.verify(b64decode(signature, validate=True), _bytes_of(payload))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


class KeyRing:
    """All keys of the venue."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self._keys.values())

    def add(self, key: ApiKey) -> None:
        """Adds a key.

        Raises:
            InputError: There is one of that name.
        """
        if key.key in self._keys:
            raise InputError(f"API key {key.key!r} is there already")
        self._keys[key.key] = key

    def find(self, key: str | None) -> ApiKey:
        """The key that a request names.

        Raises:
            ApiError: -2014, none or one of the wrong form; -2015, an unknown one.
        """
        if not key or not key.isascii() or not key.isalnum():
            raise ApiError(-2014)
        try:
            return self._keys[key]
        except KeyError:
            raise ApiError(-2015) from None

    def check(self, call: Call, times_ns: tuple[int, ...]) -> ApiKey:
        """The key that signed a request.

        Args:
            call: The request.
            times_ns: Clocks that its timestamp may be measured against, int ns UTC.

        Raises:
            ApiError: -2014 or -2015 for its key, -1102 for what is missing, -1021 or -1131 for its time,
                -1022 for its signature.
        """
        key = self.find(call.key)
        check_time(call.params, times_ns)
        if call.is_trusted:
            return key
        if not call.signature:
            raise ApiError(-1102, "signature")
        if not key.is_signed(call.payload, call.signature):
            raise ApiError(-1022)
        return key


def check_time(params: Parameters, times_ns: tuple[int, ...]) -> None:
    """Refuses a request from outside its receive window.

    Raises:
        ApiError: -1102 without a timestamp, -1131 for a window above 60 s, -1021 outside of it or more than
            one second ahead of every clock.
    """
    params.text("timestamp")
    stamp = params.whole("timestamp")
    window = params.whole("recvWindow")
    if stamp is None:
        raise ApiError(-1102, "timestamp")
    if window is not None and window > MOST_RECV_WINDOW_MS:
        raise ApiError(-1131)
    late = RECV_WINDOW_MS if window is None else window
    ages = [now // NS_PER_MS - stamp for now in times_ns]
    if any(-AHEAD_MS < age <= late for age in ages):
        return
    raise ApiError(-1021, text=AHEAD if all(age <= -AHEAD_MS for age in ages) else None)


def read_pairs(query: str, body: str) -> tuple[Parameters, str | None, str]:
    """Takes a REST request's parameters apart.

    Args:
        query: Raw query string.
        body: Raw form-encoded body.

    Returns:
        Parameters without the signature (the query's win over the body's), the signature, and the text
        that it signs: query and body as sent, joined without a separator.

    Raises:
        ApiError: -1101, a name occurs twice.
    """
    params, signature, signed = Parameters(), None, []
    for text in (query, body):
        kept = [part for part in text.split("&") if not part.startswith("signature=")]
        found = [part for part in text.split("&") if part.startswith("signature=")]
        if found:
            signature = unquote(found[-1].removeprefix("signature="))
        signed.append("&".join(kept))
        seen: set[str] = set()
        for name, value in parse_qsl(signed[-1], keep_blank_values=True):
            if name in seen:
                raise ApiError(-1101, name)
            seen.add(name)
            params.setdefault(name, value)
    return params, signature, "".join(signed)


def sorted_payload(params: Parameters) -> str:
    """The text that a WebSocket API request's signature is made of: its parameters by name."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params))
