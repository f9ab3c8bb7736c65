"""The hand on campaigns: start, pause, resume, stop, taking back, each with its line of the trail."""

from datetime import timedelta

import pytest

from okno.access.actor import Actor
from okno.access.models import Action
from okno.outreach import planning, steering
from okno.outreach.models import Contact, Permit
from okno.outreach.steering import CampaignRefused
from tests.outreach.town import contact_of


@pytest.fixture
def actor(town, manager) -> Actor:
    return Actor(organisation=town.organisation, user=manager.user, membership=manager, name=manager.user.name)


def test_a_start_leaves_half_a_minute_to_take_it_back(town, actor):
    campaign = town.campaign("sms", state="draft")
    steering.start(campaign, actor, "осенняя волна", now=town.now)
    planning.plan(campaign, town.now.date(), town.now)
    assert campaign.state == "running"
    assert campaign.start_after == town.now + timedelta(seconds=30)
    assert contact_of(town.accounts[0]).not_before == campaign.start_after
    assert steering.withdraw_all(campaign, actor, "передумали") == 3
    assert set(Contact.objects.values_list("state", "state_why")) == {("withdrawn", "передумали")}
    assert Permit.objects.count() == 0


def test_each_step_is_a_line_of_the_trail_with_its_reason(town, actor):
    campaign = town.campaign("sms", state="draft")
    steering.start(campaign, actor, "начали", now=town.now)
    steering.pause(campaign, actor, "ждём банк")
    steering.resume(campaign, actor, "дождались")
    steering.stop(campaign, actor, "хватит")
    lines = Action.objects.filter(subject_kind="campaign", subject_id=campaign.pk).order_by("id")
    assert [(line.verb, line.reason, line.user_name) for line in lines] == [
        ("campaign.started", "начали", "Мария Управляева"),
        ("campaign.paused", "ждём банк", "Мария Управляева"),
        ("campaign.resumed", "дождались", "Мария Управляева"),
        ("campaign.stopped", "хватит", "Мария Управляева"),
    ]


def test_a_pause_takes_permits_back_and_a_stop_withdraws(town, actor):
    campaign = town.planned("sms")
    town.decide([contact_of(town.accounts[0])])
    steering.pause(campaign, actor, "ждём банк")
    assert set(Contact.objects.values_list("state", flat=True)) == {"waiting"}
    steering.stop(campaign, actor, "хватит")
    assert set(Contact.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_resumed_campaign_is_due_at_once(town, actor):
    campaign = town.planned("sms")
    town.organisation.payment_feeds.update(covers_until=None)
    town.decide()
    campaign.refresh_from_db()
    assert contact_of(town.accounts[0]).not_before > town.now
    steering.resume(campaign, actor, "реестр загружен")
    assert contact_of(town.accounts[0]).not_before == town.now


@pytest.mark.parametrize(
    ("state", "step"),
    [("running", "start"), ("paused", "start"), ("draft", "pause"), ("running", "resume"), ("stopped", "stop")],
)
def test_a_step_out_of_order_is_refused_in_words(town, actor, state, step):
    campaign = town.campaign("sms", state=state)
    options = {"now": town.now} if step == "start" else {}
    with pytest.raises(CampaignRefused, match="Осень"):
        getattr(steering, step)(campaign, actor, "почему", **options)


def test_one_contact_is_taken_back_once(town, actor):
    town.planned("sms")
    contact = contact_of(town.accounts[0])
    assert steering.withdraw_one(contact.pk, actor, "обещал заплатить")
    assert not steering.withdraw_one(contact.pk, actor, "ещё раз")
    assert Action.objects.filter(verb="contact.withdrawn").count() == 1


def test_another_organisation_takes_nothing_back(town, outsider, other_organisation):
    town.planned("sms")
    stranger = Actor(organisation=other_organisation, user=outsider.user, membership=outsider, name="Олжас")
    assert not steering.withdraw_one(contact_of(town.accounts[0]).pk, stranger, "чужое")
    assert contact_of(town.accounts[0]).state == "waiting"
