"""A call's parts in words and hues."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import days
from okno.common.money import Currency, format_minor
from okno.dialogs.models import Call, CallState, Direction
from okno.outreach.words import REASONS
from okno.people.models import Person
from okno.telephony.leg import By
from okno.web.desk.calling import words as calling
from okno.web.parts.cells import Badge
from okno.web.parts.words import language

STATES = {
    CallState.TO_AGENT: ("note", "user"),
    CallState.DIALLING: ("note", "phone-outgoing"),
    CallState.RINGING: ("note", "bell"),
    CallState.TALKING: ("good", "phone-call"),
    CallState.WITH_PERSON: ("plan", "user"),
    CallState.ENDED: ("idle", ""),
    CallState.LOST: ("late", "circle-alert"),
}
PICKED_UP = {
    "person": gettext_lazy("человек"),
    "machine": gettext_lazy("автоответчик"),
    "screening": gettext_lazy("робот-секретарь"),
    "unknown": gettext_lazy("не разобрать"),
}
ENDED_BY = {
    By.FAR: gettext_lazy("положили трубку там"),
    By.US: gettext_lazy("закончили мы"),
    By.LOST: gettext_lazy("связь пропала"),
    By.TRANSFERRED: gettext_lazy("передан сотруднику"),
    By.FAULT: gettext_lazy("сбой у нас"),
}
EXPECTED = {
    "intent": gettext_lazy("что скажет"),
    "date": gettext_lazy("день"),
    "sum": gettext_lazy("сумму"),
    "reading": gettext_lazy("число или показание"),
    "rating": gettext_lazy("оценку"),
    "yesno": gettext_lazy("да или нет"),
    "account": gettext_lazy("лицевой счёт"),
    "words": gettext_lazy("свободный рассказ"),
    "choice": gettext_lazy("выбор из сказанного"),
    "identity": gettext_lazy("счёт, телефон или адрес"),
    "past": gettext_lazy("день, который был"),
    "hour": gettext_lazy("час"),
    "minutes": gettext_lazy("через сколько минут"),
    "category": gettext_lazy("что сломано"),
    "urgency": gettext_lazy("насколько срочно"),
    "resource": gettext_lazy("какой счётчик"),
}
MEANINGS = {
    "yes": gettext_lazy("да"),
    "no": gettext_lazy("нет"),
    "promise": gettext_lazy("заплатит"),
    "already_paid": gettext_lazy("уже заплатил"),
    "refuse": gettext_lazy("отказ"),
    "wrong_number": gettext_lazy("ошиблись номером"),
    "sold": gettext_lazy("квартира продана"),
    "owner_changed": gettext_lazy("другой собственник"),
    "died": gettext_lazy("человек умер"),
    "dispute": gettext_lazy("не согласен"),
    "call_later": gettext_lazy("перезвонить позже"),
    "hardship": gettext_lazy("трудно платить"),
    "instalments": gettext_lazy("просит частями"),
    "person": gettext_lazy("зовёт человека"),
    "repeat": gettext_lazy("повторить"),
    "corrected": gettext_lazy("назвал другое"),
    "besides": gettext_lazy("сказал часть ответа"),
    "category": gettext_lazy("рассказал, что сломано"),
    "robot_question": gettext_lazy("спрашивает, робот ли это"),
    "not_home": gettext_lazy("нет дома"),
    "third_party": gettext_lazy("другой человек"),
    "child": gettext_lazy("ребёнок"),
    "do_not_call": gettext_lazy("больше не звонить"),
    "complaint": gettext_lazy("жалоба"),
    "how_to_pay": gettext_lazy("как заплатить"),
    "silence": gettext_lazy("молчит"),
    "paid": gettext_lazy("пришла оплата"),
    "hung_up": gettext_lazy("положил трубку"),
    "person_busy": gettext_lazy("все сотрудники заняты"),
    "not_understood": gettext_lazy("не понял много раз"),
    "danger": gettext_lazy("опасность"),
    "unknown": gettext_lazy("не знает"),
    "ru": gettext_lazy("по-русски"),
    "kk": gettext_lazy("по-казахски"),
    "uk": gettext_lazy("по-украински"),
}
"""Answers and events by the names that scenarios give them."""
ACTIONS = {
    "promise": gettext_lazy("записать обещание"),
    "already_paid": gettext_lazy("искать платёж, напоминания придержать"),
    "dispute": gettext_lazy("завести спор"),
    "plan": gettext_lazy("подготовить рассрочку"),
    "hardship": gettext_lazy("передать: трудно платить"),
    "refuse": gettext_lazy("записать отказ"),
    "reading": gettext_lazy("записать показание"),
    "no_reading": gettext_lazy("отметить: показания нет"),
    "rating": gettext_lazy("записать оценку"),
    "comment": gettext_lazy("записать отзыв"),
    "work_done": gettext_lazy("отметить: работа сделана"),
    "reopen": gettext_lazy("открыть заявку снова"),
    "no_rating": gettext_lazy("отметить: без оценки"),
    "confirm_visit": gettext_lazy("подтвердить приход"),
    "move_visit": gettext_lazy("перенести приход"),
    "cancel_visit": gettext_lazy("отменить приход"),
    "send_sms": gettext_lazy("послать сообщение"),
    "transfer": gettext_lazy("соединить с сотрудником"),
    "call_back": gettext_lazy("записать перезвон"),
    "call_later": gettext_lazy("позвонить в другой день"),
    "complaint": gettext_lazy("записать жалобу"),
    "do_not_call": gettext_lazy("больше не звонить"),
    "wrong_number": gettext_lazy("убрать номер: чужой"),
    "owner_changed": gettext_lazy("проверить собственника"),
    "died": gettext_lazy("проверить сведения, не звонить"),
    "child": gettext_lazy("отметить: ответил ребёнок"),
    "third_party": gettext_lazy("отметить: ответил другой"),
    "not_home": gettext_lazy("отметить: нет дома"),
    "not_verified": gettext_lazy("отметить: не подтвердил, кто он"),
    "debt_told": gettext_lazy("отметить: о долге сказано"),
    "heard_to_the_end": gettext_lazy("отметить: дослушал"),
    "nobody": gettext_lazy("отметить: молчание"),
    "request": gettext_lazy("завести заявку"),
    "language": gettext_lazy("говорить на другом языке"),
}


def state(call: Call) -> Badge:
    """Where the call is; an ended one shows what became of the attempt."""
    if call.state == CallState.ENDED:
        return calling.outcome(call.outcome) or Badge(text=call.get_state_display())
    tone, icon = STATES[CallState(call.state)]
    return Badge(text=call.get_state_display(), tone=tone, icon=icon)


def direction(call: Call) -> Badge:
    """Out or in, with its drawing."""
    icon = "phone-incoming" if call.direction == Direction.IN else "phone-outgoing"
    return Badge(text=call.get_direction_display(), icon=icon)


def result(call: Call) -> Badge | None:
    return calling.result(call.result)


def end(call: Call) -> Badge:
    """What the talk came to; without one, what became of the attempt."""
    told = result(call) if call.state == CallState.ENDED else None
    return told or state(call)


def picked_up(call: Call) -> str:
    """Who answered."""
    return str(PICKED_UP.get(call.picked_up, call.picked_up))


def ended_by(call: Call) -> str:
    return str(ENDED_BY[By(call.ended_by)]) if call.ended_by in set(By) else call.ended_by


def line_said(call: Call) -> str:
    """What the line told of a call that came to no talk or broke; of an ordinary end its words tell nothing new."""
    ordinary = call.answered_at and call.ended_by in (By.US, By.FAR, By.TRANSFERRED)
    return "" if ordinary else str(REASONS.get(call.words, call.words))


def expected(code: str) -> str:
    """What a question waits for."""
    return str(EXPECTED.get(code, code))


Titles = Mapping[str, Mapping[str, str]]
"""What the answers of a scenario's own are called: name → language → words (`Scenario.titles`)."""


