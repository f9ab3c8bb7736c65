"""Payments posted while contacts are permitted and sent, in many interleavings: nothing permitted after the posting."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from okno.common import clock
from okno.database.address import parse
from okno.ledger.models import Payment
from okno.outreach import claims, facts, gate, permits
from okno.outreach.models import Contact, Message, Permit
from okno.outreach.replay import replay
from okno.outreach.sending import Sender
from tests.ledger.book import pay
from tests.outreach.loopback import Loopback
from tests.outreach.town import Town

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def running_clock(monkeypatch, stopped_clock):
    """Noon when the test begins, and time goes on from there."""
    begun = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: stopped_clock + (datetime.now(UTC) - begun))
    return clock.now


class Pauses:
    """Random rests at the seams between the steps, from one seed."""

    def __init__(self, seed: int, monkeypatch) -> None:
        self._random, self._lock = random.Random(seed), threading.Lock()
        for module, name in (
            (gate, "gather"),
            (gate, "_write"),
            (claims, "claim"),
            (claims, "sent"),
            (facts, "freshness"),
        ):
            monkeypatch.setattr(module, name, self._rested(getattr(module, name)))

    def rest(self) -> None:
        with self._lock:
            seconds = self._random.choice((0, 0, 0.001, 0.005, 0.02))
        time.sleep(seconds)

    def _rested(self, function):
        def rested(*args, **kwargs):
            self.rest()
            result = function(*args, **kwargs)
            self.rest()
            return result

        return rested


def prepared(lasting_town: Town, accounts: int) -> Town:
    lasting_town.open(accounts - len(lasting_town.accounts))
    lasting_town.settle(lasting_town.accounts[3:])
    lasting_town.planned("sms", "email", name="СМС")
    lasting_town.planned("email", name="Почта")
    return lasting_town


def payer(town: Town, accounts: list[int], pauses: Pauses, failures: list[BaseException]):
    def work() -> None:
        try:
            for account in accounts:
                pauses.rest()
                town.post(pay(account, "2026-11-18", 3_000_00), kind="payments")
        except BaseException as error:  # told to the test, which is in another thread
            failures.append(error)
        finally:
            connections.close_all()

    return threading.Thread(target=work)


def no_permit_after_its_payment(town: Town) -> None:
    closing = dict(Payment.objects.values_list("account_id", "entry__posted_at"))
    for permit in Permit.objects.filter(allowed=True):
        posted_at = closing.get(permit.account_id)
        assert posted_at is None or permit.recorded_at < posted_at, permit.pk
    for message in Message.objects.select_related("permit"):
        assert message.permit.recorded_at <= message.claimed_at <= message.permit.expires_at
    permits.seal(town.organisation.pk)
    found = replay(town.organisation, town.now.date())
    assert found.violations == []
    assert found.unsealed == 0


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_permitted_after_the_posting_that_closed_the_debt(lasting_town, tmp_path, monkeypatch, seed):
    town = prepared(lasting_town, 60)
    pauses = Pauses(seed, monkeypatch)
    order = town.accounts[:]
    random.Random(seed).shuffle(order)
    paid, failures = order[:40], []
    with Loopback(tmp_path) as other_side:
        senders = [Sender(other_side.ways(), batch=7 + seed, poll=0.02) for _ in range(2)]
        threads = [threading.Thread(target=sender.run) for sender in senders]
        threads += [payer(town, paid[start::2], pauses, failures) for start in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads[2:]:
            thread.join(60)
        drained = Sender(other_side.ways()).run(once=True)
        for sender in senders:
            sender.stop()
        for thread in threads[:2]:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        assert drained.unknown == 0
    assert failures == []
    no_permit_after_its_payment(town)
    states = Counter(Contact.objects.values_list("state", flat=True))
    # Not in vain: some were permitted before their payment came, some were taken back by it.
    assert states["withdrawn"] > 0
    assert Permit.objects.filter(account__in=paid, allowed=True).exists()
    assert set(states) <= {"sent", "delivered", "withdrawn", "refused"}
    unpaid = Contact.objects.filter(account__in=order[40:])
    assert {row.state for row in unpaid} <= {"sent", "delivered"}
    assert set(other_side.by_address().values()) <= {1, 2}
    uids = Counter(one.message_id for one in other_side.letters())
    assert set(uids.values()) <= {1}
    assert Message.objects.filter(word__in=["", "unknown"]).count() == 0


def test_a_gate_never_waits_for_a_posting_and_a_posting_never_for_long(lasting_town):
    """The account a posting holds is passed over; the others of the batch are decided."""
    town = prepared(lasting_town, 3)
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM ledger_balance WHERE account_id = %s FOR UPDATE", [town.accounts[1]])
            holding.set()
            release.wait(10)
            cursor.execute("ROLLBACK")
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    try:
        decisions = town.decide(now=clock.now())
    finally:
        release.set()
        thread.join(10)
    by_account = {Contact.objects.get(pk=one.contact_id).account_id: one.outcome for one in decisions}
    assert by_account[town.accounts[1]] == "busy"
    assert by_account[town.accounts[0]] == by_account[town.accounts[2]] == "allowed"
    waiting = Contact.objects.filter(account=town.accounts[1])
    assert {(row.state, row.state_why) for row in waiting} == {("waiting", "busy")}
    assert not Permit.objects.filter(account=town.accounts[1]).exists()


@pytest.mark.parametrize("owners", [1, 2])
def test_two_gates_never_fill_the_same_cap_together(lasting_town, owners):
    """Two a day for the account: six waves at once by six gates let two through, whoever of its owners they are for."""
    for number in range(6):
        lasting_town.planned("sms", name=f"Волна {number}")
    account = lasting_town.accounts[0]
    ids = list(Contact.objects.filter(account=account).values_list("pk", flat=True))
    if owners == 2:
        second = lasting_town.resident(account)
        Contact.objects.filter(pk__in=ids[::2]).update(person=second, address=second.phones.get().number)
    gates = threading.Barrier(len(ids))

    def decide(contact: int) -> None:
        gates.wait(10)
        for _attempt in range(200):
            (decision,) = gate.decide(lasting_town.organisation.pk, [contact], clock.now())
            if decision.outcome != "busy":
                break
        connections.close_all()

    threads = [threading.Thread(target=decide, args=(contact,)) for contact in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Permit.objects.filter(account=account, allowed=True).count() == 2
    assert Contact.objects.filter(account=account, state="permitted").count() == 2


def environment(other_side: Loopback, now: datetime) -> dict[str, str]:
    named = connection.settings_dict["NAME"]
    return {
        **os.environ,
        **other_side.environment(),
        "OKNO_DATABASE_URL": parse(os.environ["OKNO_DATABASE_URL"]).named(str(named)).url,
        "OKNO_NOW_OFFSET_SECONDS": str((now - datetime.now(UTC)).total_seconds()),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def killed_in_the_middle(other_side: Loopback, now: datetime, arrivals: int) -> None:
    """Start a sender of its own process and kill it without warning once so many messages have arrived."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outreach.sender"], env=environment(other_side, now), stderr=subprocess.PIPE
    )
    never = threading.Event()
    while process.poll() is None and sum(other_side.by_address().values()) < arrivals:
        never.wait(0.002)
    process.send_signal(signal.SIGKILL)
    _out, told = process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL, told.decode()


