"""What calls brought is counted once, by the steps people ask about."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.dialogs import results
from okno.dialogs.models import Call, MinutePrice
from okno.dialogs.results import By, wilson
from tests.web.accounts.conftest import street
from tests.web.calls.switchboard import Switchboard

__all__ = ["street"]


@pytest.fixture
def board(street) -> Switchboard:
    """Arm A: five answered of six, two told, one promise kept; arm B: one refusal told."""
    board = Switchboard(street)
    kept = board.call("kept", "4", seconds=61, result="promised", dialog={"confirmed": True})
    board.did(kept, "debt_told")
    board.did(kept, "promise")
    board.promise(kept, "kept")
    refused = board.call("refused", "3", seconds=30, result="refused", dialog={"confirmed": True}, arm="B")
    board.did(refused, "debt_told")
    broken = board.call("broken", "2", seconds=10, result="promised", dialog={"confirmed": True})
    board.did(broken, "debt_told")
    board.did(broken, "promise")
    board.promise(broken, "broken")
    board.call("machine", "5", seconds=20, picked_up="machine")
    board.call("stranger", "7", seconds=15, result="third_party", dialog={"confirmed": False})
    board.call("silent", "8", seconds=None)
    board.call("passed", "9", seconds=120, result="transferred")
    board.call("going", "10", seconds=1, state="talking")
    return board


@pytest.mark.django_db
def test_each_step_of_the_funnel_counts_calls_that_reached_it(board):
    told = results.total(Call.objects.all(), None)
    steps = (told.calls, told.answered, told.right, told.told, told.promised, told.kept, told.broken)
    assert steps == (7, 6, 3, 3, 2, 1, 1)
    assert (told.machines, told.with_person, told.good) == (1, 1, 2)
    assert told.kept_share == 0.5
    assert told.cost_minor is None


@pytest.mark.django_db
def test_a_result_costs_its_whole_minutes(board, organisation):
    price = MinutePrice.objects.create(organisation=organisation, line_minor=200, agent_minor=600)
    told = results.total(Call.objects.all(), price)
    assert told.cost_minor == 200 * (2 + 1 + 1 + 1 + 1 + 2)
    assert told.result_minor == 800
    assert results.total(Call.objects.none(), price).result_minor is None


@pytest.mark.django_db
def test_money_that_came_soon_after_a_promise_is_told(board):
    today = board.street.day
    assert results.total(Call.objects.all(), None).paid == 0
    board.street.pay("2", today + timedelta(days=14), 100_00)
    board.street.pay("4", today + timedelta(days=15), 100_00)
    board.street.pay("7", today, 100_00)
    assert results.total(Call.objects.all(), None).paid == 1


@pytest.mark.django_db
@pytest.mark.parametrize("by", By)
def test_parts_add_up_to_the_whole(board, by):
    whole = results.total(Call.objects.all(), None)
    rows = results.table(Call.objects.all(), by, "Europe/Moscow", None)
    assert sum(row.calls for row in rows) == whole.calls
    assert sum(row.good for row in rows) == whole.good


@pytest.mark.django_db
def test_days_are_those_of_the_organisation(board):
    zone = "Asia/Kamchatka"
    (row,) = results.table(Call.objects.all(), By.DAY, zone, None)
    assert row.key == date(2026, 11, 18)
    calls = Call.objects.all()
    assert results.between(calls, date(2026, 11, 18), date(2026, 11, 18), zone).count() == calls.count()
    assert not results.between(calls, date(2026, 11, 17), date(2026, 11, 17), zone).exists()


@pytest.mark.django_db
def test_two_arms_are_told_apart_only_when_their_ranges_are(board):
    a, b = (
        next(row for row in results.table(Call.objects.all(), By.ARM, "UTC", None) if row.key == f"debt_notice {arm}")
        for arm in "AB"
    )
    compared = results.compare(a, b)
    assert compared is not None
    assert compared.better == ""


@pytest.mark.django_db
def test_an_arm_is_compared_with_what_the_other_said_meanwhile_and_the_robot_alone(board):
    assert results.side_by_side(Call.objects.exclude(arm="B")).count() == 0
    second = board.calls["refused"]
    Call.objects.exclude(pk=second.pk).update(started_at=second.started_at + timedelta(minutes=1))
    before, by_hand = board.calls["kept"], board.calls["broken"]
    Call.objects.filter(pk=before.pk).update(started_at=second.started_at - timedelta(days=1))
    Call.objects.filter(pk=by_hand.pk).update(mode="preview")
    beside = set(results.side_by_side(Call.objects.all()).values_list("pk", flat=True))
    assert beside == {call.pk for call in board.calls.values()} - {before.pk, by_hand.pk}


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_likely_range_holds_the_share_and_stays_a_share(told):
    part, whole = told
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-9
    assert part / whole - 1e-9 <= high <= 1
