"""When a bill is due, what a recalculation is, and how a mistake is taken back."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.houses.models import House
from okno.law.calendar import WorkingCalendar
from okno.law.countries import pack
from okno.law.explained import Explained
from okno.ledger import posting
from okno.ledger.models import Bill, BillKind, EntryKind, Payment, PaymentKind, Regime
from okno.ledger.penalties.keys import PENALTY
from okno.ledger.posting import Posted, PostingRefused
from okno.ledger.rows import NewBill, NewPayment


def due_on(
    organisation: Organisation,
    house: House | None,
    month: date,
    regime: str,
    *,
    calendar: WorkingCalendar | None = None,
) -> Explained[date]:
    """The last day, inclusive, to pay the bill for `month`, with the rows that tell why.

    `calendar` saves reading the organisation's own days again when many bills are asked about. The house's contract
    does not set the day of the capital-repair fee: the law of the region does. Raises NotInForce.
    """
    contract_day = house.contract_due_day if house is not None and regime != Regime.CAPITAL_REPAIR else None
    return pack(organisation.country).due_day(
        month,
        regime=regime,
        calendar=calendar or calendar_of(organisation),
        contract_day=contract_day,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A change of what was charged for a month: `delta_minor` above zero asks for more, below takes off.

    `service` is the code of the line; `due_on` is the last day to pay what is added (inclusive); `value_on` the day
    from which what is taken off counts and on which the correction is accounted; `source_key` names it for ever.
    """

    account_id: int
    regime: str
    month: date
    delta_minor: int
    service: str
    due_on: date
    value_on: date
    source_key: str


def correction_row(correction: Correction) -> NewBill | NewPayment:
    """A recalculation as a row to post: upwards a bill of its own, downwards money for that month and purse.

    Raises PostingRefused for a change by nothing.
    """
    if correction.delta_minor == 0:
        raise PostingRefused(_("Перерасчёт на ноль ничего не меняет"))
    if correction.delta_minor > 0:
        return NewBill(
            account_id=correction.account_id,
            kind=BillKind.RECALCULATION.value,
            regime=correction.regime,
            month=correction.month,
            due_on=correction.due_on,
            amount_minor=correction.delta_minor,
            lines={correction.service: correction.delta_minor},
            source_key=correction.source_key,
        )
    return NewPayment(
        account_id=correction.account_id,
        kind=PaymentKind.RECALCULATION.value,
        value_on=correction.value_on,
        amount_minor=-correction.delta_minor,
        source_key=correction.source_key,
        stated_month=correction.month,
        regime=correction.regime,
    )


def recalculate(actor: Actor, correction: Correction, *, reason: str) -> Posted:
    """Post one recalculation with its reason, in the books of `value_on`, whatever month it mends.

    Given twice it is posted once. Raises PostingRefused.
    """
    organisation = _organisation(actor)
    row = correction_row(correction)
    posted = posting.post(
        organisation=organisation,
        key=f"recalculation:{correction.source_key}",
        kind=EntryKind.RECALCULATION.value,
        reason=_reason(reason),
        user=actor.user,
        bills=[row] if isinstance(row, NewBill) else [],
        payments=[row] if isinstance(row, NewPayment) else [],
        accounted_on=correction.value_on,
    )
    if not posted.repeated:
        _leave_line(actor, "ledger.recalculated", _("Проведён перерасчёт"), correction.account_id, reason)
    return posted


def reversal_key(payment_id: int) -> str:
    """The key of the entry by which a person reversed the payment."""
    return f"reverse:payment:{payment_id}"


def reverse_payment(actor: Actor, payment_id: int, reason: str) -> Posted:
    """Take a payment back; what it had paid is open again. Raises PostingRefused (no reason, reversed already)."""
    payment = Payment.objects.filter(organisation=actor.organisation, pk=payment_id).first()
    if payment is None:
        raise PostingRefused(_("Такого платежа в организации нет"))
    posted = posting.post(
        organisation=_organisation(actor),
        key=reversal_key(payment_id),
        kind=EntryKind.REVERSAL.value,
        reason=_reason(reason),
        user=actor.user,
        reverse_payments=[payment_id],
    )
    if not posted.repeated:
        _leave_line(actor, "ledger.payment_reversed", _("Сторнирован платёж"), payment.account_id, reason)
    return posted


def reverse_bill(actor: Actor, bill_id: int, reason: str) -> Posted:
    """Take a bill back; what had been paid on it is free again.

    Raises PostingRefused (no reason, reversed already, a penalty: it follows from the rest and would come again).
    """
    bill = Bill.objects.filter(organisation=actor.organisation, pk=bill_id).first()
    if bill is None:
        raise PostingRefused(_("Такого начисления в организации нет"))
    if bill.kind == BillKind.PENALTY and (bill.source_key or "").startswith(PENALTY):
        raise PostingRefused(_("Пеня следует из оплат и проводится сама: чтобы её не просить, простите её с причиной"))
    posted = posting.post(
        organisation=_organisation(actor),
        key=f"reverse:bill:{bill_id}",
        kind=EntryKind.REVERSAL.value,
        reason=_reason(reason),
        user=actor.user,
        reverse_bills=[bill_id],
    )
    if not posted.repeated:
        _leave_line(actor, "ledger.bill_reversed", _("Сторнировано начисление"), bill.account_id, reason)
    return posted


def _organisation(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise PostingRefused(_("Проводка принадлежит организации, а она не указана"))
    return actor.organisation


def _reason(reason: str) -> str:
    if not reason.strip():
        raise PostingRefused(_("Назовите причину: без неё деньги не двигаются"))
    return reason.strip()


def _leave_line(actor: Actor, verb: str, sentence: str, account_id: int, reason: str) -> None:
    trail.record(actor, verb, sentence, subject=("account", account_id), reason=reason)
