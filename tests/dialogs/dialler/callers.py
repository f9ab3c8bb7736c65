"""Shorthand of the dialler's tests: people who agreed to a robot, a campaign of calls, and how a call ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from okno.access.actor import Actor, process
from okno.access.models import User
from okno.dialogs import dialler
from okno.dialogs.dialler import CampaignPlan
from okno.dialogs.models import Agent, Call, CallCampaign, CallState
from okno.outreach.models import Contact
from okno.people.models import Consent
from tests.outreach.town import Town

OPERATOR = "here:1:1"


@dataclass
class Callers(Town):
    def settle(self, accounts: Sequence[int]) -> None:
        super().settle(accounts)
        for account in accounts:
            self.agrees(account)

    @property
    def actor(self) -> Actor:
        return process(self.organisation, "проверка")

    def agrees(self, account: int, given: bool = True) -> None:
        Consent.objects.create(
            organisation=self.organisation,
            person=self.owner(account),
            channel="robot_call",
            given=given,
            on=self.now.date(),
            source="анкета",
        )

    def calling(self, *, launched: bool = True, **more) -> CallCampaign:
        """A campaign of robots about the debt, launched long enough ago for its first calls."""
        plan = {"name": "Обзвон", "scenario": "debt_notice", "lines": 10, "calls_a_second": 10, **more}
        campaign = dialler.draft(self.actor, CampaignPlan(**plan))
        if launched:
            dialler.launch(campaign, self.actor, "проверка", self.now - timedelta(minutes=1))
        return CallCampaign.objects.select_related("campaign__organisation").get(pk=campaign.pk)

    def take(self, free: int = 10, *, now: datetime | None = None, operator: str = OPERATOR) -> list[Call]:
        return dialler.take(operator, free, now or self.now)

    def end(self, call: Call, outcome: str = "answered", *, now: datetime | None = None, **more) -> Contact:
        """The call is over; what has become of its contact."""
        moment = now or self.now
        answered = {"answered_at": moment, "seconds": 30, "picked_up": "person"} if outcome == "answered" else {}
        told = {"state": CallState.ENDED, "ended_at": moment, "outcome": outcome, **answered, **more}
        Call.objects.filter(pk=call.pk).update(**told)
        dialler.finished(call.pk, moment)
        return Contact.objects.get(pk=call.contact_id)

    def agent(self, name: str, state: str = "free") -> Agent:
        user = User.objects.create_user(f"{name}@example.org", "Очень длинный пароль 2026", name=name)
        return Agent.objects.create(
            organisation=self.organisation, user=user, address="sip:101@127.0.0.1", state=state, changed_at=self.now
        )

    def contact(self, account: int) -> Contact:
        return Contact.objects.get(account=account)
