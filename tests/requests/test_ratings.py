"""Work is rated once, by one call; what was not done is opened again."""

from uuid import uuid4

import pytest

from okno.common import journal
from okno.common.journal import Subject
from okno.requests import ratings, register
from okno.requests.ratings import RatingRefused


@pytest.fixture
def done(asked, actor, now):
    return register.finish(actor, asked().pk, now=now)


def rate(actor, request, now, **more):
    return ratings.rate(actor, request, language="ru", now=now, **more)


def test_what_is_said_in_one_call_comes_together(done, actor, now):
    uid = uuid4()
    rate(actor, done, now, done=True, call_uid=uid)
    rate(actor, done, now, score=9, call_uid=uid)
    kept = rate(actor, done, now, comment="быстро", call_uid=uid)
    assert (kept.done, kept.score, kept.comment) == (True, 9, "быстро")


def test_not_done_opens_the_request_again(done, actor, now):
    rate(actor, done, now, done=False, comment="всё ещё течёт", call_uid=uuid4())
    done.refresh_from_db()
    assert (done.state, done.done_at) == ("reopened", None)


def test_another_call_does_not_rate_again(done, actor, now):
    rate(actor, done, now, score=9, call_uid=uuid4())
    with pytest.raises(RatingRefused):
        rate(actor, done, now, score=1, call_uid=uuid4())


@pytest.mark.parametrize("score", [-1, 11])
def test_a_score_out_of_nought_to_ten_is_refused(done, actor, now, score):
    with pytest.raises(RatingRefused):
        rate(actor, done, now, score=score)


def test_the_journal_tells_the_score(done, actor, now, organisation, account):
    rate(actor, done, now, score=4)
    (told,) = journal.read(Subject("account", organisation.pk, account.pk), kinds={"request.rated"})
    assert (told.title, told.tone) == ("Заявка № 1: оценка 4 из 10", "warning")
