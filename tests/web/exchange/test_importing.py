"""A file on the screens: told, checked, shown as a difference, posted, taken back."""

import pytest

from okno.access import founding
from okno.access.models import Action
from okno.exchange.models import Import, ImportState
from okno.ledger.models import Bill
from okno.web.desk.exchange.samples import KINDS, sample
from tests.web.exchange.conftest import member, receive_directly, sign_in, turnover

pytestmark = pytest.mark.django_db

GOOD = "40100001;;1;Иванова;0,00;2000,00;2000,00;0,00;0,00;2000,00"
BAD = "40100002;;2;Соколов;0,00;2000,0О;2000,00;0,00;0,00;2000,00"


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("country", ["ru", "kz", "ua"])
@pytest.mark.parametrize("kind", [one.kind for one in KINDS])
def test_every_sample_is_understood_without_asking(db, country, kind, today) -> None:
    desk = sign_in(member(founding.found_organisation(name="Организация", country=country), "accountant"))
    suffix = next(one.suffix for one in KINDS if one.kind == kind)
    source = desk.uploaded(f"sample.{suffix}", sample(kind, country=country, today=today))
    assert (source.kind, source.state) == (kind, ImportState.CHECKED)


def test_the_samples_agree_with_one_another(town) -> None:
    assert [one.counts["quarantined"] for one in town.values()] == [0, 0, 0, 0, 0]
    assert town["register"].counts["unmatched"] == 1


@pytest.mark.parametrize("kind", [one.kind for one in KINDS])
def test_samples_are_offered_for_download(desk, kind) -> None:
    answer = desk.client.get(f"/desk/imports/samples/{kind}/")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]


def test_an_empty_list_tells_what_can_be_loaded(desk) -> None:
    page = text(desk.client.get("/desk/imports/"))
    assert "Файлов ещё не было" in page
    assert "/desk/imports/samples/turnover/" in page


def test_the_list_is_narrowed_by_state_and_kind(desk, town) -> None:
    page = text(desk.client.get("/desk/imports/?kind=register&state=posted"))
    assert "register.txt" in page
    assert "turnover.csv" not in page


def test_a_file_that_is_in_the_books_already_is_said_to_change_nothing(desk, town) -> None:
    first = desk.uploaded("turnover.csv", turnover([GOOD]))
    assert "Файл ничего не изменит" not in text(desk.client.get(f"/desk/imports/{first.pk}/"))
    desk.client.post(f"/desk/imports/{first.pk}/post/")
    again = desk.uploaded("again.csv", turnover([GOOD]) + b"\r\n")
    page = text(desk.client.get(f"/desk/imports/{again.pk}/"))
    assert (again.counts["same"], again.counts["new"]) == (1, 0)
    assert "Файл ничего не изменит" in page
    spoilt = desk.uploaded("spoilt.csv", turnover([GOOD, BAD]))
    assert "Файл ничего не изменит" not in text(desk.client.get(f"/desk/imports/{spoilt.pk}/"))


def test_the_difference_stands_before_anything_is_posted(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD, BAD]))
    page = text(desk.client.get(f"/desk/imports/{source.pk}/"))
    assert (source.counts["new"], source.counts["quarantined"]) == (1, 1)
    assert "Провести" in page
    assert "ноябрь 2026" in page
    assert "Windows-1251" in page
    assert not Bill.objects.filter(month="2026-11-01").exists()


def test_a_changed_sum_is_shown_before_and_after(desk, town) -> None:
    first = desk.uploaded("turnover.csv", turnover([GOOD]))
    desk.client.post(f"/desk/imports/{first.pk}/post/")
    second = desk.uploaded("mended.csv", turnover([GOOD.replace("2000,00", "2500,00")]))
    page = text(desk.client.get(f"/desk/imports/{second.pk}/"))
    assert second.counts["changed"] == 1
    assert "Было начислено" in page
    assert "Станет" in page


def test_posting_ends_with_a_number_and_counts(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD, BAD]))
    assert desk.client.post(f"/desk/imports/{source.pk}/post/").status_code == 302
    page = text(desk.client.get(f"/desk/imports/{source.pk}/"))
    assert f"Проведено: импорт № {source.pk}" in page
    assert "Исправить" in page
    assert Action.objects.filter(verb="import.posted", subject_id=source.pk).count() == 1


def test_posting_twice_posts_once(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD]))
    for _again in range(2):
        assert desk.client.post(f"/desk/imports/{source.pk}/post/").status_code == 302
    assert Bill.objects.filter(month="2026-11-01", kind="month").count() == 1


