"""Each reason of the gate on a real database, on both sides; what the permit keeps; what follows for the contact."""

import json
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest
from django.db import connection

from okno.outreach import gate, holds, steering
from okno.outreach.causes import UnknownCause
from okno.outreach.holds import Held
from okno.outreach.models import Campaign, Contact, ContactPolicy, Permit
from okno.people.models import Consent, EmailAddress, Occupancy, Phone
from tests.ledger.book import pay
from tests.outreach.town import Town, check_of, contact_of, permit_of


@pytest.fixture
def account(town) -> int:
    town.planned("sms")
    return town.accounts[0]


def change_person(town: Town, account: int, **fields) -> None:
    person = town.owner(account)
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()


def test_a_debtor_is_permitted_for_two_seconds(town, account):
    (decision,) = town.decide([contact_of(account)])
    permit = permit_of(account)
    contact = contact_of(account)
    assert (decision.outcome, decision.reasons, decision.permit_id) == ("allowed", (), permit.pk)
    assert (contact.state, contact.permit_id, contact.state_why) == ("permitted", permit.pk, "")
    assert permit.expires_at - permit.recorded_at == timedelta(seconds=2)
    assert (permit.allowed, permit.reasons, permit.debt_minor, permit.account_version) == (True, [], 3_000_00, 1)
    assert permit.decided_at == town.now
    assert [check["code"] for check in permit.checks][:3] == ["campaign", "paid", "pause"]
    assert all(check["passed"] for check in permit.checks)
    assert decision.told.debt_minor == 3_000_00
    assert decision.version.language == "ru"


def test_a_paid_debt_is_refused_for_good(town, account):
    contact = contact_of(account)
    town.pay_all(account)
    Contact.objects.filter(pk=contact.pk).update(state="waiting")  # as if it had been planned this very moment
    assert town.reasons(account) == ["paid"]
    assert (contact_of(account).state, contact_of(account).state_why) == ("refused", "paid")
    assert check_of(permit_of(account), "paid")["basis"] == "ledger"


def test_the_posting_withdraws_what_waits_and_what_is_permitted(town, account):
    town.decide([contact_of(account)])
    town.pay_all(account)
    assert contact_of(account).state == "withdrawn"
    town.pay_all(town.accounts[1])
    assert contact_of(town.accounts[1]).state == "withdrawn"
    assert contact_of(town.accounts[2]).state == "waiting"


def test_a_part_payment_changes_the_sum_that_is_told(town, account):
    town.post(pay(account, "2026-11-18", 1_000_00), kind="payments")
    (decision,) = town.decide([contact_of(account)])
    assert decision.told.debt_minor == 2_000_00
    assert (permit_of(account).debt_minor, permit_of(account).account_version) == (2_000_00, 2)


@pytest.mark.parametrize(
    ("clock", "zone", "allowed"),
    [
        ("2026-11-18T08:00+03:00", "Europe/Moscow", True),
        ("2026-11-18T07:59+03:00", "Europe/Moscow", False),
        ("2026-11-18T21:59+03:00", "Europe/Moscow", True),
        ("2026-11-18T22:00+03:00", "Europe/Moscow", False),
        # The same moments where the house's own clock says otherwise.
        ("2026-11-18T03:30+03:00", "Asia/Vladivostok", True),
        ("2026-11-18T16:00+03:00", "Asia/Vladivostok", False),
        # A Saturday has shorter hours.
        ("2026-11-21T08:59+03:00", "Europe/Moscow", False),
        ("2026-11-21T09:00+03:00", "Europe/Moscow", True),
        ("2026-11-21T20:00+03:00", "Europe/Moscow", False),
    ],
)
def test_hours_on_both_sides_by_the_clock_of_the_house(town, account, clock, zone, allowed):
    town.house.time_zone = zone
    town.house.save()
    now = datetime.fromisoformat(clock)
    town.feed(now)
    assert town.reasons(account, now=now) == ([] if allowed else ["hours"])
    check = check_of(permit_of(account), "hours")
    assert (check["passed"], check["basis"]) == (allowed, "policy")


