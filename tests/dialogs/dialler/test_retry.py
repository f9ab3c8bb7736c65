"""What follows from each end of a call."""

from datetime import timedelta

import pytest

from okno.dialogs.dialler.retry import DEFAULT_PAUSES, FAULTS, LATER, MACHINE, Ended, after
from okno.outreach.words import REASONS
from okno.telephony.leg import Kind

MINUTES = {"busy": 15, "no_answer": 120, "unreachable": 180, "machine": 240, "later": 1440, "failed": 10}

TABLE = [
    # outcome, picked up, result → state, why, minutes to the next try, may wait for a better hour
    ("busy", "", "", "waiting", "busy_line", 15, False),
    ("no_answer", "", "", "waiting", "no_answer", 120, True),
    ("unreachable", "", "", "waiting", "unreachable", 180, True),
    ("rejected", "", "", "failed", "rejected", None, False),
    ("invalid_number", "", "", "failed", "invalid_number", None, False),
    ("answered", "machine", "", "waiting", "machine", 240, True),
    ("answered", "screening", "", "waiting", "machine", 240, True),
    ("answered", "person", "promised", "delivered", "talked", None, False),
    ("answered", "person", "refused", "delivered", "talked", None, False),
    ("answered", "person", "", "delivered", "talked", None, False),
    ("answered", "unknown", "paid", "delivered", "talked", None, False),
    ("answered", "person", "wrong_number", "delivered", "talked", None, False),
    ("answered", "person", "do_not_call", "delivered", "talked", None, False),
    ("answered", "person", "not_home", "waiting", "not_now_home", 1440, False),
    ("answered", "person", "third_party", "waiting", "not_now_home", 1440, False),
    ("answered", "person", "child", "waiting", "not_now_home", 1440, False),
    ("answered", "person", "call_later", "waiting", "call_later", 1440, False),
    ("answered", "person", "silence", "waiting", "call_later", 1440, False),
    ("answered", "", "nobody_free", "waiting", "call_later", 1440, False),
]


@pytest.mark.parametrize(("outcome", "picked_up", "result", "state", "why", "minutes", "better"), TABLE)
def test_each_end_has_its_own_consequence(outcome, picked_up, result, state, why, minutes, better):
    following = after(Ended(outcome=outcome, picked_up=picked_up, result=result), MINUTES, 3)
    assert (following.state, following.why, following.better_hour) == (state, why, better)
    assert following.again == (None if minutes is None else timedelta(minutes=minutes))
    assert following.is_try
    assert why in REASONS


@pytest.mark.parametrize(("tries", "state"), [(1, "waiting"), (2, "waiting"), (3, "failed"), (4, "failed")])
def test_the_last_try_is_the_last(tries, state):
    assert after(Ended(outcome="busy", tries=tries), MINUTES, 3).state == state


def test_an_outcome_without_a_pause_is_not_tried_again():
    assert after(Ended(outcome="busy"), {"no_answer": 5}, 3).state == "failed"


def test_our_own_fault_is_no_try_and_rests_longer_each_time():
    first, second = (after(Ended(outcome="failed", ours=True, faults=count), MINUTES, 1) for count in (1, 2))
    assert (first.again, second.again) == (timedelta(minutes=10), timedelta(minutes=20))
    assert not first.is_try
    assert first.state == "waiting"


def test_our_own_fault_does_not_go_on_for_ever():
    assert after(Ended(outcome="failed", ours=True, faults=FAULTS), MINUTES, 1).state == "failed"


def test_a_call_taken_back_is_as_if_it_had_not_been():
    following = after(Ended(outcome="cancelled"), MINUTES, 1)
    assert (following.state, following.again, following.is_try) == ("waiting", timedelta(0), False)


def test_the_usual_pauses_name_what_may_be_tried_again_and_nothing_else():
    assert set(DEFAULT_PAUSES) == {Kind.BUSY, Kind.NO_ANSWER, Kind.UNREACHABLE, Kind.FAILED, MACHINE, LATER}
