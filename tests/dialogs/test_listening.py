"""Calls are drawn once: half by lot, half because they are worth hearing; marks speak of the scenario."""

from datetime import UTC, datetime

import pytest

from okno.access.actor import process
from okno.access.models import Action
from okno.dialogs import listening
from okno.dialogs.models import Call, Listening
from tests.web.accounts.conftest import street
from tests.web.calls.switchboard import Switchboard

__all__ = ["street"]
pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.fixture
def board(street) -> Switchboard:
    board = Switchboard(street)
    for number in range(12):
        board.call(f"plain{number}", str(number + 1), seconds=20 + number, minutes_ago=100 + number)
    board.call("complaint", "1", result="complaint")
    board.call("long", "2", seconds=400)
    unsure = board.call("unsure", "3")
    board.said(unsure, ("robot", "Да?"), ("person", "кх", "yesno", None, 0.2))
    board.call("silent", "4", seconds=None)
    board.call("going", "5", seconds=1, state="talking")
    return board


@pytest.fixture
def actor(organisation, manager):
    from okno.access.actor import Actor

    return Actor(organisation=organisation, user=manager.user, membership=manager, name="Мария")


def draw(board, count: int) -> dict[str, str]:
    actor = process(board.street.organisation, "проверка")
    drawn = listening.draw(actor, Call.objects.all(), count=count, now=NOW)
    names = {call.pk: name for name, call in board.calls.items()}
    return {names[one.call_id]: one.drawn_why for one in drawn}


def test_half_is_worth_hearing_and_half_is_by_lot(board):
    drawn = draw(board, 6)
    assert len(drawn) == 6
    assert {name: why for name, why in drawn.items() if why != "random"} == {
        "complaint": "complaint",
        "unsure": "low_confidence",
        "long": "long",
    }


def test_a_call_is_drawn_once_and_only_when_it_was_talked_through(board):
    first, second = draw(board, 10), draw(board, 10)
    assert not set(first) & set(second)
    assert set(first) | set(second) == set(board.calls) - {"silent", "going"}
    assert draw(board, 10) == {}
    assert Action.objects.filter(verb="calls.drawn").count() == 2


def test_marks_are_of_the_checklist_and_replace_the_former(board, actor):
    call = board.calls["long"]
    marks = dict.fromkeys(listening.CHECKLIST, 1)
    listening.mark(actor, call, marks, " хорошо ", NOW)
    listening.mark(actor, call, {**marks, "polite": 0, "person": None}, "", NOW)
    kept = Listening.objects.get(call=call)
    assert listening.score_text(kept.marks) == "5 из 6"
    assert (kept.listener, kept.comment) == (actor.user, "")
    for wrong in ({}, {**marks, "other": 1}, {**marks, "polite": 2}):
        with pytest.raises(listening.BadMarks):
            listening.mark(actor, call, wrong, "", NOW)


def test_a_scenario_is_told_by_its_marks_the_worst_first(board, actor):
    good, bad = board.calls["long"], board.call("bad", "6", scenario="readings")
    listening.mark(actor, good, dict.fromkeys(listening.CHECKLIST, 1), "", NOW)
    listening.mark(actor, bad, {**dict.fromkeys(listening.CHECKLIST), "polite": 0}, "", NOW)
    told = listening.by_scenario(Listening.objects.all())
    assert [(one.scenario, one.share) for one in told] == [("readings", 0.0), ("debt_notice", 1.0)]
