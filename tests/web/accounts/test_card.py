"""The account card answers what is owed and why, and shows everything that happened."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.actor import process
from okno.access.models import Action
from okno.common import journal
from okno.common.days import add_months
from okno.houses.models import HouseScope
from okno.ledger import billing
from okno.ledger.models import Balance, Bill, Payment
from okno.ledger.months import closing
from okno.people.models import Consent, Person, Phone
from okno.web.desk.accounts.journal import SOURCES
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15
MOST_QUERIES_OF_THE_JOURNAL = 27
"""Every room that keeps something of an account is asked; the fragment comes after the answer about the debt."""


def body(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def url(street, number: str, tail: str = "") -> str:
    return f"/desk/accounts/{street.accounts[number].pk}/{tail}"


def test_the_first_sentence_says_how_much_for_which_months_and_since_when(desk, street):
    page = body(desk.get(url(street, "2")))
    assert "Просрочен долг 17 390,00 ₽: не оплачено за июль — октябрь 2026, с 18 августа 2026." in page


def test_who_overpaid_reads_that_it_goes_on_to_the_next_bill(desk, street):
    street.pay("7", street.day, 1_000_00)
    street.pay("7", street.day, 5_000_00)
    assert "Переплата" in body(desk.get(url(street, "7")))


def test_the_case_says_what_kind_of_debtor_it_looks_like_and_on_which_step_it_is(desk, street):
    page = body(desk.get(url(street, "2")))
    assert "Временные трудности" in page
    assert "не оплачено месяцев: 4" in page
    assert "Подготовка к суду" in page
    assert "с 91-го дня просрочки, от 3 месяцев, не раньше, чем разрешает закон" in page


def test_every_room_that_tells_of_an_account_is_named_in_words():
    assert set(journal._journal._sources) <= set(SOURCES)


def test_every_tab_opens_within_the_limit_of_queries(desk, street):
    street.remind()
    street.ask_the_gate()
    for tail in ("", "bills/", "payments/", "people/", "contacts/", "meters/", "documents/"):
        with CaptureQueriesContext(connection) as queries:
            body(desk.get(url(street, "1", tail)))
        assert len(queries) <= MOST_QUERIES, (tail, len(queries))
    with CaptureQueriesContext(connection) as queries:
        body(desk.get(url(street, "1", "journal/"), headers={"HX-Request": "true"}))
    assert len(queries) <= MOST_QUERIES_OF_THE_JOURNAL


def test_a_bill_shows_its_lines_and_the_norm_behind_its_due_day(desk, street):
    page = body(desk.get(url(street, "1", "bills/")))
    assert "Отопление" in page
    assert "Оплатить до 16.11.2026 включительно" in page
    assert "ст. 155" in page
    assert "ГК РФ ст. 193" in page


def test_a_due_day_whose_norm_nobody_checked_says_so(desk, street):
    page = body(desk.get(url(street, "1", "bills/")))
    explained = [
        billing.due_on(street.organisation, street.house, row.month, row.regime)
        for row in Bill.objects.filter(account=street.accounts["1"])
    ]
    unverified = any(not row.verified for one in explained for row in one.rows)
    assert ("не проверено" in page.partition('class="bills')[2]) is unverified


def test_the_journal_tells_why_a_contact_was_refused_with_every_check(desk, street):
    street.remind()
    Consent.objects.create(
        organisation=street.organisation,
        person=street.people["2"],
        channel="sms",
        given=False,
        on=street.day,
        source="Звонок",
    )
    Person.objects.filter(pk=street.people["2"].pk).update(do_not_call=True)
    street.ask_the_gate()
    page = body(desk.get(url(street, "2", "journal/?sort=contacts")))
    assert "Просил не звонить и не слать СМС" in page
    assert "Согласие отозвано" in page
    assert "15 проверок" in page
    assert "У дома 12:00, можно: с 08:00 до 22:00" in page


def test_a_payment_in_the_journal_says_what_it_paid(desk, street):
    page = body(desk.get(url(street, "7", "journal/?sort=money")))
    assert "Оплатил: сентябрь 2026 — 4 352,50 ₽" in page


def test_pages_of_the_journal_neither_lose_nor_repeat_an_event(desk, street, monkeypatch):
    from okno.web.desk.accounts import journal

    whole = body(desk.get(url(street, "1", "journal/"))).count('<article class="event">')
    monkeypatch.setattr(journal, "PAGE", 5)
    address, seen = url(street, "1", "journal/"), 0
    while address:
        page = body(desk.get(address))
        seen += page.count('<article class="event">')
        more = page.partition("data-more><button")[2].partition('hx-get="')[2].partition('"')[0]
        address = more.replace("&amp;", "&")
    assert seen == whole > 10


def test_the_journal_of_a_period_holds_its_days_only(desk, street):
    page = body(desk.get(url(street, "7", "journal/?since=2026-08-01&until=2026-08-31")))
    assert "авг." in page
    assert "сент." not in page


def test_a_dispatcher_sees_the_money_but_not_the_collection(street, organisation):
    from tests.conftest import _member

    client = enter(_member(organisation, "dispatcher", "dina@example.org", "Дина Диспетчерова"))
    street.remind()
    street.ask_the_gate()
    assert "Просрочен долг" in body(client.get(url(street, "2")))
    page = body(client.get(url(street, "2", "journal/")))
    assert "Открыто дело" not in page
    assert "Начислено за" in page
    assert client.get(url(street, "2", "contacts/")).status_code == 403


def test_the_journal_as_a_file_carries_every_event_and_no_formula(desk, street):
    desk.post(url(street, "1", "note/"), {"text": '=HYPERLINK("http://example.org")'})
    answer = desk.get(url(street, "1", "journal.csv"))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert len(rows) > 10
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert Action.objects.filter(verb="account.journal_exported").count() == 1


def test_a_note_becomes_a_line_of_the_journal(desk, street, manager):
    desk.post(url(street, "3", "note/"), {"text": "Обещал заплатить в пятницу"})
    page = body(desk.get(url(street, "3", "journal/?sort=notes")))
    assert "Обещал заплатить в пятницу" in page
    assert str(manager.user) in page


def test_an_account_out_of_sight_is_not_there(street, colleague, outsider):
    assert enter(colleague).get(url(street, "1")).status_code == 404
    HouseScope.objects.create(membership=colleague, house=street.second)
    assert enter(colleague).get(url(street, "8-1")).status_code == 200
    assert enter(colleague).get(url(street, "1")).status_code == 404
    assert enter(outsider).get(url(street, "1")).status_code == 404


def test_marks_and_consents_are_written_down_with_a_line_each(desk, street):
    person, phone = street.people["1"], Phone.objects.get(person=street.people["1"])
    desk.post(f"/desk/phones/{phone.pk}/marks/", {"is_wrong": "1", "do_not_call": "0"})
    desk.post(
        f"/desk/people/{person.pk}/consent/",
        {"channel": "robot_call", "given": "no", "on": "2026-11-18", "source": "Звонок диспетчеру"},
    )
    desk.post(
        f"/desk/people/{person.pk}/wishes/",
        {
            "language": "kk",
            "preferred_channel": "email",
            "hours_since": "10:00",
            "hours_until": "18:00",
            "do_not_call": "on",
            "vulnerabilities": ["elderly"],
            "reason": "сказала сама",
        },
    )
    phone.refresh_from_db()
    person.refresh_from_db()
    assert phone.is_wrong
    assert (person.language, person.preferred_channel, person.do_not_call) == ("kk", "email", True)
    assert person.vulnerabilities == ["elderly"]
    assert Consent.objects.filter(person=person, channel="robot_call", given=False).count() == 1
    assert Action.objects.filter(subject_kind="person", subject_id=person.pk).count() == 3
    assert "удобный канал: электронная почта" in body(desk.get(url(street, "1", "journal/")))


def test_hours_that_end_before_they_begin_are_refused_in_words(desk, street):
    person = street.people["1"]
    answer = desk.post(
        f"/desk/people/{person.pk}/wishes/", {"hours_since": "18:00", "hours_until": "10:00"}, follow=True
    )
    assert "заканчиваются раньше, чем начинаются" in body(answer)


def test_a_recalculation_is_shown_to_the_kopeck_before_it_is_posted(desk, street):
    account = street.accounts["3"]
    before = Balance.objects.get(account=account)
    told = {
        "direction": "down",
        "amount": "1 000,50",
        "month": "2026-10",
        "service": "heating",
        "reason": "Акт № 7",
        "token": "6f6e2d3a-8c0a-4a53-9d6e-0a9d5f0e1b11",
    }
    page = body(desk.post(url(street, "3", "recalculation/"), told))
    assert "Проверьте перерасчёт" in page
    kept = Balance.objects.get(account=account)
    assert kept.version == before.version
    assert kept.open_minor == before.open_minor
    assert "Акт № 7" in body(desk.post(url(street, "3", "recalculation/"), {**told, "edit": "1"}))
    desk.post(url(street, "3", "recalculation/"), {**told, "confirm": "1"})
    assert "Перерасчёт проведён" in body(desk.get(url(street, "3", "bills/")))
    desk.post(url(street, "3", "recalculation/"), {**told, "confirm": "1"})
    after = Balance.objects.get(account=account)
    assert after.open_minor == before.open_minor - 100_050
    assert Action.objects.filter(verb="ledger.recalculated").count() == 1


def test_a_recalculation_without_a_reason_comes_back_with_words(desk, street):
    answer = desk.post(url(street, "3", "recalculation/"), {"direction": "down", "amount": "5"})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()


def test_a_reversal_is_rehearsed_then_done_once(desk, street):
    payment = Payment.objects.filter(account=street.accounts["7"]).latest("value_on")
    address = f"/desk/accounts/payments/{payment.pk}/reversal/"
    assert desk.get(address).status_code == 200
    page = body(desk.post(address, {"reason": "Банк отозвал"}))
    assert "Проверьте сторно" in page
    payment.refresh_from_db()
    assert payment.reversed_by is None
    desk.post(address, {"reason": "Банк отозвал", "confirm": "1"})
    payment.refresh_from_db()
    assert payment.reversed_by is not None
    assert desk.post(address, {"reason": "Ещё раз", "confirm": "1"}).status_code in {302, 422}


def test_a_reversal_shows_the_penalty_before_and_after_and_can_be_undone(desk, street):
    payment = Payment.objects.filter(account=street.accounts["7"]).latest("value_on")
    address = f"/desk/accounts/payments/{payment.pk}/reversal/"
    page = body(desk.post(address, {"reason": "Банк отозвал"}))
    assert "Пеня на сегодня" in page
    assert "Банк отозвал" in page
    assert "они за другой счёт" not in body(desk.get(address))
    before = Balance.objects.get(account=street.accounts["7"]).open_minor
    desk.post(address, {"reason": "Банк отозвал", "confirm": "1"})
    back = f"/desk/accounts/payments/{payment.pk}/restoring/"
    assert f'href="{back}"' in body(desk.get(f"/desk/accounts/{street.accounts['7'].pk}/payments/"))
    assert "Проверьте возврат платежа" in body(desk.post(back, {"reason": "Не отозвал"}))
    assert Balance.objects.get(account=street.accounts["7"]).open_minor != before
    desk.post(back, {"reason": "Не отозвал", "confirm": "1"})
    assert Balance.objects.get(account=street.accounts["7"]).open_minor == before
    assert Action.objects.filter(verb="ledger.payment_returned").count() == 1
    assert desk.get(back).status_code == 302


def test_a_reversal_in_a_closed_month_says_on_which_day_it_will_be_accounted(desk, street):
    payment = Payment.objects.filter(account=street.accounts["7"]).earliest("value_on")
    month = payment.entry.accounted_on.replace(day=1)
    address = f"/desk/accounts/payments/{payment.pk}/reversal/"
    assert "месяц закрыт" not in body(desk.post(address, {"reason": "Банк отозвал"}))
    closing.close(process(street.organisation, "x"), month, today=street.day)
    page = body(desk.post(address, {"reason": "Банк отозвал"}))
    opened = add_months(month, 1)
    assert f"месяц закрыт и не изменится. Проводка будет учтена днём {opened:%d.%m.%Y}" in page
    desk.post(address, {"reason": "Банк отозвал", "confirm": "1"})
    payment.refresh_from_db()
    assert payment.reversed_by.accounted_on == opened


def test_who_may_not_post_may_not_correct(street, organisation):
    from tests.conftest import _member

    client = enter(_member(organisation, "debt_specialist", "denis@example.org", "Денис Долгов"))
    assert client.get(url(street, "1", "recalculation/")).status_code == 403
    payment = Payment.objects.filter(account=street.accounts["7"]).first()
    assert client.get(f"/desk/accounts/payments/{payment.pk}/reversal/").status_code == 403
