"""Outcomes and results of calls in words, with the hue each is drawn in."""

from django.utils.translation import gettext_lazy as _

from okno.dialogs import scenario as scenarios
from okno.dialogs.dialler import retry
from okno.dialogs.facts.common import ALL, NEUTRAL_WORD, NOTHING
from okno.dialogs.models import Mode
from okno.telephony.leg import Kind
from okno.web.parts import words
from okno.web.parts.cells import Badge

OUTCOMES = {
    Kind.ANSWERED: (_("ответили"), "good"),
    Kind.NO_ANSWER: (_("не берут трубку"), "idle"),
    Kind.BUSY: (_("занято"), "idle"),
    Kind.REJECTED: (_("сбросили"), "warn"),
    Kind.UNREACHABLE: (_("недоступен"), "idle"),
    Kind.INVALID_NUMBER: (_("нет такого номера"), "late"),
    Kind.FAILED: (_("сбой связи"), "late"),
    Kind.CANCELLED: (_("сняли сами"), "plan"),
}
"""By `telephony.leg.Kind`: what became of an attempt."""

LEFT = {
    NOTHING: _("ничего не говорить"),
    NEUTRAL_WORD: _("назвать организацию и телефон"),
    ALL: _("сказать объявление целиком"),
}
"""What a campaign leaves on an answering machine."""

AGAIN = {
    **{str(kind): told[0] for kind, told in OUTCOMES.items()},
    retry.MACHINE: _("автоответчик"),
    retry.LATER: _("просит позже"),
}
"""Causes of a next try, as pauses between tries name them."""

RESULTS = {
    "promised": (_("обещание"), "good"),
    "paid": (_("оплата во время звонка"), "good"),
    "plan": (_("рассрочка"), "good"),
    "already_paid": (_("говорит, что оплатил"), "plan"),
    "heard": (_("дослушал"), "good"),
    "confirmed": (_("подтвердил"), "good"),
    "done": (_("показания приняты"), "good"),
    "rated": (_("оценка"), "good"),
    "moved": (_("перенёс"), "plan"),
    "transferred": (_("соединили с сотрудником"), "note"),
    "call_back": (_("ждёт звонка сотрудника"), "warn"),
    "call_later": (_("просит позже"), "note"),
    "not_home": (_("нет дома"), "note"),
    "third_party": (_("ответил другой"), "note"),
    "child": (_("ответил ребёнок"), "note"),
    "talked": (_("поговорили"), "note"),
    "dispute": (_("не согласен с долгом"), "warn"),
    "hardship": (_("трудно платить"), "warn"),
    "refused": (_("отказался"), "warn"),
    "cancelled": (_("отменил"), "warn"),
    "complaint": (_("жалоба"), "late"),
    "reopened": (_("не сделано, открыта снова"), "late"),
    "not_verified": (_("не подтвердил, кто он"), "idle"),
    "no_rating": (_("без оценки"), "idle"),
    "given": (_("уже передал показания"), "good"),
    "partly": (_("показания не все"), "plan"),
    "no_meters": (_("нет счётчиков"), "idle"),
    "silence": (_("молчание"), "idle"),
    "wrong_number": (_("чужой номер"), "late"),
    "sold": (_("продал квартиру"), "late"),
    "owner_changed": (_("сменился собственник"), "late"),
    "died": (_("человек умер"), "late"),
    "do_not_call": (_("просит не звонить"), "late"),
    "taken": (_("заявка принята"), "good"),
    "hung_up": (_("положил трубку"), "idle"),
    "machine": (_("автоответчик"), "idle"),
    "screening": (_("робот-секретарь"), "idle"),
    "too_long": (_("разговор затянулся"), "warn"),
    "nobody_free": (_("не дождался сотрудника"), "late"),
    "no_voice": (_("у робота пропал голос"), "late"),
    "fault": (_("сбой у нас"), "late"),
}
"""How a talk ended, by the names of the scenarios and of the line; an organisation's own scenario may know others."""

MODES = {
    Mode.ROBOT: _("Робот говорит сам по сценарию. Человека зовёт, когда его попросят."),
    Mode.PREVIEW: _("Сотрудник видит карточку, потом звонит сам. Для трудных разговоров."),
    Mode.PROGRESSIVE: _("Программа набирает, как только сотрудник свободен: номер за номером."),
    Mode.PREDICTIVE: _(
        "Программа набирает заранее, чтобы сотрудник не ждал. Без ответа сотрудника остаётся не больше 3 % поднявших."
    ),
}
"""What each way of calling means."""


def steps() -> list[str]:
    """The way from an idea to the first call."""
    return [str(one) for one in (_("О чём"), _("Кому и как"), _("Проверка"), _("Запуск"))]


def outcome(code: str) -> Badge | None:
    """An outcome as a badge; none while the call goes on."""
    if not code:
        return None
    text, tone = OUTCOMES.get(code, (code, "idle"))  # type: ignore[call-overload]
    return Badge(text=text, tone=tone)


def result(code: str) -> Badge | None:
    """How the talk ended; none when there was no talk."""
    if not code:
        return None
    text, tone = RESULTS.get(code, (code, "idle"))
    return Badge(text=text, tone=tone)


def scenario_title(name: str) -> str:
    """The scenario's own title in the page's language."""
    try:
        title = scenarios.shipped(name).title
    except scenarios.BadScenario:
        return name
    return str(title.get(words.language()) or title.get("ru") or name)


def whole_units(minor: int) -> str:
    """A sum as a person types it: 150050 → «1500,50», 200000 → «2000»."""
    return f"{minor // 100},{minor % 100:02}".removesuffix(",00")


def left_words(scenario: str) -> list[tuple[str, str]]:
    """What may be left on an answering machine by this scenario; only an announcement is told whole."""
    return [(code, str(text)) for code, text in LEFT.items() if code != ALL or scenario == "announcement"]
