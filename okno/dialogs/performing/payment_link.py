"""The link for paying that a person asked for in a call: a contact of its own cause, which leaves through the gate.

Its cause is the debt's, but the promise just given does not hold it back: the person asked for it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.common import phones
from okno.debts.cases import CAUSE as DEBT
from okno.debts.holding import PROMISES
from okno.debts.models import Case, CaseState
from okno.dialogs.performing.deed import Deed, Unperformable
from okno.jobs import signals
from okno.outreach import causes, templates
from okno.outreach.causes import Owed
from okno.outreach.facts import Cursor
from okno.outreach.models import Contact, Template
from okno.outreach.wakening import waken
from okno.people.entitlement import ENTITLED
from okno.people.models import Channel, Phone

CAUSE = "payment_link"
FILE = Path(__file__).parent / "payment_link.yaml"


class PaymentLink:
    """A link for paying: owed while the debt is, and never planned by itself."""

    name = CAUSE
    title = gettext_lazy("Ссылка для оплаты")
    speaks_of_debt = True
    hears = ENTITLED
    passes_holds = frozenset({PROMISES})

    def owed(self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date) -> Mapping[int, Owed]:
        """The debt of each case."""
        return causes.get(DEBT).owed(cursor, organisation_id=organisation_id, cause_ids=cause_ids, day=day)

    def pauses(
        self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> Mapping[int, tuple[str, str]]:
        return {}

    def audience(self, *, organisation: Organisation, filter: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        """Nobody: a link is sent to whoever asked for it."""
        return []

    def owed_at_version(
        self,
        cursor: Cursor,
        *,
        organisation_id: int,
        cause_id: int,
        account_id: int,
        account_version: int,
        day: date,
    ) -> Owed:
        """The debt as it stood at that version."""
        return causes.get(DEBT).owed_at_version(
            cursor,
            organisation_id=organisation_id,
            cause_id=cause_id,
            account_id=account_id,
            account_version=account_version,
            day=day,
        )


def send(deed: Deed) -> int:
    """Write the contact, once a call; the gate decides when it leaves. Raises `Unperformable`."""
    call, account = deed.call, deed.account
    case = Case.objects.filter(account=account, state=CaseState.OPEN).first()
    if case is None:
        raise Unperformable(_("Долга уже нет: ссылка не нужна"))
    if not call.organisation.payment_url:
        raise Unperformable(_("В настройках организации нет страницы оплаты"))
    contact, made = Contact.objects.get_or_create(
        organisation=call.organisation,
        key=f"{CAUSE}:{call.uid}",
        defaults={
            "cause": CAUSE,
            "cause_id": case.pk,
            "account": account,
            "person_id": call.person_id,
            "channel": Channel.SMS,
            "address": _mobile(deed),
            "language": call.language,
            "template": _template(deed),
            "not_before": deed.now,
            "created_at": deed.now,
            "changed_at": deed.now,
        },
    )
    if made:
        waken()
        signals.send(call.organisation_id, ["contacts"])
    return contact.pk


def _mobile(deed: Deed) -> str:
    """The number of the call when it takes messages, else another of the person's."""
    rows = Phone.objects.filter(person=deed.call.person, is_wrong=False).order_by("-is_preferred", "pk")
    numbers = [deed.call.address, *rows.values_list("number", flat=True)] if deed.call.person_id else []
    for number in numbers:
        if number.startswith("+") and phones.is_mobile(number):
            return number
    raise Unperformable(_("Нет мобильного номера, на который отправить ссылку"))


def _template(deed: Deed) -> Template:
    """The organisation's own words, or the shipped ones, put in place when they are asked for first."""
    told = _shipped()
    template, made = Template.objects.get_or_create(
        organisation=deed.call.organisation, name=told["name"], channel=Channel.SMS
    )
    if made:
        for language in deed.call.organisation.languages:
            templates.add_version(template, deed.actor, language=language, text=told["languages"][language])
    return template


@cache
def _shipped() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))
