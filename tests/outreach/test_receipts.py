"""What providers tell afterwards, in any order and as often as they like."""

from uuid import uuid4

import pytest

from okno.channels.base import Receipt, Word
from okno.outreach import claims, receipts
from okno.outreach.facts import open_cursor
from okno.outreach.models import Contact, Message
from okno.outreach.templates import Rendered
from okno.people.models import EmailAddress, Phone
from tests.outreach.town import contact_of


@pytest.fixture
def message(town) -> Message:
    town.planned("sms")
    (decision,) = town.decide([contact_of(town.accounts[0])])
    claims.claim(open_cursor(), decision, Rendered(subject="", text="текст", parts=1), town.now)
    Message.objects.update(provider_id="abc", word="accepted")
    Contact.objects.filter(state="sending").update(state="sent")
    return Message.objects.get()


def hear(town, word: Word, *, provider_id: str | None = "abc", message_id: str | None = None, code: str = "") -> str:
    receipt = Receipt(
        provider_id=provider_id, message_id=message_id, word=word, provider_code=code, text="", at=town.now
    )
    return receipts.hear(receipt, town.now)[0]


def state(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.word, Contact.objects.get(pk=message.contact_id).state


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (Word.DELIVERED, ("delivered", "delivered")),
        (Word.EXPIRED, ("expired", "failed")),
        (Word.NEVER, ("never", "failed")),
        (Word.REJECTED_BY_US, ("rejected_by_us", "failed")),
        (Word.UNKNOWN, ("unknown", "sent")),
    ],
)
def test_each_word(town, message, word, expected):
    assert hear(town, word) == "taken"
    assert state(message) == expected
    assert hear(town, word) == "repeated"
    assert state(message) == expected


def test_delivered_is_the_last_word(town, message):
    hear(town, Word.DELIVERED)
    assert hear(town, Word.EXPIRED) == "repeated"
    assert state(message) == ("delivered", "delivered")


def test_delivered_corrects_a_failure(town, message):
    hear(town, Word.EXPIRED)
    assert hear(town, Word.DELIVERED) == "taken"
    assert state(message) == ("delivered", "delivered")


def test_our_own_id_serves_as_well_as_the_providers(town, message):
    assert hear(town, Word.DELIVERED, provider_id=None, message_id=str(message.uid)) == "taken"
    assert hear(town, Word.DELIVERED, provider_id=None, message_id=str(uuid4())) == "unmatched"
    assert hear(town, Word.DELIVERED, provider_id="xyz", message_id="not ours") == "unmatched"


def test_a_receipt_saves_a_message_that_was_given_up_as_unknown(town, message):
    Message.objects.update(word="unknown")
    Contact.objects.filter(pk=message.contact_id).update(state="unknown")
    hear(town, Word.DELIVERED)
    assert state(message) == ("delivered", "delivered")


def test_what_was_to_be_repeated_is_not_when_it_turns_out_delivered(town, message):
    Contact.objects.filter(pk=message.contact_id).update(state="waiting")
    hear(town, Word.DELIVERED)
    assert state(message) == ("delivered", "delivered")


@pytest.mark.parametrize(
    ("code", "wrong"), [("status 22 1", True), ("smpp UNDELIV 001", False), ("status 20", False), ("bad_phone", True)]
)
def test_only_a_code_about_the_number_marks_it_wrong(town, message, code, wrong):
    hear(town, Word.NEVER, code=code)
    assert Phone.objects.get(number=message.address).is_wrong is wrong


@pytest.mark.parametrize(("code", "wrong"), [("dsn 5.1.1", True), ("dsn 5.2.1", False), ("smtp 550 5.1.10", True)])
def test_only_a_code_about_the_mailbox_marks_it_wrong(town, code, wrong):
    person = town.owner(town.accounts[0])
    address = EmailAddress.objects.get(person=person)
    told = receipts.mark_wrong(
        organisation_id=town.organisation.pk,
        person_id=person.pk,
        channel="email",
        address=address.address,
        code=code,
        text="No such mailbox",
    )
    address.refresh_from_db()
    assert (told, address.is_wrong) == (wrong, wrong)
