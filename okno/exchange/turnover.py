"""A turnover sheet: a month of charges for many accounts, against what the ledger holds of that month."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.common.days import add_months, last_day
from okno.common.money import grouped_minor
from okno.exchange import staging
from okno.exchange.books import Books, read_books
from okno.exchange.formats.headers import Columns
from okno.exchange.formats.records import Problem, Remark, TurnoverRecord
from okno.exchange.run import Run
from okno.exchange.turnover_moves import Month, Moves
from okno.exchange.turnover_rows import (
    ACCOUNT,
    ADDRESS,
    BILLED,
    CHARGES,
    COLUMNS,
    FLAT,
    NUMBER,
    OPENING,
    OPENS,
    RECALCULATED,
    RECALCULATION,
    ROW,
    SUMS,
    Row,
    Services,
)
from okno.ledger import posting
from okno.ledger.models import EntryKind, Regime, Service
from okno.ledger.words import month_in_words


def shape(run: Run) -> staging.Shape:
    """The staging table of this sheet."""
    services = _services(run).codes
    return staging.Shape(COLUMNS + tuple((f"service_{place}", "int8") for place in range(len(services))))


def stager(run: Run) -> Callable[[int, TurnoverRecord], Row]:
    """A function that makes the staged row of a record."""
    codes = _services(run).codes

    def stage(number: int, record: TurnoverRecord) -> Row:
        amount = record.services.get
        return (
            number, record.number, record.address, record.flat, record.opening_minor, record.billed_minor,
            record.recalculated_minor, record.paid_minor, record.closing_minor, *[amount(code, 0) for code in codes],
        )  # fmt: skip

    return stage


def _services(run: Run) -> Services:
    return Services.of(Columns.from_json(run.source.mapping["columns"]))


def go_through(run: Run) -> None:
    """Compare every staged row with the books and, when the run writes, post what differs."""
    sheet = _Sheet(run)
    for rows in _chunks(run):
        sheet.take(rows)
        run.progress.advance(len(rows))
    sheet.finish()


def ensure_services(run: Run) -> None:
    """The codes of the file's lines have names to be printed by."""
    columns = Columns.from_json(run.source.mapping["columns"])
    guesses = {guess["column"]: guess["header"] for guess in run.source.mapping.get("guesses", ())}
    services = {code: (guesses.get(column, code), regime) for column, code, regime in columns.services}
    services[RECALCULATION] = (_("Перерасчёт"), Regime.HOUSING.value)
    services[OPENING] = (_("Долг на начало учёта"), Regime.HOUSING.value)
    services[CHARGES] = (_("Начислено"), Regime.HOUSING.value)
    Service.objects.bulk_create(
        [
            Service(organisation=run.organisation, code=code, name=name[:100], regime=regime)
            for code, (name, regime) in services.items()
        ],
        ignore_conflicts=True,
    )


def _chunks(run: Run) -> Iterator[list[Row]]:
    """Staged rows with their accounts, in the order of accounts: postings lock them in that order."""
    join = (
        "SELECT staged.*, account.id AS account_id FROM {staged} AS staged LEFT JOIN ledger_account AS account"
        " ON account.organisation_id = {organisation} AND account.number = staged.number"
        " ORDER BY account.id NULLS LAST, staged.row_number"
    )
    yield from staging.joined(run.cursor, run.source.pk, join, organisation=run.organisation.pk)


