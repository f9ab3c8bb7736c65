"""The plan of a day: whose step asks for a contact today, by family of channels, and has not got it yet.

A step asks on the day a case comes to it and every so many days after; the night writes the latest such day into the
case. Until a contact of the family is made the case stays in the plan, so a day without a campaign loses nothing.
"""

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from okno.access.models import Organisation
from okno.debts import ladder
from okno.debts.cases import CAUSE
from okno.debts.models import Case, CaseState
from okno.law.contact import Family
from okno.outreach.limits import FAMILY
from okno.outreach.models import Contact, ContactState

NOT_MADE = (ContactState.REFUSED, ContactState.WITHDRAWN, ContactState.FAILED)
"""A contact that ended so has told nobody anything: the plan still asks for it."""


def asked(organisation: Organisation, day: date, family: Family) -> QuerySet[Case]:
    """Open cases whose step asks for a contact of the family by `day` and that none was made for since it did."""
    codes = [step.code for step in ladder.in_force(organisation, day) if family in step.families]
    made = (
        Contact.objects.filter(
            organisation=organisation,
            account=OuterRef("account"),
            cause=CAUSE,
            cause_id=OuterRef("pk"),
            channel__in=[channel for channel, its in FAMILY.items() if its == family],
        )
        .exclude(state__in=NOT_MADE)
        .alias(made_on=TruncDate("created_at", tzinfo=ZoneInfo(organisation.time_zone)))
        .filter(made_on__gte=OuterRef("contact_on"))
    )
    return Case.objects.filter(
        ~Exists(made), organisation=organisation, state=CaseState.OPEN, contact_on__lte=day, step__in=codes
    )
