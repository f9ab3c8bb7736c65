"""Operators, postings and deaths at the same time: nobody is called twice, nobody who has paid is rung."""

import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.models import Call
from okno.ledger.models import Payment
from okno.outreach import permits
from okno.outreach.models import Contact, Message
from okno.outreach.replay import replay
from tests.ledger.book import pay
from tests.outreach.test_at_once import environment

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def running_clock(monkeypatch, stopped_clock):
    """Noon when the test begins, and time goes on from there."""
    begun = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: stopped_clock + (datetime.now(UTC) - begun))
    return clock.now


def prepared(town, accounts: int):
    town.open(accounts - len(town.accounts))
    town.settle(town.accounts[3:])
    town.calling(lines=100, calls_a_second=50)
    return town


def in_threads(*works) -> list[BaseException]:
    failures: list[BaseException] = []

    def guarded(work):
        def run() -> None:
            try:
                work()
            except BaseException as error:  # told to the test, which is in another thread
                failures.append(error)
            finally:
                connections.close_all()

        return run

    threads = [threading.Thread(target=guarded(work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return failures


def test_operators_who_take_at_once_call_everybody_once_and_never_over_the_lines(lasting_town):
    town = lasting_town
    town.open(27)
    town.settle(town.accounts[3:])
    campaign = town.calling(lines=12, calls_a_second=50)
    ready = threading.Barrier(4)
    taken: dict[str, list[Call]] = {}

    def operator(name: str):
        def work() -> None:
            ready.wait(10)
            taken[name] = [call for _round in range(8) for call in dialler.take(name, 5, clock.now())]

        return work

    assert in_threads(*(operator(f"here:{number}:1") for number in range(4))) == []
    calls = [call for one in taken.values() for call in one]
    assert len(calls) == 12 == campaign.calls.count()
    assert set(Counter(call.contact_id for call in calls).values()) == {1}
    assert set(Counter(call.person_id for call in calls).values()) == {1}
    for name, mine in taken.items():
        assert {call.operator for call in mine} <= {name}


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_rung_after_the_posting_that_closed_the_debt(lasting_town, seed):
    """Payments are posted while operators take and ask again: a call that may ring was asked before the posting."""
    town = prepared(lasting_town, 24)
    dice = random.Random(seed)
    order = town.accounts[:]
    dice.shuffle(order)
    rung: dict[int, datetime] = {}
    pauses = [dice.random() / 50 for _number in range(200)]
    over = threading.Event()

    def operator() -> None:
        rests = iter(pauses)
        while not over.is_set():
            for call in dialler.take("here:1:1", 4, clock.now()):
                over.wait(next(rests, 0.01))
                if dialler.may_still(call):
                    # By the database's clock, as postings are.
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT clock_timestamp()")
                        rung[call.pk] = cursor.fetchone()[0]
            over.wait(0.01)

    def payer() -> None:
        rests = iter(reversed(pauses))
        for account in order[:16]:
            over.wait(next(rests))
            town.post(pay(account, "2026-11-18", 3_000_00), kind="payments")
        over.set()

    assert in_threads(operator, payer) == []
    posted = dict(Payment.objects.values_list("account_id", "entry__posted_at"))
    for call in Call.objects.filter(pk__in=rung).select_related("permit"):
        at = posted.get(call.account_id)
        assert at is None or call.permit.recorded_at < at
        assert at is None or call.ended_at is None
    for call in Call.objects.filter(state="ended"):
        assert call.outcome == "cancelled"
        assert call.pk not in rung
    paid = Contact.objects.filter(account__in=order[:16])
    # Taken back because a posting held its account that very moment: not rung, and withdrawn when it is asked again.
    assert {row.state_why for row in paid.filter(state="waiting")} <= {"busy"}
    for later in range(2, 8):
        dialler.take("here:1:1", 24, clock.now() + timedelta(seconds=later))
    assert {row.state for row in paid} <= {"withdrawn", "sending", "refused"}
    assert not Call.objects.exclude(pk__in=rung).filter(account__in=order[:16], ended_at=None).exists()
    permits.seal(town.organisation.pk)
    assert replay(town.organisation, town.now.date()).violations == []


def test_while_a_posting_holds_the_account_its_phone_does_not_ring(lasting_town):
    town = prepared(lasting_town, 3)
    calls = {call.account_id: call for call in town.take(now=clock.now())}
    held = town.accounts[0]
    holding, release = threading.Event(), threading.Event()

    def posting() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM ledger_balance WHERE account_id = %s FOR UPDATE", [held])
            holding.set()
            release.wait(10)
            cursor.execute("ROLLBACK")

    def operator() -> None:
        assert holding.wait(10)
        try:
            assert not dialler.may_still(calls[held])
            assert dialler.may_still(calls[town.accounts[1]])
        finally:
            release.set()

    assert in_threads(posting, operator) == []
    contact = Contact.objects.get(account=held)
    assert (contact.state, contact.state_why) == ("waiting", "busy")


def test_an_operator_killed_in_the_middle_never_makes_a_second_call_about_a_debt_that_day(
    lasting_town, tmp_path, running_clock
):
    town = prepared(lasting_town, 20)

    class Elsewhere:
        def environment(self) -> dict[str, str]:
            return {}

    killed = subprocess.Popen(
        [sys.executable, "-m", "tests.dialogs.dialler.operator", "1"],
        env=environment(Elsewhere(), running_clock()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = [killed.stdout.readline().split() for _call in range(5)]
    killed.send_signal(signal.SIGKILL)
    rest, errors = killed.communicate(timeout=10)
    assert killed.returncode == -signal.SIGKILL, errors
    told += [line.split() for line in rest.splitlines() if len(line.split()) == 2]
    rung = {int(pk) for pk, may in told if may == "1"}
    assert rung
    assert dialler.recover(clock.now()).lost == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dialogs_call SET alive_at = alive_at - interval '30 s'")
    found = dialler.recover(clock.now())
    assert found.lost == Call.objects.filter(state="lost").count() >= len(rung)
    assert found.lost == found.unknown
    called = set(Call.objects.filter(state="lost").values_list("contact_id", flat=True))
    later = clock.now() + timedelta(hours=2)
    town.feed(later)
    again: list[Call] = []
    for _round in range(10):
        again += dialler.take("here:2:1", 10, later)
    assert called.isdisjoint({call.contact_id for call in again})
    assert len(called) + len(again) == 20
    assert set(Contact.objects.filter(pk__in=called).values_list("state", flat=True)) == {"unknown"}
    assert Message.objects.filter(contact__in=called).exclude(word="unknown").count() == 0
