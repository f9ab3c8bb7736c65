"""Pages while a person waits: the bill of an account for a month, its statement, a preview of payment details."""

from datetime import date

from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.common import clock
from okno.common.days import last_day
from okno.exchange.paper import press
from okno.exchange.paper.contents import PenaltyTold, PrintedBill, PrintedStatement, StatementRow
from okno.exchange.paper.flats import dwellings
from okno.exchange.paper.gathering import CannotPrint, Gatherer, Refused, executor_of
from okno.exchange.paper.layout import TooFull, bill_page
from okno.exchange.paper.penalties import penalties
from okno.exchange.paper.statement_layout import statement_page
from okno.exchange.paper.wording import Wording, wording
from okno.ledger import account_period
from okno.ledger.account_period import PeriodRow
from okno.ledger.models import Account, Bill


def newest_month(account: Account) -> date | None:
    """The latest month billed; None when nothing ever was."""
    months = Bill.objects.filter(account=account, kind="month", reversed_by=None).order_by("-month")
    return months.values_list("month", flat=True).first()


def bill_of(account: Account, month: date, day: date) -> PrintedBill:
    """The bill of a month as of `day`. Raises CannotPrint."""
    (told,) = Gatherer(account.organisation, month, day).bills([account.pk])
    if isinstance(told, Refused):
        raise CannotPrint(told.why)
    return told


def bill_pdf(account: Account, month: date, day: date) -> bytes:
    """The bill on its page. Raises CannotPrint and PressFailed."""
    try:
        page = bill_page(bill_of(account, month, day))
    except TooFull as error:
        raise CannotPrint(_("Счёт не помещается на страницу: сократите названия услуг")) from error
    return _pdf("bill.typ", page, account.organisation)


def statement_of(account: Account, first: date, last: date) -> PrintedStatement:
    """The account's months from `first` to `last` (first days, inclusive) as of today. Raises DoesNotFoot."""
    organisation = account.organisation
    words = wording(organisation.country)
    today = clock.today(organisation.time_zone)
    until = min(last_day(last), today)
    told = account_period.read(account.pk, first, last, until)
    return PrintedStatement(
        country=organisation.country,
        since=first,
        until=until,
        issued_on=today,
        executor=executor_of(organisation),
        flat=dwellings(words, [account.pk], today)[account.pk].flat,
        opening_minor=told.opening_minor,
        closing_minor=told.closing_minor,
        rows=tuple(_row(words, row) for row in told.rows),
        penalty=_penalty(account, told.rows, until),
    )


def _row(words: Wording, row: PeriodRow) -> StatementRow:
    """A recalculation stands among what was asked, above or below zero; only money that came is paid."""
    paid = row.kind in ("payment", "opening") and row.minor < 0
    kinds = {"month": "bill", "payment": "payment", "opening": "opening", "penalty": "penalty"}
    regime = " / ".join(words.say(f"regime_{row.regime}")) if row.kind == "month" else ""
    return StatementRow(
        on=row.on,
        kind=kinds.get(row.kind, "recalculation"),
        month=row.month if row.kind != "payment" else None,
        text=row.reason or regime,
        asked_minor=0 if paid else row.minor,
        paid_minor=-row.minor if paid else 0,
    )


def _penalty(account: Account, rows: tuple[PeriodRow, ...], until: date) -> PenaltyTold:
    billed = sum(row.minor for row in rows if row.kind == "penalty")
    told, _missing = penalties(account.organisation, {account.pk: billed}, until)
    return told[account.pk]


def statement_pdf(account: Account, first: date, last: date) -> bytes:
    """The statement on its pages. Raises DoesNotFoot and PressFailed."""
    return _pdf("statement.typ", statement_page(statement_of(account, first, last)), account.organisation)


def _pdf(template: str, page: dict[str, object], organisation: Organisation) -> bytes:
    title = page["title"]
    assert isinstance(title, tuple)
    language = wording(organisation.country).languages[0]
    return press.at_once(template, page, title=title[0], author=organisation.name, language=language)
