"""The little language of the worked examples in docs/simulated-exchange.md."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECOND = 1_000_000_000
STEPS = 1000
KINDS = {"accepted": 0, "fill": 2, "expired": 4, "amended": 5}
DOC = Path(__file__).resolve().parents[2] / "docs" / "simulated-exchange.md"


def examples() -> dict[str, list[str]]:
    """Lines of every example, by the text before it."""
    before, *rest = DOC.read_text().split("```exchange\n")
    found = {}
    for part in rest:
        title = before.strip().rsplit("\n\n", 1)[-1]
        lines, _, before = part.partition("```")
        found[" ".join(title.split())[:60]] = lines.strip().splitlines()
    return found


def levels(text: str) -> list[tuple[int, int]]:
    """``price:size`` pairs."""
    pairs = [pair.split(":") for pair in text.split()]
    return [(int(price), int(size) * STEPS) for price, size in pairs]


@dataclass
class Player:
    """Plays one example on an exchange and checks what it says must hold."""

    exchange: Any
    update_id: int = 0
    now: int = 0
    got: list[tuple[Any, ...]] = field(default_factory=list)

    def line(self, text: str) -> None:
        """One line of an example."""
        head, _, rest = text.partition(" ")
        if head == "=>":
            self.expect(rest)
        elif head == "ahead":
            name, ahead = rest.split()
            assert self.exchange.queue_ahead(name) == int(ahead) * STEPS, text
        else:
            self.now = int(head) * SECOND
            self.do(*rest.partition(" ")[::2])

    def do(self, verb: str, rest: str) -> None:
        """An event, or a request of ours."""
        if verb in {"buy", "sell"}:
            name, size, _, price, *flags = rest.split()
            tif = 1 if "ioc" in flags else 2 if "fok" in flags else 0
            terms = (int(verb == "sell"), 0, tif, "post-only" in flags, "reduce-only" in flags)
            self.exchange.submit(self.now, name, 0, *terms, int(price), int(size) * STEPS)
        elif verb == "amend":
            name, size, _, price = rest.split()
            self.exchange.amend(self.now, name, int(price), int(size) * STEPS)
        else:
            self.exchange.ingest_events(self.now, [(0, *self.event(verb, rest))])
            self.got += self.exchange.poll(self.now)

    def event(self, verb: str, rest: str) -> tuple[Any, ...]:
        """A market event."""
        if verb == "trade":
            taker, size, _, price = rest.split()
            return ("trade", self.now, int(price), int(size) * STEPS, int(taker == "sell"), 1)
        rest, _, update_id = rest.partition(" id ")
        self.update_id = int(update_id) if update_id else self.update_id + 1
        if verb == "touch":
            return ("touch", self.now, *levels(rest), self.update_id)
        bids, _, asks = rest.partition("|")
        return ("reset" if verb == "reset" else "depth", self.now, levels(bids), levels(asks), self.update_id)

    def expect(self, rest: str) -> None:
        """The next response."""
        name, outcome, size, _, price, *why = rest.split()
        kind, found, _, _, got_price, got_size, _, is_maker, _, _, reason = self.got.pop(0)
        assert (found, kind) == (name, KINDS[outcome]), rest
        assert (got_size, got_price) == (int(size) * STEPS, int(price)), rest
        said = ("maker" if is_maker else "taker") if outcome == "fill" else reason
        assert [said] == (why or [""]), rest
