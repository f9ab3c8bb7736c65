"""A printed statement as pages of words; the figures stand as the ledger has them, each row with what is owed after."""

from datetime import date

from okno.exchange.paper.contents import PrintedStatement, StatementRow, Texts
from okno.exchange.paper.layout import CURRENCY, Page, executor_block, flat_block, penalty_block
from okno.exchange.paper.wording import Wording, figure, short_day, wording


def statement_page(statement: PrintedStatement) -> Page:
    """The whole document: the template breaks it into pages."""
    words = wording(statement.country)
    return {
        "title": words.say("statement_title"),
        "subtitle": words.say("statement_subtitle", since=short_day(statement.since), until=short_day(statement.until)),
        "executor": executor_block(words, statement.executor),
        "flat": flat_block(words, statement.flat),
        "columns": [words.say(key) for key in ("day", "what", "asked", "paid", "saldo")],
        "opening": _balance(words, statement.opening_minor, statement.since, statement.country),
        "rows": _rows(words, statement),
        "turnover": [words.say("turnover"), figure(statement.asked_minor), figure(statement.paid_minor)],
        "closing": _balance(words, statement.closing_minor, statement.until, statement.country),
        "penalty": penalty_block(words, statement.penalty, most=None) if statement.penalty else None,
        "signatures": [words.say("for_executor"), words.say("for_payer")],
        "signature": words.say("signature"),
        "printed": words.say("printed", day=short_day(statement.issued_on)),
        "page": " / ".join(words.words["page"]),
    }


def _balance(words: Wording, minor: int, on: date, country: str) -> list[object]:
    key = "saldo_on" if minor > 0 else "advance_on" if minor < 0 else "even_on"
    shown = f"{figure(abs(minor))}\u00a0{CURRENCY[country].sign}"
    return [words.say(key, day=short_day(on)), shown]


def _rows(words: Wording, statement: PrintedStatement) -> list[list[object]]:
    saldo = statement.opening_minor
    shown: list[list[object]] = []
    for row in statement.rows:
        saldo += row.asked_minor - row.paid_minor
        asked = figure(row.asked_minor) if row.asked_minor else ""
        paid = figure(row.paid_minor) if row.paid_minor else ""
        shown.append([short_day(row.on), _title(words, row), row.text, asked, paid, figure(saldo)])
    return shown


def _title(words: Wording, row: StatementRow) -> Texts:
    if row.kind == "recalculation" and row.month is None:
        return words.say("row_recalculation_plain")
    key = f"row_{row.kind}"
    return words.for_month(key, row.month) if row.month is not None else words.say(key)
