"""Badges that the lists of this subject share: how old a debt is, how a contact stands."""

from typing import Any

from django.utils.translation import gettext as _

from okno.debts import ladder
from okno.debts.models import Segment
from okno.debts.words import AGE_LABELS
from okno.ledger.ages import AGES
from okno.outreach import words
from okno.outreach.models import ContactState
from okno.people.models import Channel
from okno.web.parts.cells import Badge

AGE_TONES = dict(zip(AGES, ("idle", "note", "warn", "late"), strict=True))

SEGMENT_TONES = dict(zip(Segment.values, ("note", "idle", "warn", "late"), strict=True))

STATE_TONES = {
    ContactState.WAITING: ("idle", "clock"),
    ContactState.PERMITTED: ("note", "shield-check"),
    ContactState.SENDING: ("note", "send"),
    ContactState.SENT: ("note", "check"),
    ContactState.DELIVERED: ("good", "check-check"),
    ContactState.FAILED: ("late", "circle-x"),
    ContactState.UNKNOWN: ("warn", "circle-help"),
    ContactState.REFUSED: ("warn", "shield-alert"),
    ContactState.WITHDRAWN: ("idle", "undo-2"),
}

CHANNEL_ICONS = {
    Channel.EMAIL: "mail",
    Channel.SMS: "smartphone",
    Channel.CALL: "phone",
    Channel.ROBOT_CALL: "bot",
    Channel.LETTER: "file-text",
    Channel.MESSENGER: "message-square",
}

WORD_TONES = {
    "delivered": "good",
    "accepted": "note",
    "not_now": "warn",
    "unknown": "warn",
    "never": "late",
    "rejected_by_us": "late",
    "expired": "late",
}


def oldest_age(case: Any) -> Badge:
    """The oldest of the ages in which something is owed."""
    name = next((name for name in reversed(AGES) if getattr(case, f"{name}_minor") > 0), AGES[0])
    return Badge(text=AGE_LABELS[name], tone=AGE_TONES[name])


def segment(case: Any) -> Badge | None:
    """What kind of debtor it looks like; none until a night has seen the case."""
    return Badge(text=Segment(case.segment).label, tone=SEGMENT_TONES[case.segment]) if case.segment else None


def step(case: Any) -> str:
    """The step of the ladder the case stands on."""
    return ladder.title(case.step) or "—"


def state(code: str) -> Badge:
    """How a contact stands, in a word."""
    tone, icon = STATE_TONES[ContactState(code)]
    return Badge(text=ContactState(code).label, tone=tone, icon=icon)


def channel(code: str) -> Badge:
    return Badge(text=Channel(code).label, icon=CHANNEL_ICONS[Channel(code)])


def word(code: str) -> Badge | None:
    """The provider's answer in our words; none while it has not answered."""
    return Badge(text=words.reason(code), tone=WORD_TONES.get(code, "idle")) if code else None


def hidden(address: str) -> str:
    """An address that is recognised by who knows it and useless to others."""
    if "@" in address:
        name, _at, domain = address.partition("@")
        return f"{name[:2]}•••@{domain}"
    return f"{address[:5]}•••{address[-2:]}" if address else _("почтовый ящик дома")
