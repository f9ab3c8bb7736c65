"""The ledger's jobs: what a page defers and a worker does."""

from datetime import date

from okno.access.actor import Actor, acting, process
from okno.access.models import Organisation, User
from okno.common import clock
from okno.jobs import queue
from okno.ledger.penalties.posting import MonthRefused, post_month


@queue.task("ledger.post_penalties")
def post_penalties(organisation_id: int, month: str, user_id: int | None) -> None:
    """Post a month of penalties. What stopped it stands on the month's row (`PenaltyMonth.failure`)."""
    organisation = Organisation.objects.get(pk=organisation_id)
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    actor = process(organisation, "okno")
    if user is not None:
        membership = user.memberships.filter(organisation=organisation).first()
        actor = Actor(organisation=organisation, user=user, membership=membership, name=user.name)
    with acting(actor, source="ledger.post_penalties"):
        try:
            post_month(actor, date.fromisoformat(month), today=clock.today(organisation.time_zone))
        except MonthRefused:
            # Nothing was posted, or the rest follows when it is begun again.
            return


def defer_post_penalties(organisation: Organisation, month: date, user: User | None) -> None:
    """Have a worker post the month, once the caller's transaction is committed.

    How far it has come stands on the month's row, and the topic "penalties" tells when it has gone on.
    """
    queue.defer(
        "ledger.post_penalties",
        lock=f"penalties:{organisation.pk}",
        queueing_lock=f"ledger.post_penalties:{organisation.pk}:{month:%Y-%m}",
        organisation_id=organisation.pk,
        month=month.isoformat(),
        user_id=user.pk if user else None,
    )
