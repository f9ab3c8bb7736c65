"""Requests are numbered without a gap, opened once a call, and go only where they may."""

from uuid import uuid4

import pytest
from django.db import transaction

from okno.access.models import Action
from okno.common import journal
from okno.common.journal import Subject
from okno.requests import register
from okno.requests.models import Request
from okno.requests.register import RequestRefused
from tests.ledger.test_at_once import at_once


def test_numbers_go_up_from_one_in_every_organisation(asked, actor, other_organisation):
    assert [asked().number, asked("нет света").number, asked("лифт стоит").number] == [1, 2, 3]
    assert Request.objects.filter(organisation=other_organisation).count() == 0


def test_a_request_that_was_not_written_leaves_no_gap(asked):
    asked()
    with transaction.atomic():
        asked("нет света")
        transaction.set_rollback(True)
    assert asked("лифт стоит").number == 2


def test_the_same_call_twice_is_one_request(asked):
    uid = uuid4()
    first, again = asked(call_uid=uid), asked("другие слова", call_uid=uid)
    assert (first.pk, again.pk, Request.objects.count()) == (first.pk, first.pk, 1)


def test_words_tell_the_category_and_the_urgency_where_nobody_does(asked):
    one = asked("пахнет газом")
    assert (one.category, one.urgency) == ("gas", "danger")
    other = asked("пахнет газом", category="entrance", urgency="normal")
    assert (other.category, other.urgency) == ("entrance", "normal")


def test_a_request_without_words_is_refused(asked):
    with pytest.raises(RequestRefused):
        asked("   ")


def test_a_request_is_taken_finished_and_opened_again(asked, actor, now):
    one = asked()
    register.take(actor, one.pk, now=now)
    done = register.finish(actor, one.pk, now=now)
    assert (done.state, done.done_at) == ("done", now)
    again = register.reopen(actor, one.pk, now=now, words="снова течёт")
    assert (again.state, again.done_at) == ("reopened", None)
    assert register.close(actor, one.pk, now=now).state == "closed"


def test_what_is_closed_is_not_taken(asked, actor, now):
    one = asked()
    register.close(actor, one.pk, now=now)
    with pytest.raises(RequestRefused, match="закрыта"):
        register.take(actor, one.pk, now=now)


def test_nobody_moves_a_request_of_another_organisation(asked, actor, other_organisation, now):
    from okno.access.actor import process

    with pytest.raises(RequestRefused):
        register.take(process(other_organisation, "чужой"), asked().pk, now=now)


def test_every_step_leaves_a_line_and_is_read_in_the_journals(asked, actor, now, account, organisation):
    one = asked()
    register.finish(actor, one.pk, now=now)
    assert list(Action.objects.filter(subject_kind="request").order_by("pk").values_list("verb", flat=True)) == [
        "request.opened",
        "request.done",
    ]
    for kind, pk in (("account", account.pk), ("house", account.flat.house_id)):
        kinds = {event.kind for event in journal.read(Subject(kind, organisation.pk, pk))}
        assert {"request.opened", "request.moved"} <= kinds


def test_more_words_are_added_once(asked, actor):
    one = asked()
    register.add_words(actor, one.pk, "и в ванной тоже")
    register.add_words(actor, one.pk, "и в ванной тоже")
    one.refresh_from_db()
    assert one.text == "Течёт кран на кухне\nи в ванной тоже"


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_have_every_number_once(asked):
    def several() -> None:
        for _ in range(8):
            asked()

    assert at_once(several, several, several) == [None, None, None]
    assert sorted(Request.objects.values_list("number", flat=True)) == list(range(1, 25))
