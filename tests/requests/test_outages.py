"""A caller hears what is off in the house at that moment, in the caller's language."""

from datetime import timedelta

import pytest

from okno.common import journal
from okno.common.journal import Subject
from okno.requests import outages
from okno.requests.outages import NewOutage, OutageRefused
from tests.ledger.book import Book


@pytest.fixture
def off(actor, account, now):
    def act(**more):
        told = {
            "category": "cold_water",
            "words": {"ru": "Нет холодной воды.", "kk": "Суық су жоқ."},
            "since": now - timedelta(hours=1),
            "house_ids": [account.flat.house_id],
        }
        return outages.begin(actor, NewOutage(**{**told, **more}), now=now)

    return act


def test_a_known_outage_is_told_in_the_callers_language(off, account, now):
    off()
    (told,) = outages.known(account.flat.house_id, now, "kk")
    assert told.words == "Суық су жоқ."


def test_a_language_nobody_wrote_hears_the_organisations(off, account, now):
    off()
    assert outages.known(account.flat.house_id, now, "uk")[0].words == "Нет холодной воды."


def test_an_outage_everywhere_is_told_in_every_house_of_ours_alone(off, organisation, other_organisation, now):
    off(everywhere=True, house_ids=[])
    assert outages.known(Book.begin(organisation).house.pk, now, "ru")
    assert not outages.known(Book.begin(other_organisation).house.pk, now, "ru")


def test_another_house_hears_nothing(off, organisation, now):
    off()
    assert outages.known(Book.begin(organisation).house.pk, now, "ru") == ()


def test_before_it_began_and_after_it_ended_nothing_is_told(off, actor, account, now):
    one = off(since=now)
    house = account.flat.house_id
    assert outages.known(house, now - timedelta(minutes=1), "ru") == ()
    outages.end(actor, one.pk, at=now + timedelta(hours=2))
    assert outages.known(house, now + timedelta(hours=1), "ru")
    assert outages.known(house, now + timedelta(hours=2), "ru") == ()


def test_an_outage_that_lasts_longer_than_expected_is_still_told(off, account, now):
    off(until=now + timedelta(hours=1))
    assert outages.known(account.flat.house_id, now + timedelta(hours=5), "ru")


@pytest.mark.parametrize(
    "wrong",
    [{"words": {"ru": " "}}, {"house_ids": []}, {"until": "before"}],
)
def test_an_outage_that_cannot_be_told_is_refused(off, now, wrong):
    if wrong.get("until"):
        wrong = {"until": now - timedelta(hours=2)}
    with pytest.raises(OutageRefused):
        off(**wrong)


def test_ended_twice_it_ended_the_first_time(off, actor, now):
    one = off()
    outages.end(actor, one.pk, at=now)
    assert outages.end(actor, one.pk, at=now + timedelta(hours=1)).ended_at == now


def test_the_journal_of_the_house_tells_it(off, organisation, account):
    off()
    told = journal.read(Subject("house", organisation.pk, account.flat.house_id), kinds={"outage.begun"})
    assert [event.title for event in told] == ["Отключение: Нет холодной воды."]
