"""The gate's codes in words: a short reason for lists, and a whole sentence with what was looked at for a card."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: dict[str, Any] = {
    "campaign": gettext_lazy("кампания не идёт"),
    "done": gettext_lazy("уже не нужно"),
    "moved_away": gettext_lazy("человек в этой квартире не живёт"),
    "campaign_hours": gettext_lazy("не часы этой кампании"),
    "paid": gettext_lazy("долга больше нет"),
    "pause": gettext_lazy("дело приостановлено"),
    "serious_request": gettext_lazy("открыта серьёзная заявка"),
    "feed_stale": gettext_lazy("данные об оплате устарели"),
    "not_entitled": gettext_lazy("человек не собственник и не плательщик"),
    "vulnerable": gettext_lazy("особая отметка"),
    "do_not_call": gettext_lazy("просил не звонить"),
    "no_address": gettext_lazy("адрес больше не его"),
    "wrong_address": gettext_lazy("адрес неверный"),
    "no_consent": gettext_lazy("нет согласия"),
    "no_template": gettext_lazy("нет текста на нужном языке"),
    "hours": gettext_lazy("не время"),
    "busy_line": gettext_lazy("было занято"),
    "no_answer": gettext_lazy("не взяли трубку"),
    "rejected": gettext_lazy("звонок отклонили"),
    "invalid_number": gettext_lazy("такого номера нет"),
    "unreachable": gettext_lazy("телефон выключен или вне сети"),
    "trunk": gettext_lazy("наша линия не сработала"),
    "cancelled": gettext_lazy("звонок отменён до ответа"),
    "no_agent": gettext_lazy("сотрудник не снял свою трубку"),
    "agent_declined": gettext_lazy("телефон сотрудника занят или отклонил звонок"),
    "agent_left": gettext_lazy("сотрудник положил трубку до ответа"),
    "machine": gettext_lazy("ответил автоответчик"),
    "call_later": gettext_lazy("просил перезвонить"),
    "not_now_home": gettext_lazy("нужного человека не было"),
    "tries": gettext_lazy("попытки закончились"),
    "lost_call": gettext_lazy("разговор прервал наш сбой"),
    "in_call": gettext_lazy("с человеком уже идёт разговор"),
    "offered": gettext_lazy("на карточке у сотрудника"),
    "put_off": gettext_lazy("сотрудник отложил"),
    "talked": gettext_lazy("поговорили"),
    "own_hours": gettext_lazy("не в удобные часы"),
    "cap_person": gettext_lazy("человеку уже писали достаточно"),
    "cap_account": gettext_lazy("по счёту уже писали достаточно"),
    "busy": gettext_lazy("по счёту идёт проводка"),
    "permit_expired": gettext_lazy("разрешение истекло, спросим снова"),
    "repeated": gettext_lazy("решено повторить"),
    "template": gettext_lazy("текст не заполнился"),
    "not_now": gettext_lazy("оператор связи просит позже"),
    "never": gettext_lazy("по этому адресу не доставить"),
    "rejected_by_us": gettext_lazy("оператор связи отклонил наше сообщение"),
    "unknown": gettext_lazy("исход неизвестен"),
    "expired": gettext_lazy("не доставлено вовремя"),
    "delivered": gettext_lazy("доставлено"),
    "accepted": gettext_lazy("принято оператором связи"),
    # Why planning left somebody out, besides the above.
    "nobody_entitled": gettext_lazy("нет собственника или плательщика"),
}
"""Every code that a contact, a permit, a message or a plan may carry."""

GROUNDS: dict[str, Any] = {
    "ledger": gettext_lazy("по лицевому счёту"),
    "law": gettext_lazy("по закону"),
    "policy": gettext_lazy("по порядку организации"),
    "person": gettext_lazy("по желанию или данным человека"),
    "campaign": gettext_lazy("по кампании"),
}


def reason(code: str) -> str:
    """A code in a few words; a text that is no code (why a person withdrew it) comes back as it is."""
    return str(REASONS[code]) if code in REASONS else code


def reasons(codes: list[str]) -> str:
    """Several reasons as one line."""
    return ", ".join(reason(code) for code in codes)


def basis(check: Mapping[str, Any]) -> str:
    """On what ground the check stands, with the norm if it has one."""
    ground, _colon, norm = str(check["basis"]).partition(": ")
    words = str(GROUNDS.get(ground, ground))
    return f"{words}: {norm}" if norm else words


def explain(check: Mapping[str, Any]) -> str:
    """One check of a permit as a sentence with what it looked at."""
    told: Mapping[str, Any] = check["input"]
    code = check["code"]
    if code in ("cap_person", "cap_account"):
        return _cap(told)
    if code == "hours":
        return _hours(told)
    if check["passed"]:
        return _("Проверено")
    if code == "paid":
        return _("По лицевому счёту платить больше нечего")
    if code == "feed_stale":
        return _feeds(told)
    if code in ("pause", "serious_request"):
        return str(told.get("why", ""))
    if code == "own_hours":
        return _("Человек просил обращаться с %(since)s до %(until)s") % told
    if code == "campaign_hours":
        return _("Кампания звонит с %(since)s до %(until)s") % told
    if code == "no_consent":
        return _("Человек отказался") if told.get("given") is False else _("Согласия на этот канал нет")
    return reason(code).capitalize()


def _hours(told: Mapping[str, Any]) -> str:
    local = datetime.fromisoformat(told["local"])
    if told["opens"] is None:
        return _("%(now)s по времени дома: в этот день никого не беспокоим") % {"now": f"{local:%H:%M}"}
    return _("%(now)s по времени дома, можно с %(opens)s до %(closes)s") % {
        "now": f"{local:%H:%M}",
        "opens": told["opens"],
        "closes": told["closes"],
    }


def _cap(told: Mapping[str, Any]) -> str:
    def pair(name: str) -> str:
        count, cap = told[name]
        return f"{count}/{'—' if cap is None else cap}"

    return _("Уже было / можно: за день %(day)s, за неделю %(week)s, за месяц %(month)s") % {
        "day": pair("day"),
        "week": pair("week"),
        "month": pair("month"),
    }


def _feeds(told: Mapping[str, Any]) -> str:
    names = ", ".join(f"{feed['name']} ({_until(feed['covers_until'])})" for feed in told["stale"])
    return _("Нет свежих данных об оплате: %(feeds)s; нужно не старше %(hours)s ч") % {
        "feeds": names,
        "hours": told["hours"],
    }


def _until(moment: str | None) -> str:
    if moment is None:
        return _("ещё не приходили")
    day: date = datetime.fromisoformat(moment).date()
    return _("по %(day)s") % {"day": f"{day:%d.%m.%Y}"}
