"""A penalty explained on screen says what the law answered, no more and no less, and is drawn by the same days."""

import re
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.access.actor import Actor, acting
from okno.access.models import Organisation
from okno.law.countries import pack
from okno.law.penalty import Arrear, Days, Paid, PenaltyQuestion
from okno.web.parts.delay import delay
from okno.web.parts.penalties import Explanation, differing, exact_money, explanation, rate_text
from okno.web.parts.values import Step, steps

DUE = date(2025, 6, 10)
AS_OF = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def organisation_of_the_page():
    """A page is always somebody's: it lends its currency."""
    owner = Organisation(name="УК", country="ru", currency="RUB", time_zone="Europe/Moscow")
    with acting(Actor(organisation=owner, user=None, membership=None, name=""), source="test"):
        yield


def told(arrears: list[Arrear], as_of: date = AS_OF, country: str = "ru", **settings: str) -> Explanation:
    result = pack(country).penalty.explain(PenaltyQuestion(arrears=tuple(arrears), as_of=as_of, settings=settings))
    return explanation(result, arrears, as_of)


def arrear(*paid: tuple[date, int], amount: int = 1_000_000, ref: str = "1", due_on: date = DUE, **more) -> Arrear:
    parts = tuple(Paid(on=on, amount_minor=minor) for on, minor in paid)
    return Arrear(ref=ref, due_on=due_on, amount_minor=amount, paid=parts, **more)


PAYMENTS = st.lists(st.tuples(st.integers(1, 260), st.integers(1, 300_000)), max_size=3).map(
    lambda found: tuple((DUE + timedelta(days=day), minor) for day, minor in found)
)


@given(PAYMENTS, st.sampled_from([{}, {"rate_of": "each_day"}, {"rounding": "rows"}]))
def test_the_rows_shown_sum_up_to_the_figure(payments, settings) -> None:
    owner = Organisation(name="УК", country="ru", currency="RUB", time_zone="Europe/Moscow")
    with acting(Actor(organisation=owner, user=None, membership=None, name=""), source="test"):
        shown = told([arrear(*payments)], **settings)
    line = shown.penalty
    assert sum((bill.exact or Fraction(0) for bill in line.bills), Fraction(0)) == line.exact
    assert sum((row.exact for bill in line.bills for row in bill.rows), Fraction(0)) == line.exact
    assert line.minor == shown.total_minor


@given(PAYMENTS)
def test_the_picture_covers_every_day_of_the_delay_with_what_was_owed(payments) -> None:
    owner = Organisation(name="УК", country="ru", currency="RUB", time_zone="Europe/Moscow")
    bill = arrear(*payments)
    with acting(Actor(organisation=owner, user=None, membership=None, name=""), source="test"):
        line = told([bill]).penalty
    shown = line.bills[0]
    assert shown.delay is not None
    days = [int(re.sub(r"\D", "", name.rpartition(":")[2])) for _look, name in shown.delay.legend]
    assert sum(days) == shown.days_late
    assert len(shown.delay.marks) == len([paid for paid in bill.paid if paid.on <= AS_OF])


def test_a_bill_paid_in_time_is_left_out_and_one_paid_within_the_free_days_costs_nothing() -> None:
    shown = told([arrear((DUE, 1_000_000)), arrear((DUE + timedelta(days=12), 1_000_000), ref="2")])
    assert [bill.arrear.ref for bill in shown.penalty.bills] == ["2"]
    assert [bill.arrear.ref for bill in shown.penalty.free] == ["2"]
    assert shown.penalty.costly == []


def test_a_missing_rate_leaves_no_figure_and_says_which_value_of_which_day() -> None:
    shown = told([arrear(), arrear((DUE + timedelta(days=100), 1_000_000), ref="2")], as_of=date(2027, 2, 1))
    assert shown.total_minor is None
    assert [(gap.name, gap.day) for gap in shown.gaps] == [("ru.key_rate.percent", date(2027, 2, 1))]
    by_ref = {bill.arrear.ref: bill for bill in shown.penalty.bills}
    assert by_ref["1"].exact is None
    assert by_ref["2"].exact is not None
    assert any(look == "missing" for look, _name in by_ref["1"].delay.legend)


