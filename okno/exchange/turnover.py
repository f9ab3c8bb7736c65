"""A turnover sheet: a month of charges for many accounts, against what the ledger holds of that month."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
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

SHAPE = staging.Shape(
    (
        ("row_number", "int8"),
        ("number", "text"),
        ("address", "text"),
        ("flat", "text"),
        ("name", "text"),
        ("opening", "int8"),
        ("billed", "int8"),
        ("recalculated", "int8"),
        ("paid", "int8"),
        ("closing", "int8"),
        ("bills", "text"),
    )
)
#: Codes of the lines that are no service.
RECALCULATION, OPENING, CHARGES = "recalculation", "opening", "charges"
OPENING_KEY = "opening"


class Row(NamedTuple):
    """A staged row with its account, if the account is known. `bills` is regime → service → minor units."""

    number: int
    account_number: str
    address: str
    flat: str
    name: str
    opening: int
    billed: int
    recalculated: int
    paid: int
    closing: int
    bills: str
    account_id: int | None


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


def stager(run: Run) -> Callable[[int, TurnoverRecord], tuple[Any, ...]]:
    """A function that makes the staged row of a record: service lines parted by the regimes they fall under."""
    columns = Columns.from_json(run.source.mapping["columns"])
    regimes = {code: regime for _, code, regime in columns.services}
    default = dict(columns.constants).get("regime", Regime.HOUSING.value)

    def stage(number: int, record: TurnoverRecord) -> tuple[Any, ...]:
        bills: dict[str, dict[str, int]] = {}
        for code, amount in record.services.items():
            bills.setdefault(regimes.get(code, default), {})[code] = amount
        if not record.services and record.billed_minor:
            bills[default] = {CHARGES: record.billed_minor}
        return (
            number, record.number, record.address, record.flat, record.name, record.opening_minor, record.billed_minor,
            record.recalculated_minor, record.paid_minor, record.closing_minor, json.dumps(bills),
        )  # fmt: skip

    return stage


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
    for chunk in staging.joined(run.cursor, run.source.pk, join, organisation=run.organisation.pk):
        yield [Row._make(row) for row in chunk]


class _Sheet:
    """The rows of one sheet on their way: chunk by chunk, each compared and posted."""

    def __init__(self, run: Run) -> None:
        assert run.source.month is not None
        self._run = run
        self._month: date = run.source.month
        self._due = _DueDays(run, self._month)
        self._last: Row | None = None
        self._part = 0
        self._openings_differ = 0
        self._opened_later = 0

    def take(self, rows: list[Row]) -> None:
        """Compare some rows, and post them."""
        known = [row for row in rows if self._is_good(row)]
        accounts = [row.account_id for row in known if row.account_id is not None]
        books = read_books(self._run.cursor, accounts, self._month, lock=self._run.writes)
        self._due.learn(accounts)
        moves = [self._compare(row, books) for row in known]
        if self._run.writes:
            self._post([move for move in moves if move.verdict != "same"])

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
        tally = self._run.tally
        if row.account_id is None:
            tally.complain(row.number, _unknown_account(row))
            return False
        last, self._last = self._last, row
        if last is not None and last.account_id == row.account_id:
            tally.counts["duplicates"] += 1
            text = _("Лицевой счёт %(number)s уже был в строке %(row)s. Уберите лишнюю строку.")
            values = {"number": row.account_number, "row": last.number}
            tally.complain(row.number, Problem("number", "duplicate", text % values, row.account_number))
            return False
        return True

    def _compare(self, row: Row, books: Books) -> Moves:
        moves = self._moves(row, books)
        tally, account = self._run.tally, row.account_id or 0
        file, system = tally.file, tally.system
        file["opening"] += row.opening
        file["billed"] += row.billed
        file["recalculated"] += row.recalculated
        file["paid"] += row.paid
        file["closing"] += row.closing
        opening = books.opening(account)
        before = sum(bill.amount_minor for bill in books.bills.get(account, {}).values())
        system["opening"] += opening
        system["billed"] += before
        system["paid"] += books.paid_within.get(account, 0)
        verdict = moves.verdict
        self._opened_later += account in books.opened_later and verdict != "same"
        if opening != row.opening and not _is_first(books, account):
            self._openings_differ += 1
        sample = _sample(row, before) if tally.wants_sample(verdict) else None
        tally.saw(verdict, sample)
        return moves

    def _moves(self, row: Row, books: Books) -> Moves:
        moves = Moves([], [], [], [])
        account = row.account_id or 0
        self._month_bills(row, account, books, moves)
        self._recalculation(row, account, books, moves)
        if _is_first(books, account):
            self._opening(row, account, books, moves)
        return moves

    def _month_bills(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        asked: dict[str, dict[str, int]] = json.loads(row.bills)
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
        if row.recalculated == standing:
            return
        if added is not None:
            moves.reverse_bills.append(added.id)
        if taken is not None:
            moves.reverse_payments.append(taken.id)
        amount, month = row.recalculated, self._month
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
        amount = row.opening - books.opening(account)
        before = add_months(self._month, -1)
        if amount > 0:
            due_on = self._due.on(account, before, "housing")
            moves.bills.append(
                NewBill(account, "opening", "housing", before, due_on, amount, {OPENING: amount}, OPENING_KEY)
            )
        elif amount < 0:
            moves.payments.append(
                NewPayment(account, "opening", last_day(before), -amount, f"{OPENING_KEY}:{account}")
            )

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


def _is_first(books: Books, account_id: int) -> bool:
    """Whether no turnover of the account was ever posted."""
    return books.billed.get(account_id, 0) == 0


def _amount(posted: Posted | None) -> int:
    return posted.amount_minor if posted is not None else 0


def _unknown_account(row: Row) -> Problem:
    if row.address and row.flat:
        text = _(
            "Лицевого счёта %(number)s в системе нет. Исправьте номер, загрузите список счетов"
            " или включите «Создавать недостающие счета»: адрес и помещение в файле есть."
        )
    else:
        text = _("Лицевого счёта %(number)s в системе нет. Исправьте номер или сначала загрузите список счетов.")
    return Problem("number", "unknown_account", text % {"number": row.account_number}, row.account_number)


def _sample(row: Row, before: int) -> dict[str, Any]:
    return {
        "row": row.number,
        "number": row.account_number,
        "address": row.address,
        "flat": row.flat,
        "billed_minor": row.billed,
        "before_minor": before,
        "recalculated_minor": row.recalculated,
    }


def _shown(minor: int) -> str:
    return plain_minor(minor).replace(".", ",")