def meaning(code: str, titles: Titles = MappingProxyType({})) -> str:
    """What an answer or an event of a scenario means; a name of its own that it gives no title stands as it is."""
    if code in titles:
        return titles[code].get(language()) or titles[code]["ru"]
    return str(MEANINGS.get(code, code))


def understood(value: Any, expects: str, currency: str, titles: Titles = MappingProxyType({})) -> str:
    """What was understood of an answer to a question that waited for `expects`, written as people write it."""
    if value is None:
        return ""
    if expects == "sum" and str(value).isdigit():
        return format_minor(int(value), Currency(currency), "ru")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return _day(str(value)) or meaning(str(value), titles)


def _day(told: str) -> str:
    """A day that the robot keeps as "2026-11-20", as people write it; "" for anything else."""
    try:
        return f"{days.parse_day(told):%d.%m.%Y}"
    except days.NotADay:
        return ""


def action(code: str) -> str:
    """What the robot would do."""
    return str(ACTIONS.get(code, code))


GIVEN = {
    "on": gettext_lazy("день"),
    "at": gettext_lazy("час"),
    "minor": gettext_lazy("сумма"),
    "words": gettext_lazy("слова"),
    "first": gettext_lazy("первые слова"),
    "text": gettext_lazy("что случилось"),
    "place": gettext_lazy("место"),
    "value": gettext_lazy("показание"),
    "score": gettext_lazy("оценка"),
    "comment": gettext_lazy("отзыв"),
    "payments": gettext_lazy("платежей"),
}
"""What an action was given, by the names in scenarios; the rest are marks for the program."""


def given(action: Mapping[str, Any], currency: str) -> Iterator[str]:
    """What the robot would write down with an action: «день: 20.11.2026»."""
    for name, title in GIVEN.items():
        value = action.get(name)
        if value is not None and value != "":
            told = understood(value, "sum" if name == "minor" else "words", currency)
            yield f"{title}: {told}"


def length(seconds: float | None) -> str:
    """«2:05»; an empty line for no talk."""
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def talk(call: Call) -> str:
    """How long people talked."""
    return length(call.seconds)


def delay(milliseconds: int | None) -> str:
    """How long the robot thought: «0,6 с»."""
    if milliseconds is None:
        return ""
    return _("%(seconds)s с") % {
        "seconds": f"{timedelta(milliseconds=milliseconds).total_seconds():.1f}".replace(".", ",")
    }


def who(call: Call) -> str:
    """The person, if we know whom."""
    person: Person | None = call.person
    return person.full_name if person else _("неизвестный")


def where(call: Call) -> str:
    """The flat, or the house, or nothing."""
    if call.account is not None:
        return call.account.flat.short_address
    return call.house.short_address if call.house else ""


def scenario(call: Call) -> str:
    """The scenario's title, with the arm while two are compared."""
    title = calling.scenario_title(call.scenario)
    return f"{title} · {call.arm}" if call.arm != "A" else title
