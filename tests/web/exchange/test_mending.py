"""Rows set aside: seen beside what is wrong, mended in place, taken off, given as a file."""

import io

import openpyxl
import pytest

from okno.access.models import Action
from okno.exchange.models import Import, QuarantinedRow
from okno.ledger.models import Account, Bill
from tests.web.exchange.conftest import turnover

pytestmark = pytest.mark.django_db

GOOD = "40100001;;1;Иванова;0,00;2000,00;2000,00;0,00;0,00;2000,00"
TYPO = "40100002;;2;Соколов;0,00;2000,0О;2000,00;0,00;0,00;2000,00"
STRANGER = "40100099;г. Мурманск, ул. Садовая, д. 8;9;Новосёлов;0,00;2000,00;2000,00;0,00;0,00;2000,00"


@pytest.fixture
def posted(desk, town) -> Import:
    source = desk.uploaded("turnover.csv", turnover([GOOD, TYPO, STRANGER]))
    desk.client.post(f"/desk/imports/{source.pk}/post/")
    return source


@pytest.fixture
def typo(posted) -> QuarantinedRow:
    return posted.quarantined.get(row_number=6)


@pytest.fixture
def stranger(posted) -> QuarantinedRow:
    return posted.quarantined.get(row_number=7)


def text(answer) -> str:
    return answer.content.decode()


def test_each_row_stands_with_its_number_and_what_is_wrong(desk, posted) -> None:
    page = text(desk.client.get(f"/desk/imports/{posted.pk}/rows/"))
    assert "Строка 6" in page
    assert 'value="2000,0О"' in page
    assert "Это не сумма" in page
    assert "Лицевого счёта 40100099 в системе нет" in page


def test_rows_of_all_posted_files_stand_together(desk, posted) -> None:
    desk.uploaded("later.csv", turnover([TYPO, TYPO]))
    page = text(desk.client.get("/desk/imports/rows/"))
    assert page.count("<h2>Строка") == 2


def test_a_mended_row_goes_in(desk, typo) -> None:
    told = {"cell-service:maintenance": "2000,00"}
    for _again in range(2):
        assert desk.client.post(f"/desk/imports/rows/{typo.pk}/mend/", told).status_code == 302
    typo.refresh_from_db()
    assert typo.state == "mended"
    assert Bill.objects.filter(account__number="40100002", month="2026-11-01", kind="month").count() == 1
    assert Action.objects.filter(verb="import.mended").count() == 1


def test_what_is_still_wrong_comes_back_with_what_was_typed(desk, typo) -> None:
    answer = desk.client.post(f"/desk/imports/rows/{typo.pk}/mend/", {"cell-service:maintenance": "две тысячи"})
    assert answer.status_code == 422
    assert 'value="две тысячи"' in text(answer)
    typo.refresh_from_db()
    assert typo.state == "waiting"


def test_a_part_of_the_page_comes_back_to_htmx(desk, typo) -> None:
    asked = {"HTTP_HX_REQUEST": "true"}
    wrong = desk.client.post(f"/desk/imports/rows/{typo.pk}/mend/", {"cell-service:maintenance": "?"}, **asked)
    assert wrong.status_code == 422
    assert "<html" not in text(wrong)
    right = desk.client.post(f"/desk/imports/rows/{typo.pk}/mend/", {"cell-service:maintenance": "2000"}, **asked)
    assert "исправлена и проведена" in text(right)


def test_a_missing_account_is_opened_where_the_row_tells_its_flat(desk, stranger) -> None:
    page = text(desk.client.get(f"/desk/imports/{stranger.source_id}/rows/"))
    assert page.count("Создать лицевой счёт") == 1
    answer = desk.client.post(f"/desk/imports/rows/{stranger.pk}/mend/", {"deed": "open"})
    assert answer.status_code == 302, text(answer)
    assert Bill.objects.filter(account__number="40100099", month="2026-11-01").exists()
    stranger.source.refresh_from_db()
    assert not stranger.source.settings.get("create_missing")


def test_without_being_asked_no_account_is_opened(desk, stranger) -> None:
    assert desk.client.post(f"/desk/imports/rows/{stranger.pk}/mend/").status_code == 422
    assert not Account.objects.filter(number="40100099").exists()


def test_a_row_is_taken_off_only_with_a_reason(desk, typo) -> None:
    assert desk.client.post(f"/desk/imports/rows/{typo.pk}/drop/", {"reason": " "}).status_code == 422
    assert desk.client.post(f"/desk/imports/rows/{typo.pk}/drop/", {"reason": "строка итогов"}).status_code == 302
    typo.refresh_from_db()
    assert (typo.state, typo.reason) == ("dropped", "строка итогов")
    assert "строка итогов" in text(desk.client.get(f"/desk/imports/{typo.source_id}/rows/?state=dropped"))


def test_a_row_cannot_be_mended_before_its_file_is_posted(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([TYPO]))
    row = source.quarantined.get()
    answer = desk.client.post(f"/desk/imports/rows/{row.pk}/mend/", {"cell-service:maintenance": "2000"})
    assert answer.status_code == 422
    assert "Сначала проведите импорт" in text(answer)


def test_errors_are_given_in_the_layout_of_the_file_with_a_comment(desk, posted) -> None:
    answer = desk.client.get(f"/desk/imports/{posted.pk}/errors/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, first, second = sheet.iter_rows(values_only=True)
    assert head[0] == "Лицевой счет"
    assert head[-1] == "Что исправить"
    assert first[0] == "40100002"
    assert "Строка 6" in first[-1]
    assert "40100099" in second[-1]


def test_many_rows_are_walked_by_pages(desk, town) -> None:
    rows = [TYPO.replace("40100002", str(number)) for number in range(50000000, 50000045)]
    source = desk.uploaded("turnover.csv", turnover(rows))
    seen, path = 0, f"/desk/imports/{source.pk}/rows/"
    after = ""
    for _page in range(3):
        page = text(desk.client.get(path + after))
        seen += page.count("<h2>Строка")
        after = "?" + page.split('href="?state=waiting&amp;')[1].split('"')[0] if "Ещё 20" in page else ""
    assert seen == 45


def test_a_file_with_mended_rows_is_taken_back_whole(desk, posted, typo, stranger) -> None:
    desk.client.post(f"/desk/imports/rows/{typo.pk}/mend/", {"cell-service:maintenance": "2000,00"})
    desk.client.post(f"/desk/imports/rows/{stranger.pk}/mend/", {"deed": "open"})
    answer = desk.client.post(f"/desk/imports/{posted.pk}/rollback/", {"reason": "не тот файл"})
    assert answer.status_code == 302, text(answer)
    assert not Bill.objects.filter(month="2026-11-01", reversed_by=None).exists()
