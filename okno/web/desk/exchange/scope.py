"""What a person of the desk may open here: a file speaks of all houses, so it is for those who see all of them."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from okno.access.models import Membership
from okno.exchange.models import Import, PayerRule, QuarantinedRow, UnmatchedPayment
from okno.houses.visibility import visible_to
from okno.ledger.models import Account, PaymentFeed


def sees_files(membership: Membership) -> bool:
    """Whether files and money without an account may be shown: they name people of any house."""
    return membership.all_houses


def imports(membership: Membership) -> QuerySet[Import]:
    """The imports of the organisation; none for a sight narrowed to some houses."""
    if not sees_files(membership):
        return Import.objects.none()
    return Import.objects.filter(organisation_id=membership.organisation_id).select_related("organisation", "user")


def source(membership: Membership, pk: int) -> Import:
    """One of them; 404 for any other."""
    return get_object_or_404(imports(membership), pk=pk)


def rows(membership: Membership) -> QuerySet[QuarantinedRow]:
    """Bad rows of those imports."""
    if not sees_files(membership):
        return QuarantinedRow.objects.none()
    found = QuarantinedRow.objects.filter(organisation_id=membership.organisation_id)
    return found.select_related("source", "source__organisation", "decided_by")


def row(membership: Membership, pk: int) -> QuarantinedRow:
    """One of them; 404 for any other."""
    return get_object_or_404(rows(membership), pk=pk)


def payments(membership: Membership) -> QuerySet[UnmatchedPayment]:
    """Money without an account: it belongs to no house, so a narrowed sight has none."""
    if not sees_files(membership):
        return UnmatchedPayment.objects.none()
    found = UnmatchedPayment.objects.filter(organisation_id=membership.organisation_id)
    return found.select_related("source", "organisation", "account__flat__house", "decided_by")


def payment(membership: Membership, pk: int) -> UnmatchedPayment:
    """One of them; 404 for any other."""
    return get_object_or_404(payments(membership), pk=pk)


def rules(membership: Membership) -> QuerySet[PayerRule]:
    """What people decided once about a payer's money."""
    if not sees_files(membership):
        return PayerRule.objects.none()
    found = PayerRule.objects.filter(organisation_id=membership.organisation_id)
    return found.select_related("account__flat__house", "created_by")


def accounts(membership: Membership) -> QuerySet[Account]:
    """The accounts of the houses in sight."""
    return Account.objects.filter(
        organisation_id=membership.organisation_id, flat__house__in=visible_to(membership)
    ).select_related("flat__house")


def feeds(membership: Membership) -> QuerySet[PaymentFeed]:
    """The organisation's sources of payments: their freshness says nothing of any house."""
    return PaymentFeed.objects.filter(organisation_id=membership.organisation_id).order_by("name")
