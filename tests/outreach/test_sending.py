"""The sender against a real mail server and SMS centre on the loopback: once each, in time, never after a payment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from okno.access.actor import Actor
from okno.outreach import claims, gate, sending, steering
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, Contact, Message, Permit, PermitSeal
from okno.outreach.replay import replay
from okno.outreach.sending import Sender
from okno.outreach.templates import MissingValue, Rendered
from okno.people.models import EmailAddress, Person, Phone
from tests.outreach.loopback import Loopback
from tests.outreach.town import contact_of


@pytest.fixture
def other_side(tmp_path):
    with Loopback(tmp_path) as loopback:
        yield loopback


@pytest.fixture
def send(other_side, moment):
    def act(**more):
        options = {"ways": other_side.ways(), "now": lambda: moment, **more}
        return Sender(**options).run(once=True, linger=5)

    return act


def clean(town) -> bool:
    found = replay(town.organisation, town.now.date())
    assert found.violations == []
    return True


def test_what_is_due_leaves_once_with_the_fresh_sum(lasting_town, other_side, send):
    lasting_town.planned("sms")
    drained = send()
    assert (drained.allowed, drained.sent, drained.receipts) == (3, 3, 3)
    arrivals = {one.to: one for one in other_side.messages()}
    assert arrivals.keys() == {phone.number for phone in Phone.objects.all()}
    contact = contact_of(lasting_town.accounts[0])
    message = Message.objects.get(contact=contact)
    assert arrivals[contact.address].text == message.text
    assert "Пётр Ильич" in message.text
    assert "3\xa0000,00\xa0₽" in message.text
    assert (contact.state, message.word, message.parts) == ("delivered", "delivered", arrivals[contact.address].parts)
    assert message.permit_id == contact.permit_id
    assert message.claimed_at <= message.permit.expires_at
    assert send().allowed == 0
    assert clean(lasting_town)


def test_a_letter_carries_our_id_and_a_way_to_be_left_alone(lasting_town, other_side, send):
    lasting_town.planned("email")
    assert send().sent == 3
    letters = {one.to: one for one in other_side.letters()}
    contact = contact_of(lasting_town.accounts[1])
    message = Message.objects.get(contact=contact)
    assert letters[contact.address].message_id == str(message.uid)
    assert letters[contact.address].subject == message.subject
    raw = (other_side.folder / "mail" / f"{letters[contact.address].provider_id}.eml").read_text()
    assert f"List-Unsubscribe: <mailto:dom@example.org?subject=unsubscribe%20{message.uid}>" in raw
    assert contact.state == "sent"


def test_permits_are_sealed_behind_the_sender(lasting_town, send):
    lasting_town.planned("sms")
    drained = send()
    assert drained.sealed == 3
    assert PermitSeal.objects.get().permits == 3


def test_a_payment_between_planning_and_sending_stops_the_message(lasting_town, other_side, send):
    lasting_town.planned("sms")
    lasting_town.pay_all(lasting_town.accounts[0])
    assert send().sent == 2
    assert contact_of(lasting_town.accounts[0]).state == "withdrawn"
    assert len(other_side.messages()) == 2


def test_a_withdrawn_contact_is_not_claimed_though_it_was_permitted(lasting_town, moment):
    lasting_town.planned("sms")
    decisions = gate.decide_due(
        lasting_town.organisation.pk, Campaign.objects.get().pk, channels=["sms"], now=moment, limit=10
    )
    lasting_town.pay_all(lasting_town.accounts[0])
    words = Rendered(subject="", text="текст", parts=1)
    claimed = [claims.claim(open_cursor(), decision, words, moment) for decision in decisions]
    assert [one is not None for one in claimed] == [False, True, True]
    assert 0 < claimed[1].seconds <= 2


def test_an_expired_permit_is_not_used_and_the_gate_is_asked_again(lasting_town, moment):
    lasting_town.planned("sms")
    campaign = Campaign.objects.get().pk
    (decision,) = gate.decide_due(lasting_town.organisation.pk, campaign, channels=["sms"], now=moment, limit=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2.05)")
    assert claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), moment) is None
    assert claims.recover(open_cursor(), moment, 180) == (1, 0)
    contact = Contact.objects.get(pk=decision.contact_id)
    assert (contact.state, contact.state_why) == ("waiting", "permit_expired")
    assert Message.objects.count() == 0


def test_a_paused_campaign_is_not_claimed_from(lasting_town, moment):
    lasting_town.planned("sms")
    campaign = Campaign.objects.get()
    (decision,) = gate.decide_due(lasting_town.organisation.pk, campaign.pk, channels=["sms"], now=moment, limit=1)
    Campaign.objects.update(state="paused")
    assert claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), moment) is None


def test_a_message_stuck_on_its_way_becomes_unknown_and_never_leaves_by_itself(lasting_town, moment, other_side, send):
    lasting_town.planned("sms")
    campaign = Campaign.objects.get().pk
    (decision,) = gate.decide_due(lasting_town.organisation.pk, campaign, channels=["sms"], now=moment, limit=1)
    claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), moment)
    assert claims.recover(open_cursor(), moment, 180) == (0, 0)
    assert claims.recover(open_cursor(), moment, 0) == (0, 1)
    contact = Contact.objects.get(pk=decision.contact_id)
    assert (contact.state, contact.message.word) == ("unknown", "unknown")
    assert send().sent == 2
    assert contact.address not in other_side.by_address()


def test_a_person_may_repeat_what_nobody_knows(lasting_town, moment, other_side, send, manager):
    lasting_town.planned("sms")
    campaign = Campaign.objects.get().pk
    (decision,) = gate.decide_due(lasting_town.organisation.pk, campaign, channels=["sms"], now=moment, limit=1)
    claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), moment)
    claims.recover(open_cursor(), moment, 0)
    uid = Message.objects.get().uid
    actor = Actor(organisation=lasting_town.organisation, user=manager.user, membership=manager, name="Мария")
    assert steering.repeat(decision.contact_id, actor, "звонил житель, СМС не было")
    assert not steering.repeat(decision.contact_id, actor, "второй раз")
    assert send().sent == 3
    assert Message.objects.get(contact=decision.contact_id).uid == uid
    assert clean(lasting_town)


def test_a_campaign_with_nothing_left_finishes_and_a_repeat_wakes_it(lasting_town, send, manager):
    campaign = lasting_town.planned("sms")
    Campaign.objects.filter(pk=campaign.pk).update(start_after=lasting_town.now)
    send()
    campaign.refresh_from_db()
    assert campaign.state == "finished"
    contact = contact_of(lasting_town.accounts[0])
    Contact.objects.filter(pk=contact.pk).update(state="unknown")
    actor = Actor(organisation=lasting_town.organisation, user=manager.user, membership=manager, name="Мария")
    assert steering.repeat(contact.pk, actor, "житель не получил")
    campaign.refresh_from_db()
    assert campaign.state == "running"


@pytest.mark.parametrize(
    ("address", "state", "wrong"),
    [("bounce@example.org", "failed", True), ("spam@example.org", "failed", False)],
)
def test_a_refused_letter_fails_and_a_dead_mailbox_is_marked_with_its_reason(
    lasting_town, other_side, send, address, state, wrong
):
    account = lasting_town.accounts[0]
    EmailAddress.objects.filter(person=lasting_town.owner(account)).update(address=address)
    lasting_town.planned("email")
    drained = send()
    assert (drained.sent, drained.failed) == (2, 1)
    assert contact_of(account).state == state
    row = EmailAddress.objects.get(address=address)
    assert row.is_wrong is wrong
    history = EmailAddress.pgh_event_model.objects.filter(pgh_obj=row, is_wrong=True)
    assert [one.pgh_context.metadata["name"] for one in history] == (["Окно"] if wrong else [])


def test_try_again_later_rests_the_contact_and_does_not_count_as_a_message(lasting_town, other_side, send, moment):
    account = lasting_town.accounts[0]
    EmailAddress.objects.filter(person=lasting_town.owner(account)).update(address="later@example.org")
    lasting_town.planned("email")
    drained = send()
    assert (drained.sent, drained.not_now) == (2, 1)
    contact = contact_of(account)
    assert (contact.state, contact.state_why, contact.attempts) == ("waiting", "not_now", 1)
    assert contact.not_before == moment + timedelta(minutes=1)
    other_side.smtp.answers.clear()
    after = moment + timedelta(minutes=1)
    assert send(now=lambda: after).sent == 1
    assert contact_of(account).state == "sent"
    assert clean(lasting_town)


def test_not_now_is_tried_five_times_and_no_more(lasting_town, other_side, send, moment):
    account = lasting_town.accounts[0]
    EmailAddress.objects.filter(person=lasting_town.owner(account)).update(address="later@example.org")
    lasting_town.planned("email")
    at = moment
    for _attempt in range(5):
        send(now=partial(max, at, moment))
        at = max(contact_of(account).not_before, at)
    contact = contact_of(account)
    assert (contact.state, contact.attempts) == ("failed", 5)


def test_our_own_fault_five_times_in_a_row_pauses_the_campaign(lasting_town, other_side, send):
    lasting_town.open(9)
    lasting_town.settle(lasting_town.accounts[3:])
    for number, row in enumerate(EmailAddress.objects.order_by("id")):
        row.address = f"spam{number}@example.org"
        row.save()
    lasting_town.planned("email")
    drained = send(batch=1, concurrency=1)
    assert drained.failed == 5
    campaign = Campaign.objects.get()
    assert campaign.state == "paused"
    assert "5.7.1" in campaign.state_why
    assert Contact.objects.filter(state="waiting").count() == 7


def test_an_invalid_number_is_marked(lasting_town, other_side, send):
    account = lasting_town.accounts[0]
    ending = next(end for end, known in other_side.smsc.behaviours.items() if known.status == 0x0B)
    number = f"+790155500{ending}"
    Phone.objects.filter(person=lasting_town.owner(account)).update(number=number)
    lasting_town.planned("sms")
    assert send().failed == 1
    assert Phone.objects.get(number=number).is_wrong


def test_two_senders_at_once_send_each_once(lasting_town, other_side, moment):
    lasting_town.open(57)
    lasting_town.settle(lasting_town.accounts[3:])
    lasting_town.planned("sms")

    def one():
        return Sender(other_side.ways(), now=lambda: moment, batch=7).run(once=True)

    with ThreadPoolExecutor(3) as pool:
        runs = [run.result() for run in [pool.submit(one) for _ in range(3)]]
    assert sum(run.sent for run in runs) == 60
    assert set(other_side.by_address().values()) == {1}
    assert len(other_side.messages()) == 60
    assert clean(lasting_town)


def test_a_slow_way_out_gets_fewer_permits_and_still_everything_leaves(lasting_town, other_side, moment):
    lasting_town.open(47)
    lasting_town.settle(lasting_town.accounts[3:])
    lasting_town.planned("email")
    drained = Sender(other_side.ways(per_second=12), now=lambda: moment).run(once=True)
    assert drained.sent == 50
    assert set(other_side.by_address().values()) == {1}
    assert clean(lasting_town)


def test_a_message_that_came_too_late_for_its_permit_asks_the_gate_anew(lasting_town, send, other_side, monkeypatch):
    """The first claims come with no time left, as after a long wait: nothing is put on the wire on those permits."""
    late: set[int] = set()
    original = claims.claim

    def slow(cursor, decision, rendered, now):
        claimed = original(cursor, decision, rendered, now)
        if decision.contact_id in late:
            return claimed
        late.add(decision.contact_id)
        return replace(claimed, seconds=0.0)

    monkeypatch.setattr(claims, "claim", slow)
    lasting_town.planned("sms", "email")
    drained = send()
    assert (drained.sent, drained.expired) == (3, 3)
    assert set(other_side.by_address().values()) == {1}
    assert set(Contact.objects.values_list("attempts", flat=True)) == {1}
    assert Permit.objects.filter(allowed=True).count() == 6
    assert clean(lasting_town)


def test_words_that_cannot_be_filled_fail_visibly(lasting_town, send, monkeypatch):
    lasting_town.planned("sms")

    def broken(decision):
        raise MissingValue("{x}")

    monkeypatch.setattr(sending, "_rendered", broken)
    assert send().failed == 3
    assert set(Contact.objects.values_list("state", "state_why")) == {("failed", "template")}


def test_a_channel_that_breaks_in_the_middle_leaves_the_outcome_unknown(lasting_town, send, other_side):
    ways = other_side.ways()

    async def broken(outgoing, *, deadline=None):
        raise RuntimeError("a fault of ours")

    ways["sms"].send = broken
    lasting_town.planned("sms")
    assert send(ways=ways).unknown == 3
    assert set(Contact.objects.values_list("state", flat=True)) == {"unknown"}


def test_a_worker_wakes_when_something_is_planned_and_stops_when_told(lasting_town, other_side, moment):
    sender = Sender(other_side.ways(), now=lambda: moment, poll=30.0)
    thread = threading.Thread(target=sender.run)
    thread.start()
    try:
        lasting_town.planned("sms")
        never = threading.Event()
        while Contact.objects.filter(state__in=["sent", "delivered"]).count() < 3 and not never.wait(0.05):
            assert thread.is_alive()
    finally:
        sender.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert len(other_side.messages()) == 3
    assert Person.objects.count() == 3
