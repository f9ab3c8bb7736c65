"""Call campaigns: refused in words, planned once, big ones by a job, told in numbers; services beside debts."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from okno.dialogs import dialler, tasks
from okno.dialogs.dialler import CampaignPlan, campaigns
from okno.dialogs.models import CallCampaign
from okno.houses.models import Meter, MeterReading
from okno.jobs import queue
from okno.ledger.models import Account
from okno.outreach.models import Contact
from okno.outreach.steering import CampaignRefused
from okno.people.models import Occupancy, Phone
from okno.requests.models import Request
from tests.outreach.town import permit_of


def plan(**more) -> CampaignPlan:
    return CampaignPlan(**{"name": "Обзвон", "scenario": "debt_notice", **more})


def serving(town, scenario: str, launched: bool = True, **more) -> CallCampaign:
    campaign = dialler.draft(town.actor, plan(scenario=scenario, name=scenario, lines=10, calls_a_second=10, **more))
    if launched:
        dialler.launch(campaign, town.actor, "проверка", town.now - timedelta(minutes=1))
    return CallCampaign.objects.select_related("campaign__organisation").get(pk=campaign.pk)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scenario": "incoming"}, "Сценария"),
        ({"scenario": "nothing"}, "Сценария"),
        ({"cause": "rating"}, "повод"),
        ({"mode": "shouting"}, "кто будет говорить"),
        ({"name": " "}, "Назовите"),
        ({"lines": 0}, "Линий"),
        ({"lines": 101}, "Линий"),
        ({"calls_a_second": Decimal(0)}, "Линий"),
        ({"tries": 0}, "Попыток"),
        ({"ring_seconds": 4}, "Попыток"),
        ({"since": time(9)}, "оба часа"),
        ({"since": time(12), "until": time(12)}, "позже"),
        ({"pauses": {"busy": 0}}, "Пауза"),
        ({"pauses": {"answered": 5}}, "Пауза"),
        ({"scenario": "announcement"}, "что скажет робот"),
        ({"scenario": "announcement", "params": {"text": {"kk": "Су жоқ."}}}, "что скажет робот"),
        ({"scenario": "visit", "params": {"day": "2026-11-20"}}, "день и часы"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(town, wrong, words):
    with pytest.raises(CampaignRefused, match=words):
        dialler.draft(town.actor, plan(**wrong))
    assert not CallCampaign.objects.exists()


def test_a_form_sent_twice_is_one_draft(town):
    assert dialler.draft(town.actor, plan()) == dialler.draft(town.actor, plan())


def test_a_draft_may_be_rewritten_and_a_launched_campaign_not(town):
    campaign = dialler.draft(town.actor, plan())
    campaign = dialler.rewrite(campaign, town.actor, plan(mode="progressive", lines=7))
    assert (campaign.lines, campaign.campaign.channels) == (7, ["call"])
    dialler.launch(campaign, town.actor, "пора", town.now)
    with pytest.raises(CampaignRefused, match="уже запущена"):
        dialler.rewrite(campaign, town.actor, plan())


def test_a_preview_writes_nothing_and_tells_whom_nobody_can_call(town):
    Phone.objects.filter(person=town.owner(town.accounts[0])).delete()
    town.agrees(town.accounts[1], given=False)
    surveyed = dialler.preview(dialler.draft(town.actor, plan()), town.now.date(), town.now)
    assert surveyed.by_channel == {"robot_call": 1}
    assert surveyed.unreachable == {"no_address": 1, "no_consent": 1}
    assert surveyed.examples["no_consent"] == [town.accounts[1]]
    assert not Contact.objects.exists()


def test_launching_plans_everybody_once(town):
    campaign = dialler.draft(town.actor, plan())
    planned = dialler.launch(campaign, town.actor, "пора", town.now)
    assert planned.created == len(town.accounts)
    with pytest.raises(CampaignRefused):
        dialler.launch(campaign, town.actor, "ещё раз", town.now)
    assert Contact.objects.count() == len(town.accounts)


def test_nobody_to_call_is_no_campaign(town):
    campaign = dialler.draft(town.actor, plan(audience={"least_minor": 10_000_000_00}))
    with pytest.raises(CampaignRefused, match="никого нет"):
        dialler.launch(campaign, town.actor, "пора", town.now)


def test_a_big_audience_is_planned_by_a_job_that_may_be_begun_again(town, monkeypatch):
    monkeypatch.setattr(campaigns, "BIG", 1)
    monkeypatch.setattr("okno.outreach.planning.AT_ONCE", 2)
    deferred = []
    monkeypatch.setattr(queue, "defer", lambda name, **told: deferred.append((name, told)))
    campaign = dialler.draft(town.actor, plan())
    assert dialler.launch(campaign, town.actor, "пора", town.now) is None
    ((name, told),) = deferred
    assert name == "dialogs.plan_calls"
    assert dialler.state(campaign, town.now).preparing == (0, len(town.accounts))
    for _again in range(2):
        tasks.plan_calls(campaign_id=told["campaign_id"], day=told["day"])
        assert Contact.objects.count() == len(town.accounts)
    told_now = dialler.state(campaign, town.now)
    assert (told_now.preparing, told_now.state) == (None, "running")


def test_a_campaign_stopped_while_it_is_planned_calls_nobody(town, monkeypatch):
    monkeypatch.setattr(campaigns, "BIG", 1)
    monkeypatch.setattr(queue, "defer", lambda name, **told: None)
    campaign = dialler.draft(town.actor, plan())
    dialler.launch(campaign, town.actor, "пора", town.now)
    dialler.stop(campaign, town.actor, "передумали")
    tasks.plan_calls(campaign_id=campaign.pk, day=town.now.date().isoformat())
    assert set(Contact.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_the_numbers_of_a_campaign(town):
    campaign = town.calling(pauses={"busy": 30})
    first, second, _third = town.take()
    town.end(first, result="promised")
    contact = town.end(second, "busy", sip_status=486)
    told = dialler.state(campaign, town.now)
    assert (told.total, told.calls, told.talks, told.going_on, told.lines) == (3, 3, 1, 1, 10)
    assert told.contacts == {"delivered": 1, "waiting": 1, "sending": 1}
    assert told.outcomes == {"answered": 1, "busy": 1}
    assert told.results == {"promised": 1}
    # The busy line is called again: it is no reason not to call.
    assert (told.again, told.reasons) == ({"busy_line": 1}, {})
    assert told.next_due == contact.not_before
    assert told.abandoned == 0


# -- services --


def test_readings_are_asked_of_flats_whose_meters_are_silent_this_month(town):
    for number, account in enumerate(town.accounts):
        flat = Account.objects.get(pk=account).flat
        meter = Meter.objects.create(
            organisation=town.organisation, flat=flat, kind="cold_water", number=f"{number}", tariffs=1
        )
        if number == 0:
            MeterReading.objects.create(meter=meter, taken_on=date(2026, 11, 5), tariff=1, value=5, source="кабинет")
        if number == 1:
            MeterReading.objects.create(meter=meter, taken_on=date(2026, 10, 5), tariff=1, value=5, source="кабинет")
    serving(town, "readings")
    assert {call.account_id for call in town.take()} == set(town.accounts[1:])


def test_a_reading_that_came_in_time_needs_no_call(town):
    flat = Account.objects.get(pk=town.accounts[0]).flat
    meter = Meter.objects.create(organisation=town.organisation, flat=flat, kind="cold_water", number="1", tariffs=1)
    serving(town, "readings")
    MeterReading.objects.create(meter=meter, taken_on=date(2026, 11, 18), tariff=1, value=5, source="кабинет")
    assert town.take() == []
    assert permit_of(town.accounts[0]).reasons == ["done"]


def test_a_rating_is_asked_once_work_is_done(town):
    account = Account.objects.select_related("flat").get(pk=town.accounts[0])
    told = {"organisation": town.organisation, "house": town.house, "category": "plumbing", "text": "Течёт кран"}
    done = {"state": "done", "done_at": town.now, "created_at": town.now - timedelta(days=2), "source": "desk"}
    by_account = Request.objects.create(number=1, account=account, **told, **done)
    by_flat = Request.objects.create(number=2, flat=Account.objects.get(pk=town.accounts[1]).flat, **told, **done)
    Request.objects.create(number=3, account=account, source="desk", created_at=town.now, **told)
    serving(town, "rating")
    contacts = dict(Contact.objects.values_list("cause_id", "account_id"))
    assert contacts == {by_account.pk: town.accounts[0], by_flat.pk: town.accounts[1]}
    assert len(town.take()) == 2


def test_an_announcement_is_for_whoever_lives_there_and_one_call_a_flat(town):
    flat = Account.objects.get(pk=town.accounts[0]).flat
    Account.objects.create(organisation=town.organisation, flat=flat, number="второй счёт")
    Occupancy.objects.filter(flat=flat).update(role="tenant")
    serving(
        town, "announcement", params={"text": {"ru": "Завтра не будет воды."}}, audience={"houses": [town.house.pk]}
    )
    assert len(town.take()) == len(town.accounts)
    assert Contact.objects.filter(account__flat=flat).count() == 1


def test_a_debt_waits_for_fresh_payment_data_and_an_announcement_does_not(town):
    town.calling()
    campaign = serving(town, "announcement", params={"text": {"ru": "Завтра не будет воды."}})
    later = datetime(2026, 11, 23, 9, tzinfo=town.now.tzinfo)
    made = town.take(now=later)
    assert {call.campaign_id for call in made} == {campaign.pk}


def test_a_reminder_of_a_debt_never_silences_an_announcement(town):
    town.calling()
    for call in town.take():
        town.end(call)
    serving(town, "announcement", params={"text": {"ru": "Завтра не будет воды."}})
    assert len(town.take(now=town.now + timedelta(hours=1))) == len(town.accounts)


def test_a_robot_announces_nothing_without_consent_either(town):
    town.agrees(town.accounts[0], given=False)
    serving(town, "announcement", params={"text": {"ru": "Завтра не будет воды."}})
    assert len(town.take()) == len(town.accounts) - 1
