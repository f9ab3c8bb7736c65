"""An import is taken back as a whole: its money by a reversing entry, its cards as they were before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.common import clock
from okno.common.days import month_of
from okno.exchange.cards.changes import as_json
from okno.exchange.models import Import, ImportChange, ImportState, UnmatchedState
from okno.exchange.passing import MONEY
from okno.exchange.run import lock, lock_organisation
from okno.jobs import signals
from okno.ledger import posting
from okno.ledger.models import Bill, Entry, EntryKind, Payment, PaymentFeed
from okno.ledger.rows import NewBill, NewPayment

#: Tables an import makes rows of, those that lean on others first.
ORDER = (
    "houses_meterreading",
    "houses_meter",
    "people_consent",
    "people_emailaddress",
    "people_phone",
    "people_occupancy",
    "people_person",
    "ledger_account",
    "houses_flat",
    "houses_entrance",
    "houses_house",
)
_FEEDS = "ledger_paymentfeed"

_CALLED = {
    "houses_meterreading": gettext_lazy("показания"),
    "houses_meter": gettext_lazy("счётчики"),
    "people_consent": gettext_lazy("согласия"),
    "people_emailaddress": gettext_lazy("адреса почты"),
    "people_phone": gettext_lazy("телефоны"),
    "people_occupancy": gettext_lazy("жильцы помещений"),
    "people_person": gettext_lazy("жители"),
    "ledger_account": gettext_lazy("лицевые счета"),
    "ledger_bill": gettext_lazy("начисления"),
    "ledger_payment": gettext_lazy("платежи"),
    "houses_flat": gettext_lazy("помещения"),
    "houses_entrance": gettext_lazy("подъезды"),
    "houses_house": gettext_lazy("дома"),
    "debts_case": gettext_lazy("дела о долгах"),
    "outreach_contact": gettext_lazy("контакты с жителями"),
    "houses_housescope": gettext_lazy("права на дома"),
    "exchange_unmatchedpayment": gettext_lazy("платежи без счёта"),
}


def called(table: str) -> str:
    """What people call the rows of a table."""
    return str(_CALLED.get(table, table))


class CannotRollBack(Exception):
    """Something later depends on the import; the message names it. Nothing was changed."""


def roll_back(actor: Actor, import_id: int, *, reason: str) -> Import:
    """Take a posted import back. The same file may be imported again afterwards.

    Bills that the import replaced stand again as they were. Raises CannotRollBack.
    """
    if not reason.strip():
        raise CannotRollBack(_("Назовите причину отката"))
    with transaction.atomic(), acting(actor, source="import.rollback"):
        lock(import_id)
        source = Import.objects.select_related("organisation").get(pk=import_id)
        if source.state == ImportState.ROLLED_BACK:
            return source
        if source.state != ImportState.POSTED:
            text = _("Импорт № %(number)s %(state)s: откатить можно только проведённый")
            raise CannotRollBack(text % {"number": source.pk, "state": source.get_state_display()})
        lock_organisation(source.organisation_id)
        _take_money_back(actor, source, reason)
        _take_cards_back(source)
        source.state, source.rolled_back_at = ImportState.ROLLED_BACK, clock.now()
        source.save(update_fields=["state", "rolled_back_at"])
        sentence = _("Импорт № %(number)s откачен") % {"number": source.pk}
        trail.record(actor, "import.rolled_back", sentence, subject=("import", source.pk), reason=reason)
        signals.send(source.organisation_id, ["imports", f"import:{source.pk}", "ledger", "unmatched"])
    return source


def _take_money_back(actor: Actor, source: Import, reason: str) -> None:
    returned = source.unmatched.filter(state=UnmatchedState.RETURNED).count()
    if returned:
        text = _("Из этого импорта уже возвращено плательщикам платежей: %(count)s. Откат их не вернёт.")
        raise CannotRollBack(text % {"count": returned})
    source.unmatched.all().delete()
    entries = set(source.entries.values_list("pk", flat=True))
    if not entries:
        return
    _refuse_replaced(source, entries)
    for place, (day, of_month) in enumerate(_by_month(entries)):
        _post_back(actor, source, reason, of_month, day, place)


def _by_month(entries: set[int]) -> list[tuple[date, set[int]]]:
    """The entries of each month with their last accounting day, the earliest first: each is taken back in its month."""
    months: dict[date, tuple[date, set[int]]] = {}
    for pk, day in Entry.objects.filter(pk__in=entries).values_list("pk", "accounted_on"):
        last, found = months.setdefault(month_of(day), (day, set()))
        months[month_of(day)] = (max(last, day), found | {pk})
    return [months[month] for month in sorted(months)]


def _replaced(entries: set[int], of_month: set[int]) -> dict[str, tuple[list[NewBill], list[NewPayment]]]:
    """What the month's entries of an import had replaced, by the source it came from, as rows to stand again.

    An entry by which another import was taken back also reverses rows; those are gone for good.
    """
    replacing = Entry.objects.filter(pk__in=of_month).exclude(kind=EntryKind.REVERSAL)
    found: dict[str, tuple[list[NewBill], list[NewPayment]]] = {}
    bills = Bill.objects.filter(reversed_by__in=replacing).exclude(entry__in=entries).select_related("entry")
    for bill in bills.iterator():
        found.setdefault(bill.entry.source, ([], []))[0].append(_bill_again(bill))
    payments = Payment.objects.filter(reversed_by__in=replacing).exclude(entry__in=entries).select_related("entry")
    for payment in payments.iterator():
        found.setdefault(payment.entry.source, ([], []))[1].append(_payment_again(payment))
    return found


def _post_back(actor: Actor, source: Import, reason: str, of_month: set[int], day: date, part: int) -> None:
    """Reverse the import's rows of a month; in the same entry stands again what one earlier import had there, each
    other one's in an entry of its own, so that it can be taken back by itself."""
    entries = set(source.entries.values_list("pk", flat=True))
    bills = list(Bill.objects.filter(entry__in=of_month, reversed_by=None).values_list("pk", flat=True))
    payments = list(Payment.objects.filter(entry__in=of_month, reversed_by=None).values_list("pk", flat=True))
    again = sorted(_replaced(entries, of_month).items()) or [("", ([], []))]
    for place, (origin, (old_bills, old_payments)) in enumerate(again):
        posted = posting.post(
            organisation=source.organisation,
            key=f"import:{source.pk}:rollback:{part}:{place}",
            kind=EntryKind.REVERSAL.value,
            reason=_("Откат импорта № %(number)s: %(reason)s") % {"number": source.pk, "reason": reason},
            user=actor.user,
            source=origin,
            reverse_bills=bills if place == 0 else [],
            reverse_payments=payments if place == 0 else [],
            bills=old_bills,
            payments=old_payments,
            accounted_on=day,
        )
        for owner in Import.objects.filter(organisation=source.organisation, entries__source=origin).distinct():
            if origin:
                owner.entries.add(posted.entry_id)


