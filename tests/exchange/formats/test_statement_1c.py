"""Statements of 1C: everything is kept, totals are checked, lies are seen through."""

from datetime import date

import pytest

from okno.exchange.formats.limits import Limits, Unreadable
from okno.exchange.formats.records import PaymentRecord
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.statement_1c import Statement, find_account_number, read_statement

from . import making

OWN = "40702810801500116391"


def document(**keys: str) -> str:
    shown = {
        "Номер": "7", "Дата": "05.10.2026", "Сумма": "100.50", "ПлательщикСчет": "40817810009980084396",
        "ДатаСписано": "", "Плательщик1": "Иванов Иван", "ПолучательСчет": OWN, "ДатаПоступило": "05.10.2026",
        "НазначениеПлатежа": "ЛС 0012; кв. 5", **keys,
    }  # fmt: skip
    return (
        "СекцияДокумент=Платежное поручение\r\n"
        + "".join(f"{k}={v}\r\n" for k, v in shown.items())
        + "КонецДокумента\r\n"
    )


def section(account: str = OWN, *, came: str = "100.50", left: str = "0", closing: str = "1100.50") -> str:
    return (
        f"СекцияРасчСчет\r\nДатаНачала=01.10.2026\r\nДатаКонца=31.10.2026\r\nРасчСчет={account}\r\n"
        f"НачальныйОстаток=1000.00\r\nВсегоПоступило={came}\r\nВсегоСписано={left}\r\nКонечныйОстаток={closing}\r\n"
        "КонецРасчСчет\r\n"
    )


def text_of(*parts: str, end: str = "КонецФайла\r\n") -> bytes:
    head = f"1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет={OWN}\r\n"
    return (head + "".join(parts) + end).encode("cp1251")


def read(content: bytes) -> Statement:
    return read_statement(content, sniffed=sniff(content))


def payment_of(content: bytes) -> object:
    [(_, found)] = read(content).payments(today=making.TODAY)
    return found


def test_the_real_statement_is_read_and_its_gap_is_asked_about() -> None:
    path = making.REAL_FILES / "1c-statement-utf8.txt"
    statement = read_statement(path, sniffed=sniff(path))
    assert statement.own_accounts == [OWN]
    assert [(doc.kind, doc.number) for doc in statement.documents] == [
        ("Платежное требование", "61298"), ("Платежное поручение", "6032"), ("Платежное поручение", "656731"),
        ("Платежное поручение", "239"),
    ]  # fmt: skip
    assert statement.documents[1].keys["Код"] == "50133547364"
    assert [(remark.code, remark.needs_person) for remark in statement.remarks] == [
        ("encoding_differs", False), ("received_differs", True), ("spent_differs", True),
    ]  # fmt: skip
    payments = [payment for _, payment in statement.payments(today=making.TODAY)]
    assert [(p.account_number, p.amount_minor, p.paid_on) for p in payments if isinstance(p, PaymentRecord)] == [
        ("50133547364", 105298, date(2022, 4, 15)),
        ("1234567", 116698, date(2022, 4, 18)),
    ]
    assert [doc.number for doc in statement.outgoing()] == ["61298", "239"]


def test_a_statement_that_agrees_leaves_no_remarks() -> None:
    statement = read(text_of(section(), document()))
    assert statement.remarks == []
    [only] = statement.sections
    assert (only.since, only.until, only.opening_minor) == (date(2026, 10, 1), date(2026, 10, 31), 100000)


def test_unknown_keys_and_marks_inside_values_are_kept() -> None:
    statement = read(text_of(section(), document(НазначениеПлатежа="Договор №5=7; ЛС 0012", НовыйКлюч="а=б=в")))
    [only] = statement.documents
    assert (only.purpose, only.keys["НовыйКлюч"]) == ("Договор №5=7; ЛС 0012", "а=б=в")


def test_a_purpose_may_go_on_over_lines() -> None:
    statement = read(text_of(section(), document(НазначениеПлатежа="ЛС 0012\r\nза октябрь\r\nНДС = 0")))
    assert statement.documents[0].purpose == "ЛС 0012 за октябрь НДС = 0"
    numbered = document(НазначениеПлатежа="", НазначениеПлатежа1="ЛС 0012", НазначениеПлатежа2="за октябрь")
    assert read(text_of(section(), numbered)).documents[0].purpose == "ЛС 0012 за октябрь"


