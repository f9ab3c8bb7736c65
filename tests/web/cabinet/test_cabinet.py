"""A resident reads what to pay and why, and everything that was done about the debt; only of their own flats."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.common import clock
from okno.ledger.statement import Share
from okno.outreach.models import Contact, Message
from okno.people.models import Consent, Occupancy
from tests.web.accounts.conftest import enter, street  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(street, resident):  # noqa: F811
    person = street.people["2"]
    person.user = resident.user
    person.save(update_fields=["user"])
    return enter(resident)


def body(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_one_sentence_says_what_to_pay(home, street):  # noqa: F811
    page = body(home.get("/me/"))
    assert "Просрочен долг 17 390,00 ₽: не оплачено за июль — октябрь 2026" in page
    assert 'href="https://pay.example.org/"' in page


def test_a_penalty_nobody_asks_for_is_not_called_due(home, street):  # noqa: F811
    page = body(home.get(f"/me/accounts/{street.accounts['2'].pk}/penalties/"))
    assert "Сегодня пеня " in page
    assert "Платить её сейчас не просят" in page


def test_a_share_of_a_payment_names_what_it_paid_besides_the_months_main_bill():
    known = {"payment_id": 1, "value_on": None, "payment_kind": "money", "bill_id": 1, "month": None, "amount_minor": 1}
    told = {
        (regime, kind): str(Share(**known, regime=regime, bill_kind=kind).besides)
        for regime, kind in (("housing", "month"), ("capital_repair", "month"), ("capital_repair", "penalty"))
    }
    assert list(told.values()) == ["", "капитальный ремонт", "пеня, капитальный ремонт"]


def test_every_page_works_without_scripts_and_within_the_limit(home, street):  # noqa: F811
    account = street.accounts["2"].pk
    for tail in ("", *(f"accounts/{account}/{page}/" for page in ("bills", "payments", "debt", "penalties"))):
        with CaptureQueriesContext(connection) as queries:
            assert "hx-get" not in body(home.get(f"/me/{tail}")).partition("<main")[2].partition("</main>")[0]
        assert len(queries) <= 24, (tail, len(queries))


def test_a_reminder_that_was_not_sent_is_told_without_a_threat(home, street):  # noqa: F811
    street.remind()
    Consent.objects.create(
        organisation=street.organisation,
        person=street.people["2"],
        channel="sms",
        given=False,
        on=street.day,
        source="Звонок",
    )
    street.ask_the_gate()
    page = body(home.get(f"/me/accounts/{street.accounts['2'].pk}/debt/"))
    assert "Напоминание не отправили: СМС" in page
    assert "Нет согласия" in page
    assert "Прошёл срок оплаты: появился просроченный долг" in page
    assert "Как это остановить" in page
    assert street.organisation.residents_phone in page


def test_a_call_is_told_as_a_call_that_was_answered_and_not_as_a_delivered_letter(home, street):  # noqa: F811
    street.remind()
    street.ask_the_gate()
    contact = Contact.objects.select_related("permit").filter(person=street.people["2"], permit__allowed=True).first()
    Message.objects.create(
        organisation=street.organisation,
        contact=contact,
        permit=contact.permit,
        uid=uuid4(),
        channel="robot_call",
        address="+79161234567",
        language="ru",
        parts=0,
        claimed_at=clock.now(),
        sent_at=clock.now(),
        word="delivered",
    )
    page = body(home.get(f"/me/accounts/{street.accounts['2'].pk}/debt/"))
    assert "Вам звонили о долге: звонок робота" in page
    assert "Дозвонились" in page
    assert "Доставлено" not in page


def test_a_reminder_taken_back_is_told_as_taken_back(home, street):  # noqa: F811
    street.remind()
    street.pay("2", street.day, 1_800_000)
    page = body(home.get(f"/me/accounts/{street.accounts['2'].pk}/debt/"))
    assert "Напоминание отозвали, оно не ушло" in page
    assert "Просроченного долга больше нет" in page


def test_a_neighbours_account_is_not_there(home, street):  # noqa: F811
    for tail in ("bills", "payments", "debt", "penalties"):
        assert home.get(f"/me/accounts/{street.accounts['1'].pk}/{tail}/").status_code == 404


def test_who_only_lives_there_is_not_told_the_owners_debt(home, street):  # noqa: F811
    Occupancy.objects.filter(person=street.people["2"]).update(role="resident")
    page = body(home.get("/me/"))
    assert "Просрочен" not in page
    assert "вы записаны жильцом" in page
    assert home.get(f"/me/accounts/{street.accounts['2'].pk}/debt/").status_code == 404


def test_who_has_moved_out_sees_nothing_any_more(home, street):  # noqa: F811
    Occupancy.objects.filter(person=street.people["2"]).update(until="2026-01-01")
    assert "Мы пока не знаем вашей квартиры" in body(home.get("/me/"))


def test_a_sign_in_that_belongs_to_nobody_is_told_whom_to_ask(street, resident):  # noqa: F811
    page = body(enter(resident).get("/me/"))
    assert "Мы пока не знаем вашей квартиры" in page
    assert street.organisation.residents_phone in page


def test_the_penalty_is_told_in_plain_words_with_a_sum_on_paper(home, street):  # noqa: F811
    page = body(home.get(f"/me/accounts/{street.accounts['2'].pk}/penalties/"))
    assert "есть непроверенные нормы" in page.partition("Сегодня пеня")[2].partition("</p>")[0]
    assert "завтра станет на" in page
    assert "× 9,5 % × 1/300 × 60" in page
    assert "ЖК РФ ст. 155 ч. 14" in page
    assert street.organisation.residents_phone in page


def test_who_pays_in_time_reads_that_there_is_no_penalty(street, resident):  # noqa: F811
    person = street.people["8"]
    person.user = resident.user
    person.save(update_fields=["user"])
    street.bill("8", street.day.replace(day=1), 100)
    page = body(enter(resident).get(f"/me/accounts/{street.accounts['8'].pk}/penalties/"))
    assert "Пени нет." in page
    assert "Как это остановить" not in page
