"""Files that mean harm, or mean nothing: a clear page and no fault."""

import io
import zipfile

import pytest

from okno.exchange.models import Import, ImportState
from tests.web.exchange.conftest import turnover

pytestmark = pytest.mark.django_db

ROW = "40100001;;1;Иванова;0,00;2000,00;2000,00;0,00;0,00;2000,00"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("turnover.csv", b"0;" * 20_000_000)
    return out.getvalue()


def workbook(cell: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Лицевой счёт", "Адрес", "Помещение"])
    book.active.append([cell, "г. Мурманск, ул. Садовая, д. 8", "1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HOSTILE = {
    "empty.csv": b"",
    "blank.csv": b"\r\n\r\n",
    "bomb.zip": bomb(),
    "truncated.xlsx": workbook("1")[:700],
    "noise.xlsx": bytes(range(256)) * 40,
    "formula.xlsx": workbook('=HYPERLINK("http://example.org";"40100001")'),
    "wrong encoding.csv": turnover([ROW]).decode("cp1251").encode("utf-16-be"),
    "picture.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
    "script.html": b"<html><script>alert(1)</script></html>",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_gets_a_page_and_no_fault(desk, name) -> None:
    answer = desk.upload(name, HOSTILE[name], follow=True)
    assert answer.status_code == 200
    assert not Import.objects.filter(state=ImportState.POSTED).exists()
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("name", ["empty.csv", "bomb.zip", "truncated.xlsx"])
def test_an_unreadable_file_says_why_and_what_to_do(desk, name) -> None:
    page = desk.upload(name, HOSTILE[name], follow=True).content.decode()
    assert "Файл прочитать нельзя." in page
    assert "Загрузить другой файл" in page


NAMES = [
    "../../etc/passwd.csv",
    "..\\..\\boot.csv",
    "/etc/shadow.csv",
    "я" * 300 + ".csv",
    "<script>alert(1)</script>.csv",
    "nul\x00byte.csv",
    "строка\nвторая.csv",
    '"quotes".csv',
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_only_a_name(desk, name, settings) -> None:
    answer = desk.upload(name, turnover([ROW]), follow=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    source = Import.objects.get()
    assert source.file_path == f"imports/{source.organisation_id}/{source.file_hash}"
    assert len(source.file_name) <= 255
    taken = desk.client.get(f"/desk/imports/{source.pk}/file/")
    assert b"".join(taken.streaming_content) == turnover([ROW])


def test_no_file_at_all_is_told(desk) -> None:
    answer = desk.client.post("/desk/imports/upload/", follow=True)
    assert answer.status_code == 200
    assert not Import.objects.exists()


def test_formulas_do_not_leave_in_the_file_of_errors(desk, town) -> None:
    row = '=cmd|"/c calc"!A0;;1;=1+1;0,00;2000,0О;2000,00;0,00;0,00;2000,00'
    source = desk.uploaded("turnover.csv", turnover([row]))
    answer = desk.client.get(f"/desk/imports/{source.pk}/errors/?file=csv")
    told = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert ";=1+1" not in told
    assert "'=1+1" in told


def test_addresses_with_nonsense_are_not_faults(desk, town) -> None:
    for path in (
        "/desk/imports/?state=nonsense&kind=%00&q=99999999999999999999",
        "/desk/imports/rows/?after=9-x&state=%27",
        "/desk/payments/?state=x&after=abc&q=%27%3B--",
        f"/desk/imports/{town['turnover'].pk}/?show=nothing",
    ):
        assert desk.client.get(path).status_code == 200, path
