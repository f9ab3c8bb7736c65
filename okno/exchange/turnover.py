"""A turnover sheet: a month of charges for many accounts, against what the ledger holds of that month."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access.working_days import calendar_of
from okno.common.days import add_months, last_day
from okno.common.money import plain_minor
from okno.exchange import staging
from okno.exchange.books import Books, Posted, credit_key, read_books, recalculation_key
from okno.exchange.formats.headers import Columns
from okno.exchange.formats.records import Problem, Remark, TurnoverRecord
from okno.exchange.run import Run, Verdict
from okno.houses.models import House
from okno.ledger import billing, posting
from okno.ledger.models import Account, EntryKind, Regime, Service
from okno.ledger.rows import NewBill, NewPayment

#: Codes of the lines that are no service.
RECALCULATION, OPENING, CHARGES = "recalculation", "opening", "charges"
OPENING_KEY = "opening"


#: Columns of every sheet; the services of this one follow, and in the end stands the account, if it is known.
COLUMNS = (
    ("row_number", "int8"),
    ("number", "text"),
    ("address", "text"),
    ("flat", "text"),
    ("opening", "int8"),
    ("billed", "int8"),
    ("recalculated", "int8"),
    ("paid", "int8"),
    ("closing", "int8"),
)
ROW, NUMBER, ADDRESS, FLAT, OPENS, BILLED, RECALCULATED, PAID, CLOSES = range(len(COLUMNS))
ACCOUNT = -1
SUMS = {"opening": OPENS, "billed": BILLED, "recalculated": RECALCULATED, "paid": PAID, "closing": CLOSES}

Row = tuple[Any, ...]
"""A staged row: half a million of them are compared, so they stay as the database gives them."""


@dataclass(frozen=True)
class Services:
    """The services of a sheet, in order: their codes, and by regime which staged columns hold their sums."""

    codes: tuple[str, ...]
    by_regime: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]

    @classmethod
    def of(cls, columns: Columns) -> "Services":
        """Those the sheet's columns name; a sheet without services has one line, what was charged in all."""
        default = dict(columns.constants).get("regime", Regime.HOUSING.value)
        regimes = {code: regime for _, code, regime in columns.services}
        if not regimes:
            return cls(codes=(), by_regime=((default, ((CHARGES, BILLED),)),))
        places: dict[str, list[tuple[str, int]]] = {}
        for place, (code, regime) in enumerate(regimes.items(), start=len(COLUMNS)):
            places.setdefault(regime, []).append((code, place))
        return cls(codes=tuple(regimes), by_regime=tuple((regime, tuple(lines)) for regime, lines in places.items()))

    def bills(self, row: Row) -> dict[str, dict[str, int]]:
        """Regime → service → minor units, without what is nothing."""
        found = {}
        for regime, lines in self.by_regime:
            charged = {code: row[place] for code, place in lines if row[place]}
            if charged:
                found[regime] = charged
        return found


