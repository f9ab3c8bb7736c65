"""The calculator answers from what was typed, explains every row, compares readings, and keeps nothing."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.ledger.models import Entry
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

ADDRESS = "/desk/penalty-calculator/"
TYPED = {
    "bills": "10.06.2025 10 000,00",
    "payments": "01.08.2025 4 000\n31.12.2025\t6000,00",
    "regime": "housing",
    "as_of": "2025-12-31",
}


def ask(client, status: int = 200, **told: str):
    answer = client.get(f"{ADDRESS}?{urlencode({**TYPED, **told})}")
    assert answer.status_code == status, answer.content.decode()[:1500]
    return answer


def body(answer) -> str:
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_an_empty_page_asks_and_counts_nothing(desk):
    page = body(desk.get(ADDRESS))
    assert "Посчитать" in page
    assert "penalty-rows" not in page


def test_the_figure_comes_with_its_rows_norms_and_rounding(desk):
    answer = ask(desk)
    assert answer.context["told"].total_minor == 64_171
    page = body(answer)
    for told in ("1/300", "1/130", "9,5 %", "ЖК РФ ст. 155 ч. 14", "действует с 01.01.2016", "Первые 30 дней"):
        assert told in page
    plain = re.sub(r"<[^>]+>", "", page)
    assert "641,7128" in plain
    assert "итог округлён один раз" in plain


def test_a_month_may_stand_for_its_due_day(desk):
    answer = ask(desk, bills="05.2025 10 000,00\nмай 2025\t1")
    assert [bill.arrear.due_on.isoformat() for bill in answer.context["told"].penalty.bills] == ["2025-06-10"] * 2


def test_what_was_paid_above_all_bills_is_told(desk):
    assert "осталось авансом" in body(ask(desk, payments="01.08.2025 14 000"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"bills": ""}, "Обязательное поле"),
        ({"bills": "десять тысяч"}, "строка 1"),
        ({"bills": "10.06.2025 10 000,00\n31.06.2025 5"}, "строка 2: Такого дня нет"),
        ({"bills": "10.06.2025 -5"}, "больше нуля"),
        ({"payments": "06.2025 5"}, "это месяц, а нужен день"),
        ({"regime": "target"}, "Выберите корректный вариант"),
        ({"as_of": "завтра"}, "Введите правильную дату"),
        ({"s-key_rate": "сколько-то"}, "key_rate"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line_and_stays_typed(desk, wrong, told):
    page = body(ask(desk, 422, **wrong))
    assert told in page
    assert (wrong.get("payments") or "31.12.2025") in page


def test_every_other_reading_has_its_price_and_stands_beside_at_a_press(desk):
    answer = ask(desk)
    prices = {(one.setting, one.choice): one.difference_minor for one in answer.context["variants"]}
    assert prices["Округление", "округлять каждую строку"] == 1
    assert any(told.startswith("Чья ставка") for told in answer.context["idle"])
    beside = next(one for one in answer.context["variants"] if one.choice.startswith("управляющая"))
    pair = desk.get(beside.url)
    assert pair.context["difference_minor"] == beside.difference_minor
    assert pair.context["second_words"] == [f"{beside.setting}: {beside.choice}"]
    assert any(bill.differs for bill in pair.context["other"].penalty.bills)


def test_a_missing_rate_gives_no_figure_and_says_where_to_enter_it(desk, organisation):
    late = {"as_of": "2027-02-01", "payments": ""}
    page = body(ask(desk, **late))
    assert "Суммы нет: на 01.02.2027 не введено «Ключевая ставка Банка России»." in page
    assert "/desk/rules/law/ru.key_rate.percent/?since=2027-02-01#enter" in page
    looker = enter(_member(organisation, "dispatcher", "dina@example.org", "Дина Диспетчерова"))
    page = body(ask(looker, **late))
    assert "#enter" not in page
    assert "Значение вводит руководитель или бухгалтер" in page
    supposed = ask(desk, **late, **{"c-cap_after_2026": "prolonged"})
    assert supposed.context["told"].total_minor is None
    assert supposed.context["other"].total_minor > 0
    assert "сравнить нельзя" in body(supposed)


def test_a_number_that_is_none_is_told_at_its_field(desk):
    answer = ask(desk, 422, **{"s-key_rate": "NaN@2025-01-01"})
    assert "нужна ставка и день" in body(answer)
    assert "told" not in answer.context


def test_what_is_out_of_time_is_told_with_its_norm_and_the_figure_marked(desk):
    page = body(ask(desk, bills="10.05.2022 10 000,00", payments="", as_of="2025-05-11"))
    assert "Из этой суммы 7 548,85 ₽ за сроком давности" in page
    assert "ГК РФ ст. 199, 207" in page
    assert page.count("есть непроверенные нормы") == 2
    young = body(ask(desk, bills="10.05.2022 10 000,00", payments="", as_of="2025-05-10"))
    assert "Из этой суммы" not in young
    assert "есть непроверенные нормы" not in young


def test_nothing_is_posted_or_kept(desk):
    with CaptureQueriesContext(connection) as asked:
        ask(desk)
    assert len(asked) <= 15
    assert not Entry.objects.exists()


def test_folded_rows_are_shown_at_a_press_whatever_stands_in_the_address(desk):
    told = {"bills": "10.03.2014 10 000", "payments": "", "as_of": "2026-03-10", "s-rate_of": "each_day"}
    page = body(ask(desk, **told, **{"s-cap_of": "each_day", "known": ""}))
    link = re.search(r'href="([^"]*all=1#bill-penalty-1)"', page)
    assert link is not None
    whole = desk.get(link[1].replace("&amp;", "&").partition("#")[0])
    assert whole.context["told"].penalty.bills[0].folded is None
    hostile = body(ask(desk, **told, **{"s-cap_of": "each_day", "all": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in hostile
