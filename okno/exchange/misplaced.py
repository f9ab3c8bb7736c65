"""A payment its file gave to a wrong account waits for a person; one reversed by mistake stands again."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.exchange.models import Import, UnmatchedPayment
from okno.jobs import signals
from okno.ledger import billing, posting
from okno.ledger.models import Entry, EntryKind, Payment, PaymentKind
from okno.ledger.posting import Posted, PostingRefused
from okno.ledger.rows import NewPayment


def may_wait(payment: Payment) -> bool:
    """Whether the money can wait for another account: it came in a file, and nobody has given it to this one by hand.

    What was given by hand is taken back where it was given, see `undoing`.
    """
    return (
        payment.kind == PaymentKind.PAYMENT
        and payment.reversed_by_id is None
        and _source(payment) is not None
        and not _is_unmatched(payment)
    )


def returnable(payments: Collection[int]) -> set[int]:
    """Which of these can stand again: a person reversed them, and their money is nowhere else by now."""
    same_key = {"organisation": OuterRef("organisation"), "source_key": OuterRef("source_key")}
    rows = (
        Payment.objects.filter(pk__in=payments, kind=PaymentKind.PAYMENT, reversed_by__isnull=False)
        .exclude(Exists(UnmatchedPayment.objects.filter(**same_key)))
        .exclude(Exists(Payment.objects.filter(**same_key, reversed_by=None)))
    )
    told = rows.values_list("pk", "reversed_by__key") if payments else ()
    return {pk for pk, key in told if key == billing.reversal_key(pk)}


def set_waiting(actor: Actor, payment_id: int, *, reason: str) -> UnmatchedPayment:
    """Take the money off its account; it waits for a person as money without an account does.

    Raises PostingRefused (no reason, reversed already, not of a file).
    """
    with transaction.atomic(), acting(actor, source="exchange.misplaced"):
        payment = Payment.objects.select_related("entry").filter(organisation=actor.organisation, pk=payment_id).first()
        if payment is None or not may_wait(payment):
            raise PostingRefused(
                _("Этот платёж нельзя отправить в разнесение: он не из файла или уже разнесён вручную")
            )
        source = _source(payment)
        assert source is not None
        billing.reverse_payment(actor, payment.pk, reason)
        waiting = UnmatchedPayment.objects.create(
            organisation_id=payment.organisation_id,
            source=source,
            row_number=0,
            source_key=payment.source_key,
            value_on=payment.value_on,
            amount_minor=payment.amount_minor,
            payer=payment.payer,
            purpose=payment.purpose,
            stated_month=payment.stated_month,
        )
        sentence = _("Платёж от %(day)s ждёт разнесения: он за другой счёт") % {"day": f"{payment.value_on:%d.%m.%Y}"}
        trail.record(actor, "payment.misplaced", sentence, subject=("import", source.pk), reason=reason)
        signals.send(payment.organisation_id, ["unmatched", f"account:{payment.account_id}"])
    return waiting


def give_back(actor: Actor, payment_id: int, *, reason: str) -> Posted:
    """Post a payment again that was reversed by mistake: the same money, day and words. The same twice counts once.

    Raises PostingRefused (no reason, not reversed by a person, its money waits or stands elsewhere).
    """
    with transaction.atomic(), acting(actor, source="exchange.misplaced"):
        payment = (
            Payment.objects.select_related("entry", "reversed_by", "organisation")
            .filter(organisation=actor.organisation, pk=payment_id)
            .first()
        )
        if payment is None or not reason.strip() or payment.pk not in returnable([payment.pk]):
            raise PostingRefused(_("Платёж вернуть нельзя: его деньги уже учтены иначе, или не названа причина"))
        posted = posting.post(
            organisation=payment.organisation,
            key=f"return:payment:{payment.pk}",
            kind=EntryKind.PAYMENTS.value,
            reason=_("Сторно отменено: %(reason)s") % {"reason": reason.strip()},
            user=actor.user,
            source=payment.entry.source,
            payments=[
                NewPayment(
                    payment.account_id,
                    payment.kind,
                    payment.value_on,
                    payment.amount_minor,
                    payment.source_key,
                    payment.stated_month,
                    payment.regime,
                    payment.purpose,
                    payment.payer,
                )
            ],
        )
        if (source := _source(payment)) is not None:
            source.entries.add(Entry.objects.get(pk=posted.entry_id))
        sentence = _("Возвращён сторнированный платёж")
        trail.record(actor, "ledger.payment_returned", sentence, subject=("account", payment.account_id), reason=reason)
    return posted


def _source(payment: Payment) -> Import | None:
    room, _colon, number = payment.entry.source.partition(":")
    if room != "import" or not number.isdecimal():
        return None
    return Import.objects.filter(organisation=payment.organisation_id, pk=int(number)).first()


def _is_unmatched(payment: Payment) -> bool:
    return UnmatchedPayment.objects.filter(organisation=payment.organisation_id, source_key=payment.source_key).exists()
