"""Bad rows: mended on the screen and posted as a supplement of their import, or taken off with a reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.common import clock
from okno.exchange import mapping, passing, staging
from okno.exchange.formats.fields import convert
from okno.exchange.formats.records import PaymentRecord, Problem, Record, TurnoverTotals
from okno.exchange.formats.register import payment_key, payment_of
from okno.exchange.formats.writing import Column, Target, write_csv, write_xlsx
from okno.exchange.models import FileKind, Import, ImportState, QuarantinedRow, QuarantineState
from okno.exchange.progress import Progress
from okno.exchange.receiving import is_table
from okno.exchange.run import Run, lock, lock_organisation
from okno.jobs import signals
from okno.ledger.models import Entry

#: The fields of a payment's line, with the words a person knows them by.
PAYMENT_FIELDS = {
    "paid_on": gettext_lazy("Дата"),
    "time": gettext_lazy("Время"),
    "operation": gettext_lazy("Номер операции"),
    "account_number": gettext_lazy("Лицевой счёт"),
    "name": gettext_lazy("Плательщик"),
    "address": gettext_lazy("Адрес"),
    "stated_month": gettext_lazy("Период"),
    "amount": gettext_lazy("Сумма"),
    "purpose": gettext_lazy("Назначение"),
}


class CannotMend(Exception):
    """The row is not waiting, or its import is not posted; the message says so."""


class StillBad(Exception):
    """The mended row is not good yet; `problems` tell what is left."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message_ru for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class EditableCell:
    """One field of a bad row on the screen: its name, its label, what stands there, what is wrong with it."""

    field: str
    label: str
    value: str
    problems: tuple[str, ...]


def editable(row: QuarantinedRow) -> list[EditableCell]:
    """The fields of a bad row, each with its complaints; complaints about the row as a whole come with the first."""
    if _is_payment(row.source):
        labels = {name: str(label) for name, label in PAYMENT_FIELDS.items()}
    else:
        labels = mapping.fields_of(row.source.kind)
    headers = {
        f"service:{guess['service'][0]}": guess["header"]
        for guess in row.source.mapping.get("guesses", ())
        if guess["service"]
    }
    told: dict[str, str] = row.cells["fields"] | (row.mended_cells or {})
    # JSON of the database keeps no order: cells stand in the order of the words, services as in the file.
    order = {name: place for place, name in enumerate([*labels, *headers])}
    fields = dict(sorted(told.items(), key=lambda pair: order.get(pair[0], len(order))))
    cells = []
    for place, (name, value) in enumerate(fields.items()):
        complaints = [
            problem["message"]
            for problem in row.problems
            if problem["field"] == name or (place == 0 and problem["field"] not in fields)
        ]
        cells.append(EditableCell(name, labels.get(name) or headers.get(name) or name, value, tuple(complaints)))
    return cells


def mend(actor: Actor, row_id: int, cells: Mapping[str, str], *, create_missing: bool = False) -> QuarantinedRow:
    """Check the row with its edited cells and post it as a supplement of its import.

    With `create_missing` the account it names is opened if nobody knows it and the row tells its flat. A row mended
    already stays as it is. Raises CannotMend, StillBad and the ledger's PostingRefused; then nothing was changed.
    """
    with transaction.atomic(), acting(actor, source="import.mend"):
        row, source = _waiting(row_id)
        if row.state == QuarantineState.MENDED:
            return row
        if source.state != ImportState.POSTED:
            raise CannotMend(_("Сначала проведите импорт: исправленные строки проводятся дополнением к нему"))
        lock_organisation(source.organisation_id)
        fields = {**row.cells["fields"], **cells}
        record = _record(source, fields)
        if create_missing:
            # Only for this row: the choice for the whole import is the import's own.
            source.settings = {**source.settings, "create_missing": True}
        run = _run(actor, row, source)
        _post(run, row.row_number, record)
        _count(run)
        _decide(actor, row, QuarantineState.MENDED)
        row.mended_cells = dict(cells)
        row.save()
        sentence = _("Исправлена строка %(row)s импорта № %(number)s") % {
            "row": row.row_number,
            "number": source.pk,
        }
        trail.record(actor, "import.mended", sentence, subject=("import", source.pk), detail={"cells": dict(cells)})
    return row


def drop(actor: Actor, row_id: int, *, reason: str) -> QuarantinedRow:
    """Take a row off for ever, with the reason. Raises CannotMend."""
    if not reason.strip():
        raise CannotMend(_("Назовите причину, почему строка не нужна"))
    with transaction.atomic():
        row, source = _waiting(row_id)
        if row.state == QuarantineState.MENDED:
            raise CannotMend(_("Строка уже исправлена и проведена"))
        _decide(actor, row, QuarantineState.DROPPED)
        row.reason = reason.strip()
        row.save()
        sentence = _("Снята строка %(row)s импорта № %(number)s") % {"row": row.row_number, "number": source.pk}
        trail.record(actor, "import.dropped", sentence, subject=("import", source.pk), reason=reason)
    return row


