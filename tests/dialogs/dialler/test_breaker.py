"""A campaign stops by itself after faults in a row and when too many complain."""

import pytest

from okno.dialogs.dialler.breaker import FAULTS_IN_A_ROW, TALKS_TO_JUDGE, Seen, trip

FAULT = Seen(ours=True, talked=False, words="503 Service Unavailable")
SILENT = Seen(ours=False, talked=False)
TALK = Seen(ours=False, talked=True, result="promised")
SHORT = Seen(ours=False, talked=True, result="do_not_call")
COMPLAINT = Seen(ours=False, talked=True, result="complaint")


@pytest.mark.parametrize(
    ("calls", "stops"),
    [
        ([], False),
        ([FAULT] * (FAULTS_IN_A_ROW - 1), False),
        ([FAULT] * FAULTS_IN_A_ROW, True),
        ([SILENT, *[FAULT] * 20], False),
        ([*[FAULT] * (FAULTS_IN_A_ROW - 1), SILENT, *[FAULT] * 20], False),
        ([SHORT] * (TALKS_TO_JUDGE - 1), False),
        ([SHORT] * TALKS_TO_JUDGE, True),
        ([*[SHORT] * 2, *[TALK] * 18], False),
        ([*[SHORT] * 2, COMPLAINT, *[TALK] * 18], True),
        ([*[SHORT] * 2, COMPLAINT, *[TALK] * 17, *[SILENT] * 40], True),
        ([TALK] * 60, False),
    ],
)
def test_the_campaign_stops_after_faults_in_a_row_or_many_complaints(calls, stops):
    assert (trip(calls) is not None) is stops


def test_the_reason_is_said_in_words():
    assert "503 Service Unavailable" in (trip([FAULT] * 5) or "")
    assert "100% из 20" in (trip([SHORT] * 20) or "")
