"""The norms of the country as they stand in the program: values, days, sources, and which nobody has checked."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.common import clock
from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import InForce, Parameter, Rule, Value
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

SOON = timedelta(days=60)

UNITS = {
    "years": lambda value: ngettext("%(count)s год", "%(count)s лет", value) % {"count": value},
    "day of month": lambda value: _("%(day)s-е число") % {"day": value},
    "yes or no": lambda value: _("да") if value else _("нет"),
}

STEPS = {
    "stated_period": gettext_lazy("период, который назвал плательщик"),
    "oldest_not_time_barred": gettext_lazy("самый старый долг, не погашенный давностью"),
    "oldest": gettext_lazy("самый старый долг"),
    "advance": gettext_lazy("аванс"),
    "principal": gettext_lazy("основной долг"),
    "penalty": gettext_lazy("пеня"),
    "proportionally": gettext_lazy("пропорционально"),
}

READINGS = {
    "letter": gettext_lazy("по письму министерства: счёт за февраль"),
    "law": gettext_lazy("по тексту закона: счёт за март"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One value or wording with its days and its source."""

    text: str
    since: date
    until: date | None
    source: str
    verified: bool
    basis: str
    note: str
    now: bool
    future: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One norm: its title and editions, the newest first."""

    name: str
    title: str
    topic: str
    editions: list[Edition]
    checked_on: date
    ends_soon: date | None

    @property
    def unverified(self) -> bool:
        return any(one.now and not one.verified for one in self.editions)


@page("settings.view")
def law(request: Request) -> HttpResponse:
    country = request.organisation.country
    pack(country)
    today = clock.today(request.organisation.time_zone)
    norms = [_norm(one, today) for one in dated.listed() if one.name.startswith(f"{country}.")]
    context = {
        "sections": sections(request, "desk:law"),
        "norms": norms,
        "unverified": sum(norm.unverified for norm in norms),
        "soon": [norm for norm in norms if norm.ends_soon],
        "country": request.organisation.get_country_display(),
        "today": today,
    }
    return render(request, "desk/settings/law.html", context)


def _norm(one: Parameter | Rule[..., Any], today: date) -> Norm:
    entries: list[InForce] = list(one.values if isinstance(one, Parameter) else one.wordings)
    entries.sort(key=lambda entry: entry.since, reverse=True)
    holding = next((entry for entry in entries if entry.holds(today)), None)
    last = dated.last_day_of(one)
    return Norm(
        name=one.name,
        title=one.title.get(words.language()) or one.title["ru"],
        topic=one.name.split(".")[1],
        editions=[
            Edition(
                text=_text(one, entry),
                since=entry.since,
                until=entry.until,
                source=entry.source,
                verified=entry.verified,
                basis=entry.basis,
                note=entry.note,
                now=entry is holding,
                future=entry.since > today,
            )
            for entry in entries
        ],
        checked_on=one.checked_on,
        ends_soon=last if last is not None and today <= last <= today + SOON else None,
    )


def _text(one: Parameter | Rule[..., Any], entry: InForce) -> str:
    if isinstance(entry, Value) and isinstance(one, Parameter):
        return value_text(entry.value, one.unit)
    return _("редакция с %(day)s") % {"day": words.day_text(entry.since)}


def value_text(value: Any, unit: str) -> str:
    """A value of a norm in words."""
    if value is None:
        return _("не ограничено") if unit == "contacts" else _("никого не беспокоить")
    if isinstance(value, dict) and "opens" in value:
        return _("с %(opens)s до %(closes)s") % value
    if isinstance(value, dict):
        told = {key: "—" if count is None else count for key, count in value.items()}
        return _("в день %(day)s, в неделю %(week)s, в месяц %(month)s") % told if "week" in told else _pairs(told)
    if isinstance(value, list | tuple):
        return " → ".join(_pairs(step) if isinstance(step, dict) else str(STEPS.get(step, step)) for step in value)
    return str(UNITS[unit](value)) if unit in UNITS else str(READINGS.get(value, value))


def _pairs(told: dict[str, Any]) -> str:
    if "since" in told:
        return _("с %(since)s по %(until)s") % {"since": told["since"], "until": told.get("until") or "…"}
    return ", ".join(f"{key}: {value}" for key, value in told.items())
