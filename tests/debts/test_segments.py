"""What kind of debtor it looks like: both sides of every bound, the worst that fits, and the reason in words."""

from datetime import date, timedelta

import numpy as np
import pytest

from okno.debts.models import Case, Segment
from okno.debts.segments import SEGMENTS, placed, reason, segment

ROWS = [
    # months owed, days past the oldest due day, debts within a year, segment
    (1, 1, 0, "new"),
    (1, 60, 0, "new"),
    (1, 1, 1, "forgetful"),
    (1, 60, 4, "forgetful"),
    (1, 61, 0, "temporary"),
    (1, 61, 9, "temporary"),
    (2, 40, 0, "temporary"),
    (5, 150, 0, "temporary"),
    (1, 180, 0, "temporary"),
    (1, 181, 0, "chronic"),
    (6, 170, 0, "chronic"),
    (30, 900, 12, "chronic"),
]


@pytest.mark.parametrize(("months", "days", "earlier", "expected"), ROWS)
def test_the_segment_of_one(months, days, earlier, expected):
    assert segment(months, days, earlier) == Segment(expected)


def test_many_at_once_are_placed_as_each_alone():
    months, days, earlier, expected = zip(*ROWS, strict=True)
    found = placed(np.array(months), np.array(days), np.array(earlier))
    assert [SEGMENTS[place] for place in found] == list(expected)


@pytest.mark.parametrize(
    ("months", "days", "earlier", "words"),
    [
        (1, 5, 0, "за год это первый долг"),
        (1, 5, 3, "за год уже были долги: 3, все погашены"),
        (2, 45, 0, "не оплачено месяцев: 2"),
        (1, 75, 0, "самому старому долгу дней: 75"),
        (8, 250, 0, "не оплачено месяцев: 8"),
        (3, 200, 0, "самому старому долгу дней: 200"),
    ],
)
def test_the_reason_is_told_in_words(months, days, earlier, words):
    day = date(2026, 11, 18)
    case = Case(
        segment=segment(months, days, earlier),
        months_owed=months,
        aged_on=day,
        overdue_since=day - timedelta(days=days),
        earlier_debts=earlier,
    )
    assert reason(case) == words
