"""A turnover sheet becomes bills, recalculations and opening balances, and tells how it differs from the books."""

from datetime import date

from okno.exchange.models import Import
from okno.exchange.rollback import roll_back
from okno.ledger.models import Bill, Payment, Service
from okno.ledger.verify import verify
from tests.exchange.conftest import balances, checked, posted, turnover

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
ROWS = [
    ("100001", 1, 50_000, 100_000, 20_000, 0, 0),
    ("100002", 2, -30_000, 100_000, 0, -10_000, 0),
    ("100003", 3, 0, 100_000, 20_000, 5_000, 0),
]


def test_a_sheet_becomes_bills_by_regime_with_the_opening_balance(load, accounts, organisation) -> None:
    source = load(turnover(ROWS))
    assert source.state == "posted"
    assert source.counts["new"] == 3
    first = Bill.objects.filter(account=accounts["100001"]).order_by("kind", "regime")
    assert [(bill.kind, bill.regime, bill.amount_minor, bill.lines) for bill in first] == [
        ("month", "capital_repair", 20_000, {"capital_repair": 20_000}),
        ("month", "housing", 100_000, {"maintenance": 100_000}),
        ("opening", "housing", 50_000, {"opening": 50_000}),
    ]
    assert balances(organisation) == {"100001": (170_000, 0), "100002": (60_000, 0), "100003": (125_000, 0)}
    assert {bill.month for bill in first if bill.kind == "opening"} == {date(2026, 8, 1)}
    assert Service.objects.filter(organisation=organisation, code="maintenance").exists()
    assert verify(organisation).differences == []


def test_a_balance_in_advance_pays_the_first_bills(load, accounts) -> None:
    load(turnover(ROWS))
    kinds = Payment.objects.filter(account=accounts["100002"]).order_by("kind").values_list("kind", "amount_minor")
    assert list(kinds) == [("opening", 30_000), ("recalculation", 10_000)]


def test_the_opening_balance_is_posted_once_an_account(load, accounts, organisation) -> None:
    load(turnover(ROWS))
    load(turnover([("100001", 1, 170_000, 90_000, 20_000, 0, 0)], month=OCTOBER))
    assert Bill.objects.filter(account=accounts["100001"], kind="opening").count() == 1
    assert balances(organisation)["100001"] == (280_000, 0)


def test_the_same_month_again_in_another_file_changes_nothing(load, accounts, organisation) -> None:
    load(turnover(ROWS))
    before = balances(organisation)
    again = load(turnover(ROWS, encoding="utf-8"))
    assert (again.state, again.counts["same"], again.counts["new"]) == ("posted", 3, 0)
    assert balances(organisation) == before


def test_the_same_file_is_known_by_its_bytes(load, accounts) -> None:
    first = load(turnover(ROWS))
    second = load(turnover(ROWS), name="copy.csv")
    assert second.pk == first.pk
    assert Import.objects.count() == 1


def test_a_changed_bill_is_shown_and_replaced(load, actor, accounts, organisation) -> None:
    load(turnover(ROWS))
    corrected = [("100001", 1, 50_000, 110_000, 20_000, 0, 0), *ROWS[1:2], ("100003", 3, 0, 100_000, 0, -5_000, 0)]
    source = checked(actor, turnover(corrected))
    assert (source.counts["changed"], source.counts["same"]) == (2, 1)
    assert source.samples["changed"][0]["before_minor"] == 120_000
    posted(actor, source)
    assert balances(organisation) == {"100001": (180_000, 0), "100002": (60_000, 0), "100003": (95_000, 0)}
    assert verify(organisation).differences == []


def test_taking_a_correction_back_brings_the_first_bill_back(load, actor, accounts, organisation) -> None:
    load(turnover(ROWS))
    before = balances(organisation)
    source = load(turnover([("100003", 3, 0, 70_000, 0, 0, 0)]))
    assert balances(organisation)["100003"] == (70_000, 0)
    roll_back(actor, source.pk, reason="Ошибка бухгалтерии")
    assert balances(organisation) == before
    assert verify(organisation).differences == []


def test_an_unknown_account_waits_and_the_rest_goes_in(load, accounts, organisation) -> None:
    source = load(turnover([*ROWS, ("999999", 9, 0, 10_000, 0, 0, 0)]))
    (row,) = source.quarantined.all()
    assert row.problems[0]["code"] == "unknown_account"
    assert "Создавать недостающие счета" in row.problems[0]["message"]
    assert source.counts["new"] == 3


def test_missing_accounts_are_opened_when_the_person_chose_so(load, accounts, organisation) -> None:
    source = load(turnover([*ROWS, ("999999", 9, 0, 10_000, 0, 0, 0)]), create_missing=True)
    assert source.counts["accounts_opened"] == 1
    assert balances(organisation)["999999"] == (10_000, 0)
    assert not source.quarantined.exists()


def test_an_account_listed_twice_is_billed_once(load, accounts, organisation) -> None:
    source = load(turnover([ROWS[0], ROWS[0]]))
    (row,) = source.quarantined.all()
    assert row.problems[0]["code"] == "duplicate"
    assert balances(organisation)["100001"] == (170_000, 0)


def test_totals_that_differ_are_a_remark_to_be_confirmed(actor, accounts) -> None:
    content = turnover(ROWS).decode("cp1251").replace("ИТОГО;;;200,00;", "ИТОГО;;;201,00;").encode("cp1251")
    source = checked(actor, content)
    assert [remark["code"] for remark in source.remarks if remark["needs_person"]] == ["totals_differ"]


def test_what_the_sheet_says_was_paid_is_compared_with_the_payments(actor, accounts) -> None:
    source = checked(actor, turnover([("100001", 1, 0, 100_000, 0, 0, 40_000)]))
    assert "paid_differs" in [remark["code"] for remark in source.remarks]
    assert (source.totals["file"]["paid"], source.totals["system"]["paid"]) == (40_000, 0)


def test_a_month_before_the_opening_balance_is_never_billed_without_a_question(load, actor, accounts) -> None:
    load(turnover(ROWS, month=OCTOBER))
    source = checked(actor, turnover([("100001", 1, 0, 50_000, 0, 0, 0)], month=SEPTEMBER))
    assert "opened_later" in [remark["code"] for remark in source.remarks if remark["needs_person"]]


def test_a_month_whose_due_day_the_law_does_not_know_fails_closed(actor, accounts) -> None:
    source = checked(actor, turnover(ROWS, month=date(1991, 9, 1)))
    assert source.state == "failed"
    assert source.failure


def test_a_sheet_without_a_month_asks_for_it(actor, accounts) -> None:
    content = turnover(ROWS).decode("cp1251").replace("за сентябрь 2026", "").encode("cp1251")
    assert checked(actor, content).state == "mapping"
