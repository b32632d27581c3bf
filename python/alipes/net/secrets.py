"""Keys that do not show: in a repr, a log line, a traceback with its locals, an error's text."""

from __future__ import annotations

import re

_HIDDEN = "***"
_IN_URLS = re.compile(r"(?i)\b(signature|listenkey|token|apikey|api_key)=[^&\s'\"]+")
_SHORTEST = 4


class Secret:
    """A text that shows only where it is asked for by name.

    Args:
        value: The text.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not copied or written anywhere")


class Credentials:
    """What a venue asks for to know us.

    Args:
        api_key: Key, public part.
        secret: Key, private part.
        password: Passphrase, where the venue wants one.

    Attributes:
        api_key: As given.
        secret: As given.
        password: As given; None where there is none.
    """

    __slots__ = ("api_key", "password", "secret")

    def __init__(self, api_key: str, secret: str, password: str | None = None) -> None:
        self.api_key = Secret(api_key)
        self.secret = Secret(secret)
        self.password = None if password is None else Secret(password)

    def __repr__(self) -> str:
        return f"Credentials({_HIDDEN})"


class Scrubber:
    """Takes secrets out of text that others wrote.

    Args:
        credentials: Whose values must not show; None hides signatures and tokens of URLs only.
    """

    __slots__ = ("_values",)

    def __init__(self, credentials: Credentials | None = None) -> None:
        known = () if credentials is None else (credentials.api_key, credentials.secret, credentials.password)
        self._values = [each for each in known if each is not None and len(each.reveal()) >= _SHORTEST]

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        for each in self._values:
            text = text.replace(each.reveal(), _HIDDEN)
        return _IN_URLS.sub(rf"\1={_HIDDEN}", text)
