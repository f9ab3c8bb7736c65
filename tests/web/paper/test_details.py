"""Requisites are typed once, checked by their keys, shown on a bill before they are kept, and dated."""

from datetime import date

import pytest

from okno.access.models import Action
from okno.exchange.paper.models import PaymentDetails
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

TYPED = {
    "payee": "ООО «УК Наш дом»",
    "tax_number": "7707 083893",
    "reason_code": "770701001",
    "account": "40702 810 8 0000 0001234",
    "bank_name": "АО «Приречный Банк»",
    "bank_code": "049900714",
    "correspondent_account": "30101810400000000714",
    "code": "ST00011",
    "period": "MMYYYY",
    "since": "2026-11-01",
    "house": "",
    "regime": "",
}


def test_details_are_kept_as_the_bank_wrote_them_and_leave_a_line(desk, organisation):
    answer = desk.post("/desk/rules/payment/", {**TYPED, "keep": "1"})
    assert answer.status_code == 302, answer.content.decode()[:4000]
    kept = PaymentDetails.objects.get(organisation=organisation)
    assert (kept.account, kept.tax_number, kept.since) == ("40702810800000001234", "7707083893", date(2026, 11, 1))
    assert kept.recorded_by is not None
    assert "40702810800000001234" in Action.objects.get(verb="payment_details.kept").sentence
    assert kept.payee in desk.get("/desk/rules/payment/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("account", "40702810900000001234", "не сходится ключ"),
        ("bank_code", "049900715", "не сходится ключ"),
        ("correspondent_account", "30101810500000000714", "не сходится ключ"),
        ("tax_number", "7707083894", "контрольная цифра"),
        ("bank_name", "Банк " * 10, "помещается 45"),
        ("payee", "", "Обязательное поле"),
        ("since", "", "Обязательное поле"),
    ],
)
def test_a_slip_is_found_before_money_goes_astray(desk, organisation, field, value, told):
    answer = desk.post("/desk/rules/payment/", {**TYPED, field: value, "keep": "1"})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not PaymentDetails.objects.exists()


def test_the_bill_is_shown_before_anything_is_kept(desk, organisation):
    answer = desk.post("/desk/rules/payment/", {**TYPED, "look": "1"})
    assert answer.status_code == 200
    assert "data:image/png;base64,iVBOR" in answer.content.decode()
    assert not PaymentDetails.objects.exists()


def test_new_details_leave_the_earlier_days_theirs(desk, organisation):
    desk.post("/desk/rules/payment/", {**TYPED, "keep": "1"})
    desk.post("/desk/rules/payment/", {**TYPED, "payee": "ООО «Новый»", "since": "2026-12-01", "keep": "1"})
    desk.post("/desk/rules/payment/", {**TYPED, "payee": "ООО «Поправка»", "since": "2026-12-01", "keep": "1"})
    kept = PaymentDetails.objects.order_by("since").values_list("since", "payee")
    assert list(kept) == [(date(2026, 11, 1), TYPED["payee"]), (date(2026, 12, 1), "ООО «Поправка»")]


def test_a_debt_specialist_reads_details_and_does_not_change_them(organisation, noon):
    client = enter(_member(organisation, "debt_specialist", "dolgi@example.org", "Кирилл"))
    assert client.post("/desk/rules/payment/", {**TYPED, "keep": "1"}).status_code == 200
    assert not PaymentDetails.objects.exists()
    assert 'name="account"' not in client.get("/desk/rules/payment/").content.decode()


def test_another_organisation_sees_no_account_of_ours(desk, outsider, organisation):
    desk.post("/desk/rules/payment/", {**TYPED, "keep": "1"})
    assert "40702810800000001234" not in enter(outsider).get("/desk/rules/payment/").content.decode()


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        (
            "kz",
            {
                "payee": "ОСИ «Соседи»",
                "tax_number": "061240003113",
                "account": "KZ41 9261 8021 1234 5678",
                "bank_name": "АО «Дала Банк»",
                "bank_code": "DALAKZKA",
                "reason_code": "15",
                "code": "link",
                "link": "https://pay.example.kz/{account}",
            },
        ),
        (
            "ua",
            {
                "payee": "КП «Надріччя-Сервіс»",
                "tax_number": "40121452",
                "account": "UA213223130000026007233566001",
                "bank_name": "АТ «Дніпробанк»",
                "code": "nbu003",
            },
        ),
    ],
)
def test_each_country_has_its_own_fields_and_checks(country, typed, other_organisation, outsider, noon):
    currency = {"kz": "KZT", "ua": "UAH"}[country]
    type(other_organisation).objects.filter(pk=other_organisation.pk).update(country=country, currency=currency)
    client = enter(outsider)
    common = {"since": "2026-11-01", "house": "", "regime": "", "keep": "1"}
    broken = {**typed, "account": typed["account"].replace("7", "8", 1)}
    assert client.post("/desk/rules/payment/", {**broken, **common}).status_code == 422
    answer = client.post("/desk/rules/payment/", {**typed, **common})
    assert answer.status_code == 302, answer.content.decode()[:4000]
    look = client.post("/desk/rules/payment/", {**typed, **common, "keep": "", "look": "1"})
    assert "data:image/png;base64" in look.content.decode()
