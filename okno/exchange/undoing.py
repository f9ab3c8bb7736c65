"""A person's decision about unmatched money is taken back: the money waits again, as it came."""

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.exchange.models import PayerRule, UnmatchedPayment, UnmatchedState
from okno.exchange.payments import payer_fingerprint
from okno.jobs import signals
from okno.ledger import posting
from okno.ledger.models import Account, EntryKind, Payment


class CannotUndo(Exception):
    """The decision cannot be taken back here; the message says why."""


def undo(actor: Actor, payment_id: int) -> UnmatchedPayment:
    """Take back what was decided about the money; its postings are reversed and a rule learned with it is forgotten.

    Money that waits stays so: the same twice counts once. Raises CannotUndo and the ledger's PostingRefused.
    """
    with transaction.atomic(), acting(actor, source="exchange.undo"):
        payment = (
            UnmatchedPayment.objects.select_for_update(of=("self",))
            .select_related("organisation", "payment__entry")
            .filter(organisation=actor.organisation, pk=payment_id)
            .first()
        )
        if payment is None:
            raise CannotUndo(_("Такого платежа в организации нет"))
        if payment.state == UnmatchedState.WAITING:
            return payment
        topics = ["unmatched"]
        if payment.state == UnmatchedState.MATCHED:
            topics += [f"account:{pk}" for pk in _reverse(actor, payment)]
        payment.state, payment.account, payment.payment = UnmatchedState.WAITING, None, None
        payment.decided_at, payment.decided_by = None, None
        payment.save()
        sentence = _("Платёж от %(day)s снова ждёт разнесения") % {"day": f"{payment.value_on:%d.%m.%Y}"}
        trail.record(actor, "payment.undone", sentence, subject=("import", payment.source_id))
        signals.send(payment.organisation_id, topics)
    return payment


def forget(actor: Actor, rule: PayerRule) -> None:
    """Stop giving this payer's money to the account of itself; what was posted stays."""
    with transaction.atomic():
        sentence = _("Забыто правило: «%(payer)s» платит за лицевой счёт %(number)s") % {
            "payer": rule.payer,
            "number": rule.account.number,
        }
        trail.record(actor, "payment.rule_forgotten", sentence, subject=("account", rule.account_id))
        rule.delete()


def _reverse(actor: Actor, payment: UnmatchedPayment) -> list[int]:
    """Reverse everything the decision posted; the accounts it touched."""
    assert payment.payment is not None
    entry = payment.payment.entry
    posted = list(Payment.objects.filter(entry=entry, reversed_by=None).values_list("pk", "account_id"))
    if not posted:
        raise CannotUndo(_("Платёж уже сторнирован другим действием"))
    posting.post(
        organisation=payment.organisation,
        key=f"{entry.key}:undone",
        kind=EntryKind.REVERSAL.value,
        reason=_("Отменено разнесение платежа из импорта № %(number)s") % {"number": payment.source_id},
        user=actor.user,
        reverse_payments=[pk for pk, _account in posted],
    )
    fingerprint = payer_fingerprint(payment.payer, payment.purpose)
    PayerRule.objects.filter(
        organisation=payment.organisation, fingerprint=fingerprint, account=payment.account
    ).delete()
    sentence = _("Отменено разнесение платежа от %(day)s") % {"day": f"{payment.value_on:%d.%m.%Y}"}
    accounts = sorted({account for _pk, account in posted})
    for account in Account.objects.filter(pk__in=accounts):
        trail.record(actor, "payment.unmatched", sentence, subject=("account", account.pk))
    return accounts
