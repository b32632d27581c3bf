"""Every worked example of docs/simulated-exchange.md holds on the exchange and on its reference."""

from fractions import Fraction

import pytest
from tests.reference.exchange import Exchange
from tests.reference.market import Fees, Terms
from tests.reference.script import Player, examples

from alipes._core import InstrumentSpec, SimExchange

EXAMPLES = examples()


def exchanges() -> list[SimExchange | Exchange]:
    spec = InstrumentSpec(symbol="X/Y", kind="spot", base="X", quote="Y", tick_size="1", lot_size="1")
    sim, reference = SimExchange(), Exchange(0, 0)
    sim.add_instrument(0, spec, maker_fee="0", taker_fee="0")
    terms = Terms("spot", Fraction(1), Fraction(1, 1000), 1000, base="X", quote="Y")
    reference.add_instrument(0, terms, Fees(Fraction(0), Fraction(0), "Y"))
    return [sim, reference]


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_holds_as_written(title: str) -> None:
    for exchange in exchanges():
        player = Player(exchange)
        for line in EXAMPLES[title]:
            player.line(line)
        assert player.got == [], "responses that the example does not mention"


def test_the_documentation_has_all_its_examples() -> None:
    assert len(EXAMPLES) == 9
