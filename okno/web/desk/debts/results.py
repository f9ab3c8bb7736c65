"""What becomes of a campaign: how many wait, left, were refused and why; counted for the houses in sight."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.urls import reverse

from okno.access.models import Membership, Organisation
from okno.common import clock
from okno.houses.visibility import visible_to
from okno.ledger.models import PaymentFeed
from okno.outreach import words
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.outreach.policies import FEED_FRESH_HOURS
from okno.web.desk.debts import marks
from okno.web.parts.cells import Badge

ON_THE_WAY = (ContactState.WAITING, ContactState.PERMITTED, ContactState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Contacts that stand alike, and where their list is."""

    badge: Badge
    count: int
    share: float
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A reason and how many it holds back."""

    words: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A payment feed that is too old for anybody to be reminded."""

    name: str
    covers_until: datetime | None
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A campaign now. `over` says that nothing is on the way any more."""

    total: int
    piles: list[Pile]
    refused: list[Why]
    waiting: list[Why]
    on_the_way: int
    done: int
    over: bool
    starts_at: datetime | None
    stale: list[Stale]


def of(campaign: Campaign, membership: Membership) -> Result:
    """Count the campaign's contacts in the houses this person sees; two queries, a third for the feeds."""
    contacts = Contact.objects.filter(campaign=campaign)
    if not membership.all_houses:
        contacts = contacts.filter(account__flat__house__in=visible_to(membership).values("pk"))
    counted = list(contacts.values_list("state", "state_why").annotate(count=Count("pk")).order_by())
    by_state: dict[str, int] = {}
    for state, _why, count in counted:
        by_state[state] = by_state.get(state, 0) + count
    total = sum(by_state.values())
    here = f"{reverse('desk:contacts')}?campaign={campaign.pk}"
    now = clock.now()
    pending = campaign.start_after is not None and campaign.start_after > now
    return Result(
        total=total,
        piles=[
            Pile(
                badge=marks.state(state),
                count=by_state.get(state, 0),
                share=by_state.get(state, 0) / total if total else 0.0,
                url=f"{here}&state={state}",
            )
            for state in ContactState.values
            if by_state.get(state) or state in (ContactState.WAITING, ContactState.SENT, ContactState.REFUSED)
        ],
        refused=_whys(counted, ContactState.REFUSED, here),
        waiting=_whys(counted, ContactState.WAITING, here),
        on_the_way=sum(by_state.get(state, 0) for state in ON_THE_WAY),
        done=total - sum(by_state.get(state, 0) for state in ON_THE_WAY),
        over=not any(by_state.get(state) for state in ON_THE_WAY),
        starts_at=campaign.start_after if pending and campaign.state == CampaignState.RUNNING else None,
        stale=stale_feeds(campaign.organisation, now),
    )


def _whys(counted: list[tuple[str, str, int]], state: str, here: str) -> list[Why]:
    found = [
        Why(words=words.reason(why), count=count, url=f"{here}&state={state}&why={why}")
        for kept, why, count in counted
        if kept == state and why
    ]
    return sorted(found, key=lambda one: -one.count)


def stale_feeds(organisation: Organisation, now: datetime) -> list[Stale]:
    """The awaited feeds whose payments are older than the organisation's policy allows."""
    feeds = PaymentFeed.objects.filter(organisation=organisation, expected=True).select_related(
        "organisation__contact_policy"
    )
    found = []
    for feed in feeds.order_by("name"):
        hours = getattr(getattr(feed.organisation, "contact_policy", None), "feed_fresh_hours", FEED_FRESH_HOURS)
        if feed.covers_until is None or feed.covers_until < now - timedelta(hours=hours):
            found.append(Stale(name=feed.name, covers_until=feed.covers_until, hours=hours))
    return found
