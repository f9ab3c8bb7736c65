"""The portfolio: its figures, its filters, who sees what, and reminding exactly those marked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.debts.models import Case, Segment
from okno.houses.models import HouseScope
from okno.outreach.models import Campaign
from tests.web.accounts.conftest import enter
from tests.web.debts.conftest import carry_out

HERE = "/desk/portfolio/"


def shown(response) -> set[str]:
    """Account numbers of the rows."""
    return {line.cells[0].html.split(">")[-2].split("<")[0] for line in response.context["page"].lines}


def test_the_figures_are_those_of_the_cases(desk, street):
    page = desk.get(HERE)
    cases = Case.objects.filter(state="open")
    assert page.context["totals"].debtors == cases.count() == 14
    assert page.context["totals"].debt_minor == sum(case.debt_minor for case in cases)
    assert page.context["page"].sums[0][1] == page.context["totals"].debt_minor
    assert sum(page.context["ages"]) == page.context["totals"].debt_minor
    assert sum(one.count for one in page.context["month_slices"]) == 14


def test_every_tile_and_slice_leads_to_as_many_rows_as_it_says(desk, street):
    page = desk.get(HERE)
    for one in [*page.context["age_slices"], *page.context["month_slices"]]:
        assert desk.get(one.url).context["page"].total == one.count, one
    week = page.context["week"]
    assert desk.get(week.new_url).context["page"].total == week.new == 14
    assert desk.get(week.settled_url).context["page"].total == week.settled == 0
    assert desk.get(f"{HERE}?silent=1").context["page"].total == page.context["silent"] == 14


def test_a_payment_moves_a_debtor_from_one_tile_to_another(desk, street):
    case = Case.objects.get(account=street.accounts["7"])
    street.pay("7", street.day, case.debt_minor)
    page = desk.get(HERE)
    assert page.context["totals"].debtors == 13
    assert (page.context["week"].settled, page.context["week"].settled_minor) == (1, case.debt_minor)
    assert page.context["collected"] == 150_000 + case.debt_minor
    settled = desk.get(reverse("desk:settled")).content.decode()
    assert street.accounts["7"].number in settled
    assert "долг оплачен" in settled
    assert street.accounts["7"].number in desk.get(reverse("desk:collected")).content.decode()


def test_filters_narrow_and_tell_what_is_in_force(desk, street):
    assert shown(desk.get(f"{HERE}?age=age_over")) == {street.accounts[n].number for n in ("1", "2")}
    assert desk.get(f"{HERE}?house={street.second.pk}").context["page"].total == 2
    assert desk.get(f"{HERE}?months=4-6").context["page"].total == 2
    assert desk.get(f"{HERE}?debt_from=10000").context["page"].total == 2
    assert shown(desk.get(f"{HERE}?q=семенов")) == {street.accounts["2"].number}
    assert shown(desk.get(f"{HERE}?q={street.accounts['3'].number}")) == {street.accounts["3"].number}
    page = desk.get(f"{HERE}?age=age_over&silent=1")
    assert [one.text for one in page.context["page"].in_force] == ["Возраст: больше 90 дней", "Без контакта"]


def test_a_contact_that_left_and_one_that_waits_stand_in_the_row(desk, street):
    street.remind()
    assert desk.get(f"{HERE}?waiting=1").context["page"].total == 14
    assert carry_out(street) == 14
    assert desk.get(f"{HERE}?waiting=1").context["page"].total == 0
    assert desk.get(f"{HERE}?silent=1").context["page"].total == 0
    assert "отправлено" in desk.get(HERE).content.decode()


def test_a_narrowed_colleague_sees_only_the_houses_in_sight(street, colleague):
    HouseScope.objects.create(membership=colleague, house=street.second)
    client = enter(colleague)
    page = client.get(HERE)
    assert page.context["totals"].debtors == page.context["page"].total == 2
    assert page.context["week"].new == 2
    assert client.get(f"{HERE}?house={street.house.pk}").context["page"].total in (0, 2)
    assert street.accounts["1"].number not in page.content.decode()


def test_strangers_and_residents_are_kept_out(street, outsider, resident, client):
    assert enter(outsider).get(HERE).context["page"].total == 0
    assert enter(resident).get(HERE).status_code == 403
    assert client.get(HERE).status_code == 302


def test_the_page_asks_no_more_than_fifteen_times(desk):
    desk.get(HERE)
    with CaptureQueriesContext(connection) as asked:
        desk.get(HERE)
    assert len(asked) <= 15


def test_the_file_holds_the_rows_and_no_formula(desk, street):
    file = desk.get(f"{HERE}?file=csv")
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert street.accounts["1"].number in text
    assert len(text.strip().splitlines()) == 15
    assert "<svg" not in text


def test_a_penalty_that_rests_on_norms_nobody_has_verified_is_marked_in_the_row_the_total_and_the_file(desk, street):
    Case.objects.filter(state="open").update(penalty_minor=1_234_56, penalty_on=street.day, penalty_doubted=False)
    doubted = Case.objects.filter(account=street.accounts["2"])
    doubted.update(penalty_doubted=True)
    at = f"{HERE}?columns=number,debt,penalty"
    page = desk.get(at).context["page"]
    cells = {line.cells[0].html.split(">")[-2].split("<")[0]: line.cells[-1].html for line in page.lines}
    assert {number for number, html in cells.items() if "не проверено" in html} == {street.accounts["2"].number}
    assert [doubt for column, _sum, doubt in page.sums if column.key == "penalty"] == [True]
    head, *rows = b"".join(desk.get(f"{at}&file=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert head.endswith("Пеня;Пеня: отметка")
    marks = {row.split(";")[0].strip('"'): row.split(";")[-2:] for row in rows}
    assert marks[street.accounts["2"].number] == ["1234,56", "не проверено"]
    assert marks[street.accounts["1"].number] == ["1234,56", ""]
    doubted.update(penalty_doubted=False)
    assert "непроверенные нормы" not in desk.get(at).content.decode()


def test_the_list_leads_to_exactly_the_marked(desk, street, manager):
    cases = sorted(
        Case.objects.filter(account__in=[street.accounts["1"], street.accounts["3"]]).values_list("pk", flat=True)
    )
    marked = {"ids": ",".join(map(str, cases)), "all": "", "query": ""}
    answer = desk.post(reverse("desk:remind"), marked)
    campaign = Campaign.objects.get()
    assert answer.url == reverse("desk:campaign", args=[campaign.pk])
    assert campaign.audience == {"cases": cases}
    assert campaign.state == "draft"
    desk.post(reverse("desk:remind"), marked)
    assert Campaign.objects.count() == 1


def test_all_by_the_filter_is_all_by_the_filter(desk, street):
    desk.post(reverse("desk:remind"), {"ids": "", "all": "1", "query": "age=age_over"})
    assert len(Campaign.objects.get().audience["cases"]) == 2


def test_a_foreign_case_cannot_be_marked(street, colleague):
    case = Case.objects.get(account=street.accounts["1"])
    answer = enter(colleague).post(reverse("desk:remind"), {"ids": str(case.pk), "all": "", "query": ""})
    assert answer.url == reverse("desk:portfolio")
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("name", ["settled", "collected"])
def test_the_other_lists_open_for_those_who_see_debts(desk, name):
    assert desk.get(reverse(f"desk:{name}")).status_code == 200


def test_the_director_sees_the_day(desk, street):
    street.pay("1", street.day, 100_000)
    street.remind()
    carry_out(street)
    page = desk.get(reverse("desk:today"))
    assert page.context["collected_today"] == 100_000
    assert page.context["collected_month"] == 250_000
    assert page.context["contacts"] == 14
    # Nothing is wrong; only the cap on the rate runs out with the year, and the director hears of it in time.
    assert [one.url for one in page.context["attention"]] == [reverse("desk:law")]
    with CaptureQueriesContext(connection) as asked:
        desk.get(reverse("desk:today"))
    assert len(asked) <= 15


def test_a_stale_feed_asks_for_attention(desk, street):
    from okno.ledger.models import PaymentFeed

    PaymentFeed.objects.update(covers_until=street.noon.replace(day=1))
    told = desk.get(reverse("desk:today")).context["attention"]
    assert "Банк" in told[0].text
    assert told[0].tone == "late"


def test_segment_and_step_are_shown_and_narrow_the_list(desk, street):
    text = desk.get(HERE).content.decode()
    assert "новый" in text
    assert "Напоминание" in text
    cases = Case.objects.filter(state="open")
    for field, values in (("segment", Segment.values), ("step", ["reminder", "demand", "warning", "court"])):
        counts = {value: desk.get(f"{HERE}?{field}={value}").context["page"].total for value in values}
        assert counts == {value: cases.filter(**{field: value}).count() for value in values}
        assert sum(counts.values()) == 14


def test_a_campaign_is_for_the_plan_of_the_day(desk, street):
    page = desk.get(reverse("desk:audience"), {"plan": "message"})
    assert page.context["extent"].sentence == "все должники: по плану дня, кому сегодня написать"
    asked = Case.objects.filter(state="open", step__in=["reminder", "demand", "warning"]).count()
    assert page.context["extent"].count == asked > 0
