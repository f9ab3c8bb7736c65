"""Bank statements in the 1CClientBankExchange format (1С, «Клиент банка», версия 1.0x).

Every key is kept, known or not; values may hold `=` and go on over the next lines. What the file claims
(encoding,
totals) is checked and never trusted.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from okno.common.days import NotADay, parse_day
from okno.common.money import NotAnAmount, grouped_minor, parse_minor

from .limits import DEFAULT_LIMITS, Limits, Unreadable, too_big, truncated
from .records import PaymentRecord, Problem, Remark
from .register import payment_key
from .sniff import Sniffed
from .source import Source, open_text

#: A key is one capitalised word right before the mark: "НДС = 20 %" goes on with the purpose, "Код=0" is a
#: key.
_KEY = re.compile(r"([А-ЯЁA-Z]\w{1,40})=(.*)", re.DOTALL)
#: "ЛС: 50133547364", "ЛС 1234567;", "л/с №12-345", "лицевой счет 00123", "о/р 123", "особовий рахунок 123",
#: "ж/ш 123".
_ACCOUNT = re.compile(
    r"(?:\bл\s*[/.\\]?\s*с(?:ч[её]т)?\b|\bлиц(?:евой|евого|\.)?\s*сч[её]та?\b|\bо\s*/\s*р\b|\bособов\w*\s+рахун\w*"
    r"|\bж\s*/\s*ш\b|\bжеке\s+шот\w*)[\s.:№#=\-]*([0-9][0-9/\-]{2,30})",
    re.IGNORECASE,
)


@dataclass
class AccountSection:
    """One СекцияРасчСчет: the totals of an account for a period (both days inclusive). Amounts are minor units."""

    account: str = ""
    since: date | None = None
    until: date | None = None
    opening_minor: int | None = None
    received_minor: int | None = None
    spent_minor: int | None = None
    closing_minor: int | None = None
    keys: dict[str, str] = field(default_factory=dict)


@dataclass
class Document:
    """One СекцияДокумент. `line` is the number of its first line; `keys` holds everything it says, as it says it."""

    kind: str
    line: int
    number: str = ""
    made_on: date | None = None
    amount_minor: int | None = None
    payer_account: str = ""
    receiver_account: str = ""
    spent_on: date | None = None
    received_on: date | None = None
    payer: str = ""
    receiver: str = ""
    purpose: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Statement:
    """A whole statement, in memory. `remarks` that need a person must be confirmed before anything is posted."""

    keys: dict[str, str] = field(default_factory=dict)
    own_accounts: list[str] = field(default_factory=list)
    sections: list[AccountSection] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def incoming(self) -> Iterator[Document]:
        """The documents by which money came to one of our accounts from outside."""
        own = set(self.own_accounts)
        return (doc for doc in self.documents if _came(doc, own) and doc.payer_account not in own)

    def outgoing(self) -> Iterator[Document]:
        """The documents by which money left one of our accounts."""
        own = set(self.own_accounts)
        return (doc for doc in self.documents if _left(doc, own))

    def payments(self, *, today: date) -> Iterator[tuple[Document, PaymentRecord | list[Problem]]]:
        """Incoming documents as payments, or what is wrong with them. `today` is the last day a payment may have."""
        return ((document, _payment(document, today)) for document in self.incoming())


def read_statement(source: Source, *, sniffed: Sniffed, limits: Limits = DEFAULT_LIMITS) -> Statement:
    """Read a statement whole. Raises `Unreadable` when it is another file or its end is missing."""
    reader = _Reader(sniffed)
    with open_text(source, sniffed.encoding or "cp1251") as text:
        for number, line in enumerate(text, start=1):
            if number > limits.max_rows * 20:
                raise too_big(f"больше {number} строк", f"{limits.max_rows * 20}")
            if len(line) > limits.max_cell_letters:
                raise too_big(f"строка {number} слишком длинна", f"{limits.max_cell_letters} знаков")
            reader.take(number, line.strip("\r\n\ufeff"))
    return reader.finish()


def find_account_number(purpose: str) -> str:
    """The resident's account number named in the payer's words; "" when none is named, or when several differ."""
    found = {match.strip("-/") for match in _ACCOUNT.findall(purpose)}
    return found.pop() if len(found) == 1 else ""


class _Reader:
    """Takes lines one by one and knows which section it stands in."""

    def __init__(self, sniffed: Sniffed) -> None:
        self._statement = Statement()
        self._sniffed = sniffed
        self._into: dict[str, str] = self._statement.keys
        self._section: AccountSection | None = None
        self._document: Document | None = None
        self._last_key = ""
        self._ended = False

    def take(self, number: int, line: str) -> None:
        """The next line."""
        word = line.strip()
        if number == 1:
            if word != "1CClientBankExchange":
                raise Unreadable(
                    "wrong_format",
                    reason_ru="Это не выписка 1С: первая строка должна быть «1CClientBankExchange».",
                    what_to_do="Выгрузите выписку из банка в формате «1С: Предприятие».",
                )
        elif self._ended or not word:
            return
        elif word == "КонецФайла":
            self._ended = True
        elif word == "СекцияРасчСчет":
            self._section = AccountSection()
            self._into, self._last_key = self._section.keys, ""
        elif word == "КонецРасчСчет":
            self._close_section()
        elif word == "КонецДокумента":
            self._close_document()
        elif word.startswith("СекцияДокумент="):
            self._close_document()
            self._document = Document(kind=word.split("=", 1)[1].strip(), line=number)
            self._into, self._last_key = self._document.keys, ""
        else:
            self._take_key(line)

    def finish(self) -> Statement:
        """The statement, checked as a whole."""
        if not self._ended:
            raise truncated("в выписке нет последней строки «КонецФайла»")
        self._close_document()
        self._close_section()
        statement = self._statement
        for section in statement.sections:
            if section.account and section.account not in statement.own_accounts:
                statement.own_accounts.append(section.account)
        statement.remarks += _remarks(statement, self._sniffed)
        return statement

    def _take_key(self, line: str) -> None:
        found = _KEY.fullmatch(line.strip())
        if found is None:
            # A purpose broken over several lines goes on without a key.
            if self._last_key:
                self._into[self._last_key] = f"{self._into[self._last_key]} {line.strip()}".strip()
            return
        key, value = found[1], found[2].strip()
        if key == "РасчСчет" and self._into is self._statement.keys and value:
            self._statement.own_accounts.append(value)
        self._into[key] = value
        self._last_key = key

    def _close_section(self) -> None:
        section, self._section = self._section, None
        self._into, self._last_key = self._statement.keys, ""
        if section is not None:
            _fill_section(section, self._statement.remarks)
            self._statement.sections.append(section)

    def _close_document(self) -> None:
        document, self._document = self._document, None
        self._into, self._last_key = self._statement.keys, ""
        if document is not None:
            _fill_document(document)
            self._statement.documents.append(document)


def _fill_section(section: AccountSection, remarks: list[Remark]) -> None:
    keys = section.keys
    section.account = keys.get("РасчСчет", "")
    problems: list[Problem] = []
    section.since = _day(keys, "ДатаНачала", problems)
    section.until = _day(keys, "ДатаКонца", problems)
    section.opening_minor = _amount(keys, "НачальныйОстаток", problems)
    section.received_minor = _amount(keys, "ВсегоПоступило", problems)
    section.spent_minor = _amount(keys, "ВсегоСписано", problems)
    section.closing_minor = _amount(keys, "КонечныйОстаток", problems)
    remarks.extend(
        Remark("bad_section", f"Счёт {section.account}, {problem.field}: {problem.message_ru}", needs_person=True)
        for problem in problems
    )


def _fill_document(document: Document) -> None:
    keys, problems = document.keys, document.problems
    document.number = keys.get("Номер", "")
    document.made_on = _day(keys, "Дата", problems)
    document.amount_minor = _amount(keys, "Сумма", problems)
    document.payer_account = keys.get("ПлательщикСчет") or keys.get("ПлательщикРасчСчет", "")
    document.receiver_account = keys.get("ПолучательСчет") or keys.get("ПолучательРасчСчет", "")
    document.spent_on = _day(keys, "ДатаСписано", problems)
    document.received_on = _day(keys, "ДатаПоступило", problems)
    document.payer = keys.get("Плательщик1") or keys.get("Плательщик", "")
    document.receiver = keys.get("Получатель1") or keys.get("Получатель", "")
    # Long purposes also come as НазначениеПлатежа1 … НазначениеПлатежа6.
    numbered = (keys.get(f"НазначениеПлатежа{number}", "") for number in range(1, 7))
    document.purpose = keys.get("НазначениеПлатежа") or " ".join(filter(None, numbered))


def _day(keys: dict[str, str], key: str, problems: list[Problem]) -> date | None:
    text = keys.get(key, "")
    if not text:
        return None
    try:
        return parse_day(text)
    except NotADay as error:
        problems.append(Problem(key, "bad_date", f"{error} Исправьте дату.", text))
        return None


def _amount(keys: dict[str, str], key: str, problems: list[Problem]) -> int | None:
    text = keys.get(key, "")
    if not text:
        return None
    try:
        return parse_minor(text)
    except NotAnAmount as error:
        problems.append(Problem(key, "bad_amount", f"{error} Исправьте сумму.", text))
        return None


def _came(document: Document, own: Collection[str]) -> bool:
    return document.receiver_account in own and document.received_on is not None


def _left(document: Document, own: Collection[str]) -> bool:
    return document.payer_account in own and document.spent_on is not None


def _payment(document: Document, today: date) -> PaymentRecord | list[Problem]:
    problems = list(document.problems)
    amount, received_on = document.amount_minor, document.received_on
    if amount is None and not problems:
        problems.append(Problem("Сумма", "missing", "Не указана сумма документа. Уточните её в банке.", ""))
    if amount is not None and amount <= 0:
        problems.append(Problem("Сумма", "not_positive", "Сумма документа должна быть больше нуля.", str(amount)))
    if received_on is not None and received_on > today:
        message = f"Дата поступления {received_on:%d.%m.%Y} ещё не наступила. Уточните её в банке."
        problems.append(Problem("ДатаПоступило", "future", message, f"{received_on:%d.%m.%Y}"))
    if problems or amount is None or received_on is None:
        return problems
    return PaymentRecord(
        key=payment_key(
            document.receiver_account, document.payer_account, document.number, received_on.isoformat(), amount
        ),
        paid_on=received_on,
        time=None,
        account_number=find_account_number(document.purpose),
        name=document.payer[:300],
        address="",
        stated_month=None,
        amount_minor=amount,
        purpose=document.purpose,
    )


def _remarks(statement: Statement, sniffed: Sniffed) -> Iterator[Remark]:
    if sniffed.encoding_claimed and not _same_encoding(sniffed):
        message = (
            f"В файле указана кодировка {sniffed.encoding_claimed}, а буквы записаны в {sniffed.encoding}. "
            "Прочитано по буквам."
        )
        yield Remark("encoding_differs", message, needs_person=False)
    if not statement.own_accounts:
        yield Remark("no_account", "В выписке не назван расчётный счёт: чей это приход, неизвестно.", needs_person=True)
    for section in statement.sections:
        yield from _balance_remarks(section)
    for account in statement.own_accounts:
        yield from _turnover_remarks(statement, account)
    own = set(statement.own_accounts)
    strangers = sum(not _came(doc, own) and not _left(doc, own) for doc in statement.documents)
    if strangers and own:
        message = f"Документов, по которым неясно, пришли деньги или ушли: {strangers}. Они не проводятся."
        yield Remark("unclear_documents", message, needs_person=True)
    yield from _period_remarks(statement)


def _same_encoding(sniffed: Sniffed) -> bool:
    return (sniffed.encoding or "").removesuffix("-sig") == sniffed.encoding_claimed


def _balance_remarks(section: AccountSection) -> Iterator[Remark]:
    if None in (section.opening_minor, section.received_minor, section.spent_minor, section.closing_minor):
        message = f"По счёту {section.account} не указаны остатки или обороты: сверить их нельзя."
        yield Remark("no_control", message, needs_person=False)
        return
    due = (section.opening_minor or 0) + (section.received_minor or 0) - (section.spent_minor or 0)
    if due != section.closing_minor:
        message = (
            f"Счёт {section.account}: начальный остаток + поступило − списано = {grouped_minor(due)}, "
            f"а конечный остаток {grouped_minor(section.closing_minor or 0)}."
        )
        yield Remark("balance_differs", message, needs_person=True)


def _turnover_remarks(statement: Statement, account: str) -> Iterator[Remark]:
    sections = [section for section in statement.sections if section.account == account]
    documents = statement.documents
    came = sum(doc.amount_minor or 0 for doc in documents if _came(doc, {account}))
    left = sum(doc.amount_minor or 0 for doc in documents if _left(doc, {account}))
    stated_came = [section.received_minor for section in sections if section.received_minor is not None]
    stated_left = [section.spent_minor for section in sections if section.spent_minor is not None]
    for code, word, stated, found in (
        ("received_differs", "поступлений", stated_came, came),
        ("spent_differs", "списаний", stated_left, left),
    ):
        if stated and sum(stated) != found:
            message = (
                f"Счёт {account}: заявлено {word} на {grouped_minor(sum(stated))}, "
                f"а документов в файле на {grouped_minor(found)}. "
                "Возможно, выписка неполная; проводить можно то, что есть, если вы это подтвердите."
            )
            yield Remark(code, message, needs_person=True)


def _period_remarks(statement: Statement) -> Iterator[Remark]:
    starts = [section.since for section in statement.sections if section.since]
    ends = [section.until for section in statement.sections if section.until]
    if not starts or not ends:
        return
    since, until = min(starts), max(ends)
    days = [day for doc in statement.documents for day in (doc.received_on, doc.spent_on) if day]
    outside = sum(not since <= day <= until for day in days)
    if outside:
        message = f"Документов вне периода выписки ({since:%d.%m.%Y} … {until:%d.%m.%Y}): {outside}."
        yield Remark("outside_period", message, needs_person=True)
