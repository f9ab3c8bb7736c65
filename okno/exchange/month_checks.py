"""What of the files of a month is left undone before it is closed: registered with the ledger's checklist."""

from datetime import date

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.common.days import last_day
from okno.common.money import Currency, format_minor
from okno.exchange.models import (
    Import,
    ImportState,
    QuarantinedRow,
    QuarantineState,
    UnmatchedPayment,
    UnmatchedState,
)
from okno.exchange.paper.models import PaymentDetails, PrintRun, RunState
from okno.ledger.months import checklist
from okno.ledger.months.checklist import Finding
from okno.ledger.words import month_in_words

WAITING = (ImportState.RECEIVED, ImportState.MAPPING, ImportState.CHECKING, ImportState.CHECKED, ImportState.POSTING)


def _imports(organisation: Organisation, month: date) -> Finding:
    count = Import.objects.filter(organisation=organisation, state__in=WAITING).count()
    if count:
        text = ngettext("%(count)s файл не проведён", "%(count)s файлов не проведены", count) % {"count": count}
        return Finding(is_clean=False, text=text)
    return Finding(is_clean=True, text=_("все загруженные файлы проведены"))


def _quarantine(organisation: Organisation, month: date) -> Finding:
    rows = QuarantinedRow.objects.filter(
        organisation=organisation, state=QuarantineState.WAITING, source__state=ImportState.POSTED
    )
    # A sheet of a later month has its own month to be mended in.
    count = rows.filter(Q(source__month__isnull=True) | Q(source__month__lte=month)).count()
    if count:
        text = ngettext("%(count)s строка ждёт исправления", "%(count)s строк ждут исправления", count)
        return Finding(is_clean=False, text=text % {"count": count})
    return Finding(is_clean=True, text=_("строк с ошибками нет"))


def _unmatched(organisation: Organisation, month: date) -> Finding:
    waiting = UnmatchedPayment.objects.filter(
        organisation=organisation, state=UnmatchedState.WAITING, value_on__lte=last_day(month)
    ).aggregate(count=Count("pk"), minor=Sum("amount_minor"))
    if waiting["count"]:
        text = ngettext(
            "%(count)s платёж без лицевого счёта, %(sum)s", "%(count)s платежей без лицевого счёта, %(sum)s",
            waiting["count"],
        )  # fmt: skip
        minor = format_minor(waiting["minor"], Currency(organisation.currency), (get_language() or "ru")[:2])
        return Finding(is_clean=False, text=text % {"count": waiting["count"], "sum": minor})
    return Finding(is_clean=True, text=_("все платежи разнесены по лицевым счетам"))


def _printed(organisation: Organisation, month: date) -> Finding | None:
    runs = PrintRun.objects.filter(organisation=organisation)
    if not (PaymentDetails.objects.filter(organisation=organisation).exists() or runs.exists()):
        return None
    if not runs.filter(month=month, state=RunState.DONE).exists():
        text = _("квитанции за %(month)s не печатали") % {"month": month_in_words(month)}
        return Finding(is_clean=False, text=text)
    billed, left = _without_a_bill(organisation, month)
    if left:
        text = _("квитанций не напечатано: %(left)s из %(billed)s") % {"left": left, "billed": billed}
        return Finding(is_clean=False, text=text)
    text = ngettext("напечатана %(count)s квитанция", "напечатано квитанций: %(count)s", billed)
    return Finding(is_clean=True, text=text % {"count": billed})


def _without_a_bill(organisation: Organisation, month: date) -> tuple[int, int]:
    """How many accounts were charged for the month, and how many of them no finished run was for.

    An account that was left out of a run with a reason is named there: it is not asked about again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_A_BILL, {"organisation": organisation.pk, "month": month})
        billed, left = cursor.fetchone()
    return billed, left


_WITHOUT_A_BILL = """
WITH billed AS (
    SELECT DISTINCT account_id FROM ledger_bill
    WHERE organisation_id = %(organisation)s AND month = %(month)s AND kind = 'month' AND reversed_by_id IS NULL
), printed AS (
    SELECT unnest(accounts) AS account_id FROM exchange_printrun
    WHERE organisation_id = %(organisation)s AND month = %(month)s AND state = 'done'
)
SELECT (SELECT count(*) FROM billed),
    (SELECT count(*) FROM (SELECT account_id FROM billed EXCEPT SELECT account_id FROM printed) AS left_out)
"""


def register() -> None:
    """Have these asked before every closing."""
    checklist.register("imports", gettext_lazy("Файлы"), _imports, order=20)
    checklist.register("quarantine", gettext_lazy("Строки с ошибками"), _quarantine, order=40)
    checklist.register("unmatched", gettext_lazy("Платежи без счёта"), _unmatched, order=50)
    checklist.register("printed", gettext_lazy("Квитанции"), _printed, order=70)