def _refuse_replaced(source: Import, entries: set[int]) -> None:
    """What a later import has replaced is taken back from the last one on."""
    reversing = Bill.objects.filter(entry__in=entries, reversed_by__isnull=False).values("reversed_by")
    later = Import.objects.filter(
        organisation=source.organisation, state=ImportState.POSTED, entries__in=reversing
    ).exclude(pk=source.pk)
    numbers = sorted(set(later.values_list("pk", flat=True)))
    if numbers:
        text = _("Начисления этого импорта заменены импортом № %(numbers)s. Сначала откатите его.")
        raise CannotRollBack(text % {"numbers": ", № ".join(map(str, numbers))})


def _bill_again(bill: Bill) -> NewBill:
    return NewBill(
        bill.account_id, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor, bill.lines, bill.source_key
    )


def _payment_again(payment: Payment) -> NewPayment:
    return NewPayment(
        payment.account_id, payment.kind, payment.value_on, payment.amount_minor, payment.source_key,
        payment.stated_month, payment.regime, payment.purpose, payment.payer,
    )  # fmt: skip


def _take_cards_back(source: Import) -> None:
    changes: dict[str, dict[int, list[ImportChange]]] = defaultdict(lambda: defaultdict(list))
    for change in source.changes.order_by("id").iterator():
        changes[change.table][change.object_id].append(change)
    _restore_feeds(changes.pop(_FEEDS, {}))
    models = {model._meta.db_table: model for model in apps.get_models()}
    made: dict[str, list[int]] = {}
    for table, by_row in changes.items():
        _refuse_changed_since(models[table], by_row)
        made[table] = [pk for pk, steps in by_row.items() if steps[0].before is None]
        _restore(models[table], {pk: steps for pk, steps in by_row.items() if steps[0].before is not None})
    if source.kind in MONEY:
        # An account opened for a sheet keeps its bills and what took them back: the ledger deletes nothing. It stays,
        # owing nothing, and so does its flat.
        return
    for table in sorted(made, key=ORDER.index):
        _remove(table, made[table])


