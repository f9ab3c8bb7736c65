"""What the residents of the demo town do with a ringing phone, by the last two figures of its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from okno.speech import spoken

Habit = Literal["answers", "busy", "out", "machine"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of resident: the words and keys with which they answer each question of the robot in turn.

    A word that begins with "#" is pressed. `{flat}` is the number of the flat, in words or in figures. What is left
    unasked is not said; whoever is asked more says the last thing again, twice, and rings off. Who `interrupts` begins
    to answer when the robot has spoken for a while.
    """

    name: str
    share: int
    habit: Habit = "answers"
    says: Sequence[str] = ()
    pays: bool = False
    interrupts: bool = False


KINDS = (
    Kind(name="promises", share=24, says=("Алло", "Да", "{flat}", "Я заплачу в пятницу", "Да", "Нет")),
    Kind(name="promises by keys", share=18, says=("Алло", "#1", "#{flat}#", "#1", "#2511#", "#1", "#2")),
    Kind(name="pays at once", share=8, says=("Слушаю", "#1", "#{flat}#"), pays=True),
    Kind(name="has paid", share=8, says=("Алло", "Да", "#{flat}#", "Я уже заплатил", "Вчера")),
    Kind(name="objects", share=8, says=("Алло", "#1", "#{flat}#", "Я не согласен с долгом", "Мне посчитали дважды")),
    Kind(name="wants to pay in parts", share=6, says=("Алло", "#1", "#{flat}#", "#4", "Да")),
    Kind(name="wrong number", share=6, says=("Алло", "Нет, вы не туда попали")),
    Kind(name="wants a person", share=5, says=("Алло", "Оператор")),
    Kind(name="busy", share=6, habit="busy"),
    Kind(name="out", share=6, habit="out"),
    Kind(name="machine", share=5, habit="machine", says=(
        "Здравствуйте. Сейчас меня нет дома. Пожалуйста, оставьте сообщение после сигнала",
    )),
)  # fmt: skip


IMPATIENT = Kind(
    name="interrupts", share=0, interrupts=True,
    says=("Алло", "Да", "#{flat}#", "Я заплачу в пятницу", "Да", "Нет"),
)  # fmt: skip
"""Nobody in the town: whom the measurement of interruptions calls."""


def kind_of(number: str) -> Kind:
    """Who has this number: the same number, the same person."""
    if "impatient" in number:
        return IMPATIENT
    figures = "".join(sign for sign in number if sign.isdigit())[-2:]
    place = int(figures or 0)
    for kind in KINDS:
        place -= kind.share
        if place < 0:
            return kind
    return KINDS[0]


def words(text: str, flat: int) -> str:
    """A line as it is said or pressed by the resident of this flat."""
    told = str(flat) if text.startswith("#") else spoken.cardinal(flat, "ru")
    return text.replace("{flat}", told)
