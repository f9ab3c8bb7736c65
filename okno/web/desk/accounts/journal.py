"""The journal as the desk shows it: chips by sort, a period, pages, refusals with every check, a file of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Membership
from okno.access.roles import may
from okno.common import days, journal
from okno.common.journal import Event, Subject
from okno.ledger.models import Allocation
from okno.outreach.models import Permit
from okno.people.models import Channel
from okno.web.parts import checks as gate_checks
from okno.web.parts import words

PAGE = 40

#: Sorts of events by the first word of their kind.
SORTS: dict[str, tuple[str | Promise, str, frozenset[str]]] = {
    "money": (
        gettext_lazy("Деньги"),
        "banknote",
        frozenset({"bill", "payment", "recalculation", "penalty", "opening", "reversal"}),
    ),
    "contacts": (
        gettext_lazy("Контакты"),
        "send",
        frozenset({"contact", "permit", "message", "sms", "email", "letter", "call", "campaign"}),
    ),
    "debts": (gettext_lazy("Долги"), "hand-coins", frozenset({"case", "debt", "plan", "promise", "dispute"})),
    "people": (gettext_lazy("Люди"), "users", frozenset({"consent", "person", "phone"})),
    "notes": (gettext_lazy("Записи"), "sticky-note", frozenset({"note"})),
    "actions": (gettext_lazy("Действия"), "history", frozenset({"action", "import", "view"})),
}

#: Whose events need more than the right to see accounts.
_NEEDS = {"contacts": "outreach.view", "debts": "debts.view"}

SOURCES: dict[str, str | Promise] = {
    "ledger": gettext_lazy("книга счетов"),
    "outreach": gettext_lazy("обращения"),
    "debts": gettext_lazy("долги"),
    "people": gettext_lazy("люди"),
    "trail": gettext_lazy("журнал действий"),
    "exchange": gettext_lazy("обмен"),
    "promises": gettext_lazy("обещания"),
    "calls": gettext_lazy("звонки"),
    "requests": gettext_lazy("заявки"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event with what belongs under it: sentences, the checks of a refusal, the words that left."""

    event: Event
    amount_minor: int | None
    source: str
    lines: list[str]
    refused: bool = False
    checks: list[gate_checks.Shown] = field(default_factory=list)
    passed: str = ""
    said: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A sort of events: shown alone when pressed."""

    title: str | Promise
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """A page of the journal and where the next one is."""

    here: str
    lines: list[Line]
    chips: list[Chip]
    more: str
    since: str
    until: str
    sort: str
    narrowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of the journal is wanted; days are inclusive, in the organisation's time zone."""

    sort: str = ""
    since: date | None = None
    until: date | None = None
    before: datetime | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """Out of an address; what cannot be read narrows nothing."""
        sort = query.get("sort", "")
        return cls(
            sort=sort if sort in SORTS else "",
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            before=_moment(query.get("before", "")),
        )

    def query(self, **changes: str) -> str:
        told = {
            "sort": self.sort,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            **changes,
        }
        return "?" + urlencode({key: value for key, value in told.items() if value})


def _day(text: str) -> date | None:
    try:
        return days.parse_day(text) if text.strip() else None
    except days.NotADay:
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def page(membership: Membership, subject: Subject, asked: Asked, *, url: str, more_url: str) -> JournalPage:
    """A page of the subject's journal as far as this person may see it."""
    events, last = read(membership, subject, asked, limit=PAGE)
    chips = [
        Chip(title=_("Всё"), icon="", url=f"{url}{asked.query(sort='')}", current=not asked.sort),
        *(
            Chip(title=title, icon=icon, url=f"{url}{asked.query(sort=key)}", current=asked.sort == key)
            for key, (title, icon, _kinds) in SORTS.items()
            if key not in _NEEDS or may(membership, _NEEDS[key])
        ),
    ]
    return JournalPage(
        here=url,
        lines=explained(membership, subject, events),
        chips=chips,
        more=f"{more_url}{asked.query(before=last.isoformat())}" if last else "",
        since=asked.since.isoformat() if asked.since else "",
        until=asked.until.isoformat() if asked.until else "",
        sort=asked.sort,
        narrowed=bool(asked.sort or asked.since or asked.until),
    )