def _refuse_changed_since(model: type[Model], by_row: dict[int, list[ImportChange]]) -> None:
    """A card somebody has worked on since is not overwritten."""
    expected: dict[int, dict[str, Any]] = {}
    for pk, steps in by_row.items():
        expected[pk] = {name: value for step in steps for name, value in step.after.items()}
    table = model._meta.db_table
    for row in model._base_manager.filter(pk__in=expected):
        told = expected.pop(row.pk)
        differ = [name for name, value in told.items() if as_json(getattr(row, name)) != value]
        if differ:
            text = _("После импорта изменены %(what)s: «%(row)s». Откат стёр бы эту правку.")
            raise CannotRollBack(text % {"what": called(table), "row": row})
    if expected:
        text = _("После импорта удалены %(what)s: %(count)s. Откатить такой импорт нельзя.")
        raise CannotRollBack(text % {"what": called(table), "count": len(expected)})


def _restore(model: type[Model], by_row: dict[int, list[ImportChange]]) -> None:
    for row in model._base_manager.filter(pk__in=by_row):
        before: dict[str, Any] = {}
        for step in reversed(by_row[row.pk]):
            before.update(step.before or {})
        columns = {field.attname: field for field in model._meta.concrete_fields}
        for name, value in before.items():
            setattr(row, name, value if columns[name].is_relation else columns[name].to_python(value))
        row.save(update_fields=list(before))


_GUARDED = {"ledger_account": (("ledger_bill", "account_id"), ("ledger_payment", "account_id"))}
"""Rows that lean on another without a key: a guard of the whole posting has looked at them."""


def _remove(table: str, ids: Sequence[int]) -> None:
    """Remove the rows the import made. Raises CannotRollBack when rows made since lean on them."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT con.conrelid::regclass::text, att.attname FROM pg_constraint con"
            " JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]"
            # A balance is a part of its account and goes with it.
            " WHERE con.contype = 'f' AND con.confrelid = %s::regclass AND con.conrelid <> 'ledger_balance'::regclass"
            " ORDER BY 1",
            [table],
        )
        for leaning, column in [*cursor.fetchall(), *_GUARDED.get(table, ())]:
            cursor.execute(f"SELECT count(*) FROM {leaning} WHERE {column} = ANY(%s)", [list(ids)])
            count = cursor.fetchone()[0]
            if count:
                text = _("Откатить нельзя: %(what)s из этого импорта нужны другим записям (%(leaning)s: %(count)s).")
                values = {
                    "what": called(table),
                    "leaning": called(leaning),
                    "count": count,
                }
                raise CannotRollBack(text % values)
        if table == "ledger_account":
            cursor.execute("DELETE FROM ledger_balance WHERE account_id = ANY(%s)", [list(ids)])
        cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(ids)])


def _restore_feeds(by_row: dict[int, list[ImportChange]]) -> None:
    """The source of payments is as fresh as before, unless a later file has freshened it since."""
    for pk, steps in by_row.items():
        feed = PaymentFeed.objects.filter(pk=pk).first()
        last = steps[-1].after
        if feed is None or feed.covers_until is None or feed.covers_until.isoformat() != last["covers_until"]:
            continue
        before = steps[0].before or {"covers_until": None, "received_at": None}
        feed.covers_until, feed.received_at = (
            datetime.fromisoformat(moment) if moment else None
            for moment in (before["covers_until"], before["received_at"])
        )
        feed.save(update_fields=["covers_until", "received_at"])
