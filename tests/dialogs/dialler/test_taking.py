"""Who is called: those the gate lets through, within lines, pace and hours, each once and with a living permit."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from okno.access.models import Organisation
from okno.dialogs import dialler
from okno.dialogs.models import Call, CallCampaign
from okno.law.countries import pack
from okno.law.dated import NotInForce
from okno.outreach import gate
from okno.outreach.models import Contact, ContactPolicy, Message
from okno.people.models import Consent, Phone
from tests.outreach.town import check_of, permit_of


def test_everybody_due_is_called_with_a_row_a_permit_and_a_contact_on_its_way(town):
    campaign = town.calling()
    calls = town.take()
    assert {call.account_id for call in calls} == set(town.accounts)
    for call in calls:
        kept = Call.objects.get(pk=call.pk)
        assert (kept.state, kept.operator, kept.scenario, kept.arm) == ("dialling", "here:1:1", "debt_notice", "A")
        assert kept.campaign == campaign
        assert kept.permit == kept.contact.permit
        assert kept.contact.state == "sending"
        assert kept.house_id == town.house.pk
        assert kept.permit.expires_at - kept.permit.recorded_at == timedelta(seconds=2)
        message = Message.objects.get(contact=kept.contact)
        assert message.permit.recorded_at <= message.claimed_at <= message.permit.expires_at
    assert town.take() == []


@pytest.mark.parametrize(("lines", "free", "made"), [(2, 10, 2), (10, 2, 2), (10, 0, 0), (1, 1, 1)])
def test_no_more_calls_than_lines_of_the_campaign_and_of_the_operator(town, lines, free, made):
    town.calling(lines=lines)
    assert len(town.take(free)) == made


def test_lines_are_free_again_when_calls_end(town):
    town.calling(lines=1)
    (first,) = town.take()
    assert town.take(now=town.now + timedelta(seconds=5)) == []
    town.end(first)
    assert len(town.take(now=town.now + timedelta(seconds=10))) == 1


@pytest.mark.parametrize(
    ("pace", "seconds", "made"),
    [(Decimal("1"), 0, 1), (Decimal("2"), 0, 2), (Decimal("0.5"), 1, 0), (Decimal("0.5"), 3, 1)],
)
def test_calls_begin_no_quicker_than_the_campaign_allows(town, pace, seconds, made):
    town.calling(calls_a_second=pace)
    if seconds:
        assert len(town.take()) == 1
    assert len(town.take(now=town.now + timedelta(seconds=seconds))) == made


def test_outside_the_campaigns_own_hours_nobody_is_called_and_everybody_waits_for_them(town):
    town.calling(since=time(15), until=time(17))
    assert town.take() == []
    contact = town.contact(town.accounts[0])
    assert (contact.state, contact.state_why) == ("waiting", "campaign_hours")
    assert contact.not_before == datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert len(town.take(now=contact.not_before)) == len(town.accounts)


def test_the_campaigns_hours_never_widen_the_policys(town):
    town.calling(since=time(5), until=time(23))
    late = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)
    assert town.take(now=late) == []
    assert permit_of(town.accounts[0]).reasons == ["hours"]


def test_without_consent_a_robot_calls_nobody_and_the_permit_names_the_law(town):
    town.agrees(town.accounts[0], given=False)
    town.calling()
    silent = Contact.objects.filter(account=town.accounts[0])
    assert not silent.exists()
    surveyed = dialler.preview(town.calling(launched=False, name="Ещё"), town.now.date(), town.now)
    assert surveyed.unreachable["no_consent"] == 1


def test_a_consent_withdrawn_after_planning_stops_the_call_at_the_gate(town):
    town.calling()
    town.agrees(town.accounts[0], given=False)
    assert town.accounts[0] not in {call.account_id for call in town.take()}
    check = check_of(permit_of(town.accounts[0]), "no_consent")
    assert check["basis"].startswith("law: 126-ФЗ")
    assert town.contact(town.accounts[0]).state == "refused"


def test_a_person_of_the_staff_needs_no_consent_for_robots(town):
    town.agrees(town.accounts[0], given=False)
    town.calling(mode="progressive")
    town.agent("Анна")
    assert len(town.take()) == 1
    assert Contact.objects.filter(channel="call").count() == len(town.accounts)


def test_a_campaign_that_rests_calls_nobody(town):
    campaign = town.calling()
    dialler.pause(campaign, town.actor, "обед")
    assert town.take() == []
    dialler.resume(campaign, town.actor, "обед кончился")
    assert len(town.take()) == len(town.accounts)


def test_a_missing_value_of_the_law_stops_its_campaign_and_no_other(town, monkeypatch):
    broken = town.calling(name="Первая")
    sound = town.calling(name="Вторая")
    decide = gate.decide_due

    def without_value(organisation, campaign, **more):
        if campaign == broken.campaign_id:
            raise NotInForce("ru.contact.hours", "Часы обращений", town.now.date())
        return decide(organisation, campaign, **more)

    monkeypatch.setattr(gate, "decide_due", without_value)
    assert {call.campaign_id for call in town.take()} == {sound.pk}
    broken.campaign.refresh_from_db()
    assert broken.campaign.state == "paused"
    assert "не введено: «Часы обращений»" in broken.campaign.state_why


def test_an_account_that_paid_is_not_called(town):
    town.calling()
    town.pay_all(town.accounts[0])
    assert town.accounts[0] not in {call.account_id for call in town.take()}
    assert town.contact(town.accounts[0]).state == "withdrawn"


def test_an_answered_call_fills_the_day(town):
    """The policy allows one call a day: a second campaign waits for tomorrow."""
    ContactPolicy.objects.filter(organisation=town.organisation).delete()
    town.calling(name="Первая")
    for call in town.take():
        town.end(call)
    town.calling(name="Вторая")
    assert town.take(now=town.now + timedelta(hours=2)) == []
    assert set(permit_of(town.accounts[0]).reasons) == {"cap_person", "cap_account"}


@pytest.mark.parametrize(("outcome", "counts"), [("no_answer", False), ("busy", False), ("rejected", True)])
def test_a_call_that_found_nobody_is_no_contact_and_a_declined_one_is(town, outcome, counts):
    town.calling(name="Первая")
    for call in town.take():
        town.end(call, outcome, sip_status=486)
    town.calling(name="Вторая")
    later = [call for call in town.take(now=town.now + timedelta(minutes=5)) if call.campaign.campaign.name == "Вторая"]
    assert (later == []) is counts


def test_retries_are_counted_each(town):
    """One contact may call many times: its answered calls all count, though a message has one row."""
    town.calling(tries=5)
    first, *_others = town.take()
    town.end(first, "answered", picked_up="machine")
    Contact.objects.filter(pk=first.contact_id).update(not_before=town.now)
    assert town.take(now=town.now + timedelta(hours=1)) == []
    assert "cap_person" in permit_of(first.account_id).reasons


def test_a_person_in_a_call_is_not_called_about_another_flat(town):
    """One owner, two flats: the second contact waits until the first call is over."""
    first, second = town.accounts[:2]
    owner = town.owner(first)
    ContactPolicy.objects.update_or_create(
        organisation=town.organisation,
        defaults={
            "workday_since": time(9), "workday_until": time(20), "messages_a_day": 9, "messages_a_week": 9,
            "messages_a_month": 9, "calls_a_day": 9, "calls_a_week": 9, "calls_a_month": 9,
        },
    )  # fmt: skip
    town.calling()
    flat = Contact.objects.get(account=second).account.flat
    flat.occupancies.update(person=owner)
    Contact.objects.filter(account=second).update(person=owner, address=owner.phones.get().number)
    calls = town.take()
    assert len([call for call in calls if call.person_id == owner.pk]) == 1
    waiting = Contact.objects.get(person=owner, state="waiting")
    assert waiting.state_why == "in_call"
    assert waiting.not_before > town.now


def test_the_database_itself_refuses_a_second_call_to_a_person(town):
    town.calling()
    call = town.take()[0]
    twin = Call.objects.get(pk=call.pk)
    twin.pk, twin.uid, twin.permit, twin.contact = None, "00000000-0000-0000-0000-000000000001", None, None
    with pytest.raises(IntegrityError, match="one_call_to_a_person_at_a_time"), transaction.atomic():
        twin.save()


# -- right before INVITE --


def ran_out(permit: int) -> None:
    """As if preparing had taken longer than the permit lives; the table itself lets nobody do so."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE outreach_permit DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE outreach_permit SET recorded_at = recorded_at - interval '5 s', expires_at = expires_at"
            " - interval '5 s' WHERE id = %s",
            [permit],
        )
        cursor.execute("ALTER TABLE outreach_permit ENABLE TRIGGER USER")