def read(membership: Membership, subject: Subject, asked: Asked, *, limit: int) -> tuple[list[Event], datetime | None]:
    """About `limit` events and the moment before which the next ones lie (None: there are no more).

    Events of one moment are never parted, so a page may be longer.
    """
    zone = ZoneInfo(membership.organisation.time_zone)
    before, since = asked.before, None
    if asked.until is not None:
        end = datetime.combine(asked.until + timedelta(days=1), time(), zone)
        before = min(before, end) if before else end
    if asked.since is not None:
        since = datetime.combine(asked.since, time(), zone)
    wanted = _wanted(membership, asked.sort)
    found: list[Event] = []
    while True:
        piece, follow = _whole_moments(subject, before, limit)
        for event in piece:
            if since is not None and event.at < since:
                return found, None
            if event.kind.partition(".")[0] in wanted:
                found.append(event)
        if not follow:
            return found, None
        before = piece[-1].at
        if len(found) >= limit:
            return found, before


def _whole_moments(subject: Subject, before: datetime | None, limit: int) -> tuple[list[Event], bool]:
    """The newest events, at most `limit` unless more share one moment, and whether older ones follow."""
    while True:
        events = journal.read(subject, before=before, limit=limit + 1)
        if len(events) <= limit:
            return events, False
        border = next((place for place in range(limit, 0, -1) if events[place - 1].at != events[place].at), 0)
        if border:
            return events[:border], True
        limit *= 2


def _wanted(membership: Membership, sort: str) -> "frozenset[str] | _Every":
    allowed = {key for key in SORTS if key not in _NEEDS or may(membership, _NEEDS[key])}
    if sort:
        return SORTS[sort][2] if sort in allowed else frozenset()
    return _Every(without=frozenset().union(*(SORTS[key][2] for key in SORTS.keys() - allowed)))


@dataclass(frozen=True, slots=True)
class _Every:
    """Every sort of event but these."""

    without: frozenset[str]

    def __contains__(self, word: str) -> bool:
        return word not in self.without


# What stands under an event.


def explained(membership: Membership, subject: Subject, events: Sequence[Event]) -> list[Line]:
    """The events with their details in words; two queries for the whole page."""
    refs = _refs(events)
    permits = _decisions(membership, refs)
    shares = _shares(subject, refs)
    return [_line(event, permits, shares) for event in events]


