"""The journal tells contacts of an account, a person and a house; every code has words."""

from datetime import timedelta

import pytest

from okno.common.journal import Subject
from okno.outreach import claims, events, words
from okno.outreach.checks import CHECKS
from okno.outreach.facts import open_cursor
from okno.outreach.models import Contact, Message
from okno.outreach.templates import Rendered
from okno.people.models import Phone
from tests.outreach.test_checks import GOOD
from tests.outreach.town import contact_of, permit_of


@pytest.fixture
def told(town):
    """A message to the first, a refusal of the second, the third taken back by a payment."""
    town.planned("sms")
    first, second, third = town.accounts
    (decision,) = town.decide([contact_of(first)])
    claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), town.now)
    Message.objects.update(sent_at=town.now, word="delivered", word_at=town.now + timedelta(minutes=1))
    Phone.objects.filter(person=town.owner(second)).update(is_wrong=True)
    town.decide([contact_of(second)])
    town.pay_all(third)
    return town


def read(town, kind: str, pk: int, *, before=None, limit: int = 10, kinds=None):
    subject = Subject(kind, town.organisation.pk, pk)
    return list(events.read(subject, before=before, limit=limit, kinds=kinds))


def test_an_account_tells_what_left_and_what_became_of_it(told):
    found = read(told, "account", told.accounts[0])
    assert [event.kind for event in found] == ["message.word", "message.sent"]
    assert found[1].amount_minor == 3_000_00
    assert found[1].detail["text"] == "текст"
    assert "СМС" in found[1].title


def test_an_account_tells_why_nothing_left(told):
    (event,) = read(told, "account", told.accounts[1])
    assert event.title == "Обращение не разрешено (СМС): адрес неверный"
    (event,) = read(told, "account", told.accounts[2])
    assert event.kind == "contact.withdrawn"


def test_a_person_and_a_house_tell_theirs(told):
    assert len(read(told, "person", told.owner(told.accounts[0]).pk)) == 2
    assert len(read(told, "house", told.house.pk)) == 4


def test_limits_kinds_and_moments_are_kept(told):
    everything = read(told, "house", told.house.pk)
    assert [event.at for event in everything] == sorted((event.at for event in everything), reverse=True)
    assert len(read(told, "house", told.house.pk, limit=1)) == 1
    assert {event.kind for event in read(told, "house", told.house.pk, kinds=frozenset({"message.sent"}))} == {
        "message.sent"
    }
    assert read(told, "house", told.house.pk, before=told.now) == []


def test_another_organisation_reads_nothing(told, other_organisation):
    subject = Subject("account", other_organisation.pk, told.accounts[0])
    assert list(events.read(subject, before=None, limit=10, kinds=None)) == []


def test_every_check_has_words_passed_or_not(told):
    codes = {check(GOOD).code for check in CHECKS}
    assert codes <= words.REASONS.keys()
    for account in told.accounts[:2]:
        for check in permit_of(account).checks:
            assert words.explain(check)
            assert words.basis(check)


def test_a_persons_own_reason_comes_back_as_it_is():
    assert words.reason("передумали") == "передумали"
    assert words.reasons(["paid", "hours"]) == "долга больше нет, не время"


def test_every_refusal_is_explained_with_what_was_looked_at(told):
    Contact.objects.filter(account=told.accounts[0]).update(state="waiting")
    told.organisation.payment_feeds.update(covers_until=None)
    late = told.now.replace(hour=20)
    told.decide([contact_of(told.accounts[0])], now=late)
    sentences = {check["code"]: words.explain(check) for check in permit_of(told.accounts[0]).checks}
    assert sentences["hours"] == "23:00 по времени дома, можно с 08:00 до 22:00"
    assert "ещё не приходили" in sentences["feed_stale"]
    assert sentences["cap_person"] == "Уже было / можно: за день 1/2, за неделю 1/4, за месяц 1/16"
