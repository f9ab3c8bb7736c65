"""Campaigns: whom they write to, by which way, who is left out and why."""

from datetime import timedelta

import pytest

from okno.outreach import planning
from okno.outreach.causes import UnknownCause
from okno.outreach.models import Contact, Template
from okno.people.models import Consent, EmailAddress, Occupancy, Person, Phone
from tests.outreach.town import contact_of


def plan(town, *channels: str, **more):
    campaign = town.campaign(*channels, **more)
    return planning.plan(campaign, town.now.date(), town.now)


def test_everybody_who_owes_gets_one_contact(town):
    planned = plan(town, "sms")
    assert (planned.created, planned.known, dict(planned.unreachable)) == (3, 0, {})
    contact = contact_of(town.accounts[0])
    assert contact.person == town.owner(town.accounts[0])
    assert (contact.channel, contact.language, contact.state) == ("sms", "ru", "waiting")
    assert contact.address == Phone.objects.get(person=contact.person).number
    assert contact.template.channel == "sms"


def test_the_same_plan_twice_changes_nothing(town):
    campaign = town.campaign("sms")
    planning.plan(campaign, town.now.date(), town.now)
    before = list(Contact.objects.order_by("id").values())
    again = planning.plan(campaign, town.now.date(), town.now + timedelta(hours=1))
    assert (again.created, again.known) == (0, 3)
    assert list(Contact.objects.order_by("id").values()) == before


def test_who_has_paid_is_not_planned(town):
    town.pay_all(town.accounts[0])
    assert plan(town, "sms").created == 2


def test_the_payer_is_written_to_before_the_owner(town):
    payer = town.resident(town.accounts[0], "payer")
    plan(town, "sms")
    assert contact_of(town.accounts[0]).person == payer


def test_the_first_reachable_channel_wins(town):
    Phone.objects.filter(person=town.owner(town.accounts[0])).delete()
    plan(town, "sms", "email")
    assert [contact_of(account).channel for account in town.accounts] == ["email", "sms", "sms"]


def test_the_persons_own_wish_comes_first(town):
    Person.objects.filter(pk=town.owner(town.accounts[1]).pk).update(preferred_channel="email")
    plan(town, "sms", "email")
    assert [contact_of(account).channel for account in town.accounts] == ["sms", "email", "sms"]


def test_the_preferred_number_is_chosen_and_the_wrong_one_is_not(town):
    person = town.owner(town.accounts[0])
    Phone.objects.create(organisation=town.organisation, person=person, number="+79015550011", is_preferred=True)
    Phone.objects.create(
        organisation=town.organisation, person=person, number="+79015550022", is_preferred=True, is_wrong=True
    )
    plan(town, "sms")
    assert contact_of(town.accounts[0]).address == "+79015550011"


def test_the_persons_language_is_taken(town):
    Person.objects.filter(pk=town.owner(town.accounts[0]).pk).update(language="kk")
    plan(town, "sms")
    assert [contact_of(account).language for account in town.accounts] == ["kk", "ru", "ru"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda person: Occupancy.objects.filter(person=person).delete(), "nobody_entitled"),
        (lambda person: Person.objects.filter(pk=person.pk).update(vulnerabilities=["deceased"]), "vulnerable"),
        (lambda person: Phone.objects.filter(person=person).delete(), "no_address"),
        (lambda person: Phone.objects.filter(person=person).update(is_wrong=True), "no_address"),
        (lambda person: Phone.objects.filter(person=person).update(is_mobile=False), "no_address"),
        (lambda person: Person.objects.filter(pk=person.pk).update(do_not_call=True), "do_not_call"),
        (lambda person: Phone.objects.filter(person=person).update(do_not_call=True), "do_not_call"),
        (
            lambda person: Consent.objects.create(
                organisation=person.organisation,
                person=person,
                channel="sms",
                given=False,
                on="2026-01-01",
                source="звонок",
            ),
            "no_consent",
        ),
    ],
)
def test_whoever_cannot_be_reached_is_told_by_reason(town, spoil, reason):
    account = town.accounts[0]
    spoil(town.owner(account))
    planned = plan(town, "sms")
    assert dict(planned.unreachable) == {reason: 1}
    assert planned.examples == {reason: [account]}
    assert planned.created == 2


def test_another_owner_serves_where_the_first_cannot_be_reached(town):
    account = town.accounts[0]
    Person.objects.filter(pk=town.owner(account).pk).update(vulnerabilities=["deceased"])
    second = town.resident(account)
    assert plan(town, "sms").created == 3
    assert contact_of(account).person == second


def test_a_campaign_without_words_for_its_channel_plans_nobody(town):
    Template.objects.filter(channel="sms").update(archived=True)
    assert dict(plan(town, "sms").unreachable) == {"no_template": 3}


def test_an_unknown_cause_is_refused(town):
    campaign = town.campaign("sms")
    campaign.cause = "rumour"
    with pytest.raises(UnknownCause):
        planning.plan(campaign, town.now.date(), town.now)


def test_a_letter_needs_no_address_of_the_person(town):
    Phone.objects.all().delete()
    EmailAddress.objects.all().delete()
    Template.objects.create(organisation=town.organisation, name="Письмо", channel="letter")
    assert plan(town, "letter").created == 3
    assert contact_of(town.accounts[0]).address == ""