def test_the_same_file_again_says_what_it_was_and_when(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD]))
    desk.client.post(f"/desk/imports/{source.pk}/post/")
    answer = desk.upload("other name.csv", turnover([GOOD]), follow=True)
    page = text(answer)
    assert Import.objects.filter(file_hash=source.file_hash).count() == 1
    assert "Этот файл уже загружали" in page
    assert f"Импорт № {source.pk} проведён" in page


def test_remarks_are_confirmed_one_by_one(desk, town, today) -> None:
    register = sample("register", country="ru", today=today).replace(b"=3;14585,10", b"=3;14585,11")
    register = register.replace(b";700", b";800")
    source = desk.uploaded("register.txt", register)
    waiting = [one["code"] for one in source.remarks if one["needs_person"]]
    assert waiting
    refused = desk.client.post(f"/desk/imports/{source.pk}/post/")
    assert refused.status_code == 422
    assert "Подтвердите замечания" in text(refused)
    source.refresh_from_db()
    assert source.state == ImportState.CHECKED
    desk.client.post(f"/desk/imports/{source.pk}/post/", {"confirmed": waiting})
    source.refresh_from_db()
    assert source.state == ImportState.POSTED
    assert Action.objects.get(verb="import.confirmed").reason


def test_a_sheet_without_a_month_asks_for_it_and_keeps_what_was_written(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD], title="Ведомость"))
    assert source.state == ImportState.MAPPING
    assert "За какой месяц" in text(desk.client.get(f"/desk/imports/{source.pk}/"))
    wrong = desk.client.post(f"/desk/imports/{source.pk}/check/", {"month": "тринадцатый"})
    assert wrong.status_code == 422
    assert 'value="тринадцатый"' in text(wrong)
    desk.client.post(f"/desk/imports/{source.pk}/check/", {"month": "11.2026"})
    source.refresh_from_db()
    assert (source.state, str(source.month)) == (ImportState.CHECKED, "2026-11-01")


def test_missing_accounts_are_opened_when_asked(desk, town) -> None:
    row = "40100099;г. Мурманск, ул. Садовая, д. 8;9;Новосёлов;0,00;2000,00;2000,00;0,00;0,00;2000,00"
    source = desk.uploaded("turnover.csv", turnover([row]))
    assert source.counts["quarantined"] == 1
    desk.client.post(f"/desk/imports/{source.pk}/check/", {"month": "11.2026", "create_missing": "on"})
    source.refresh_from_db()
    assert (source.counts["quarantined"], source.counts["accounts_opened"]) == (0, 1)


OWN = "Квартплата;;;\r\nномер;квартира;сод. и ремонт;домофон;всего\r\n40100001;1;2000,00;45,00;2045,00\r\n".encode()


def test_columns_are_told_once_and_remembered(desk, town) -> None:
    source = desk.uploaded("own.csv", OWN)
    assert source.state == ImportState.MAPPING
    page = text(desk.client.get(f"/desk/imports/{source.pk}/columns/?kind=turnover&header_row=2"))
    assert "2000,00" in page
    told = {
        "deed": "remember", "kind": "turnover", "header_row": "2", "month": "11.2026", "name": "Наша 1С",
        "column-0": "field:number", "column-1": "field:flat", "column-2": "service:maintenance:housing",
        "column-3": "service:new:other", "column-4": "field:billed",
    }  # fmt: skip
    answer = desk.client.post(f"/desk/imports/{source.pk}/columns/", told)
    assert answer.status_code == 302, text(answer)
    source.refresh_from_db()
    assert (source.state, source.profile_name, source.counts["new"]) == (ImportState.CHECKED, "Наша 1С", 1)
    again = desk.uploaded("own next.csv", OWN.replace(b"45,00;2045,00", b"55,00;2055,00"))
    assert again.profile_name == "Наша 1С"


def test_an_unfinished_mapping_says_what_misses_and_keeps_the_choice(desk, town) -> None:
    source = desk.uploaded("own.csv", OWN)
    told = {"deed": "remember", "kind": "turnover", "header_row": "2", "month": "11.2026", "name": "Моё"}
    answer = desk.client.post(f"/desk/imports/{source.pk}/columns/", told | {"column-1": "field:flat"})
    assert answer.status_code == 422
    assert "Не указаны столбцы" in text(answer)
    assert '<option value="field:flat" selected>' in text(answer)
    assert 'value="Моё"' in text(answer)


def test_one_field_for_two_columns_is_refused_in_words(desk, town) -> None:
    source = desk.uploaded("own.csv", OWN)
    told = {"deed": "remember", "kind": "turnover", "header_row": "2", "month": "11.2026"}
    told |= {"column-0": "field:number", "column-1": "field:number"}
    answer = desk.client.post(f"/desk/imports/{source.pk}/columns/", told)
    assert answer.status_code == 422
    assert "выбрано для двух столбцов" in text(answer)


