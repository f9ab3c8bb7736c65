"""A closed month never changes: not by a posting, not by a correction, not by hand."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.access.actor import Actor, process
from okno.access.models import Action
from okno.common import clock
from okno.common.days import add_months, month_range
from okno.ledger.billing import Correction, recalculate
from okno.ledger.models import Bill, Entry, Payment
from okno.ledger.months import closed as course
from okno.ledger.months import closing, reading, turnover
from okno.ledger.months.closing import CannotClose, CannotReopen, MonthMoved
from okno.ledger.months.models import ClosedMonth
from okno.ledger.months.proof import prove
from okno.ledger.months.turnover import ADVANCE, Turnover
from tests.conftest import _member
from tests.ledger.book import Book, bill, pay
from tests.ledger.months.test_turnover import histories, live
from tests.ledger.test_verify import guards_put_aside

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
TODAY = date(2026, 11, 18)


def actor_of(membership) -> Actor:
    return Actor(
        organisation=membership.organisation, user=membership.user, membership=membership, name=membership.user.name
    )


@pytest.fixture
def director(manager) -> Actor:
    return actor_of(manager)


@pytest.fixture
def accountant(organisation) -> Actor:
    return actor_of(_member(organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров"))


@pytest.fixture
def autumn(book) -> Book:
    """Bills of September and October, a payment of each month."""
    one, two, _ = book.accounts
    book.post(bill(one, "2026-09", 1_000_00), bill(two, "2026-09", 700_00))
    book.post(bill(one, "2026-10", 1_000_00), bill(two, "2026-10", 700_00))
    book.post(pay(one, "2026-09-20", 400_00))
    book.post(pay(two, "2026-10-11", 1_500_00))
    return book


def shut(actor: Actor, month: date = OCTOBER, **more) -> ClosedMonth:
    return closing.close(actor, month, today=more.pop("today", TODAY), **more)


def kept(organisation, month: date = OCTOBER) -> tuple[object, ...]:
    """Everything that is read of a month."""
    return (
        reading.by_house(organisation, month),
        reading.by_account(organisation, month),
        reading.by_line(organisation, month),
    )


def counted(organisation, month: date = OCTOBER) -> tuple[object, ...]:
    """The same counted anew from the ledger."""
    return (
        turnover.by_house(organisation.pk, month),
        turnover.by_account(organisation.pk, month),
        turnover.by_line(organisation.pk, month),
    )


def test_what_is_packed_is_what_was_counted(organisation, autumn, accountant):
    before = counted(organisation)
    closed = shut(accountant)
    assert kept(organisation) == before == counted(organisation)
    assert closed.closing_minor == 1_000_00 + 700_00 - 400_00 + 1_700_00 - 1_500_00
    assert (closed.accounts, closed.closed_by, closed.left_undone) == (3, accountant.user, [])
    assert reading.by_house(organisation, OCTOBER, line=ADVANCE)[autumn.house.pk].closing_minor == -100_00
    assert Action.objects.get(verb="month.closed").sentence == "Закрыт месяц: октябрь 2026"


def test_a_month_is_closed_once(organisation, autumn, accountant):
    assert shut(accountant) == shut(accountant)
    assert ClosedMonth.objects.count() == 1
    assert Action.objects.filter(verb="month.closed").count() == 1


def test_months_are_closed_when_over_and_one_after_another(organisation, autumn, accountant):
    with pytest.raises(CannotClose, match=r"ещё не кончился: закрыть ноябрь 2026 можно с 01\.12\.2026"):
        shut(accountant, NOVEMBER)
    shut(accountant, date(2026, 9, 1))
    with pytest.raises(CannotClose, match="очередь за месяцем октябрь 2026"):
        shut(accountant, NOVEMBER, today=date(2027, 1, 9))
    shut(accountant)
    assert course.last_closed(organisation) == OCTOBER


def test_books_without_entries_have_nothing_to_close(organisation, book, accountant):
    with pytest.raises(CannotClose, match="Закрывать нечего"):
        shut(accountant)


def test_the_first_month_closed_closes_all_before_it(organisation, autumn, accountant):
    shut(accountant)
    posted = autumn.post(pay(autumn.accounts[0], "2026-08-03", 1_00))
    assert posted.accounted_on == NOVEMBER
    states = {row.month: (row.state, row.closed is not None) for row in reading.course(organisation, TODAY)}
    assert states == {
        date(2026, 9, 1): ("closed", False),
        OCTOBER: ("closed", True),
        NOVEMBER: ("going", False),
    }


def test_only_they_who_may_close_and_reopen(organisation, autumn, accountant, director, colleague):
    with pytest.raises(CannotClose, match="бухгалтер и руководитель"):
        shut(actor_of(colleague))
    shut(accountant)
    with pytest.raises(CannotReopen, match="только руководитель"):
        closing.reopen(accountant, OCTOBER, reason="ошибка")
    with pytest.raises(CannotReopen, match="только руководитель"):
        closing.reopen(process(organisation, "worker"), OCTOBER, reason="ошибка")
    with pytest.raises(CannotReopen, match="причину"):
        closing.reopen(director, OCTOBER, reason=" ")
    closing.reopen(director, OCTOBER, reason="Не загрузили реестр Сбера")
    with pytest.raises(CannotReopen, match="не закрыт"):
        closing.reopen(director, OCTOBER, reason="ещё раз")


def test_a_reopened_month_takes_postings_again_and_keeps_what_it_was(organisation, autumn, accountant, director):
    first = shut(accountant)
    closing.reopen(director, OCTOBER, reason="Не загрузили реестр Сбера")
    assert autumn.post(pay(autumn.accounts[0], "2026-10-30", 50_00)).accounted_on == date(2026, 10, 30)
    second = shut(accountant)
    assert second.paid_minor == first.paid_minor + 50_00
    (state,) = [state for state in reading.course(organisation, TODAY) if state.month == OCTOBER]
    assert [(row.pk, row.reopen_reason) for row in state.history] == [
        (second.pk, ""),
        (first.pk, "Не загрузили реестр Сбера"),
    ]
    assert (state.closed, state.reopened) == (second, 1)
    assert first.lines.get(house=autumn.house, line=ADVANCE).closing_minor == -100_00


def test_the_last_closed_month_is_reopened_first(organisation, autumn, accountant, director):
    shut(accountant, date(2026, 9, 1))
    shut(accountant)
    with pytest.raises(CannotReopen, match="последний закрытый месяц: октябрь 2026"):
        closing.reopen(director, date(2026, 9, 1), reason="ошибка")


def test_another_organisation_is_not_touched(organisation, autumn, accountant, neighbours_book):
    shut(accountant)
    assert neighbours_book.post(pay(neighbours_book.accounts[0], "2026-10-30", 1_00)).accounted_on.month == 10


# What comes late


def test_late_money_is_accounted_on_the_first_open_day_and_keeps_its_value_day(organisation, autumn, accountant):
    shut(accountant)
    before = kept(organisation)
    posted = autumn.post(pay(autumn.accounts[0], "2026-10-31", 300_00, key="bank:late"))
    assert posted.accounted_on == NOVEMBER
    assert Payment.objects.get(source_key="bank:late").value_on == date(2026, 10, 31)
    assert kept(organisation) == before == counted(organisation)
    assert turnover.by_house(organisation.pk, NOVEMBER)[autumn.house.pk].paid_minor == 300_00


def test_a_bill_for_a_closed_month_is_a_recalculation_of_the_open_one(organisation, autumn, accountant):
    shut(accountant)
    autumn.post(bill(autumn.accounts[2], "2026-10", 500_00))
    november = turnover.by_house(organisation.pk, NOVEMBER)[autumn.house.pk]
    assert (november.charged_minor, november.recalculated_minor) == (0, 500_00)


def test_a_reversal_in_an_open_month_leaves_no_trace_in_it(organisation, autumn, accountant):
    before = counted(organisation)
    autumn.post(pay(autumn.accounts[0], "2026-10-30", 50_00, key="bank:wrong"))
    posted = autumn.reverse(payments=[Payment.objects.get(source_key="bank:wrong").pk])
    assert posted.accounted_on == date(2026, 10, 30)
    assert counted(organisation) == before


def test_a_reversal_of_a_closed_month_is_the_open_months(organisation, autumn, accountant):
    shut(accountant)
    before = kept(organisation)
    paid = Payment.objects.get(value_on=date(2026, 10, 11))
    charged = Bill.objects.get(account=autumn.accounts[0], month=OCTOBER)
    assert autumn.reverse(payments=[paid.pk], bills=[charged.pk]).accounted_on == NOVEMBER
    assert kept(organisation) == before == counted(organisation)
    november = turnover.by_house(organisation.pk, NOVEMBER)[autumn.house.pk]
    assert november.payments_reversed_minor == 1_500_00
    assert november.charges_reversed_minor == 1_000_00
    assert november.closing_minor == 2_300_00 - 400_00 + 1_500_00 - 1_000_00 - 400_00


def test_a_recalculation_belongs_to_the_day_it_was_made_on(organisation, autumn, director):
    asked = Correction(
        account_id=autumn.accounts[0], regime="housing", month=date(2026, 9, 1), delta_minor=-70_00, service="heating",
        due_on=date(2026, 11, 16), value_on=date(2026, 11, 5), source_key="r:1",
    )  # fmt: skip
    posted = recalculate(director, asked, reason="перерасчёт за отопление")
    assert posted.accounted_on == date(2026, 11, 5)
    november = turnover.by_house(organisation.pk, NOVEMBER)[autumn.house.pk]
    assert november.recalculated_minor == -70_00


def test_the_same_entry_again_stays_in_its_month(organisation, autumn, accountant):
    first = autumn.post(pay(autumn.accounts[0], "2026-10-30", 50_00), key="register:7")
    shut(accountant)
    again = autumn.post(pay(autumn.accounts[0], "2026-10-30", 50_00), key="register:7")
    assert (again.repeated, again.accounted_on) == (True, first.accounted_on)


# What the database refuses

BY_HAND = {
    "an entry": (
        "INSERT INTO ledger_entry (organisation_id, key, kind, posted_at, accounted_on, reason, source)"
        " VALUES ({organisation}, 'by hand', 'payments', now(), '2026-10-31', 'x', '')",
        "31.10.2026 lies in a closed month",
    ),
    "a bill of an old entry": (
        "INSERT INTO ledger_bill (organisation_id, account_id, entry_id, version, kind, regime, month, due_on,"
        " amount_minor, lines) SELECT organisation_id, account_id, entry_id, version, 'penalty', regime, month, due_on,"
        " 100, '{{\"penalty\": 100}}' FROM ledger_bill WHERE month = '2026-10-01' LIMIT 1",
        "lies in a closed month",
    ),
    "a payment of an old entry": (
        "INSERT INTO ledger_payment (organisation_id, account_id, entry_id, version, kind, value_on, amount_minor,"
        " free_minor, regime, purpose, payer, source_key) SELECT organisation_id, account_id, entry_id, version, kind,"
        " value_on, 100, 0, '', '', '', 'by hand' FROM ledger_payment WHERE value_on = '2026-10-11'",
        "lies in a closed month",
    ),
    "an allocation of an old entry": (
        "INSERT INTO ledger_allocation (organisation_id, account_id, entry_id, version, payment_id, bill_id,"
        " amount_minor) SELECT organisation_id, account_id, entry_id, version, payment_id, bill_id, 100"
        " FROM ledger_allocation LIMIT 1",
        "lies in a closed month",
    ),
    "a reversal by an old entry": (
        "UPDATE ledger_payment SET reversed_by_id = entry_id, reversed_version = version + 1, free_minor = 0",
        "lies in a closed month",
    ),
    "another accounting day": ("UPDATE ledger_entry SET accounted_on = '2026-11-01'", "never edited"),
    "another sum of a closed month": ("UPDATE ledger_closedmonth SET paid_minor = 0, closing_minor = 0", "re-opened"),
    "a line of a closed month": ("UPDATE ledger_closedline SET line = 'x'", "never edited"),
    "a house of a closed month": ("DELETE FROM ledger_closedhouse", "never edited or removed"),
    "a closed month gone": ("DELETE FROM ledger_closedmonth", "never edited or removed"),
    "a month closed out of turn": (
        "INSERT INTO ledger_closedmonth"
        " (organisation_id, month, closed_at, accounts, left_undone, reopen_reason, {sums})"
        " SELECT organisation_id, '2027-03-01', closed_at, 0, '[]', '', {sums} FROM ledger_closedmonth",
        "one after another",
    ),
}
SUMS = ", ".join(turnover.NAMES)


@pytest.mark.parametrize("what", BY_HAND)
def test_nothing_is_written_into_a_closed_month_by_hand(organisation, autumn, accountant, what):
    shut(accountant)
    statement, why = BY_HAND[what]
    before = kept(organisation)
    with (
        pytest.raises(DatabaseError, match=why),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(organisation=organisation.pk, sums=SUMS))
    assert kept(organisation) == before == counted(organisation)


def test_the_refusal_tells_from_which_day_it_may_be_posted(organisation, autumn, accountant):
    shut(accountant)
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Entry.objects.create(
            organisation=organisation,
            key="x",
            kind="payments",
            posted_at=clock.now(),
            accounted_on=OCTOBER,
            reason="x",
        )
    assert "with an accounting day from 01.11.2026 on" in str(refused.value)
    assert refused.value.__cause__.diag.constraint_name == "accounted_in_an_open_month"


def test_a_row_is_never_reversed_in_an_earlier_month_than_its_own(organisation, autumn):
    september = Entry.objects.get(payments__value_on=date(2026, 9, 20))
    with pytest.raises(DatabaseError, match="earlier month than its own"), transaction.atomic():
        Payment.objects.filter(value_on=date(2026, 10, 11)).update(
            reversed_by=september, reversed_version=9, free_minor=0
        )


def test_a_kopeck_out_of_place_keeps_the_month_open(organisation, autumn, accountant):
    with guards_put_aside() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET paid_minor = paid_minor - 1 WHERE account_id = %s", [autumn.accounts[0]]
        )
        proof = prove(organisation, OCTOBER)
        assert [difference.kind for difference in proof.differences] == ["opening", "house"]
        with pytest.raises(CannotClose, match=r"на начало месяца было 600.00, по книге выходит 600.01"):
            shut(accountant)
    assert not ClosedMonth.objects.exists()


def test_a_kopeck_gone_since_the_last_closing_is_found(organisation, autumn, accountant):
    shut(accountant, date(2026, 9, 1))
    with guards_put_aside() as cursor:
        cursor.execute("UPDATE ledger_bill SET amount_minor = 1 WHERE month = '2026-09-01' AND amount_minor = 70000")
        cursor.execute(
            "UPDATE ledger_balance SET billed_minor = billed_minor - 69999 WHERE account_id = %s", [autumn.accounts[1]]
        )
        assert "opening" in {difference.kind for difference in prove(organisation, OCTOBER).differences}


def test_what_moved_since_it_was_shown_is_shown_again(organisation, autumn, accountant):
    shown = prove(organisation, OCTOBER).digest
    autumn.post(pay(autumn.accounts[0], "2026-10-30", 50_00))
    with pytest.raises(MonthMoved, match="ещё раз"):
        shut(accountant, shown=shown)
    shut(accountant, shown=prove(organisation, OCTOBER).digest)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.tuples(histories, st.integers(0, 2), st.booleans()), min_size=2, max_size=4),
)
def test_a_closed_month_never_changes_whatever_comes_later(organisation, told, manager) -> None:
    """Rows come, months are closed and sometimes re-opened between them."""
    director = actor_of(manager)
    with transaction.atomic():
        book, other = Book.begin(organisation, 2), Book.begin(organisation, 2)
        both = Book(organisation, book.house, book.accounts + other.accounts)
        held: dict[date, tuple[object, ...]] = {}
        for history, months, back in told:
            live(both, history)
            for month, was in held.items():
                assert kept(organisation, month) == was == counted(organisation, month)
            for _ in range(months):
                last = course.last_closed(organisation)
                month = add_months(last, 1) if last else course.first_month(organisation)
                if month is None:
                    break
                shut(director, month, today=date(2027, 1, 1))
                held[month] = kept(organisation, month)
            if back and held:
                month = max(held)
                closing.reopen(director, month, reason="ошибка")
                del held[month]
        for month in month_range(date(2025, 12, 1), date(2026, 8, 1)):
            sums = reading.by_house(organisation, month)
            assert turnover.total(row.sums for row in reading.by_line(organisation, month)) == turnover.total(
                sums.values()
            )
        transaction.set_rollback(True)


def test_sums_of_columns_are_added_one_by_one():
    assert turnover.total([]) == Turnover()
    assert turnover.total([Turnover(paid_minor=1), Turnover(paid_minor=2, closing_minor=-3)]).paid_minor == 3