def test_a_sender_killed_in_the_middle_loses_nothing_and_doubles_nothing(lasting_town, tmp_path, running_clock):
    town = lasting_town
    town.open(37)
    town.settle(town.accounts[3:])
    town.planned("sms", name="СМС")
    town.planned("email", name="Почта")
    with Loopback(tmp_path) as other_side:
        for arrivals in (5, 25, 45):
            killed_in_the_middle(other_side, running_clock(), arrivals)
        left = sum(other_side.by_address().values())
        assert left < 80
        rest = Sender(other_side.ways(), stuck_after=1.0)
        threading.Event().wait(2.1)  # what the killed ones had been permitted runs out
        rest.run(once=True, linger=5)
        arrived = other_side.by_address()
        letters = Counter(one.message_id for one in other_side.letters())
    assert set(arrived.values()) == {1}
    states = Counter(Contact.objects.values_list("state", flat=True))
    assert set(states) <= {"sent", "delivered", "unknown"}
    known = set(Contact.objects.filter(state__in=["sent", "delivered"]).values_list("address", flat=True))
    unknown = set(Contact.objects.filter(state="unknown").values_list("address", flat=True))
    assert known <= set(arrived)
    assert set(arrived) <= known | unknown
    assert len(known) + len(unknown) == 80
    assert set(letters) <= {str(uid) for uid in Message.objects.filter(channel="email").values_list("uid", flat=True)}
    no_permit_after_its_payment(town)