def test_cancelling_changes_nothing_and_lets_the_file_come_again(desk, town) -> None:
    source = desk.uploaded("turnover.csv", turnover([GOOD]))
    for _again in range(2):
        desk.client.post(f"/desk/imports/{source.pk}/cancel/")
    source.refresh_from_db()
    assert source.state == ImportState.CANCELLED
    assert Action.objects.filter(verb="import.cancelled").count() == 1
    assert desk.uploaded("turnover.csv", turnover([GOOD])).pk != source.pk


def test_a_posted_import_cannot_be_cancelled(desk, town) -> None:
    source = town["turnover"]
    desk.client.post(f"/desk/imports/{source.pk}/cancel/")
    source.refresh_from_db()
    assert source.state == ImportState.POSTED


def test_taking_back_tells_what_goes_and_wants_a_reason(desk, town) -> None:
    source = town["turnover"]
    page = text(desk.client.get(f"/desk/imports/{source.pk}/rollback/"))
    assert "Начисления" in page
    refused = desk.client.post(f"/desk/imports/{source.pk}/rollback/", {"reason": " "})
    assert refused.status_code == 422
    assert "Назовите причину" in text(refused)
    for _again in range(2):
        answer = desk.client.post(f"/desk/imports/{source.pk}/rollback/", {"reason": "не тот месяц"})
        assert answer.status_code == 302
    source.refresh_from_db()
    assert source.state == ImportState.ROLLED_BACK
    assert not Bill.objects.filter(entry__in=source.entries.all(), reversed_by=None).exists()
    assert "откачен" in text(desk.client.get(f"/desk/imports/{source.pk}/"))


def test_what_a_later_file_leans_on_is_named_and_the_reason_is_kept(desk, town) -> None:
    answer = desk.client.post(f"/desk/imports/{town['accounts'].pk}/rollback/", {"reason": "дубль"})
    assert answer.status_code == 422
    assert "Откатить нельзя" in text(answer)
    assert ">дубль</textarea>" in text(answer)


def test_a_big_file_goes_to_a_worker_and_shows_how_far_it_is(desk, town, monkeypatch) -> None:
    from okno.exchange.tasks import check_import, commit_import
    from okno.web.desk.exchange import steps

    monkeypatch.setattr(steps, "AT_ONCE_BYTES", 10)
    source = desk.uploaded("turnover.csv", turnover([GOOD]))
    assert source.state == ImportState.CHECKING
    assert "okno-progress" in text(desk.client.get(f"/desk/imports/{source.pk}/"))
    assert desk.client.get(f"/desk/imports/{source.pk}/progress/").json()["finished"] is False
    check_import(source.pk, desk.membership.user_id)
    told = desk.client.get(f"/desk/imports/{source.pk}/progress/").json()
    assert (told["finished"], told["location"]) == (True, f"/desk/imports/{source.pk}/")
    desk.client.post(f"/desk/imports/{source.pk}/post/")
    source.refresh_from_db()
    assert source.state == ImportState.POSTING
    commit_import(source.pk, desk.membership.user_id)
    source.refresh_from_db()
    assert source.state == ImportState.POSTED


def test_several_files_come_at_once(desk, today) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = [
        SimpleUploadedFile(f"{kind}.xlsx", sample(kind, country="ru", today=today)) for kind in ("houses", "people")
    ]
    answer = desk.client.post("/desk/imports/upload/", {"files": files}, follow=True)
    assert "Получен" in text(answer)
    assert Import.objects.filter(state=ImportState.CHECKED).count() == 2


def test_the_raw_file_is_given_with_a_line_in_the_trail(desk, town) -> None:
    source = town["register"]
    answer = desk.client.get(f"/desk/imports/{source.pk}/file/")
    assert b"".join(answer.streaming_content).startswith(b"#BANK;")
    assert Action.objects.filter(verb="import.file_taken", subject_id=source.pk).exists()


def test_a_sheet_for_which_no_due_day_is_known_says_so(desk, town) -> None:
    source = receive_directly(desk, "old.csv", turnover([GOOD], title="Оборотно-сальдовая ведомость за январь 1995"))
    desk.client.post(f"/desk/imports/{source.pk}/check/")
    answer = desk.client.get(f"/desk/imports/{source.pk}/")
    assert answer.status_code == 200
    desk.client.post(f"/desk/imports/{source.pk}/post/")
    source.refresh_from_db()
    assert source.state != ImportState.POSTED
