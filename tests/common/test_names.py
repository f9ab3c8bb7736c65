"""Names come apart and are put into letters."""

import pytest

from okno.common.names import NotAName, PersonName, letter_name, short_name, split_name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Иванов Иван Иванович", ("Иванов", "Иван", "Иванович")),
        ("Иван Иванович Иванов", ("Иванов", "Иван", "Иванович")),
        ("  ИВАНОВА   АННА ПЕТРОВНА ", ("Иванова", "Анна", "Петровна")),
        ("Адам Иванович Мицкевич", ("Мицкевич", "Адам", "Иванович")),
        ("Мицкевич Адам Иванович", ("Мицкевич", "Адам", "Иванович")),
        ("Иванов И.И.", ("Иванов", "И.", "И.")),
        ("Иванов И. И.", ("Иванов", "И.", "И.")),
        ("И.И. Иванов", ("Иванов", "И.", "И.")),
        ("петрова-водкина анна", ("Петрова-Водкина", "Анна", "")),
        ("МАМЕДОВ АЛИ ГАСАН ОГЛЫ", ("Мамедов", "Али", "Гасан оглы")),
        ("Нұрланов Асқар Нұрланұлы", ("Нұрланов", "Асқар", "Нұрланұлы")),
        ("Шевченко Тарас Григорович", ("Шевченко", "Тарас", "Григорович")),
        ("О'Коннор Шон", ("О'Коннор", "Шон", "")),
        ("Иванова", ("Иванова", "", "")),
    ],
)
def test_a_name_comes_apart(text: str, parts: tuple[str, str, str]) -> None:
    assert split_name(text) == PersonName(*parts)


@pytest.mark.parametrize("text", ["", "   ", "123", "—"])
def test_what_holds_no_name_is_refused(text: str) -> None:
    with pytest.raises(NotAName):
        split_name(text)


def test_a_name_is_put_together_for_its_place() -> None:
    whole = split_name("Иван Иванович Иванов")
    assert whole.full() == "Иванов Иван Иванович"
    assert short_name(whole) == "Иванов\u00a0И.\u00a0И."
    assert letter_name(whole) == "Иван Иванович"


def test_a_letter_does_what_it_can_with_less_of_a_name() -> None:
    assert letter_name(split_name("Иванов И.И.")) == "Иванов\u00a0И.\u00a0И."
    assert letter_name(split_name("Иванов Иван")) == "Иван Иванов"
    assert letter_name(split_name("Иванов")) == "Иванов"
