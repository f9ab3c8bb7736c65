"""Values of the law are entered, imported and withdrawn on the norm's page, by those who may, with their sources."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.access.models import Action, EnteredValue
from okno.law import dated
from okno.law.dated import NotInForce, parameter
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

RATE = "ru.key_rate.percent"
TYPED = {
    "deed": "enter",
    "value": "13,5",
    "since": "2026-09-14",
    "until": "2026-10-25",
    "source": "Банк России, пресс-релиз от 11.09.2026",
    "verified": "on",
}


@pytest.fixture(autouse=True)
def law_as_written(db):
    """What a test enters is gone with its transaction, and with it from this process's law."""
    yield
    dated.supplement({})


def address(name: str = RATE) -> str:
    return reverse("desk:norm", args=[name])


def body(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode().replace("\xa0", " ")


def test_a_value_is_entered_with_its_source_and_counts(desk, django_capture_on_commit_callbacks):
    with pytest.raises(NotInForce):
        parameter(RATE).at(date(2026, 10, 1))
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(address(), TYPED).status_code == 302
    assert float(parameter(RATE).at(date(2026, 10, 1)).value) == 13.5
    page = body(desk.get(address()))
    assert "13,5 % годовых" in page
    assert "Введено вручную" in page
    assert Action.objects.filter(verb="norm.entered").count() == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"value": "много"}, "не подходит"),
        ({"source": ""}, "Обязательное поле"),
        ({"until": ""}, "Обязательное поле"),
        ({"since": "2026-06-01", "until": "2026-06-10"}, "значение уже есть"),
        ({"until": "2026-09-01"}, "последний день раньше первого"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_stays_typed(desk, wrong, told):
    page = body(desk.post(address(), {**TYPED, **wrong}), 422)
    assert told.lower() in page.lower()
    assert not EnteredValue.objects.exists()


def test_a_list_is_taken_over_and_its_bad_lines_are_named(desk):
    lines = "since;value;source\n14.09.2026;13,5;Банк России\n26.10.2026;сколько-то;Банк России\n"
    page = body(desk.post(address(), {"deed": "import", "text": lines, "until": "2026-10-25"}), 422)
    assert "строка 3" in page
    assert EnteredValue.objects.count() == 1
    file = SimpleUploadedFile("rate.csv", "с;значение;источник\n26.10.2026;13;ЦБ".encode("cp1251"))
    assert desk.post(address(), {"deed": "import", "file": file, "until": "2026-12-20"}).status_code == 302
    assert EnteredValue.objects.count() == 2
    assert "Выберите файл" in body(desk.post(address(), {"deed": "import"}), 422)


def test_a_wrong_value_is_withdrawn_with_a_reason_and_never_edited(desk):
    desk.post(address(), TYPED)
    kept = EnteredValue.objects.get()
    page = body(desk.post(address(), {"deed": "withdraw", "number": kept.pk}), 422)
    assert "Почему отзываем" in page
    told = {"deed": "withdraw", "number": kept.pk, "reason": "опечатка"}
    assert desk.post(address(), told).status_code == 302
    kept.refresh_from_db()
    assert kept.withdrawn_reason == "опечатка"
    assert "уже отозвано" in body(desk.post(address(), told), 422)


def test_who_only_looks_enters_nothing(organisation, noon):
    client = enter(_member(organisation, "debt_specialist", "looks@example.org", "Денис Долгов"))
    page = body(client.get(address()))
    assert "Ввести значение" not in page
    assert client.post(address(), TYPED).status_code == 403
    assert not EnteredValue.objects.exists()


def test_a_wording_of_a_rule_is_not_entered_by_hand(desk):
    rule = address("ru.penalty.housing")
    assert "Ввести значение" not in body(desk.get(rule))
    assert desk.post(rule, TYPED).status_code == 403


def test_the_page_asks_the_database_within_the_limit(desk):
    desk.post(address(), TYPED)
    with CaptureQueriesContext(connection) as asked:
        body(desk.get(address()))
    assert len(asked) <= 15
