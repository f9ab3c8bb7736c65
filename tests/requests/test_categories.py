"""A category and an urgency come out of a resident's own words; whatever may hurt people is heard as danger."""

from pathlib import Path

import pytest
import yaml

from okno.requests import categories
from okno.requests.models import Urgency

_WORDS = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
CASES = [(language, *case) for language, cases in _WORDS.items() for case in cases]


@pytest.mark.parametrize(("language", "text", "category", "urgency"), CASES)
def test_words_tell_a_category_and_an_urgency(language, text, category, urgency):
    understood = categories.understand(text, language)
    assert (understood.category, understood.urgency) == (category, urgency)


@pytest.mark.parametrize("code", categories.known())
def test_every_category_has_a_name_in_every_language_and_a_known_urgency(code):
    one = categories.get(code)
    assert set(one.names) == set(categories.LANGUAGES)
    assert one.urgency in Urgency.values


@pytest.mark.parametrize("code", [code for code in categories.known() if code != categories.OTHER])
@pytest.mark.parametrize("language", ["ru", "kk", "uk"])
def test_every_category_can_be_told_in_every_language_of_the_robot(code, language):
    assert categories.get(code).words[language]


def test_a_category_nobody_wrote_is_refused_in_words():
    with pytest.raises(categories.UnknownCategory, match="Вида заявки «roofing» нет"):
        categories.get("roofing")
