"""The simulated exchange against its slow twin in tests/reference, response by response."""

from typing import Any

import pytest
from tests.counts import scaled
from tests.reference.scenarios import Scenario

SCENARIOS = scaled(250, 5000)
CHUNKS = 10


def play(seed: int) -> int:
    """Plays one scenario on both; gives the number of fills."""
    scenario = Scenario(seed)
    sim, reference = scenario.sim(), scenario.reference()
    responses: list[Any] = []
    for number, (action, *arguments) in enumerate(scenario.steps):
        answer = getattr(sim, action)(*arguments)
        expected = getattr(reference, action)(*arguments)
        where = f"seed {seed}, step {number}: {action} {arguments}"
        assert answer == expected, where
        assert sim.next_due() == reference.next_due(), where
        for name in dict.fromkeys(scenario.names):
            assert sim.queue_ahead(name) == reference.queue_ahead(name), f"{where}: queue of {name}"
        responses += answer or []
    last = sim.poll(2**62)
    assert last == reference.poll(2**62), f"seed {seed}: responses under way at the end"
    late = sum(market.late for market in reference.markets.values())
    assert sim.stats()["late_events"] == late, f"seed {seed}"
    for index, market in reference.markets.items():
        assert sim.position_steps(index) == market.position, f"seed {seed}: position of {index}"
    return sum(response[0] == 2 for response in responses + last)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_scenarios_give_the_same_responses(chunk: int) -> None:
    fills = sum(play(seed) for seed in range(chunk, SCENARIOS, CHUNKS))
    assert fills > SCENARIOS // CHUNKS, "scenarios without fills prove nothing"