def write_errors(source: Import, target: Target, *, file_format: Literal["xlsx", "csv"] = "xlsx") -> int:
    """The bad rows that wait, in the layout of their file, with a column of comments; how many there are."""
    if _is_payment(source):
        headers = [str(label) for label in PAYMENT_FIELDS.values()]
    else:
        heads = dict(source.sniffed.get("head", []))
        headers = heads.get(source.mapping.get("header_row"), [])
    columns = [Column(header) for header in headers] + [Column(_("Что исправить"), 60)]

    def rows() -> Iterator[list[str]]:
        waiting = source.quarantined.filter(state=QuarantineState.WAITING).order_by("row_number")
        for row in waiting.iterator():
            cells = [*row.cells["row"], *[""] * len(headers)][: len(headers)]
            comment = " ".join(problem["message"] for problem in row.problems)
            yield [*cells, _("Строка %(row)s. %(comment)s") % {"row": row.row_number, "comment": comment}]

    return write_xlsx(target, columns, rows()) if file_format == "xlsx" else write_csv(target, columns, rows())


def _is_payment(source: Import) -> bool:
    """Whether its rows are a register's or a statement's own lines, not those of a table."""
    return not is_table(source)


def _waiting(row_id: int) -> tuple[QuarantinedRow, Import]:
    row = QuarantinedRow.objects.get(pk=row_id)
    lock(row.source_id)
    row = QuarantinedRow.objects.select_related("source__organisation").get(pk=row_id)
    if row.state == QuarantineState.DROPPED:
        raise CannotMend(_("Строка уже снята"))
    return row, row.source


def _decide(actor: Actor, row: QuarantinedRow, state: QuarantineState) -> None:
    row.state, row.decided_at, row.decided_by = state, clock.now(), actor.user
    signals.send(row.organisation_id, ["imports", f"import:{row.source_id}"])


def _record(source: Import, fields: Mapping[str, str]) -> Record:
    """The record of the edited cells. Raises StillBad."""
    organisation = source.organisation
    today = clock.today(organisation.time_zone)
    cells = {name: value.strip() or None for name, value in fields.items()}
    if _is_payment(source):
        facts = source.totals.get("facts", {})
        payment, problems = payment_of(cells, bank=facts.get("bank") or facts.get("account") or "", today=today)
        if payment is None:
            raise StillBad(problems)
        return _of_statement(payment, fields) if source.kind == FileKind.STATEMENT else payment
    outcome = convert(source.kind, cells, country=organisation.country, today=today)  # type: ignore[arg-type]
    if isinstance(outcome, list):
        raise StillBad(outcome)
    if outcome is None or isinstance(outcome, TurnoverTotals):
        raise StillBad([Problem("", "nothing", _("Строка ничего не значит: заполните её или снимите."), "")])
    return outcome


def _of_statement(payment: PaymentRecord, fields: Mapping[str, str]) -> PaymentRecord:
    """Under the key that the reader of statements gives, so that the document is known when it comes again."""
    key = payment_key(
        fields["receiver_account"], fields["payer_account"], fields["operation"], payment.paid_on.isoformat(),
        payment.amount_minor,
    )  # fmt: skip
    return payment._replace(key=key)


def _run(actor: Actor, row: QuarantinedRow, source: Import) -> Run:
    return Run(
        source=source,
        actor=actor,
        cursor=staging.cursor(),
        today=clock.today(source.organisation.time_zone),
        progress=Progress(source.pk, source.organisation_id),
        writes=True,
        part=f"row:{row.row_number}",
    )


def _post(run: Run, number: int, record: Record) -> None:
    rows = iter([(number, record)])
    if run.source.kind in passing.MONEY:
        passing.stage(run, rows)
        passing.go_through_money(run)
        staging.drop(run.cursor, run.source.pk)
    else:
        passing.go_through_cards(run, rows)
    if run.tally.set_aside:
        raise StillBad(run.tally.set_aside[number])
    if run.source.kind in passing.MONEY and (run.tally.counts["same"] or run.tally.counts["changed"]):
        text = _("Это уже проведено по другой строке. Исправьте номер или снимите строку.")
        raise StillBad([Problem("", "already_posted", text, "")])
    run.source.entries.add(*Entry.objects.filter(pk__in=run.entry_ids))


def _count(run: Run) -> None:
    counts = run.source.counts
    for verdict in ("new", "changed", "same", "unmatched"):
        counts[verdict] += run.tally.counts[verdict]
    counts["quarantined"] -= 1
    counts["mended"] = counts.get("mended", 0) + 1
    run.source.save(update_fields=["counts"])
