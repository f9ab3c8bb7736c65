"""Registers and statements: money finds its account, what is known stays known, the rest waits and is counted."""

from datetime import UTC, date, datetime

from okno.exchange.models import UnmatchedPayment
from okno.ledger.models import Payment, PaymentFeed
from okno.ledger.verify import verify
from tests.exchange.conftest import FILES, balances, checked, posted, register, turnover

PAID = [
    ("1", "100001", 30_000, "Иванов И. И.", "Квартплата"),
    ("2", "100002", 50_050, "Петров П. П.", "Квартплата, кв 2"),
    ("3", "555555", 70_000, "Сидоров С. С.", "За квартиру"),
]


def test_a_register_pays_what_it_can_and_keeps_the_rest(load, accounts, organisation) -> None:
    load(turnover([("100001", 1, 0, 100_000, 0, 0, 0)]))
    source = load(register(PAID))
    assert source.state == "posted"
    assert (source.counts["new"], source.counts["unmatched"]) == (2, 1)
    assert balances(organisation)["100001"] == (70_000, 0)
    assert balances(organisation)["100002"] == (0, 50_050)
    waiting = UnmatchedPayment.objects.get()
    assert (waiting.amount_minor, waiting.account_number, waiting.payer) == (70_000, "555555", "Сидоров С. С.")
    assert source.totals["file"]["paid_unmatched"] == 70_000
    assert verify(organisation).differences == []


def test_the_same_operation_in_another_file_is_known(load, accounts, organisation) -> None:
    load(register(PAID))
    before = balances(organisation)
    again = load(register([*PAID, ("4", "100001", 100, "Иванов И. И.", "Ещё")]))
    assert (again.counts["same"], again.counts["new"]) == (3, 1)
    assert balances(organisation)["100001"] == (0, before["100001"][1] + 100)
    assert UnmatchedPayment.objects.count() == 1


def test_the_same_line_twice_counts_once_and_is_shown(load, accounts, organisation) -> None:
    source = load(register([PAID[0], PAID[0]]))
    assert balances(organisation)["100001"] == (0, 30_000)
    assert source.counts["duplicates"] == 1
    assert source.quarantined.get().problems[0]["code"] == "repeat"


def test_control_totals_that_differ_stop_the_file_until_a_person_says_so(actor, accounts) -> None:
    source = checked(actor, register(PAID, count=4))
    assert "count_differs" in [remark["code"] for remark in source.remarks if remark["needs_person"]]
    assert not Payment.objects.exists()
    posted(actor, source)
    assert Payment.objects.count() == 2


def test_a_register_freshens_its_feed_to_the_end_of_a_day_that_is_over(load, accounts, organisation) -> None:
    load(register(PAID, day=date(2026, 10, 5)))
    feed = PaymentFeed.objects.get(organisation=organisation, name="Тестбанк")
    assert feed.covers_until == datetime(2026, 10, 5, 21, tzinfo=UTC)


def test_the_bank_statement_of_the_real_bank_is_counted_whole(actor, organisation, accounts) -> None:
    source = checked(actor, (FILES / "1c-statement-utf8.txt").read_bytes(), "statement.txt")
    assert source.kind == "statement"
    codes = {remark["code"] for remark in source.remarks}
    assert {"received_differs", "spent_differs", "encoding_differs", "outgoing"} <= codes
    posted(actor, source)
    assert sum(UnmatchedPayment.objects.values_list("amount_minor", flat=True)) == source.totals["facts"]["paid"]
    assert source.totals["facts"]["outgoing"] == 1_470_000