def test_outside_the_hours_the_contact_waits_for_the_morning(town, account):
    late = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)
    town.feed(late)
    town.reasons(account, now=late)
    contact = contact_of(account)
    assert (contact.state, contact.state_why) == ("waiting", "hours")
    assert contact.not_before == datetime(2026, 11, 19, 5, 0, tzinfo=UTC)


def test_where_days_off_are_closed_the_contact_waits_for_monday(town, account):
    ContactPolicy.objects.update(day_off_since=None, day_off_until=None)
    saturday = datetime(2026, 11, 21, 9, tzinfo=UTC)
    town.feed(saturday)
    assert town.reasons(account, now=saturday) == ["hours"]
    assert contact_of(account).not_before == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_the_persons_own_hours_hold_too(town, account):
    change_person(town, account, hours_since=time(18), hours_until=time(20))
    assert town.reasons(account) == ["own_hours"]
    assert contact_of(account).not_before == datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("flag", ["deceased", "minor", "incapable", "in_hospital", "bankrupt"])
def test_some_people_are_never_reminded(town, account, flag):
    change_person(town, account, vulnerabilities=[flag])
    assert town.reasons(account) == ["vulnerable"]
    assert contact_of(account).state == "refused"


@pytest.mark.parametrize("flag", ["disabled", "elderly", "serviceman"])
def test_other_marks_do_not_forbid(town, account, flag):
    change_person(town, account, vulnerabilities=[flag])
    assert town.reasons(account) == []


def test_do_not_call_silences_the_telephone_and_not_the_mailbox(town):
    town.planned("sms")
    sms = contact_of(town.accounts[0])
    change_person(town, town.accounts[0], do_not_call=True)
    assert town.reasons(town.accounts[0]) == ["do_not_call"]
    email = EmailAddress.objects.get(person=sms.person_id).address
    Contact.objects.filter(pk=sms.pk).update(state="waiting", channel="email", address=email)
    assert town.reasons(town.accounts[0]) == []


def test_a_number_marked_silent_is_silent(town, account):
    Phone.objects.update(do_not_call=True)
    assert town.reasons(account) == ["do_not_call"]


def test_a_wrong_number_is_refused(town, account):
    Phone.objects.update(is_wrong=True)
    assert town.reasons(account) == ["wrong_address"]


def test_a_number_that_is_no_longer_the_persons_is_refused(town, account):
    Phone.objects.update(number="+79990000000")
    assert town.reasons(account) == ["no_address"]


@pytest.mark.parametrize(
    ("role", "since", "until", "allowed"),
    [
        ("owner", None, None, True),
        ("payer", "2026-11-18", "2026-11-18", True),
        ("owner", None, "2026-11-17", False),
        ("owner", "2026-11-19", None, False),
        ("resident", None, None, False),
        ("tenant", None, None, False),
        ("guest", None, None, False),
    ],
)
def test_only_the_owner_and_the_payer_of_that_day_are_told(town, account, role, since, until, allowed):
    Occupancy.objects.filter(flat__accounts=account).update(role=role, since=since, until=until)
    assert town.reasons(account) == ([] if allowed else ["not_entitled"])


def test_the_owner_of_another_flat_is_not_entitled(town, account):
    other = town.owner(town.accounts[1])
    Contact.objects.filter(account=account).update(person=other, address=Phone.objects.get(person=other).number)
    assert town.reasons(account) == ["not_entitled"]


def test_a_contact_about_nobody_is_refused(town, account):
    Contact.objects.filter(account=account).update(person=None)
    assert set(town.reasons(account)) == {"not_entitled", "no_address"}


def test_all_reasons_are_told_and_one_for_good_outweighs_those_for_now(town, account):
    change_person(town, account, vulnerabilities=["deceased"], hours_since=time(18), hours_until=time(20))
    assert town.reasons(account) == ["vulnerable", "own_hours"]
    assert contact_of(account).state == "refused"
    assert len(permit_of(account).checks) == 17


