"""A street that owes, reminders that went out or did not, and persons at the desk."""

import pytest
from django.test import Client

from okno.channels.base import Sent
from okno.outreach import claims, gate
from okno.outreach.facts import open_cursor
from okno.outreach.models import Contact
from okno.outreach.templates import render
from tests.web.accounts.conftest import enter, street
from tests.web.accounts.street import Street

__all__ = ["street"]


@pytest.fixture
def desk(street, manager) -> Client:
    return enter(manager)


def carry_out(street: Street) -> int:
    """Take everything that waits through the gate and down the wire as the sender does; says how much left."""
    ids = list(Contact.objects.filter(organisation=street.organisation, state="waiting").values_list("pk", flat=True))
    left = 0
    for decision in gate.decide(street.organisation.pk, ids, street.noon):
        if decision.outcome != "allowed":
            continue
        version = decision.version
        words = render(
            subject=version.subject,
            text=version.text,
            told=decision.told,
            language=version.language,
            channel=decision.channel,
        )
        claimed = claims.claim(open_cursor(), decision, words, street.noon)
        receipt = Sent(provider_id=f"p-{decision.contact_id}", at=street.noon, parts=words.parts)
        claims.sent(open_cursor(), claimed.message_id, receipt, street.noon)
        left += 1
    return left
