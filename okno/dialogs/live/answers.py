"""Answers: how long a pause ends one, when typed keys are whole, which words a question expects."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

from okno.dialogs.scenario import Ask
from okno.speech import spoken
from okno.speech.spoken.numerals import Language

_PAUSES = {"yesno": 0.3, "intent": 0.35, "rating": 0.3, "date": 0.45, "sum": 0.5, "reading": 0.6, "account": 0.7}
_OWN_WORDS = 1.0
"""Somebody who tells a story stops to think."""

_TYPED = {"reading", "account", "identity", "date", "sum", "rating"}
"""Answers of several figures."""

_WHOLE_RATINGS = frozenset("23456789")
"""Figures that can only be a rating by themselves: one may become ten, nought is also the wish for a person."""

_CLOSED: Mapping[str, tuple[str, ...]] = {
    "ru": ("да", "нет", "верно", "неверно", "не знаю", "оператор", "человек", "повторите"),
    "kk": ("иә", "жоқ", "дұрыс", "қате", "білмеймін", "оператор", "адам", "қайталаңыз"),
    "uk": ("так", "ні", "правильно", "неправильно", "не знаю", "оператор", "людина", "повторіть"),
}
_REPLIES: Mapping[str, tuple[str, ...]] = {
    "ru": ("заплачу", "уже заплатил", "уже заплатила", "не согласен", "не согласна", "рассрочка", "нет денег",
           "перезвоните", "не туда попали", "завтра", "в пятницу", "до конца недели"),
    "kk": ("төлеймін", "төлеп қойдым", "келіспеймін", "бөліп төлеу", "ақша жоқ", "кейін хабарласыңыз", "ертең"),
    "uk": ("заплачу", "вже заплатив", "вже заплатила", "не згоден", "не згодна", "розстрочка", "немає грошей",
           "передзвоніть", "помилилися номером", "завтра", "у п'ятницю", "до кінця тижня"),
}  # fmt: skip
_DAYS: Mapping[str, tuple[str, ...]] = {
    "ru": ("сегодня", "завтра", "послезавтра", "понедельник", "вторник", "среду", "четверг", "пятницу", "субботу",
           "воскресенье", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
           "октября", "ноября", "декабря", "через неделю", "до конца месяца"),
    "kk": ("бүгін", "ертең", "бүрсігүні", "дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"),
    "uk": ("сьогодні", "завтра", "післязавтра", "понеділок", "вівторок", "середу", "четвер", "п'ятницю", "суботу",
           "неділю", "січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня",
           "жовтня", "листопада", "грудня", "через тиждень", "до кінця місяця"),
}  # fmt: skip


def end_pause(expect: str) -> float:
    """Seconds of silence that end an answer to such a question."""
    return _PAUSES.get(expect, _OWN_WORDS)


def keys_complete(keys: str, ask: Ask) -> bool:
    """Whether these keys are a whole answer already: a listed key, or figures ended by "#"."""
    if keys.endswith("#") or ask.expect not in _TYPED:
        return True
    return ask.expect == "rating" and keys in _WHOLE_RATINGS


def vocabulary(ask: Ask, language: str) -> Sequence[str]:
    """The words the recogniser should expect; what stands in no list is recognised all the same."""
    if ask.expect == "words":
        return ()
    told = _CLOSED[language]
    if ask.expect == "intent":
        told += _REPLIES[language]
    if ask.expect == "date" or "date" in ask.also:
        told += _DAYS[language]
    if ask.expect in _TYPED:
        told += _numbers(language)
    return told


@lru_cache(maxsize=8)
def _numbers(language: str) -> tuple[str, ...]:
    """The words that numbers are made of."""
    own = (*range(21), *range(30, 100, 10), *range(100, 1000, 100))
    return tuple(spoken.cardinal(number, cast(Language, language)) for number in own)
