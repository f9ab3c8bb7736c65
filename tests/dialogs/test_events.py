"""Calls in the journal: how each ended in words, none that never rang."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from okno.common import journal
from okno.common.journal import Subject
from okno.dialogs import events
from okno.dialogs.models import Call

NOON = datetime(2026, 11, 18, 9, tzinfo=UTC)


def call(account, **more) -> Call:
    told = {
        "organisation": account.organisation, "uid": uuid4(), "direction": "out", "account": account,
        "house": account.flat.house, "address": "+79010000001", "language": "ru", "scenario": "debt_notice",
        "state": "ended", "started_at": NOON, "ended_at": NOON,
    }  # fmt: skip
    return Call.objects.create(**{**told, **more})


def titles(account, kind: str = "account") -> list[str]:
    pk = account.pk if kind == "account" else account.flat.house_id
    subject = Subject(kind, account.organisation_id, pk)
    return [event.title for event in events.tell(subject, before=None, limit=10, kinds=None)]


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ({"outcome": "busy"}, "Звонок робота на +79010000001: было занято"),
        ({"outcome": "answered", "seconds": 75, "picked_up": "person"}, "Звонок робота на +79010000001: разговор 1:15"),
        ({"outcome": "answered", "picked_up": "machine"}, "Звонок робота на +79010000001: ответил автоответчик"),
        ({"outcome": "no_answer", "mode": "preview"}, "Звонок сотрудника на +79010000001: не взяли трубку"),
        ({"outcome": "answered", "seconds": 5, "direction": "in"}, "Звонок с +79010000001: разговор 0:05"),
        ({"outcome": "failed", "state": "lost"}, "Звонок робота на +79010000001: прерван нашим сбоем"),
    ],
)
def test_a_call_is_told_with_its_end(account, told, title):
    call(account, **told)
    assert titles(account) == titles(account, "house") == [title]


@pytest.mark.parametrize("told", [{"outcome": "cancelled"}, {"outcome": "", "state": "ringing", "ended_at": None}])
def test_a_call_taken_back_or_going_on_is_not_told(account, told):
    call(account, **told)
    assert titles(account) == []


def test_the_journal_reads_calls_only_of_its_subject_and_of_the_kinds_asked_for(account, other_organisation):
    call(account, outcome="busy")
    subject = Subject("account", account.organisation_id, account.pk)
    read = journal.read(subject, limit=10, kinds=frozenset({events.CALLED}))
    assert [event.kind for event in read] == [events.CALLED]
    assert list(events.tell(subject, before=None, limit=10, kinds=frozenset({"payment.posted"}))) == []
    stranger = Subject("account", other_organisation.pk, account.pk)
    assert list(events.tell(stranger, before=None, limit=10, kinds=None)) == []
    assert list(events.tell(subject, before=NOON, limit=10, kinds=None)) == []