def test_several_accounts_are_checked_each_by_itself() -> None:
    other = "40702810801500116392"
    statement = read(text_of(section(), section(other, came="5", closing="1005.00"), document()))
    assert statement.own_accounts == [OWN, other]
    assert [remark.code for remark in statement.remarks] == ["received_differs"]
    assert other in statement.remarks[0].message_ru


def test_money_moved_between_own_accounts_is_no_payment() -> None:
    other = "40702810801500116392"
    moved = document(ПлательщикСчет=other, ДатаСписано="05.10.2026")
    statement = read(text_of(section(), section(other, came="0", left="100.50", closing="899.50"), moved))
    assert list(statement.incoming()) == []
    assert statement.remarks == []


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        ((section(closing="1.00"), document()), ["balance_differs"]),
        ((section(came="7.00", closing="1007.00"), document()), ["received_differs"]),
        ((section(), document(), document(ДатаПоступило="")), ["unclear_documents"]),
        ((section(), document(ДатаПоступило="05.11.2026")), ["outside_period"]),
        ((section(closing=""), document()), ["no_control"]),
        ((section(closing="много"), document()), ["bad_section", "no_control"]),
    ],
)
def test_what_does_not_agree_is_remarked(parts: tuple[str, ...], codes: list[str]) -> None:
    assert [remark.code for remark in read(text_of(*parts)).remarks] == codes


def test_a_statement_without_our_account_is_asked_about() -> None:
    content = text_of(document()).replace(f"\r\nРасчСчет={OWN}".encode("cp1251"), b"")
    assert [remark.code for remark in read(content).remarks] == ["no_account"]


@pytest.mark.parametrize(
    "keys",
    [
        {"Сумма": "-100.50"},
        {"Сумма": "сто"},
        {"Сумма": ""},
        {"Дата": "05.13.2026"},
        {"ДатаПоступило": "05.10.2027"},
    ],
)
def test_a_document_that_cannot_be_posted_says_why(keys: dict[str, str]) -> None:
    found = payment_of(text_of(document(**keys)))
    assert isinstance(found, list)
    assert found[0].message_ru.endswith(".")


def test_the_key_of_a_payment_is_the_same_in_another_file() -> None:
    first, second = payment_of(text_of(document())), payment_of(text_of(section(), document(НовыйКлюч="1")))
    assert isinstance(first, PaymentRecord)
    assert isinstance(second, PaymentRecord)
    assert first.key == second.key
    assert len(first.key) <= 100


@pytest.mark.parametrize("end", ["", "СекцияДокумент=Платежное поручение\r\nНомер=8\r\n"])
def test_a_statement_without_its_end_is_refused(end: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text_of(document(), end=end))
    assert refused.value.code == "truncated"


def test_another_file_is_no_statement() -> None:
    with pytest.raises(Unreadable) as refused:
        read_statement(b"a;b\n", sniffed=sniff(b"a;b\n1;2\n"))
    assert refused.value.code == "wrong_format"


def test_lines_over_the_limits_are_refused() -> None:
    content = text_of(document())
    for limits in (Limits(max_rows=0), Limits(max_cell_letters=10)):
        with pytest.raises(Unreadable, match="слишком велик"):
            read_statement(content, sniffed=sniff(content), limits=limits)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("ЛС: 50133547364", "50133547364"),
        ("ЛС 1234567; ул. Тестовая, д.123/2, кв.321", "1234567"),
        ("оплата л/с №12-345 за май", "12-345"),
        ("Лицевой счёт 00123", "00123"),
        ("лицевой счет: 00123, 00123", "00123"),
        ("ЛС 123 и еще ЛС 456", ""),
        ("О/р 00123; буд 5", "00123"),
        ("Особовий рахунок 7712", "7712"),
        ("Оплата по счету 40702810801500116391", ""),
        ("Всё лс", ""),
        ("", ""),
    ],
)
def test_an_account_is_found_in_the_payers_words_or_left_to_a_person(words: str, number: str) -> None:
    assert find_account_number(words) == number