def _refs(events: Sequence[Event]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for event in events:
        kind, _colon, pk = event.ref.partition(":")
        if pk.isdigit():
            found.setdefault(kind, []).append(int(pk))
    return found


def _decisions(membership: Membership, refs: Mapping[str, list[int]]) -> dict[str, Permit]:
    """Decisions of the gate by the refs that events name them by."""
    if "permit" not in refs:
        return {}
    rows = Permit.objects.filter(organisation_id=membership.organisation_id, pk__in=refs["permit"])
    return {f"permit:{row.pk}": row for row in rows}


def _shares(subject: Subject, refs: Mapping[str, list[int]]) -> dict[str, list[str]]:
    """What a payment went to and what paid a bill, a phrase each."""
    payments, bills = refs.get("payment", []), refs.get("bill", [])
    if subject.kind != "account" or not (payments or bills):
        return {}
    moved = (
        Allocation.objects.filter(account_id=subject.id)
        .values("payment_id", "payment__value_on", "bill_id", "bill__month")
        .annotate(minor=Sum("amount_minor"))
        .exclude(minor=0)
        .order_by("bill__month", "payment__value_on")
    )
    found: dict[str, list[str]] = {}
    for row in moved:
        money = words.money_text(row["minor"])
        to = _("%(month)s — %(sum)s") % {"month": words.month_text(row["bill__month"]), "sum": money}
        by = _("%(day)s — %(sum)s") % {"day": words.day_text(row["payment__value_on"]), "sum": money}
        found.setdefault(f"payment:{row['payment_id']}", []).append(to)
        found.setdefault(f"bill:{row['bill_id']}", []).append(by)
    return found


def _line(event: Event, permits: Mapping[str, Permit], shares: Mapping[str, list[str]]) -> Line:
    permit, amount = permits.get(event.ref), event.amount_minor
    refused = permit is not None and not permit.allowed
    shown = gate_checks.in_words(permit.checks) if permit else []
    return Line(
        event=event,
        # A title that tells the sum itself needs it no second time.
        amount_minor=None if amount is not None and words.money_text(amount) in event.title else amount,
        source=str(SOURCES.get(event.source, event.source)),
        lines=[*_money_lines(event, shares.get(event.ref, [])), *_other_lines(event)],
        refused=refused,
        checks=shown,
        passed=gate_checks.passed_words(shown) if shown else "",
        said=str(event.detail.get("text", "")) if event.kind == "message.sent" else "",
        subject=str(event.detail.get("subject", "")) if event.kind == "message.sent" else "",
    )


def _money_lines(event: Event, shares: Sequence[str]) -> list[str]:
    if event.kind.endswith(".reversed"):
        return []
    side, lines = event.ref.partition(":")[0], []
    if shares:
        paid = _("Оплатил: %(shares)s") if side == "payment" else _("Чем оплачено: %(shares)s")
        lines.append(paid % {"shares": "; ".join(shares)})
    rest = event.detail.get("open_minor")
    if isinstance(rest, int) and rest > 0:
        told = {"sum": words.money_text(rest)}
        lines.append(_("Не оплачено %(sum)s") % told if side == "bill" else _("Аванс, ещё не разнесён: %(sum)s") % told)
    return lines


_PLAIN = {
    "reason": "",
    "purpose": gettext_lazy("слова плательщика"),
    "origin": gettext_lazy("источник"),
    "person": "",
    "address": gettext_lazy("Куда"),
    "channel": gettext_lazy("Канал"),
    "campaign": gettext_lazy("Рассылка"),
    "why": gettext_lazy("Почему"),
    "state": gettext_lazy("Состояние"),
}
"""Details that are shown as they are, by their names; others are for machines."""


def _other_lines(event: Event) -> list[str]:
    told = [
        f"{title}: {_plain(name, event.detail[name])}" if title else _plain(name, event.detail[name])
        for name, title in _PLAIN.items()
        if event.detail.get(name) not in (None, "")
    ]
    posted = event.detail.get("posted_at")
    if isinstance(posted, datetime) and abs(posted - event.at) > timedelta(days=1):
        told.append(_("проведено %(moment)s") % {"moment": words.moment_text(posted)})
    return [" · ".join(told)] if told else []


def _plain(name: str, value: Any) -> str:
    return str(Channel(value).label) if name == "channel" and value in Channel.values else str(value)


def rows_for_file(membership: Membership, subject: Subject, asked: Asked) -> list[list[Any]]:
    """The whole journal under these conditions, a row an event: moment, what, sum, who, source, details."""
    events: list[Event] = []
    told: Asked | None = asked
    while told is not None:
        piece, last = read(membership, subject, told, limit=500)
        events += piece
        told = Asked(sort=asked.sort, since=asked.since, until=asked.until, before=last) if last else None
    rows = []
    for line in explained(membership, subject, events):
        refusals = [f"{one.text} ({one.norm or one.ground})" for one in line.checks if not one.passed]
        rows.append(
            [
                line.event.at,
                line.event.title,
                line.event.amount_minor,
                line.event.actor or "",
                line.source,
                "; ".join([*line.lines, *refusals, *([line.said] if line.said else [])]),
            ]
        )
    return rows