class _Sheet:
    """The rows of one sheet on their way: chunk by chunk, each compared and posted."""

    def __init__(self, run: Run) -> None:
        assert run.source.month is not None
        self._run = run
        self._month: date = run.source.month
        self._books_of_month = Month(run, self._month, _services(run))
        self._last: Row | None = None
        self._part = 0
        self._openings_differ = 0
        self._opened_later = 0
        self._into_closed = 0

    def take(self, rows: list[Row]) -> None:
        """Compare some rows, and post them."""
        known = [row for row in rows if self._is_good(row)]
        accounts = [row[ACCOUNT] for row in known]
        books = read_books(self._run.cursor, accounts, self._month, lock=self._run.writes)
        self._sum_up(known, books)
        self._books_of_month.learn(accounts)
        moves = [move for row in known if (move := self._compare(row, books)) is not None]
        if self._run.writes:
            self._post(moves)

    def finish(self) -> None:
        """What can be said about the whole sheet."""
        self._tell_of_closed()
        tally = self._run.tally
        if self._opened_later:
            text = ngettext(
                "У %(count)s лицевого счёта учёт начат с более позднего сальдо: начисления за этот месяц в нём уже есть"
                " и будут посчитаны дважды.",
                "У %(count)s лицевых счетов учёт начат с более позднего сальдо: начисления за этот месяц в нём уже есть"
                " и будут посчитаны дважды.",
                self._opened_later,
            ) % {"count": self._opened_later}
            tally.remarks.append(Remark("opened_later", text, needs_person=True))
        if self._openings_differ:
            text = ngettext(
                "Сальдо на начало расходится с учётом у %(count)s лицевого счёта:"
                " в ведомости всего %(file)s, в учёте %(system)s.",
                "Сальдо на начало расходится с учётом у %(count)s лицевых счетов:"
                " в ведомости всего %(file)s, в учёте %(system)s.",
                self._openings_differ,
            ) % {
                "count": self._openings_differ,
                "file": grouped_minor(tally.file["opening"]),
                "system": grouped_minor(tally.system["opening"]),
            }
            tally.remarks.append(Remark("openings_differ", text, needs_person=False))
        if tally.file["paid"] != tally.system["paid"]:
            text = _("Оплачено за месяц: в ведомости %(file)s, в учёте %(system)s. Все ли реестры загружены?")
            values = {"file": grouped_minor(tally.file["paid"]), "system": grouped_minor(tally.system["paid"])}
            tally.remarks.append(Remark("paid_differs", text % values, needs_person=False))

    def _tell_of_closed(self) -> None:
        tally, first_open = self._run.tally, self._books_of_month.accounted.closed_until
        # Part of what was agreed to: a month closed meanwhile must be told anew.
        tally.file["into_closed"] = self._into_closed
        if first_open is not None and self._into_closed:
            text = ngettext(
                "Закрыт месяц: %(month)s. %(count)s изменение будет проведено исправлением с днём учёта %(day)s,"
                " сам закрытый месяц не изменится.",
                "Закрыт месяц: %(month)s. %(count)s изменений будут проведены исправлением с днём учёта %(day)s,"
                " сам закрытый месяц не изменится.",
                self._into_closed,
            ) % {
                "month": month_in_words(self._month),
                "count": self._into_closed,
                "day": f"{first_open:%d.%m.%Y}",
            }
            tally.remarks.append(Remark("closed_month", text, needs_person=True))
        differ = self._books_of_month.penalties_differ
        if differ:
            text = ngettext(
                "Пеня в ведомости расходится с начисленной в Окне у %(count)s лицевого счёта: оставлена наша.",
                "Пеня в ведомости расходится с начисленной в Окне у %(count)s лицевых счетов: оставлена наша.",
                differ,
            )
            tally.remarks.append(Remark("penalties_differ", text % {"count": differ}, needs_person=False))

    def _is_good(self, row: Row) -> bool:
        if row[ACCOUNT] is None:
            self._run.tally.complain(row[ROW], _unknown_account(row))
            return False
        last, self._last = self._last, row
        if last is not None and last[ACCOUNT] == row[ACCOUNT]:
            self._run.tally.counts["duplicates"] += 1
            text = _("Лицевой счёт %(number)s уже был в строке %(row)s. Уберите лишнюю строку.")
            values = {"number": row[NUMBER], "row": last[ROW]}
            self._run.tally.complain(row[ROW], Problem("number", "duplicate", text % values, row[NUMBER]))
            return False
        return True

    def _sum_up(self, rows: list[Row], books: Books) -> None:
        file, system = self._run.tally.file, self._run.tally.system
        for name, place in SUMS.items():
            file[name] += sum(map(itemgetter(place), rows))
        system["opening"] += books.openings()
        system["billed"] += sum(bill.amount_minor for bills in books.bills.values() for bill in bills.values())
        system["paid"] += sum(books.paid_within.values())

    def _compare(self, row: Row, books: Books) -> Moves | None:
        """What the row changes; None when nothing, or when this is only a look and all of it is new."""
        account = row[ACCOUNT]
        first = books.billed.get(account, 0) == 0
        if not first:
            self._openings_differ += books.opening(account) != row[OPENS]
        month = self._books_of_month
        moves: Moves | None = None
        if self._run.writes or month.knows(account, books):
            moves = month.moves(row, books, first=first)
            verdict = moves.verdict
        else:
            # Nothing of the month stands yet: half a million such rows are usual.
            verdict = "new" if month.is_new(row, books, first=first) else "same"
        if verdict != "same":
            self._opened_later += account in books.opened_later
            self._into_closed += month.accounted.closed_until is not None
        tally = self._run.tally
        if tally.wants_sample(verdict):
            before = sum(bill.amount_minor for bill in books.bills.get(account, {}).values())
            tally.saw(verdict, _sample(row, before))
        else:
            tally.saw(verdict)
        return None if verdict == "same" else moves

    def _post(self, moves: Sequence[Moves]) -> None:
        """Post what differs: balances brought in as an entry of the month before, everything else as one of this."""
        openings = [move for move in moves if _opens(move)]
        self._post_entry(openings, add_months(self._month, -1), opening=True)
        self._post_entry(moves, self._month, opening=False)

    def _post_entry(self, moves: Sequence[Moves], month: date, *, opening: bool) -> None:
        bills = [bill for move in moves for bill in move.bills if (bill.kind == "opening") == opening]
        payments = [row for move in moves for row in move.payments if (row.kind == "opening") == opening]
        reverse_bills = [] if opening else [pk for move in moves for pk in move.reverse_bills]
        reverse_payments = [] if opening else [pk for move in moves for pk in move.reverse_payments]
        if not (bills or payments or reverse_bills or reverse_payments):
            return
        run = self._run
        self._part += 1
        posted = posting.post(
            organisation=run.organisation,
            key=run.key(self._part),
            kind=EntryKind.BILLS.value,
            reason=_("Начисления за %(month)s, импорт № %(number)s")
            % {"month": f"{self._month:%m.%Y}", "number": run.source.pk},
            user=run.actor.user,
            source=f"import:{run.source.pk}",
            bills=bills,
            payments=payments,
            reverse_bills=reverse_bills,
            reverse_payments=reverse_payments,
            accounted_on=last_day(month),
        )
        run.entry_ids.append(posted.entry_id)


def _opens(move: Moves) -> bool:
    return any(row.kind == "opening" for row in move.bills) or any(row.kind == "opening" for row in move.payments)


def _unknown_account(row: Row) -> Problem:
    if row[ADDRESS] and row[FLAT]:
        text = _(
            "Лицевого счёта %(number)s в системе нет. Исправьте номер, загрузите список счетов"
            " или включите «Создавать недостающие счета»: адрес и помещение в файле есть."
        )
    else:
        text = _("Лицевого счёта %(number)s в системе нет. Исправьте номер или сначала загрузите список счетов.")
    return Problem("number", "unknown_account", text % {"number": row[NUMBER]}, row[NUMBER])


def _sample(row: Row, before: int) -> dict[str, Any]:
    return {
        "row": row[ROW],
        "number": row[NUMBER],
        "address": row[ADDRESS],
        "flat": row[FLAT],
        "billed_minor": row[BILLED],
        "before_minor": before,
        "recalculated_minor": row[RECALCULATED],
    }
