"""Files that should not be: a clear word, nothing posted, nothing lost."""

import io
import zipfile

import openpyxl
import pytest

from okno.exchange.formats.limits import Limits
from okno.exchange.models import Import
from okno.exchange.receiving import receive
from okno.exchange.running import run_import
from okno.ledger.models import Bill, Payment
from tests.exchange.conftest import FILES, balances, checked, posted, register, report, turnover

ROWS = [("100001", 1, 0, 100_000, 0, 0, 0)]


def _workbook(rows, *, formula: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if formula:
        book.active["B2"] = formula
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300 * 2**20)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "пуст"),
        ("blank.csv", b"\r\n\r\n  \r\n", "пуст"),
        ("cut.xlsx", (FILES / "property.xlsx").read_bytes()[:4000], "оборван"),
        ("bomb.xlsx", _bomb(), "распак"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 100, "картинка"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "веб-страница"),
        ("prose.txt", "Добрый день! Высылаю начисления.".encode(), "столбц"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(actor, name, content, told) -> None:
    (receipt,) = receive(actor, name, content)
    assert receipt.source.state == "failed"
    assert told in receipt.source.failure.lower()


def test_a_file_over_the_limit_is_refused_and_not_kept(actor, settings) -> None:
    (receipt,) = receive(actor, "huge.csv", io.BytesIO(b"1;2\n" * 1_000_000), limits=Limits(max_bytes=2**20))
    assert receipt.source.state == "failed"
    assert "велик" in receipt.source.failure
    assert list((settings.MEDIA_ROOT / "imports").rglob("*")) == [
        settings.MEDIA_ROOT / "imports" / str(actor.organisation.pk)
    ]


def test_a_refused_file_may_be_sent_again_when_it_is_whole(actor) -> None:
    receive(actor, "cut.xlsx", b"")
    (receipt,) = receive(actor, "cut.xlsx", b"")
    assert not receipt.repeated
    assert Import.objects.count() == 2


def test_formulas_nobody_computed_are_refused(actor) -> None:
    content = _workbook([["Адрес", "Помещений"], ["ул Лесная, д 5", 1]], formula="=1+1")
    (receipt,) = receive(actor, "formulas.xlsx", content)
    source = receipt.source if receipt.source.state == "failed" else checked(actor, content + b"", "formulas.xlsx")
    assert source.state == "failed"
    assert "формул" in source.failure.lower()


def test_a_formula_in_a_text_stays_a_text(load, accounts) -> None:
    source = load(register([("1", "100001", 100, "=HYPERLINK(1)", "@SUM(1+1)")]))
    payment = Payment.objects.get()
    assert (source.state, payment.payer, payment.purpose) == ("posted", "=HYPERLINK(1)", "@SUM(1+1)")


def test_the_wrong_encoding_is_read_by_its_letters(load, accounts, organisation) -> None:
    source = load(turnover(ROWS, encoding="cp866"))
    assert source.state == "posted"
    assert balances(organisation)["100001"] == (100_000, 0)


@pytest.mark.parametrize(
    ("amount", "code"),
    [("-500,00", "negative"), ("1000,555", "bad_amount"), ("1e3", "bad_amount"), ("много", "bad_amount")],
)
def test_a_sum_that_is_none_waits_and_the_rest_goes_in(load, accounts, amount, code) -> None:
    rows = [*ROWS, ("100002", 2, 0, 77_700, 0, 0, 0)]
    content = turnover(rows, totals=False).decode("cp1251").replace("777,00;0,00;777,00", f"{amount};0,00;{amount}", 1)
    source = load(content.encode("cp1251"))
    assert source.state == "posted"
    assert code in {problem["code"] for problem in source.quarantined.get().problems}
    assert Bill.objects.count() == 1


@pytest.mark.parametrize("day", ["05.10.1926", "05.10.2126", "31.02.2026", "05.10.26"])
def test_a_day_of_another_century_waits(load, accounts, day) -> None:
    content = register([("1", "100001", 100, "А", "Б"), ("2", "100001", 200, "А", "Б")]).decode("cp1251")
    source = load(content.replace("05.10.2026;12:00:00;2;", f"{day};12:00:00;2;").encode("cp1251"))
    assert Payment.objects.get().amount_minor == 100
    assert source.quarantined.get().problems[0]["field"] == "paid_on"


def test_a_register_cut_short_is_never_posted_by_itself(actor, accounts) -> None:
    content = register([("1", "100001", 100, "А", "Б"), ("2", "100001", 200, "А", "Б")])
    source = checked(actor, content[: content.rindex(b"=")])
    assert {"no_footer"} <= {remark["code"] for remark in source.remarks if remark["needs_person"]}


def test_an_archive_gives_an_import_for_each_file(actor, tmp_path, accounts) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", turnover(ROWS))
        archive.writestr("b.txt", register([("1", "100001", 100, "А", "Б")]))
        archive.writestr("read me.pdf", b"%PDF-1.4")
    reports = run_import(actor.organisation, path, yes=True)
    assert [report.source.kind for report in reports] == ["turnover", "register"]
    assert all(report.posted for report in reports)


def test_a_file_of_another_kind_than_asked_is_not_posted(actor, tmp_path, accounts) -> None:
    found = report(actor, tmp_path, turnover(ROWS), kind="register")
    assert not found.posted
    assert "начисления" in found.message


def test_without_a_yes_remarks_wait_for_a_person(actor, tmp_path, accounts) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(register([("1", "100001", 100, "А", "Б")], count=9))
    (found,) = run_import(actor.organisation, path)
    assert (found.source.state, len(found.waiting)) == ("checked", 2)
    assert posted(actor, found.source).state == "posted"
