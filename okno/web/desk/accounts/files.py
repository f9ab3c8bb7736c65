"""The journal of an account as a file: proof that can be kept and sent on."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from okno.access import trail
from okno.exchange.formats import writing
from okno.web.desk.accounts import card, journal, scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import files


@page("ledger.view")
def account_journal_file(request: Request, pk: int) -> HttpResponseBase:
    """CSV of everything the journal shows to this person under these conditions."""
    account = scope.account(request.membership, pk)
    rows = journal.rows_for_file(request.membership, card.subject(account), journal.Asked.read(request.GET))
    columns = [
        writing.Column(title) for title in (_("Когда"), _("Что"), _("Сумма"), _("Кто"), _("Источник"), _("Подробности"))
    ]
    spool = files.on_disk()
    writing.write_csv(spool, columns, _cells(rows, ZoneInfo(request.organisation.time_zone)))
    trail.record(
        request.actor,
        "account.journal_exported",
        _("Выгружен журнал лицевого счёта %(number)s") % {"number": account.number},
        subject=("account", account.pk),
    )
    return files.attached(spool, f"{_('Журнал')} {account.number}", "csv")


def _cells(rows: list[list[object]], zone: ZoneInfo) -> Iterator[list[writing.OutCell]]:
    for at, title, amount, actor, source, details in rows:
        yield [
            at.astimezone(zone).replace(tzinfo=None),  # type: ignore[attr-defined]
            title,  # type: ignore[list-item]
            writing.Money(amount) if isinstance(amount, int) else None,
            actor,  # type: ignore[list-item]
            source,  # type: ignore[list-item]
            details,  # type: ignore[list-item]
        ]
