"""Who lives in the demo town and what they say when the robot calls."""

from collections import Counter

import pytest

from okno.demo.phones import campaign, people
from okno.dialogs.live import trunk


def test_every_number_has_a_resident_and_every_kind_of_resident_lives_in_the_town():
    counted = Counter(people.kind_of(f"+7944000{number:04}").name for number in range(100))
    assert sum(counted.values()) == 100
    assert counted == {kind.name: kind.share for kind in people.KINDS}


def test_the_number_of_a_flat_is_said_in_words_and_pressed_in_figures():
    assert people.words("{flat}", 28) == "двадцать восемь"
    assert people.words("#{flat}#", 28) == "#28#"


def test_the_demo_telephones_on_the_loopback_alone():
    line = trunk.read(campaign.trunk(15_060, 15_160), only_loopback=True)
    assert line.settings["domain"] == "127.0.0.1:15060"
    assert line.settings["listen"] == "127.0.0.1:15160"


@pytest.mark.parametrize("kind", people.KINDS, ids=lambda kind: kind.name)
def test_a_resident_who_answers_says_something_first(kind: people.Kind):
    assert (kind.habit in {"answers", "machine"}) == bool(kind.says)
    assert not kind.says or not kind.says[0].startswith("#")
