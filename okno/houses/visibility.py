"""Which houses a person may see: the one place that decides."""

from django.db.models import Q, QuerySet

from okno.access.models import Membership
from okno.houses.models import House


def visible_to(membership: Membership | None) -> QuerySet[House]:
    """The houses of the membership's organisation, narrowed to its scope; none without a membership."""
    if membership is None:
        return House.objects.none()
    houses = House.objects.filter(organisation_id=membership.organisation_id)
    if membership.all_houses:
        return houses
    return houses.filter(Q(pk__in=membership.houses.values("house_id")))
