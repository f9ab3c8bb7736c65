"""The words of a call go when their term is over; what was done, and the figures, stay."""

from datetime import timedelta

import pytest

from okno.access.models import Action
from okno.common import clock
from okno.dialogs import results
from okno.dialogs.live import transcripts
from okno.dialogs.models import Call, CallAction, CallTurn, Correction
from okno.dialogs.tasks import delete_old_transcripts
from tests.web.calls.test_calls import at, opened, text_of

pytestmark = pytest.mark.django_db

SAID = ("зар плат", "в пятницу", "8 540,10", "Мария Петровна", "один")


@pytest.fixture
def much_later(board):
    """A moment when the words of all calls of the board are past their term."""
    return board.street.noon + timedelta(days=transcripts.days_kept() + 1)


def kept_of(call: Call) -> str:
    """All that the database still has of what was said in a call."""
    turns = CallTurn.objects.filter(call=call)
    state = Call.objects.filter(pk=call.pk).values("slots", "dialog")
    corrections = Correction.objects.filter(turn__in=turns).values_list("text")
    return str([*turns.values_list("text", "heard", "value"), *state, *corrections])


def test_nothing_that_was_said_is_left_after_the_term(board, desk, much_later):
    call = board.calls["promised"]
    Call.objects.filter(pk=call.pk).update(
        slots={"when": "в пятницу"}, dialog={"confirmed": True, "slots": {"flat": "один"}}
    )
    opened(desk, call)
    turn = CallTurn.objects.get(call=call, heard__contains="зар платы")
    desk.post(at(f"{call.pk}/correct/{turn.pk}/"), {"text": "в пятницу после зарплаты"})
    assert all(words in kept_of(call) for words in SAID)
    transcripts.delete_old(much_later)
    assert not any(words in kept_of(call) for words in SAID)


def test_times_confidence_deeds_and_who_was_reached_stay(board, much_later):
    call = board.calls["promised"]
    turns = CallTurn.objects.filter(call=call).order_by("number")
    before = list(turns.values_list("number", "who", "at_ms", "until_ms", "confidence"))
    Call.objects.filter(pk=board.calls["wrong"].pk).update(dialog={"confirmed": True, "node": "goodbye"})
    funnel = results.total(Call.objects.all(), None)
    transcripts.delete_old(much_later)
    assert list(turns.values_list("number", "who", "at_ms", "until_ms", "confidence")) == before
    assert results.total(Call.objects.all(), None) == funnel
    promise = CallAction.objects.get(call=call, kind="promise")
    assert (promise.data["minor"], promise.made) == (854010, "promise:1")


def test_words_stay_until_their_term_and_while_a_call_goes_on(board, much_later):
    assert transcripts.delete_old(board.street.noon) == 0
    assert transcripts.delete_old(much_later) == sum(call.state in {"ended", "lost"} for call in board.calls.values())
    assert transcripts.delete_old(much_later) == 0
    assert "а сколько я должна" in kept_of(board.calls["talking"])


def test_the_trail_tells_once_how_many_calls_lost_their_words(board, much_later):
    number = transcripts.delete_old(much_later)
    told = Action.objects.get(verb="transcripts.deleted", organisation=board.street.organisation)
    assert told.detail["number"] == number
    assert "старше 365 дней" in told.sentence


def test_the_card_says_until_when_words_are_kept_and_when_they_went(board, desk, much_later):
    call = board.calls["promised"]
    assert "Слова хранятся до" in text_of(desk.get(at(f"{call.pk}/")))
    transcripts.delete_old(much_later)
    shown = text_of(opened(desk, call))
    assert f"Слова удалены {much_later:%d.%m.%Y}: срок хранения вышел." in shown
    assert "молчание" not in shown
    assert "Исправить расслышанное" not in shown
    turn = CallTurn.objects.filter(call=call, who="person", by_keys=False).first()
    assert desk.post(at(f"{call.pk}/correct/{turn.pk}/"), {"text": "по памяти"}).status_code == 404


def test_the_term_is_what_the_installation_says(board, monkeypatch):
    monkeypatch.setenv("OKNO_TRANSCRIPTS_DAYS", "30")
    assert transcripts.delete_old(board.street.noon + timedelta(days=29)) == 0
    assert transcripts.delete_old(board.street.noon + timedelta(days=31)) > 0


def test_a_worker_deletes_them_by_its_clock(board):
    long_ago = clock.now() - timedelta(days=transcripts.days_kept() + 1)
    Call.objects.filter(pk=board.calls["wrong"].pk).update(started_at=long_ago)
    delete_old_transcripts()
    assert "вы не туда попали" not in kept_of(board.calls["wrong"])
    assert "верно" in kept_of(board.calls["promised"])