def test_a_withdrawn_consent_forbids_even_where_none_is_needed(town, account):
    person = town.owner(account)
    for given, on in ((True, "2026-01-01"), (False, "2026-11-18")):
        Consent.objects.create(
            organisation=town.organisation, person=person, channel="sms", given=given, on=on, source="заявление"
        )
    assert town.reasons(account) == ["no_consent"]


@pytest.mark.parametrize(("given", "allowed"), [(None, False), ("2026-11-18", True), ("2026-11-19", False)])
def test_where_the_policy_wants_a_consent_it_must_have_been_given_by_then(town, account, given, allowed):
    ContactPolicy.objects.update(needs_consent=["sms"])
    if given:
        Consent.objects.create(
            organisation=town.organisation,
            person=town.owner(account),
            channel="sms",
            given=True,
            on=given,
            source="бланк",
        )
    assert town.reasons(account) == ([] if allowed else ["no_consent"])


def test_a_robot_needs_the_consent_that_the_law_asks_for(town, account):
    Contact.objects.filter(account=account).update(channel="robot_call")
    assert "no_consent" in town.reasons(account)
    check = check_of(permit_of(account), "no_consent")
    assert check["basis"].startswith("law: 126-ФЗ")


def test_the_organisations_language_serves_where_the_persons_is_missing(town, account):
    Contact.objects.filter(account=account).update(language="kk")
    (decision,) = town.decide([contact_of(account)])
    assert decision.version.language == "kk"
    other = contact_of(town.accounts[1])
    Contact.objects.filter(pk=other.pk).update(language="de")
    (decision,) = town.decide([other])
    assert decision.version.language == "ru"


def test_without_words_nothing_leaves(town, account):
    Contact.objects.filter(account=account).update(template=None)
    assert town.reasons(account) == ["no_template"]


@pytest.mark.parametrize(("hours", "fresh"), [(35, True), (37, False)])
def test_a_stale_feed_stops_the_campaign_by_itself(town, account, hours, fresh):
    now = town.now + timedelta(hours=hours)
    moment = now if 6 < now.hour < 18 else now.replace(hour=9)
    Campaign.objects.update(start_after=None)
    town.organisation.payment_feeds.update(covers_until=moment - timedelta(hours=hours))
    reasons = town.reasons(account, now=moment)
    assert reasons == ([] if fresh else ["feed_stale"])
    campaign = Campaign.objects.get()
    assert campaign.state == ("running" if fresh else "paused")
    if not fresh:
        assert "устарели" in campaign.state_why
        assert contact_of(account).state == "waiting"


def test_a_feed_nobody_waits_for_never_stops_anything(town, account):
    town.feed(town.now - timedelta(days=30), name="Старый банк")
    town.organisation.payment_feeds.filter(name="Старый банк").update(expected=False)
    assert town.reasons(account) == []


def test_a_feed_that_never_came_is_stale(town, account):
    town.organisation.payment_feeds.update(covers_until=None)
    assert town.reasons(account) == ["feed_stale"]


@pytest.mark.parametrize(
    ("state", "contact_state"), [("paused", "waiting"), ("stopped", "refused"), ("draft", "refused")]
)
def test_nothing_leaves_for_a_campaign_that_does_not_run(town, account, state, contact_state):
    Campaign.objects.update(state=state)
    assert town.reasons(account) == ["campaign"]
    assert contact_of(account).state == contact_state


def test_nothing_leaves_before_the_outward_delay_is_over(town, account):
    start = town.now + timedelta(seconds=30)
    Campaign.objects.update(start_after=start)
    assert town.reasons(account) == ["campaign"]
    assert contact_of(account).not_before == start
    assert town.reasons(account, now=start) == []


def test_a_serious_request_holds_the_account(town, account, monkeypatch):
    until = town.now.date() + timedelta(days=3)

    def hold(cursor, *, organisation_id, account_ids, day):
        assert (organisation_id, day) == (town.organisation.pk, town.now.date())
        return {account: Held(why="Протечка, заявка № 5", until=until)}

    monkeypatch.setattr(holds, "_holds", {})
    holds.register("requests", hold)
    assert town.reasons(account) == ["serious_request"]
    assert check_of(permit_of(account), "serious_request")["input"]["why"] == "Протечка, заявка № 5"
    assert contact_of(account).not_before == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert town.reasons(town.accounts[1]) == []
    with pytest.raises(ValueError, match="already"):
        holds.register("requests", hold)


