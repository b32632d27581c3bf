"""A strategy whose hooks would not be called as written is refused when it loads, by name."""

import pytest
from tests.unit.engine.scripted import engine_of

from alipes.errors import ConfigError
from alipes.strategy import Strategy
from alipes.strategy.load import load_strategy


class Plain(Strategy):
    def on_book(self, ctx, book):
        pass

    def on_my_own_business(self):
        pass


class Awaits(Strategy):
    async def on_book(self, ctx, book):
        pass


class Yields(Strategy):
    def on_trade(self, ctx, trade):
        yield trade


class Misspelt(Strategy):
    def on_boook(self, ctx, book):
        pass


class Plural(Strategy):
    @staticmethod
    def on_trades(ctx, trade):
        pass


class Shouts(Strategy):
    on_fault = "Cancel"


class Late(Strategy):
    def __init__(self):
        self.on_fault = "explode"


class Nothing(Strategy):
    on_stop = None


CASES = [
    (Awaits, "Awaits: on_book must be a plain `def`"),
    (Yields, "Yields: on_trade must be a plain `def`"),
    (Misspelt, "on_boook is no hook .* did you mean on_book"),
    (Plural, "on_trades is no hook .* did you mean on_trade"),
    (Shouts, "on_fault = 'Cancel': expected 'cancel' or 'keep'"),
    (Late, "on_fault = 'explode'"),
    (Nothing, "on_stop is no method"),
]


@pytest.mark.parametrize(("strategy", "says"), CASES)
def test_a_class_and_an_object_are_refused_alike(strategy, says):
    with pytest.raises(ConfigError, match=says):
        load_strategy(strategy)
    with pytest.raises(ConfigError, match=says):
        load_strategy(strategy())
    with pytest.raises(ConfigError, match=says):
        engine_of(strategy())


def test_methods_of_its_own_are_no_misspelt_hooks():
    assert isinstance(load_strategy(Plain), Plain)


def test_what_is_no_strategy_is_called_by_its_name():
    with pytest.raises(ConfigError, match=r"^loads is not a strategy"):
        load_strategy("json:loads")