def test_a_call_that_is_still_right_may_go(town):
    town.calling()
    (call, *_others) = town.take()
    assert dialler.may_still(call, town.now)


def test_a_payment_between_take_and_invite_takes_the_call_back(town):
    town.calling()
    calls = {call.account_id: call for call in town.take()}
    call = calls[town.accounts[0]]
    town.pay_all(call.account_id)
    assert not dialler.may_still(call, town.now)
    kept = Call.objects.get(pk=call.pk)
    assert (kept.state, kept.outcome, kept.words) == ("ended", "cancelled", "paid")
    contact = town.contact(call.account_id)
    assert (contact.state, contact.state_why) == ("withdrawn", "paid")
    assert dialler.may_still(calls[town.accounts[1]], town.now)


def test_a_permit_that_ran_out_is_asked_for_anew(town):
    town.calling()
    (call, *_others) = town.take()
    old = call.permit_id
    ran_out(old)
    assert dialler.may_still(call, town.now)
    kept = Call.objects.get(pk=call.pk)
    assert kept.permit_id != old
    assert kept.contact.permit_id == kept.permit_id
    assert (kept.contact.state, kept.contact.attempts) == ("sending", 1)


def test_a_permit_that_ran_out_is_not_given_anew_outside_the_hours(town):
    town.calling()
    (call, *_others) = town.take()
    ran_out(call.permit_id)
    assert not dialler.may_still(call, town.now + timedelta(hours=11))
    contact = Contact.objects.get(pk=call.contact_id)
    assert (contact.state, contact.state_why) == ("waiting", "hours")
    assert Call.objects.get(pk=call.pk).outcome == "cancelled"