def test_a_cause_that_rests_makes_the_contact_wait(town, account, monkeypatch):
    from okno.debts.cause import DebtCause

    def pauses(self, cursor, *, organisation_id, cause_ids, day):
        return {cause_ids[0]: ("dispute", "Спор о начислении за март")}

    monkeypatch.setattr(DebtCause, "pauses", pauses)
    assert town.reasons(account) == ["pause"]
    assert contact_of(account).state == "waiting"


def test_caps_are_counted_inside_one_batch(town):
    """Four messages a week and two a day for the same person: the batch itself fills the day."""
    campaigns = [town.planned("sms", name=f"Волна {number}") for number in range(3)]
    decisions = town.decide(Contact.objects.filter(account=town.accounts[0]).order_by("id"))
    assert len(campaigns) == len(decisions) == 3
    assert [decision.outcome for decision in decisions] == ["allowed", "allowed", "later"]
    assert decisions[2].reasons == ("cap_person", "cap_account")
    assert decisions[2].not_before.astimezone(UTC) == datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
    permit = permit_of(town.accounts[0])
    assert check_of(permit, "cap_person")["input"]["day"] == [2, 2]


def test_a_batch_is_read_by_few_queries(town, monkeypatch, django_assert_max_num_queries):
    town.open(20)
    town.settle(town.accounts[3:])
    town.planned("sms")
    ids = list(Contact.objects.values_list("pk", flat=True))
    statements: list[str] = []

    class Counting(psycopg.Cursor):
        def execute(self, query, *args, **kwargs):
            statements.append(str(query))
            return super().execute(query, *args, **kwargs)

    monkeypatch.setattr(gate, "open_cursor", lambda: Counting(connection.connection))
    with django_assert_max_num_queries(6):
        decisions = gate.decide(town.organisation.pk, ids, town.now)
    assert len(decisions) == 23
    assert len(statements) <= 17


def test_another_organisations_contacts_are_not_touched(town, account, other_organisation):
    assert gate.decide(other_organisation.pk, [contact_of(account).pk], town.now) == []
    assert contact_of(account).state == "waiting"


def test_a_decided_contact_is_not_decided_again(town, account):
    town.decide([contact_of(account)])
    assert town.decide([contact_of(account)]) == []
    assert Permit.objects.filter(account=account).count() == 1


def test_more_than_a_batch_is_refused(town):
    with pytest.raises(ValueError, match="500"):
        gate.decide(town.organisation.pk, list(range(501)), town.now)


def test_a_cause_nobody_knows_is_an_error_and_nothing_is_written(town, account):
    Contact.objects.filter(account=account).update(cause="rumour")
    with pytest.raises(UnknownCause):
        town.decide([contact_of(account)])
    assert Permit.objects.count() == 0


def test_without_a_policy_the_countrys_yardstick_holds(town, account):
    ContactPolicy.objects.all().delete()
    assert town.reasons(account) == []
    assert check_of(permit_of(account), "hours")["input"]["closes"] == "22:00"


def test_a_case_of_a_lost_campaign_is_decided_without_it(town, account):
    Contact.objects.filter(account=account).update(campaign=None)
    assert town.reasons(account) == []


def test_the_permit_keeps_plain_json(town, account):
    town.reasons(account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT checks::text FROM outreach_permit")
        (text,) = cursor.fetchone()
    assert {tuple(sorted(check)) for check in json.loads(text)} == {("basis", "code", "input", "passed")}


def test_the_pause_of_a_stale_feed_is_a_line_of_the_trail(town, account):
    from okno.access.models import Action

    town.organisation.payment_feeds.update(covers_until=None)
    town.decide()
    (action,) = Action.objects.filter(verb="campaign.paused")
    assert (action.user_name, action.subject_kind) == ("Окно", "campaign")
    assert steering.pause_stale(town.organisation.pk, [Campaign.objects.get().pk]) == 0
