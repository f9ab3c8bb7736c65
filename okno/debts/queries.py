"""What the debt pages read: open cases as a list, totals by age for the tiles, one account's case.

`houses` is what the reader may see (`houses.visibility.visible_to`); nothing here decides that by itself.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from okno.access.models import Organisation
from okno.debts.models import Case, CaseState
from okno.houses.models import House
from okno.ledger.ages import AGES
from okno.ledger.models import Payment, PaymentKind
from okno.outreach.models import Contact, ContactState
from okno.people.models import Occupancy, Phone

LEFT = [
    ContactState.SENDING,
    ContactState.SENT,
    ContactState.DELIVERED,
    ContactState.FAILED,
    ContactState.UNKNOWN,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The open cases of the houses seen: how many, how much, by age (counts and sums by `ages.AGES`)."""

    debtors: int
    debt_minor: int
    sum_by_age: dict[str, int]
    count_by_age: dict[str, int]


def debtors(organisation: Organisation, houses: QuerySet[House]) -> QuerySet[Case]:
    """Open cases of the houses, each with account, flat and house at hand and annotated with

    `saldo_minor`, `last_payment_on`, `last_payment_minor`, `last_contact_at`, `last_contact_state`,
    `last_contact_channel` (of those that left), `has_phone`. To be ordered, filtered and paged by the list; the
    annotations are looked up for the rows of a page only.
    """
    payments = Payment.objects.filter(account=OuterRef("account"), kind=PaymentKind.PAYMENT, reversed_by=None).order_by(
        "-value_on", "-id"
    )
    contacts = Contact.objects.filter(account=OuterRef("account"), state__in=LEFT).order_by("-changed_at")
    phones = Phone.objects.filter(
        is_wrong=False,
        person__in=Occupancy.objects.filter(flat=OuterRef(OuterRef("account__flat")), until=None).values("person"),
    )
    return (
        seen(organisation, houses)
        .select_related("account__flat__house")
        .annotate(
            saldo_minor=F("account__balance__open_minor") - F("account__balance__advance_minor"),
            last_payment_on=Subquery(payments.values("value_on")[:1]),
            last_payment_minor=Subquery(payments.values("amount_minor")[:1]),
            last_contact_at=Subquery(contacts.values("changed_at")[:1]),
            last_contact_state=Subquery(contacts.values("state")[:1]),
            last_contact_channel=Subquery(contacts.values("channel")[:1]),
            has_phone=Exists(phones),
        )
    )


def seen(organisation: Organisation, houses: QuerySet[House]) -> QuerySet[Case]:
    """Open cases of the organisation in these houses."""
    return Case.objects.filter(
        organisation=organisation, state=CaseState.OPEN, account__flat__house__in=houses.values("pk")
    )


def totals(organisation: Organisation, houses: QuerySet[House]) -> Totals:
    """The sums of the open cases in these houses, as of the last posting or cycle; one query."""
    found = seen(organisation, houses).aggregate(
        debtors=Count("pk"),
        debt=Coalesce(Sum("debt_minor"), 0),
        **{f"{age}_sum": Coalesce(Sum(f"{age}_minor"), 0) for age in AGES},
        **{f"{age}_count": Count("pk", filter=Q(**{f"{age}_minor__gt": 0})) for age in AGES},
    )
    return Totals(
        debtors=found["debtors"],
        debt_minor=int(found["debt"]),
        sum_by_age={age: int(found[f"{age}_sum"]) for age in AGES},
        count_by_age={age: found[f"{age}_count"] for age in AGES},
    )
