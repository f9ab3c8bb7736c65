"""Which calls are listened to, the marks they get, and what the marks say of each scenario."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.actor import Actor
from okno.dialogs.models import Call, CallState, Listening, Speaker

UNSURE = 0.6
"""A turn heard less surely than this makes the call worth listening to."""
LONG_SECONDS = 150
"""A talk longer than this went in circles, or was worth it: both are worth listening to."""

CHECKLIST = {
    "greeted": gettext_lazy("Назвался роботом и сказал, от кого звонит"),
    "right_person": gettext_lazy("Проверил, с кем говорит, до того как сказать личное"),
    "understood": gettext_lazy("Понял, что сказал человек"),
    "answered": gettext_lazy("Ответил на то, о чём спросили"),
    "polite": gettext_lazy("Говорил вежливо и без давления"),
    "written": gettext_lazy("Записал верно: день, сумму, показания"),
    "person": gettext_lazy("Дал человека, когда его просили"),
}
"""What is marked: yes, no, or not applicable."""

WHY = {
    "complaint": gettext_lazy("жалоба"),
    "low_confidence": gettext_lazy("плохо расслышал"),
    "long": gettext_lazy("долгий разговор"),
    "person": gettext_lazy("выбран вручную"),
    "random": gettext_lazy("случайный"),
}
"""Why a call was drawn; the first that fits."""


def candidates(calls: QuerySet[Call]) -> QuerySet[Any]:
    """Calls that ended, were talked through and were not drawn yet."""
    return calls.filter(
        state=CallState.ENDED, answered_at__isnull=False, listening__isnull=True, seconds__gt=0
    ).annotate(least=Min("turns__confidence", filter=Q(turns__who=Speaker.PERSON)))


@transaction.atomic
def draw(actor: Actor, calls: QuerySet[Call], *, count: int, now: datetime) -> list[Listening]:
    """Draw `count` calls out of these: every other one at random, the rest complaints, badly heard and long ones.

    What one kind lacks is drawn at random. A call is drawn once.
    """
    waiting = list(candidates(calls).values_list("pk", "uid", "result", "least", "seconds").order_by("pk"))
    by_lot = sorted(waiting, key=lambda row: _lot(f"{row[1]}:{now:%Y-%m-%d}"))
    special = [
        ("complaint", [row for row in by_lot if row[2] == "complaint"]),
        ("low_confidence", sorted((row for row in by_lot if (row[3] or 1) < UNSURE), key=lambda row: row[3])),
        ("long", sorted((row for row in by_lot if row[4] >= LONG_SECONDS), key=lambda row: -row[4])),
    ]  # fmt: skip
    taken: dict[int, str] = {}
    for why, rows in special:
        for row in rows[: count // 2 // len(special) + 1]:
            if len(taken) < count // 2:
                taken.setdefault(row[0], why)
    for row in by_lot:
        if len(taken) >= count:
            break
        taken.setdefault(row[0], "random")
    drawn = [_drawn(pk, why, now) for pk, why in taken.items()]
    if drawn:
        trail.record(
            actor,
            "calls.drawn",
            _("Отобраны звонки для прослушивания: %(count)s") % {"count": len(drawn)},
            detail={"calls": sorted(taken)},
        )
    return drawn


def _lot(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _drawn(call_id: int, why: str, now: datetime) -> Listening:
    return Listening.objects.get_or_create(call_id=call_id, defaults={"drawn_at": now, "drawn_why": why})[0]


class BadMarks(ValueError):
    """The marks are not of the checklist."""


@transaction.atomic
def mark(actor: Actor, call: Call, marks: Mapping[str, int | None], comment: str, now: datetime) -> Listening:
    """Keep what the listener found; marks given again replace the former ones. Raises `BadMarks`."""
    if set(marks) != set(CHECKLIST) or not set(marks.values()) <= {0, 1, None}:
        raise BadMarks(_("Отметьте каждую строку: да, нет или не было."))
    found, _made = Listening.objects.select_for_update().get_or_create(
        call=call, defaults={"drawn_at": now, "drawn_why": "person"}
    )
    found.listener, found.listened_at, found.marks, found.comment = actor.user, now, dict(marks), comment.strip()
    found.save()
    trail.record(
        actor,
        "call.marked",
        _("Звонок № %(number)s прослушан, оценка %(score)s") % {"number": call.pk, "score": score_text(marks)},
        subject=("call", call.pk),
        reason=comment.strip()[:200],
    )
    return found


def score(marks: Mapping[str, int | None]) -> float | None:
    """The share of what was right among what was to be judged; None when nothing was."""
    judged = [value for value in marks.values() if value is not None]
    return sum(judged) / len(judged) if judged else None


def score_text(marks: Mapping[str, int | None]) -> str:
    """«5 из 6»."""
    judged = [value for value in marks.values() if value is not None]
    return _("%(good)s из %(all)s") % {"good": sum(judged), "all": len(judged)}


@dataclass(frozen=True, slots=True)
class Marked:
    """What listening says of one scenario: by item, (right, judged)."""

    scenario: str
    listened: int
    waiting: int
    items: dict[str, tuple[int, int]]

    @property
    def share(self) -> float | None:
        judged = sum(whole for _good, whole in self.items.values())
        return sum(good for good, _whole in self.items.values()) / judged if judged else None


def by_scenario(listenings: QuerySet[Listening]) -> list[Marked]:
    """The marks of these by scenario, the worst first; scenarios that wait for their first mark come last."""
    counted = {
        name: (listened, waiting)
        for name, listened, waiting in listenings.values_list("call__scenario")
        .annotate(
            listened=Count("pk", filter=Q(listened_at__isnull=False)),
            waiting=Count("pk", filter=Q(listened_at__isnull=True)),
        )
        .order_by()
    }
    items: dict[str, dict[str, list[int]]] = defaultdict(lambda: {item: [0, 0] for item in CHECKLIST})
    for scenario, marks in _marks(listenings):
        for item, value in marks.items():
            if item in CHECKLIST and value is not None:
                items[scenario][item][0] += value
                items[scenario][item][1] += 1
    told = [
        Marked(name, listened, waiting, {item: (good, whole) for item, (good, whole) in items[name].items()})
        for name, (listened, waiting) in counted.items()
    ]
    return sorted(told, key=lambda one: (one.share is None, one.share or 0, one.scenario))


def _marks(listenings: QuerySet[Listening]) -> Iterator[tuple[str, dict[str, int | None]]]:
    yield from listenings.filter(listened_at__isnull=False).values_list("call__scenario", "marks").iterator()
