"""Why a contact was permitted or not: each check of the gate as a whole sentence, passed ones too, with its norm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.outreach.words import GROUNDS, explain
from okno.people.models import Vulnerability
from okno.web.parts import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A check as people read it."""

    code: str
    passed: bool
    text: str
    ground: str
    norm: str


def in_words(rows: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """The checks of a permit (its `checks`), those that refused first, else in the order they were made."""
    shown = [_one(row) for row in rows]
    return sorted(shown, key=lambda one: one.passed)


def _one(row: Mapping[str, Any]) -> Shown:
    ground, _colon, norm = str(row.get("basis", "")).partition(": ")
    tell = _TELLERS.get(row["code"])
    passed, told = bool(row["passed"]), row.get("input") or {}
    text = tell(passed, told) if tell else explain(row)
    return Shown(code=row["code"], passed=passed, text=text, ground=str(GROUNDS.get(ground, ground)), norm=norm)


def _campaign(passed: bool, told: Mapping[str, Any]) -> str:
    if passed:
        return _("Рассылка идёт")
    return _("Рассылка не идёт: остановлена, на паузе или ещё не началась")


def _paid(passed: bool, told: Mapping[str, Any]) -> str:
    debt = told.get("debt_minor", 0)
    if not passed:
        if debt:
            return _("Осталось %(sum)s: по определению организации это уже не долг") % {"sum": words.money_text(debt)}
        return _("Долга уже нет")
    since = told.get("overdue_since")
    if since:
        return _("Долг есть: %(sum)s, срок оплаты был %(day)s") % {
            "sum": words.money_text(debt),
            "day": words.day_text(date.fromisoformat(since)),
        }
    return _("Долг есть: %(sum)s") % {"sum": words.money_text(debt)}


def _pause(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Ничто не приостанавливает") if passed else _("Приостановлено: %(why)s") % {"why": told.get("why", "")}


def _request(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Серьёзных заявок нет") if passed else _("Ждёт нашей работы: %(why)s") % {"why": told.get("why", "")}


def _feed(passed: bool, told: Mapping[str, Any]) -> str:
    if passed:
        return _("Платежи свежие")
    names = ", ".join(feed["name"] for feed in told.get("stale", ()))
    return _("Платежи не приходили дольше %(hours)s ч (%(names)s): человек мог уже заплатить") % {
        "hours": told.get("hours", ""),
        "names": names,
    }


def _entitled(passed: bool, told: Mapping[str, Any]) -> str:
    if passed:
        return _("Собственник или плательщик этой квартиры")
    return _("В этот день не собственник и не плательщик: чужой долг не сообщают")


def _vulnerable(passed: bool, told: Mapping[str, Any]) -> str:
    labels = dict(Vulnerability.choices)
    named = ", ".join(str(labels.get(flag, flag)) for flag in told.get("flags", ()))
    if not passed:
        return _("К человеку с отметкой «%(named)s» о долге не обращаются") % {"named": named}
    return _("Отметки не мешают: %(named)s") % {"named": named} if named else _("Особых отметок нет")


def _quiet(passed: bool, told: Mapping[str, Any]) -> str:
    if not passed:
        return _("Просил не звонить и не слать СМС")
    return _("Просьба не звонить этого канала не касается") if told.get("asked") else _("Не просил не звонить")


def _needed(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Ещё нужно") if passed else _("Больше не нужно: уже сделано или отменено")


def _lives_there(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Человек живёт в этой квартире") if passed else _("Человек в этой квартире больше не живёт")


def _known(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Адрес или номер на месте") if passed else _("Этого номера или адреса у человека больше нет")


def _right(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Номер или адрес его") if passed else _("Номер чужой или ящик не принимает писем")


def _consent(passed: bool, told: Mapping[str, Any]) -> str:
    given = told.get("given")
    if not passed:
        return _("Согласие отозвано") if given is False else _("Нужно согласие, а его нет")
    return _("Согласие дано") if given else _("Согласие не требуется")


def _template(passed: bool, told: Mapping[str, Any]) -> str:
    return _("Текст на нужном языке есть") if passed else _("Нет текста ни на языке человека, ни на основном")


def _hours(passed: bool, told: Mapping[str, Any]) -> str:
    local = _local(told)
    if told.get("opens"):
        span = _("с %(opens)s до %(closes)s") % {"opens": told["opens"], "closes": told["closes"]}
    else:
        span = _("в этот день нельзя")
    template = _("У дома %(local)s, можно: %(span)s") if passed else _("У дома было %(local)s, а можно: %(span)s")
    return template % {"local": local, "span": span}


def _local(told: Mapping[str, Any]) -> str:
    return f"{datetime.fromisoformat(told['local']):%H:%M}" if told.get("local") else ""


def _own_hours(passed: bool, told: Mapping[str, Any]) -> str:
    if not told.get("since"):
        return _("Своих часов человек не называл")
    return _("Человек просил: с %(since)s до %(until)s") % {"since": told["since"], "until": told["until"]}


def _campaign_hours(passed: bool, told: Mapping[str, Any]) -> str:
    if not told.get("since"):
        return _("Своих часов у кампании нет")
    return _("Кампания звонит с %(since)s до %(until)s") % {"since": told["since"], "until": told["until"]}


def _cap(passed: bool, told: Mapping[str, Any]) -> str:
    names = {"day": _("за день"), "week": _("за неделю"), "month": _("за месяц")}
    counts = [
        _("%(count)s из %(most)s %(length)s") % {"count": told[key][0], "most": told[key][1], "length": name}
        for key, name in names.items()
        if told.get(key) and told[key][1] is not None
    ]
    kind = _("Звонков") if told.get("family") == "call" else _("Сообщений")
    return _("%(kind)s: %(counts)s") % {"kind": kind, "counts": ", ".join(counts) or _("без предела")}


def _cap_account(passed: bool, told: Mapping[str, Any]) -> str:
    return _("По счёту: %(counts)s") % {"counts": _cap(passed, told).lower()}


_TELLERS: dict[str, Callable[[bool, Mapping[str, Any]], str]] = {
    "campaign": _campaign,
    "paid": _paid,
    "done": _needed,
    "pause": _pause,
    "serious_request": _request,
    "feed_stale": _feed,
    "not_entitled": _entitled,
    "moved_away": _lives_there,
    "vulnerable": _vulnerable,
    "do_not_call": _quiet,
    "no_address": _known,
    "wrong_address": _right,
    "no_consent": _consent,
    "no_template": _template,
    "hours": _hours,
    "own_hours": _own_hours,
    "campaign_hours": _campaign_hours,
    "cap_person": _cap,
    "cap_account": _cap_account,
}


def passed_words(shown: Sequence[Shown]) -> str:
    """«Ещё 13 проверок пройдено»."""
    count = sum(one.passed for one in shown)
    return ngettext("%(count)s проверка пройдена", "%(count)s проверок пройдено", count) % {"count": count}