class Moves(NamedTuple):
    """What a row changes in the books."""

    bills: list[NewBill]
    payments: list[NewPayment]
    reverse_bills: list[int]
    reverse_payments: list[int]

    @property
    def verdict(self) -> Verdict:
        if self.reverse_bills or self.reverse_payments:
            return "changed"
        return "new" if self.bills or self.payments else "same"


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
        self._due = _DueDays(run, self._month)
        self._services = _services(run)
        for regime, _lines in self._services.by_regime:
            # Fails closed before anything is shown: what has no due day cannot be billed.
            self._due.on(0, self._month, regime)
        self._last: Row | None = None
        self._part = 0
        self._openings_differ = 0
        self._opened_later = 0

    def take(self, rows: list[Row]) -> None:
        """Compare some rows, and post them."""
        known = [row for row in rows if self._is_good(row)]
        accounts = [row[ACCOUNT] for row in known]
        books = read_books(self._run.cursor, accounts, self._month, lock=self._run.writes)
        self._sum_up(known, books)
        self._due.learn(accounts)
        moves = [move for row in known if (move := self._compare(row, books)) is not None]
        if self._run.writes:
            self._post(moves)

    def finish(self) -> None:
        """What can be said about the whole sheet."""
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
                "file": _shown(tally.file["opening"]),
                "system": _shown(tally.system["opening"]),
            }
            tally.remarks.append(Remark("openings_differ", text, needs_person=False))
        if tally.file["paid"] != tally.system["paid"]:
            text = _("Оплачено за месяц: в ведомости %(file)s, в учёте %(system)s. Все ли реестры загружены?")
            values = {"file": _shown(tally.file["paid"]), "system": _shown(tally.system["paid"])}
            tally.remarks.append(Remark("paid_differs", text % values, needs_person=False))

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
        if self._run.writes or account in books.at_month:
            moves = self._moves(row, books, first)
            verdict = moves.verdict
        else:
            # Nothing of the month stands yet, so the row is new whatever its lines are; half a million such are usual.
            moves = None
            opens = first and row[OPENS] != books.opening(account)
            verdict = "new" if row[BILLED] or row[RECALCULATED] or opens else "same"
        if verdict != "same":
            self._opened_later += account in books.opened_later
        tally = self._run.tally
        if tally.wants_sample(verdict):
            before = sum(bill.amount_minor for bill in books.bills.get(account, {}).values())
            tally.saw(verdict, _sample(row, before))
        else:
            tally.saw(verdict)
        return None if verdict == "same" else moves

    def _moves(self, row: Row, books: Books, first: bool) -> Moves:
        moves = Moves([], [], [], [])
        account = row[ACCOUNT]
        self._month_bills(row, account, books, moves)
        self._recalculation(row, account, books, moves)
        if first:
            self._opening(row, account, books, moves)
        return moves

    def _month_bills(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        asked = self._services.bills(row)
        standing = books.bills.get(account, {})
        for regime, lines in asked.items():
            found = standing.get(regime)
            if found is not None:
                if found.lines == lines:
                    continue
                moves.reverse_bills.append(found.id)
            due_on = self._due.on(account, self._month, regime)
            moves.bills.append(NewBill(account, "month", regime, self._month, due_on, sum(lines.values()), lines))
        moves.reverse_bills.extend(bill.id for regime, bill in standing.items() if regime not in asked)

    def _recalculation(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        added, taken = books.added.get(account), books.taken_off.get(account)
        standing = _amount(added) - _amount(taken)
        if row[RECALCULATED] == standing:
            return
        if added is not None:
            moves.reverse_bills.append(added.id)
        if taken is not None:
            moves.reverse_payments.append(taken.id)
        amount, month = row[RECALCULATED], self._month
        if amount > 0:
            due_on = self._due.on(account, month, "housing")
            lines = {RECALCULATION: amount}
            moves.bills.append(
                NewBill(account, "recalculation", "housing", month, due_on, amount, lines, recalculation_key(month))
            )
        elif amount < 0:
            key = credit_key(account, month)
            moves.payments.append(
                NewPayment(account, "recalculation", last_day(month), -amount, key, regime=Regime.HOUSING.value)
            )

    def _opening(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        """The sheet's balance at the start of the account's first month, less what the books already know of it."""
        amount = row[OPENS] - books.opening(account)
        before = add_months(self._month, -1)
        if amount > 0:
            due_on = self._due.on(account, before, "housing")
            moves.bills.append(
                NewBill(account, "opening", "housing", before, due_on, amount, {OPENING: amount}, OPENING_KEY)
            )
        elif amount < 0:
            moves.payments.append(NewPayment(account, "opening", last_day(before), -amount, f"{OPENING_KEY}:{account}"))

    def _post(self, moves: Sequence[Moves]) -> None:
        if not moves:
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
            bills=[bill for move in moves for bill in move.bills],
            payments=[payment for move in moves for payment in move.payments],
            reverse_bills=[pk for move in moves for pk in move.reverse_bills],
            reverse_payments=[pk for move in moves for pk in move.reverse_payments],
        )
        run.entry_ids.append(posted.entry_id)


class _DueDays:
    """Due days asked once for each month, regime and contract day."""

    def __init__(self, run: Run, month: date) -> None:
        self._run = run
        self._calendar = calendar_of(run.organisation)
        self._contracts = House.objects.filter(organisation=run.organisation, contract_due_day__isnull=False).exists()
        self._house: dict[int, House] = {}
        self._asked: dict[tuple[date, str, int | None], date] = {}

    def learn(self, account_ids: Sequence[int]) -> None:
        """Remember the houses of these accounts whose contracts name a day."""
        if not self._contracts:
            return
        accounts = Account.objects.filter(pk__in=account_ids, flat__house__contract_due_day__isnull=False)
        houses = {account.pk: account.flat.house for account in accounts.select_related("flat__house")}
        self._house = houses

    def on(self, account_id: int, month: date, regime: str) -> date:
        """The last day to pay, inclusive. Raises NotInForce where nobody entered what held then."""
        house = self._house.get(account_id)
        asked = (month, regime, house.contract_due_day if house else None)
        if asked not in self._asked:
            found = billing.due_on(self._run.organisation, house, month, regime, calendar=self._calendar)
            self._asked[asked] = found.value
        return self._asked[asked]


def _amount(posted: Posted | None) -> int:
    return posted.amount_minor if posted is not None else 0


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


def _shown(minor: int) -> str:
    return plain_minor(minor).replace(".", ",")
