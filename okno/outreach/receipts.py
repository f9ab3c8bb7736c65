"""What providers tell afterwards: into the message, the contact and, where an address is wrong, the person's row."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access.actor import acting, process
from okno.access.models import Organisation
from okno.channels.base import Receipt, Word
from okno.outreach.facts import Cursor, open_cursor
from okno.people.models import Channel, EmailAddress, Phone

WRONG: dict[str, re.Pattern[str]] = {
    Channel.EMAIL: re.compile(r"\b5\.1\.(1|2|3|6|10)\b|^bad_address$"),
    Channel.SMS: re.compile(r"^smpp 0x0000000b$|^bad_phone$|^smsc 7$|^status 22\b"),
}
"""Codes that speak of the address itself: no such mailbox, domain or number. A telephone that is merely switched off,
a full mailbox or a refusal of our text say nothing against the address."""

Heard = Literal["taken", "repeated", "unmatched"]

_FAILED = frozenset({Word.NEVER, Word.EXPIRED, Word.REJECTED_BY_US, Word.NOT_NOW})
_FINAL = frozenset({Word.DELIVERED, Word.NEVER, Word.EXPIRED, Word.REJECTED_BY_US})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    message_id: int
    contact_id: int
    organisation_id: int
    person_id: int | None
    channel: str
    address: str
    word: str


def hear(receipt: Receipt, now: datetime) -> tuple[Heard, int | None]:
    """Take a receipt down: what came of it, and the organisation whose message it was.

    The same receipt twice changes nothing, and nothing that comes after "delivered" takes it back. `unmatched` means
    that no message is known by it yet: it may have come before the answer it belongs to.
    """
    with transaction.atomic():
        cursor = open_cursor()
        found = _find(cursor, receipt)
        if found is None:
            return "unmatched", None
        if (
            found.word == receipt.word
            or found.word == Word.DELIVERED
            or (found.word in _FINAL and receipt.word is not Word.DELIVERED)
        ):
            return "repeated", found.organisation_id
        _write(cursor, found, receipt, now)
    if receipt.word is Word.NEVER:
        mark_wrong(
            organisation_id=found.organisation_id,
            person_id=found.person_id,
            channel=found.channel,
            address=found.address,
            code=receipt.provider_code,
            text=receipt.text,
        )
    return "taken", found.organisation_id


def _find(cursor: Cursor, receipt: Receipt) -> _Found | None:
    uid = _uid(receipt.message_id)
    cursor.execute(
        "SELECT message.id, contact.id, contact.organisation_id, contact.person_id, message.channel, message.address,"
        " message.word FROM outreach_message AS message JOIN outreach_contact AS contact"
        " ON contact.id = message.contact_id"
        " WHERE message.uid = %s OR (message.provider_id <> '' AND message.provider_id = %s)"
        " ORDER BY message.uid = %s DESC, message.claimed_at DESC LIMIT 1 FOR UPDATE OF contact, message",
        (uid, receipt.provider_id or "", uid),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    return _Found(
        message_id=row[0],
        contact_id=row[1],
        organisation_id=row[2],
        person_id=row[3],
        channel=row[4],
        address=row[5],
        word=row[6],
    )


def _uid(message_id: str | None) -> UUID | None:
    try:
        return UUID(message_id) if message_id else None
    except ValueError:
        return None


def _write(cursor: Cursor, found: _Found, receipt: Receipt, now: datetime) -> None:
    cursor.execute(
        "UPDATE outreach_message SET word = %s, provider_code = %s, provider_text = %s, word_at = %s WHERE id = %s",
        (receipt.word.value, receipt.provider_code[:64], receipt.text, now, found.message_id),
    )
    states = ["sending", "sent", "unknown"]
    if receipt.word is Word.DELIVERED:
        # Somebody may have decided to repeat what has just turned out to be delivered: then it is not repeated.
        state, states = "delivered", [*states, "failed", "waiting", "permitted"]
    elif receipt.word in _FAILED:
        state = "failed"
    elif receipt.word is Word.ACCEPTED:
        state, states = "sent", ["sending", "unknown"]
    else:
        return
    cursor.execute(
        "UPDATE outreach_contact SET state = %s, state_why = %s, changed_at = %s WHERE id = %s AND state = ANY(%s)",
        (state, "" if state != "failed" else receipt.word.value, now, found.contact_id, states),
    )


def mark_wrong(
    *, organisation_id: int, person_id: int | None, channel: str, address: str, code: str, text: str
) -> bool:
    """Note on the person's row that the address is wrong, when the code says so; its history keeps why."""
    pattern = WRONG.get(channel)
    if person_id is None or pattern is None or pattern.search(code) is None:
        return False
    organisation = Organisation.objects.get(pk=organisation_id)
    why = _("Ответ оператора связи: %(code)s %(text)s") % {"code": code, "text": text}
    with transaction.atomic(), acting(process(organisation, _("Окно"), why.strip()), source="outreach"):
        if channel == Channel.EMAIL:
            return bool(
                EmailAddress.objects.filter(
                    organisation_id=organisation_id, person_id=person_id, address=address, is_wrong=False
                ).update(is_wrong=True)
            )
        return bool(
            Phone.objects.filter(
                organisation_id=organisation_id, person_id=person_id, number=address, is_wrong=False
            ).update(is_wrong=True)
        )
