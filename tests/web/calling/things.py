"""One of everything that people do about calls, requests and promises: what the walk of addresses stumbles over."""

from datetime import timedelta

from okno.access.actor import Actor, process
from okno.debts import holding
from okno.debts.promises import promise
from okno.dialogs import dialler
from okno.dialogs.dialler import CampaignPlan
from okno.dialogs.models import CallBack, CallCampaign
from okno.requests import outages, register
from okno.requests.outages import NewOutage
from okno.requests.register import NewRequest
from tests.web.accounts.street import Street


def build(street: Street) -> CallCampaign:
    """A draft of a campaign, a request, an outage, a promise, a hold and a call-back of the first flat."""
    office: Actor = process(street.organisation, "проверка")
    account, person, now = street.accounts["1"], street.people["1"], street.noon
    asked = NewRequest(house_id=street.house.pk, flat_id=account.flat_id, text="Течёт кран", source="desk")
    register.open_request(office, asked, now=now)
    off = NewOutage(category="lift", words={"ru": "Лифт стоит"}, since=now, house_ids=[street.house.pk])
    outages.begin(office, off, now=now)
    promise(account.pk, person.pk, street.day + timedelta(days=3), 100_000, "user:1:a", now, "С аванса")
    holding.hold(account.pk, "dispute", "user:1:b", now, "Не согласна")
    CallBack.objects.create(
        organisation=street.organisation,
        phone="+79123450001",
        person=person,
        account=account,
        words="Про отопление",
        created_at=now,
        due_at=now + timedelta(minutes=10),
    )
    return dialler.draft(office, CampaignPlan(name="Обзвон", scenario="debt_notice"))
