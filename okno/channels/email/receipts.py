"""Letters that came back: delivery status notifications read into receipts (RFC 3462, RFC 3464)."""

import logging
import mailbox as mailboxes
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

from okno.channels.base import Receipt, Word
from okno.channels.email.replies import enhanced_code, word_for
from okno.common import clock

log = logging.getLogger(__name__)

_UUID = re.compile(r"<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^>\s]+>?", re.IGNORECASE)
_ACTIONS = {"delivered": Word.DELIVERED, "relayed": Word.ACCEPTED, "expanded": Word.ACCEPTED}


def parse_bounce(raw: bytes, *, now: Callable[[], datetime] = clock.now) -> list[Receipt]:
    """Receipts in a returned letter, one a recipient; an empty list when this is not about a letter of ours.

    Only a machine-made report counts (multipart/report with message/delivery-status): the words of a person
    or of a holiday autoresponder are never taken for a failure. A delay ("still trying") tells nothing new
    and is left out.
    """
    try:
        letter = message_from_bytes(raw, policy=policy.default)
        if letter.get_content_type() != "multipart/report":
            return []
        our_id, provider_id = _original(letter)
        if our_id is None:
            return []
        at = _date(letter) or now()
        blocks = [block for part in letter.walk() for block in _status_blocks(part)]
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # The standard parser is tolerant but not perfect; one broken letter must not stop the reading of
        # the others.
        log.warning("a returned letter cannot be read: %s", error)
        return []
    return [
        receipt
        for block in blocks
        if (receipt := _receipt(block, our_id=our_id, provider_id=provider_id, at=at)) is not None
    ]


def returned_mail(folder: Path, *, now: Callable[[], datetime] = clock.now) -> Iterator[Receipt]:
    """Receipts from every new letter of a Maildir; a letter is marked seen when its last receipt was
    taken.
    """
    box = mailboxes.Maildir(folder, factory=None, create=False)
    for key, letter in list(box.iteritems()):
        if "S" in letter.get_flags():
            continue
        yield from parse_bounce(box.get_bytes(key), now=now)
        letter.set_subdir("cur")
        letter.add_flag("S")
        box[key] = letter


def _original(letter: EmailMessage) -> tuple[str | None, str | None]:
    """Our id and the Message-ID out of the returned letter or its headers."""
    for part in letter.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            text = str(part.get_payload(decode=False))
            head: Message | None = message_from_bytes(text.encode("utf-8", "replace"), policy=policy.default)
        elif kind == "message/rfc822":
            inner = part.get_payload()
            head = cast("Message", inner[0]) if isinstance(inner, list) and inner else None
        else:
            continue
        found = _UUID.search(str(head.get("Message-ID", ""))) if head is not None else None
        if found:
            return found.group(1).lower(), found.group(0)
    return None, None


def _status_blocks(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status":
        return []
    blocks = part.get_payload()
    return [cast("Message", block) for block in blocks] if isinstance(blocks, list) else []


def _receipt(block: Message, *, our_id: str, provider_id: str | None, at: datetime) -> Receipt | None:
    action = str(block.get("Action", "")).strip().lower()
    status = enhanced_code(str(block.get("Status", "")))
    diagnostic = " ".join(str(block.get("Diagnostic-Code", "")).split())
    if action in _ACTIONS:
        word = _ACTIONS[action]
    elif action == "failed":
        reply = re.search(r"\b([45]\d\d)\b", diagnostic)
        word = word_for(int(reply.group(1)) if reply else None, status)
        # The server has given up by itself: "later" from it is no promise any more.
        word = Word.EXPIRED if word is Word.NOT_NOW and status.startswith("4") else word
    else:
        return None
    return Receipt(
        provider_id=provider_id,
        message_id=our_id,
        word=word,
        provider_code=f"dsn {status}".strip(),
        text=diagnostic,
        at=at,
    )


def _date(letter: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(letter["Date"]))
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
