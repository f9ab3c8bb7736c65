"""Deeds about a debt: promises, holds, the link to pay."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from okno.debts import holding, promises
from okno.debts.models import HoldReason
from okno.dialogs.live import call_backs
from okno.dialogs.performing import payment_link
from okno.dialogs.performing.deed import Deed, DeedDone, Unperformable, noted


def promise(deed: Deed) -> str:
    on, minor = deed.on(), deed.value("minor")
    if on is None or not minor:
        raise Unperformable(_("В обещании нет дня или суммы"))
    person = deed.value("person") or deed.call.person_id
    # Judged by the moment it was said: what is performed late was promised in time.
    made = promises.promise(
        deed.account.pk, person, on, int(minor), _occasion(deed), deed.action.created_at, deed.words
    )
    return f"promise:{made.pk}"


def _occasion(deed: Deed) -> str:
    """The call; what the person promised anew in it, having thought better of it, has an occasion of its own."""
    before = deed.call.actions.filter(kind="promise", failed="", number__lt=deed.action.number)
    return f"{deed.made_by}:{deed.action.number}" if before.exists() else deed.made_by


def already_paid(deed: Deed) -> str:
    on = deed.on()
    told = _("оплатил %(day)s") % {"day": f"{on:%d.%m.%Y}"} if on else ""
    return _hold(deed, HoldReason.PAID, "; ".join(filter(None, (told, deed.words))))


def dispute(deed: Deed) -> str:
    return _hold(deed, HoldReason.DISPUTE, deed.words)


def hardship(deed: Deed) -> str:
    """A specialist finds another way; reminders wait until then."""
    made = _hold(deed, HoldReason.HARDSHIP, deed.words)
    call_backs.owe(deed.call, deed.now, words=_("Трудно платить: %(words)s") % {"words": deed.words})
    return made


def plan(deed: Deed) -> str:
    """The plan is agreed to by word; a specialist prepares the agreement."""
    agreed = _("Согласен на рассрочку, платежей: %(count)s") % {"count": deed.value("payments")}
    told = "; ".join(filter(None, (agreed, deed.words)))
    made = _hold(deed, HoldReason.HARDSHIP, told)
    call_backs.owe(deed.call, deed.now, words=told)
    return made


def _hold(deed: Deed, reason: str, words: str) -> str:
    made = holding.hold(deed.account.pk, reason, deed.made_by, deed.action.created_at, words)
    return f"hold:{made.pk}"


def send_sms(deed: Deed) -> str:
    return f"contact:{payment_link.send(deed)}"


DEEDS: Mapping[str, DeedDone] = {
    "promise": promise,
    "already_paid": already_paid,
    "dispute": dispute,
    "hardship": hardship,
    "plan": plan,
    "send_sms": send_sms,
    "debt_told": noted,
    "refuse": noted,
    "not_verified": noted,
}
