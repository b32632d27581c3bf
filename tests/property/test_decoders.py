"""Scanner, strict parser and an oracle of Python's json and Decimal agree on what every message means."""

import random
from collections.abc import Iterator

import pytest
from tests.counts import scaled
from tests.reference.binance_json import Decoder, NotAMessageError
from tests.reference.captures import raw_messages
from tests.reference.messages import SHAPES, terms
from tests.reference.mutation import mutated

from alipes._core import BookSync, _decode
from alipes.errors import DecodeError

REFUSED = "refused"
VENUES = sorted(SHAPES)


class Panel:
    """The three readers of one venue."""

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self.oracle = Decoder(venue=venue, symbol="BTCUSDT", **terms(venue))
        self.scanned = 0

    def parse(self, raw: bytes, parser: str) -> object:
        try:
            return _decode(self.venue, "BTCUSDT", raw, **terms(self.venue), parser=parser)
        except DecodeError as error:
            return REFUSED if " at byte " in str(error) else "an error that does not say where"

    def expect(self, raw: bytes) -> object:
        try:
            return self.oracle.decode(raw)
        except NotAMessageError:
            return REFUSED

    def check(self, raw: bytes, note: str = "") -> object:
        """Asserts that all agree and gives the meaning."""
        expected, strict, scanned = self.expect(raw), self.parse(raw, "strict"), self.parse(raw, "scanner")
        assert strict == expected, (note, raw)
        assert scanned is None or scanned == expected, (note, raw)
        self.scanned += scanned is not None
        return expected


@pytest.mark.parametrize("venue", VENUES)
def test_parsers_agree_on_every_shape(venue):
    panel = Panel(venue)
    meanings = [panel.check(raw) for raw in SHAPES[venue]]
    assert REFUSED not in meanings
    kinds = {meaning["kind"] for meaning in meanings}
    assert kinds >= {"depth", "touch", "trade", "agg_trade", "snapshot", "other_stream"}


@pytest.mark.parametrize("venue", VENUES)
def test_parsers_agree_on_mutated_messages(venue):
    panel = Panel(venue)
    seed = 20_240_808
    rng = random.Random(seed)
    refused = 0
    for number in range(scaled(4_000, 60_000)):
        raw = mutated(rng.choice(SHAPES[venue]), rng)
        refused += panel.check(raw, f"seed {seed}, case {number}") == REFUSED
    # The mutations must reach both verdicts and the scanner, or agreement would prove little.
    assert refused > number // 5
    assert number - refused > number // 5
    assert panel.scanned > number // 50


@pytest.mark.parametrize("venue", VENUES)
def test_parsers_agree_on_a_real_capture(venue, captures):
    panel = Panel(venue)
    messages = list(raw_messages(captures[venue]))
    every = scaled(10, 1)
    for raw in messages[::every]:
        assert panel.check(raw) != REFUSED
    assert panel.scanned >= 0.999 * len(messages[::every])


@pytest.mark.parametrize("venue", VENUES)
def test_parsers_agree_on_mutated_capture_messages(venue, captures):
    panel = Panel(venue)
    messages = list(raw_messages(captures[venue]))
    seed = 8_082_024
    rng = random.Random(seed)
    for number in range(scaled(500, 10_000)):
        panel.check(mutated(rng.choice(messages), rng), f"seed {seed}, case {number}")


def synced(venue: str) -> BookSync:
    sync = BookSync(venue, "BTCUSDT", **terms(venue))
    snapshot = next(raw for raw in SHAPES[venue] if raw.startswith(b'{"lastUpdateId"'))
    assert sync.snapshot(snapshot) == "synced"
    return sync


def contents(sync: BookSync) -> Iterator[bytes]:
    return (side.tobytes() for side in sync.book.depth(10_000))


@pytest.mark.parametrize("parser", ["auto", "strict"])
@pytest.mark.parametrize("venue", VENUES)
def test_a_refused_message_leaves_the_book_untouched(venue, parser):
    sync = synced(venue)
    sync._force_parser(parser)
    before = list(contents(sync))
    rng = random.Random(5)
    refused = 0
    for _ in range(scaled(2_000, 20_000)):
        raw = mutated(rng.choice(SHAPES[venue]), rng)
        try:
            sync.feed(raw)
        except DecodeError:
            refused += 1
            assert list(contents(sync)) == before, raw
        else:
            sync = synced(venue)
            sync._force_parser(parser)
    assert refused > 400
