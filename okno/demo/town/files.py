"""Writing a town's folder."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from okno.common.days import month_of

from .books import Books
from .expected import Expected, FileExpected, TodayExpected
from .plan import Plan, Town
from .registers import last_paid_day, write_register_today, write_registers
from .rosters import write_accounts, write_houses, write_meters, write_people_and_consents
from .statements import write_statement
from .turnovers import write_turnover

__all__ = ["Expected", "FileExpected", "TodayExpected", "write_files"]

#: Called with how many steps are done, how many there are, and what was just written.
Progress = Callable[[int, int, str], None]


def write_files(town: Town, folder: Path, progress: Progress | None = None) -> Expected:
    """Write the whole folder of a town and return what must be found in it; the same is kept in town.json.

    The folder is made when missing; files in it are overwritten. Memory stays within some hundred bytes an account.
    """
    for name in ("turnover", "registers", "statement", "today"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    months = town.bill_months
    steps = len(months) + 3
    tell = progress or (lambda done, total, text: None)
    plan = Plan(town)
    expected = Expected(
        country=town.country,
        currency=town.place.currency,
        seed=town.seed,
        today=town.today.isoformat(),
        houses=len(plan.houses),
        accounts=len(plan),
    )
    for roster in (
        write_houses(plan, folder),
        write_accounts(plan, folder),
        *write_people_and_consents(plan, folder),
        write_meters(plan, folder),
    ):
        expected.add(roster)
    tell(1, steps, "03-people")
    books = Books(plan)
    for done, month in enumerate(months, start=2):
        expected.add(write_turnover(books, month, folder / "turnover"))
        if month == months[0]:
            expected.opening_minor = books.opening
        _write_payments(books, folder, expected, month)
        tell(done, steps, f"turnover-{month:%Y-%m}")
    this_month = month_of(town.today)
    if until_day := last_paid_day(this_month, town.today):
        books.unfinished_month(this_month, until_day=until_day)
        _write_payments(books, folder, expected, this_month)
    tell(steps - 1, steps, f"registers/{this_month:%Y-%m}")
    register, told = write_register_today(books, folder / "today")
    expected.files.append(register)
    expected.register_today = told
    expected.close()
    expected.write(folder / "town.json")
    tell(steps, steps, "town.json")
    return expected


def _write_payments(books: Books, folder: Path, expected: Expected, month: date) -> None:
    """The registers and the statement of a month whose payments `books` hold now."""
    until_day = last_paid_day(month, books.plan.town.today)
    for register in write_registers(books, month, folder / "registers", until_day=until_day):
        expected.add(register)
    expected.add(write_statement(books, month, folder / "statement", until_day=until_day))
