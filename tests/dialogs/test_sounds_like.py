"""An answer that is nothing likely is taken for the likely one it sounds like: never silently, and never over words."""

from decimal import Decimal

import pytest

from okno.dialogs import expected_turns
from okno.dialogs import scenario as scenarios
from okno.dialogs.turn import NEARLY, Said, Turn, settled, start, step
from okno.dialogs.values import likely


@pytest.fixture
def asked() -> tuple[scenarios.Scenario, Turn]:
    """The readings' dialog at the question about the first meter, which showed 120.5 and may show 150 now."""
    scenario = scenarios.shipped("incoming")
    turn = start(scenario, "ru", expected_turns.sample("incoming"), mode="text")
    return scenario, settled(scenario, step(scenario, turn.state, Said("передать показания")), lambda seeks: {})


def test_the_bounds_are_those_of_the_meter_in_hand(asked):
    scenario, turn = asked
    ask = scenario.nodes[turn.state.node].ask
    assert likely(ask, turn.state) == (Decimal("120.5"), Decimal(150))


@pytest.mark.parametrize("heard", ["чё поездом и дяд", "двадцать пять", "девятьсот двадцать пять"])
def test_what_sounds_like_a_likely_reading_is_read_back_as_it(asked, heard):
    scenario, turn = asked
    after = step(scenario, turn.state, Said(heard, nearest="сто двадцать пять"))
    assert after.understood.value == 125
    assert after.understood.confidence <= NEARLY
    assert "125" in " ".join(phrase.text for phrase in after.say)
    assert not after.actions
    assert step(scenario, after.state, Said("да")).actions[0]["value"] == "125"


def test_a_likely_reading_that_was_heard_stands(asked):
    scenario, turn = asked
    plain, near = Said("сто тридцать"), Said("сто тридцать", nearest="сто двадцать пять")
    assert step(scenario, turn.state, near) == step(scenario, turn.state, plain)


@pytest.mark.parametrize("words", ["соедините с человеком", "вы ошиблись номером"])
def test_words_are_never_taken_for_a_number(asked, words):
    scenario, turn = asked
    plain = step(scenario, turn.state, Said(words))
    near = step(scenario, turn.state, Said(words, nearest="сто двадцать пять"))
    assert near.state.node == plain.state.node
    assert near.state.slots.get("value") == plain.state.slots.get("value")


def test_the_number_of_a_flat_is_never_guessed():
    """Who confirms to be the entitled one by the flat must have said its number."""
    for name in scenarios.names():
        for node in scenarios.shipped(name).nodes.values():
            if node.ask is not None and node.ask.slot == "flat_said":
                assert not node.ask.likely