@pytest.mark.parametrize("mark", ["do_not_call", "is_wrong"])
def test_a_number_marked_between_take_and_invite_is_not_rung(town, mark):
    town.calling()
    (call, *_others) = town.take()
    Phone.objects.filter(number=call.address).update(**{mark: True})
    assert not dialler.may_still(call, town.now)


def test_a_campaign_paused_between_take_and_invite_rings_nobody(town):
    campaign = town.calling()
    (call, *_others) = town.take()
    dialler.pause(campaign, town.actor, "стоп")
    assert not dialler.may_still(call, town.now)
    assert Contact.objects.get(pk=call.contact_id).state == "waiting"


def test_a_call_taken_back_may_be_made_later(town):
    campaign = town.calling()
    for call in town.take():
        Phone.objects.filter(number=call.address).update(do_not_call=True)
        dialler.may_still(call, town.now)
        Phone.objects.filter(number=call.address).update(do_not_call=False)
    assert len(town.take(now=town.now + timedelta(seconds=5))) == len(town.accounts)
    assert campaign.calls.count() == 2 * len(town.accounts)
    assert set(Contact.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize(("country", "currency"), [("kz", "KZT"), ("ua", "UAH")])
def test_where_no_law_asks_for_consent_the_organisations_own_rule_stands_unverified(town, country, currency):
    Consent.objects.all().delete()
    ContactPolicy.objects.all().delete()
    Organisation.objects.filter(pk=town.organisation.pk).update(country=country, currency=currency)
    campaign = CallCampaign.objects.select_related("campaign__organisation").get(pk=town.calling(launched=False).pk)
    dialler.launch(campaign, town.actor, "проверка", town.now - timedelta(minutes=1))
    assert len(town.take()) == len(town.accounts)
    check = check_of(permit_of(town.accounts[0]), "no_consent")
    assert (check["basis"], check["input"]) == ("policy", {"needed": False, "given": None})
    assert not pack(country).robot_call_needs_consent(town.now.date()).rows[0].verified


def test_whoever_withdrew_a_consent_is_not_called_in_any_country(town):
    Organisation.objects.filter(pk=town.organisation.pk).update(country="kz", currency="KZT")
    town.agrees(town.accounts[0], given=False)
    campaign = CallCampaign.objects.select_related("campaign__organisation").get(pk=town.calling(launched=False).pk)
    dialler.launch(campaign, town.actor, "проверка", town.now - timedelta(minutes=1))
    assert town.accounts[0] not in {call.account_id for call in town.take()}
