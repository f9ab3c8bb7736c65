"""Bank statements of the organisation's own account in the 1CClientBankExchange format, one a month."""

from datetime import date
from pathlib import Path
from typing import TextIO

from .books import STATEMENT, Books, Paid
from .expected import FileExpected
from .plan import COMPANY, Plan

#: What the organisation itself pays every month: the day, the sum in minor units, the words.
_SPENT = (
    (7, 18_400_000, "Оплата по договору обслуживания лифтов"),
    (15, 42_350_000, "Выплата заработной платы по реестру"),
    (21, 9_120_000, "Оплата за вывоз отходов, договор № 14=Т/2"),
)
_OPENING = 250_000_000


def write_statement(books: Books, month: date, folder: Path, *, until_day: int) -> FileExpected:
    """Write the month's statement: what companies and some residents paid to the account, and what was spent."""
    plan = books.plan
    lent = plan.place
    path = folder / f"statement-{month:%Y-%m}.txt"
    expected = FileExpected(f"statement/{path.name}", "statement")
    came = [paid for paid in books.payments() if paid.way == STATEMENT]
    spent = [row for row in _SPENT if row[0] <= until_day]
    received, left = sum(paid.amount for paid in came), sum(amount for _, amount, _ in spent)
    claimed = "Windows" if lent.encoding == "cp1251" else "UTF-8"
    since, until = f"{month:%d.%m.%Y}", f"{month.replace(day=until_day):%d.%m.%Y}"
    with path.open("w", encoding=lent.encoding, newline="") as file:
        _section(file, "1CClientBankExchange", {
            "ВерсияФормата": "1.03", "Кодировка": claimed, "Отправитель": lent.banks[0], "Получатель": "",
            "ДатаСоздания": until, "ДатаНачала": since, "ДатаКонца": until, "РасчСчет": lent.own_account,
        })  # fmt: skip
        _section(file, "СекцияРасчСчет", {
            "ДатаНачала": since, "ДатаКонца": until, "РасчСчет": lent.own_account,
            "НачальныйОстаток": _sum(_OPENING), "ВсегоПоступило": _sum(received), "ВсегоСписано": _sum(left),
            "КонечныйОстаток": _sum(_OPENING + received - left),
        }, end="КонецРасчСчет")  # fmt: skip
        for count, paid in enumerate(came, start=1):
            _section(
                file, "СекцияДокумент=Платежное поручение", _incoming(plan, month, count, paid), end="КонецДокумента"
            )
            expected.count(amount_minor=paid.amount)
        for count, (day, amount, purpose) in enumerate(spent, start=1):
            keys = _outgoing(plan, month.replace(day=day), count, amount, purpose)
            _section(file, "СекцияДокумент=Платежное поручение", keys, end="КонецДокумента")
        file.write("КонецФайла\r\n")
    return expected


def _section(file: TextIO, start: str, keys: dict[str, str], *, end: str = "") -> None:
    lines = [start, *(f"{key}={value}" for key, value in keys.items()), *([end] if end else [])]
    file.write("\r\n".join(lines) + "\r\n")


def _sum(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _incoming(plan: Plan, month: date, count: int, paid: Paid) -> dict[str, str]:
    lent = plan.place
    day = f"{month.replace(day=paid.second // 86_400 + 1):%d.%m.%Y}"
    flat = f"{plan.house(paid.account).address}, {lent.flat} {plan.flat(paid.account)}"
    words = "Оплата за нежилое помещение" if plan.kind[paid.account] == COMPANY else lent.purpose
    return {
        "Номер": str(count), "Дата": day, "Сумма": _sum(paid.amount),
        "ПлательщикСчет": lent.foreign_account.format(n=paid.account), "ДатаСписано": "",
        "Плательщик1": plan.name(paid.account), "ПолучательСчет": lent.own_account, "ДатаПоступило": day,
        "Получатель1": lent.organisation, "ВидПлатежа": "Электронно", "ВидОплаты": "01", "Очередность": "5",
        "НазначениеПлатежа": f"{lent.account_words} {plan.number(paid.account)}; {flat}. {words}",
    }  # fmt: skip


def _outgoing(plan: Plan, day: date, count: int, amount: int, purpose: str) -> dict[str, str]:
    lent = plan.place
    return {
        "Номер": str(900_000 + count), "Дата": f"{day:%d.%m.%Y}", "Сумма": _sum(amount),
        "ПлательщикСчет": lent.own_account, "ДатаСписано": f"{day:%d.%m.%Y}", "Плательщик1": lent.organisation,
        "ПолучательСчет": lent.foreign_account.format(n=90_000_000 + count), "ДатаПоступило": "",
        "Получатель1": lent.companies[count % len(lent.companies)], "НазначениеПлатежа": purpose,
    }  # fmt: skip
