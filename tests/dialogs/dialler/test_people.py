"""Calls for people who talk: shown before they call, one call a free agent, and ahead of them within the limit."""

from datetime import timedelta
from uuid import uuid4

import pytest

from okno.dialogs import dialler
from okno.dialogs.dialler import NotNow, team
from okno.dialogs.live import agents
from okno.dialogs.models import Agent, Call, CallState
from okno.outreach.models import Contact

# -- preview --


def test_two_agents_are_offered_two_people(town):
    campaign = town.calling(mode="preview")
    anna, boris = town.agent("Анна"), town.agent("Борис")
    first = dialler.offer(anna, campaign, town.now)
    second = dialler.offer(boris, campaign, town.now)
    assert first.contact != second.contact
    assert Contact.objects.get(pk=first.contact.pk).state_why == "offered"


def test_an_offered_person_comes_back_when_nobody_called(town):
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна")
    seen = {dialler.offer(anna, campaign, town.now).contact.pk for _person in town.accounts}
    assert len(seen) == len(town.accounts)
    assert dialler.offer(anna, campaign, town.now) is None
    assert dialler.offer(anna, campaign, town.now + timedelta(minutes=6)).contact.pk in seen


def test_nobody_calls_them_by_itself(town):
    town.calling(mode="preview")
    assert town.take() == []


def test_an_agent_calls_through_the_gate_and_is_busy_with_it(town):
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна")
    offered = dialler.offer(anna, campaign, town.now)
    call = dialler.dial(anna, offered.contact.pk, "here:1:1", town.now)
    assert (call.mode, call.agent_id, call.state) == ("preview", anna.user_id, "dialling")
    assert call.permit.allowed
    anna.refresh_from_db()
    assert (anna.state, anna.call_id) == ("busy", call.pk)
    assert dialler.may_still(call, town.now)


def test_the_gate_refuses_in_words(town):
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна")
    offered = dialler.offer(anna, campaign, town.now)
    with pytest.raises(NotNow, match="не время"):
        dialler.dial(anna, offered.contact.pk, "here:1:1", town.now + timedelta(hours=11))
    anna.refresh_from_db()
    assert anna.state == "free"


def test_one_who_is_not_there_calls_nobody(town):
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна", state="away")
    offered = dialler.offer(anna, campaign, town.now)
    with pytest.raises(NotNow, match="на месте"):
        dialler.dial(anna, offered.contact.pk, "here:1:1", town.now)


def test_a_person_is_called_by_one_agent_only(town):
    campaign = town.calling(mode="preview")
    anna, boris = town.agent("Анна"), town.agent("Борис")
    offered = dialler.offer(anna, campaign, town.now)
    dialler.dial(anna, offered.contact.pk, "here:1:1", town.now)
    with pytest.raises(NotNow, match="уже говорят"):
        dialler.dial(boris, offered.contact.pk, "here:1:1", town.now)


def test_an_agent_of_another_organisation_gets_nothing(town, other_organisation):
    campaign = town.calling(mode="preview")
    stranger = town.agent("Чужой")
    stranger.organisation = other_organisation
    stranger.save()
    assert dialler.offer(stranger, campaign, town.now) is None
    with pytest.raises(NotNow, match="нет"):
        dialler.dial(stranger, Contact.objects.first().pk, "here:1:1", town.now)


def test_an_offered_person_may_be_put_off(town):
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна")
    offered = dialler.offer(anna, campaign, town.now)
    assert dialler.put_off(anna, offered.contact.pk, 60, "", town.now)
    contact = Contact.objects.get(pk=offered.contact.pk)
    assert (contact.state_why, contact.not_before) == ("put_off", town.now + timedelta(hours=1))
    assert not dialler.put_off(anna, offered.contact.pk, 60, "", town.now)


# -- progressive --


@pytest.mark.parametrize("free", [0, 1, 2])
def test_progressive_calls_as_many_as_agents_are_free_and_each_has_theirs(town, free):
    for number in range(free):
        town.agent(f"a{number}")
    town.agent("away", state="away")
    town.calling(mode="progressive")
    calls = town.take()
    assert len(calls) == free
    assert len({call.agent_id for call in calls}) == free
    assert town.take(now=town.now + timedelta(seconds=5)) == []


def test_an_agent_who_left_this_second_is_called_nobody_for(town, monkeypatch):
    town.agent("Анна")
    town.calling(mode="progressive")
    monkeypatch.setattr(agents, "take_free", lambda *_arguments, **_more: None)
    assert town.take() == []
    assert set(Contact.objects.values_list("state", flat=True)) == {"waiting"}
    assert not Call.objects.exists()


# -- predictive --


def answered_before(town, campaign, *, count: int, abandoned: int, person: Agent) -> None:
    """Calls of this very hour that people answered, some of whom found nobody."""
    at = town.now - timedelta(minutes=20)
    Call.objects.bulk_create(
        Call(
            organisation=town.organisation,
            campaign=campaign,
            uid=uuid4(),
            direction="out",
            mode="predictive",
            house=town.house,
            address="+79010000000",
            language="ru",
            scenario="debt_notice",
            state=CallState.ENDED,
            started_at=at,
            answered_at=at,
            ended_at=at,
            seconds=90,
            outcome="answered",
            picked_up="person",
            agent_id=None if number < abandoned else person.user_id,
        )
        for number in range(count)
    )
    Call.objects.bulk_create(
        Call(
            organisation=town.organisation, campaign=campaign, uid=uuid4(), direction="out", mode="predictive",
            house=town.house, address="+79010000000", language="ru", scenario="debt_notice", state=CallState.ENDED,
            started_at=at, ended_at=at, outcome="no_answer", sip_status=480,
        )
        for _number in range(count * 2)
    )  # fmt: skip


@pytest.mark.parametrize(("abandoned", "ahead"), [(0, True), (10, False)])
def test_predictive_calls_ahead_until_too_many_found_nobody(town, abandoned, ahead):
    """One of three answers: five free agents bear more calls than five; over the limit it is one an agent again."""
    town.open(5)
    town.settle(town.accounts[3:])
    staff = [town.agent(f"a{number}") for number in range(5)]
    campaign = town.calling(mode="predictive")
    answered_before(town, campaign, count=100, abandoned=abandoned, person=staff[0])
    made = town.take()
    assert (len(made) > 5) is ahead
    assert ahead or len(made) == 5
    assert {call.agent_id for call in made} == {None}
    assert team.found(campaign).share == abandoned / 100


def test_predictive_begins_one_by_one(town):
    town.agent("Анна")
    town.calling(mode="predictive")
    assert len(town.take()) == 1
    assert town.take(now=town.now + timedelta(seconds=5)) == []
