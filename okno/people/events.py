"""People in the journal: consents given and withdrawn, and what was changed about a person of an account's flat."""

from collections.abc import Iterable
from datetime import datetime, time
from heapq import merge
from itertools import islice
from operator import attrgetter
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.events import action_events
from okno.access.models import Action
from okno.common.journal import Event, Subject
from okno.people.models import Channel, Consent, Occupancy

SOURCE = "people"

EVENT_KINDS = {"consent.given": gettext_lazy("Согласия"), "consent.withdrawn": gettext_lazy("Отзывы согласий")}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """Events of the people of an account's flat (or of one person), the newest first."""
    people = _people(subject)
    if people is None:
        return ()
    consents = Consent.objects.filter(organisation_id=subject.organisation_id, person__in=people)
    if before is not None:
        consents = consents.filter(on__lte=before.date())
    rows = consents.select_related("person", "organisation").order_by("-on", "-pk")[: limit + 1]
    told = sorted(map(_consent, rows), key=attrgetter("at"), reverse=True)
    streams = [[event for event in told if before is None or event.at < before]]
    if subject.kind == "account":
        # The trail tells a person's own lines to the person's journal; here they are wanted for the account.
        lines = Action.objects.filter(
            organisation_id=subject.organisation_id, subject_kind="person", subject_id__in=people
        ).exclude(verb="person.consent")
        streams.append(list(action_events(lines, before=before, limit=limit)))
    return islice(merge(*streams, key=attrgetter("at"), reverse=True), limit)


def _people(subject: Subject) -> list[int] | None:
    if subject.kind == "person":
        return [subject.id]
    if subject.kind == "account":
        rows = Occupancy.objects.filter(organisation_id=subject.organisation_id, flat__accounts=subject.id)
        return list(rows.values_list("person_id", flat=True).distinct())
    return None


def _consent(row: Consent) -> Event:
    sentence = _("Согласие: %(channel)s") if row.given else _("Отзыв согласия: %(channel)s")
    return Event(
        at=_moment(row),
        kind="consent.given" if row.given else "consent.withdrawn",
        title=sentence % {"channel": Channel(row.channel).label},
        source=SOURCE,
        ref=f"consent:{row.pk}",
        detail={"person": row.person.full_name, "origin": row.source},
        tone="neutral" if row.given else "warning",
    )


def _moment(row: Consent) -> datetime:
    """A consent has a day only: it stands at noon of it, but never later than it was written down."""
    noon = datetime.combine(row.on, time(12), ZoneInfo(row.organisation.time_zone))
    return min(noon, row.recorded_at)
