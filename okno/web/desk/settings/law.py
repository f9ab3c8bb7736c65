"""The norms of the country as they stand in the program: what holds today, what is missing, what ends soon."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import clock
from okno.law import dated, upkeep
from okno.law.countries import pack
from okno.law.dated import InForce, Parameter, Rule, Value
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.norms import TOPICS, topic_title, value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One value or wording with its days and its source. `key` says whose it is where each has its own."""

    text: str
    since: date
    until: date | None
    known_since: date | None
    source: str
    verified: bool
    basis: str
    note: str
    key: str
    entered: bool
    now: bool
    future: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One norm: its title and editions, the newest first."""

    name: str
    title: str
    topic: str
    url: str
    editions: list[Edition]
    checked_on: date
    #: Why nothing holds any more and nothing needs to; empty where that is not so.
    over: str
    keyed: str

    @property
    def now(self) -> Edition | None:
        """What holds today; None when nothing does."""
        return next((one for one in self.editions if one.now), None)

    @property
    def unverified(self) -> bool:
        return self.now is not None and not self.now.verified


@page("settings.view")
def law(request: Request) -> HttpResponse:
    """Every norm of the organisation's country, by topic."""
    country = request.organisation.country
    today = clock.today(request.organisation.time_zone)
    norms = norms_of(country, today)
    context: dict[str, Any] = {
        "sections": sections(request, "desk:law"),
        "topics": _by_topic(norms),
        "norms": norms,
        "unverified": sum(norm.unverified for norm in norms),
        "remarks": attention(country, today),
        "country": request.organisation.get_country_display(),
        "today": today,
    }
    return render(request, "desk/settings/law.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A norm that needs somebody's eyes: what is the matter, and whether a figure may be refused today."""

    title: str
    text: str
    url: str
    serious: bool


TOLD = {
    "missing": gettext_lazy(
        "список не введён. Пока считается так, будто в нём никого, и строки помечены «не проверено»."
    ),
    "unknown": gettext_lazy("значения никто не ввёл. Где оно понадобится, суммы не будет."),
    "ended": gettext_lazy("известно только по %(day)s. Где значение нужно, суммы нет."),
    "ends soon": gettext_lazy("известно по %(day)s. Введите следующее, когда его узнаете."),
    "not looked at": gettext_lazy("с источником не сверяли больше года, с %(checked)s."),
}


def attention(country: str, today: date) -> list[Attention]:
    """What in the country's norms needs somebody's eyes, what is missing first."""
    by_name = {norm.name: norm for norm in dated.listed()}
    found = []
    for remark in sorted(upkeep.remarks(today, (country,)), key=lambda remark: not remark.serious):
        norm = by_name[remark.name]
        last = dated.last_day_of(norm)
        days = {
            "day": words.day_text(last) if last else "",
            "checked": words.day_text(norm.checked_on),
        }
        found.append(
            Attention(
                title=norm.title.get(words.language()) or norm.title["ru"],
                text=str(TOLD[remark.kind]) % days,
                url=reverse("desk:norm", args=[norm.name]),
                serious=remark.serious,
            )
        )
    return found


def norms_of(country: str, today: date) -> list[Norm]:
    """The norms of a country."""
    pack(country)
    return [told(one, today) for one in dated.listed() if one.name.startswith(f"{country}.")]


def _by_topic(norms: list[Norm]) -> list[tuple[str, list[Norm]]]:
    order = {topic: place for place, topic in enumerate(TOPICS)}
    found: dict[str, list[Norm]] = {}
    for norm in sorted(norms, key=lambda norm: (order.get(norm.topic, len(order)), norm.name)):
        found.setdefault(topic_title(norm.topic), []).append(norm)
    return list(found.items())


def told(one: Parameter | Rule[..., Any], today: date) -> Norm:
    """A norm as the page shows it."""
    entries: list[InForce] = list(one.values if isinstance(one, Parameter) else one.wordings)
    entries.sort(key=lambda entry: (entry.since, entry.known_since or entry.since), reverse=True)
    holding = {id(entry) for entry in _holding(entries, today)}
    return Norm(
        name=one.name,
        title=one.title.get(words.language()) or one.title["ru"],
        topic=one.name.split(".")[1],
        url=reverse("desk:norm", args=[one.name]),
        editions=[_edition(one, entry, today, now=id(entry) in holding) for entry in entries],
        checked_on=one.checked_on,
        over=one.over if isinstance(one, Parameter) else "",
        keyed=one.keyed if isinstance(one, Parameter) else "",
    )


def _holding(newest_first: list[InForce], today: date) -> Iterator[InForce]:
    """What holds today: of what has begun the latest, unless it has ended; each key for itself."""
    seen = set()
    for entry in newest_first:
        key = entry.key if isinstance(entry, Value) else ""
        if entry.since <= today and key not in seen:
            seen.add(key)
            if entry.holds(today):
                yield entry


def _edition(one: Parameter | Rule[..., Any], entry: InForce, today: date, *, now: bool) -> Edition:
    return Edition(
        text=_text(one, entry),
        since=entry.since,
        until=entry.until,
        known_since=entry.known_since,
        source=entry.source,
        verified=entry.verified,
        basis=entry.basis,
        note=entry.note,
        key=entry.key if isinstance(entry, Value) else "",
        entered=entry.entered,
        now=now,
        future=entry.since > today,
    )


def _text(one: Parameter | Rule[..., Any], entry: InForce) -> str:
    if isinstance(entry, Value) and isinstance(one, Parameter):
        return value_text(entry.value, one.unit)
    return _("редакция с %(day)s") % {"day": words.day_text(entry.since)}