def test_of_a_long_bill_the_earlier_rows_are_folded_with_their_sum_and_shown_when_asked_for() -> None:
    bill = arrear(due_on=date(2014, 3, 10))
    question = PenaltyQuestion(arrears=(bill,), as_of=AS_OF, settings={"rate_of": "each_day", "cap_of": "each_day"})
    result = pack("ru").penalty.explain(question)
    short, full = explanation(result, [bill], AS_OF), explanation(result, [bill], AS_OF, whole="1")
    shown, whole = short.penalty.bills[0], full.penalty.bills[0]
    assert shown.folded is not None
    assert whole.folded is None
    assert len(shown.rows) + shown.folded.count == len(whole.rows) > len(shown.rows)
    assert shown.folded.exact + sum(row.exact for row in shown.rows) == shown.exact == whole.exact


def test_a_row_nobody_checked_says_why() -> None:
    old = told([arrear(due_on=date(2015, 3, 10), amount=300_000)], as_of=date(2015, 6, 30))
    reasons = [reason for bill in old.penalty.bills for row in bill.rows for reason in row.reasons]
    assert "Старый текст виден в одном источнике, дни действия по памяти." in [one.doubt for one in reasons]
    known = told([arrear()], as_of=date(2025, 9, 1))
    assert not any(bill.doubts for bill in known.penalty.bills)


def test_days_the_organisation_lets_rest_are_drawn_as_not_counted() -> None:
    paused = arrear(paused=(Days(since=date(2025, 8, 1), until=date(2025, 8, 31)),))
    legend = dict(told([paused]).penalty.bills[0].delay.legend)
    assert legend["stopped"] == "не считается: 31 день"


def test_of_two_readings_only_rows_the_other_has_not_are_marked() -> None:
    one = told([arrear()])
    same, also = differing(one, told([arrear()]))
    assert not any(row.differs for bill in (*same.penalty.bills, *also.penalty.bills) for row in bill.rows)
    first, second = differing(one, told([arrear()], debtor="management_company"))
    marked = {(row.since, row.share) for row in first.penalty.bills[0].rows if row.differs}
    assert marked == {(date(2025, 6, 11), ""), (date(2025, 7, 11), "1/300")}
    assert {row.share for row in second.penalty.bills[0].rows if row.differs} == {"1/300", "1/170"}


def test_lines_beside_the_penalty_stand_under_their_own_names() -> None:
    shown = told([arrear(due_on=date(2024, 3, 20))], as_of=date(2025, 3, 20), country="ua", claim_625="yes")
    assert [line.title for line in shown.others] == ["3 % годовых", "Инфляционные потери"]
    assert all(line.minor for line in shown.others)


@pytest.mark.parametrize(
    ("exact", "text"), [(Fraction(8360, 3), "27,8667"), (Fraction(50), "0,5000"), (Fraction(12_345_678), "123456,7800")]
)
def test_an_exact_sum_is_shown_to_the_hundredth_of_a_kopeck(exact: Fraction, text: str) -> None:
    assert re.sub(r"<[^>]+>|\s", "", exact_money(exact)) == text


def test_a_rate_is_told_by_the_year_or_by_the_day() -> None:
    assert rate_text(Fraction(19, 200), yearly=True).replace("\xa0", " ") == "9,5 %"
    assert rate_text(Fraction(1, 10_000), yearly=False).replace("\xa0", " ") == "0,01 % в день"
    assert rate_text(Fraction(0), yearly=True) == ""


def test_a_delay_that_never_was_is_not_drawn() -> None:
    assert delay(arrear((DUE, 1_000_000)), [], AS_OF) is None
    assert delay(arrear(), [], DUE) is None


def test_a_value_through_time_is_drawn_with_what_nobody_knows() -> None:
    days = [
        (date(2024, 1, 1), None, 16.0),
        (date(2024, 7, 29), None, 18.0),
        (date(2024, 9, 16), date(2024, 10, 27), 19.0),
    ]
    entries = [Step(since=since, until=until, number=number, text=f"{number} %") for since, until, number in days]
    picture = str(steps(entries, title="Ставка", today=date(2024, 12, 31)))
    assert picture.count('class="v-step"') == 3
    assert "28.10.2024 – 31.12.2024: не введено" in picture
    assert "style=" not in picture
    assert str(steps(entries[:1], title="Ставка", today=date(2024, 12, 31))) == ""
