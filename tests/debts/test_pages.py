"""What the debt pages read, what the journal tells, and contacts that are withdrawn in time."""

from datetime import date, timedelta

import pytest

from okno.common.journal import Subject
from okno.debts import cycle, events, queries
from okno.debts.models import Case
from okno.houses.models import House
from okno.ledger.models import Account
from okno.outreach.models import Contact
from okno.people.models import Occupancy, Person, Phone
from tests.ledger.book import Book, bill, pay


@pytest.fixture
def owing(book, organisation, moment, stopped_clock) -> list[int]:
    one, other, third = book.accounts
    book.post(
        bill(one, "2026-06", 300_00),
        bill(one, "2026-10", 100_00, due="2026-11-16"),
        bill(other, "2026-08", 900_00),
        bill(third, "2026-08", 50_00),
    )
    book.post(pay(one, "2026-05-05", 10_00), pay(one, "2026-07-07", 20_00))
    cycle.run(organisation, moment.date(), moment)
    return [one, other]


def contact_about(account: int, moment, *, state: str = "waiting") -> Contact:
    case = Case.objects.get(account=account)
    return Contact.objects.create(
        organisation_id=case.organisation_id,
        key=f"test:{account}:{state}",
        cause="debt",
        cause_id=case.pk,
        account_id=account,
        channel="sms",
        address="+79990000000",
        language="ru",
        state=state,
        not_before=moment,
        created_at=moment,
        changed_at=moment,
    )


def test_the_payment_withdraws_exactly_the_payers_contacts(book, owing, moment):
    mine, theirs = contact_about(owing[0], moment), contact_about(owing[1], moment)
    book.post(pay(owing[0], "2026-11-18", 370_00), kind="payments")
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, mine.state_why) == ("withdrawn", "долг оплачен")
    assert theirs.state == "waiting"


def test_a_part_payment_withdraws_nothing(book, owing, moment):
    mine = contact_about(owing[0], moment)
    book.post(pay(owing[0], "2026-11-18", 100_00), kind="payments")
    mine.refresh_from_db()
    assert mine.state == "waiting"


def test_the_cycle_withdraws_what_it_closes(book, owing, organisation, moment):
    mine = contact_about(owing[1], moment)
    cycle.run(organisation, date(2029, 9, 11), moment)
    mine.refresh_from_db()
    assert (mine.state, mine.state_why) == ("withdrawn", "истёк срок исковой давности")


def test_debtors_are_listed_with_what_is_known_of_them(book, owing, organisation):
    flat = Account.objects.get(pk=owing[0]).flat
    person = Person.objects.create(organisation=organisation, full_name="Иванов Иван", search_text="иванов иван")
    Occupancy.objects.create(organisation=organisation, person=person, flat=flat, role="owner")
    Phone.objects.create(organisation=organisation, person=person, number="+79990000000")
    first, second = queries.debtors(organisation, House.objects.all()).order_by("-debt_minor")
    assert (first.account_id, first.debt_minor, first.has_phone, first.last_payment_on) == (
        owing[1], 900_00, False, None,
    )  # fmt: skip
    assert (second.account_id, second.debt_minor, second.saldo_minor) == (owing[0], 370_00, 370_00)
    assert (second.has_phone, second.last_payment_on, second.last_payment_minor) == (True, date(2026, 7, 7), 20_00)
    assert second.account.flat.house.short_address == book.house.short_address


def test_a_wrong_number_is_no_phone(book, owing, organisation):
    flat = Account.objects.get(pk=owing[0]).flat
    person = Person.objects.create(organisation=organisation, full_name="Иванов Иван", search_text="иванов иван")
    Occupancy.objects.create(organisation=organisation, person=person, flat=flat, role="owner")
    Phone.objects.create(organisation=organisation, person=person, number="+79990000000", is_wrong=True)
    assert not queries.debtors(organisation, House.objects.all()).get(account=owing[0]).has_phone


def test_a_house_out_of_sight_is_in_no_list_and_no_sum(book, owing, organisation):
    nothing = House.objects.exclude(pk=book.house.pk)
    assert not queries.debtors(organisation, nothing).exists()
    assert queries.totals(organisation, nothing).debtors == 0


def test_the_tiles_sum_up_by_age(owing, organisation, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = queries.totals(organisation, House.objects.all())
    assert (found.debtors, found.debt_minor) == (2, 1270_00)
    assert found.sum_by_age == {"age_30": 100_00, "age_60": 0, "age_90": 900_00, "age_over": 270_00}
    assert found.count_by_age == {"age_30": 1, "age_60": 0, "age_90": 1, "age_over": 1}


def test_a_page_of_debtors_is_one_query(owing, organisation, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = list(queries.debtors(organisation, House.objects.all()).order_by("-debt_minor")[:50])
        assert [row.account.flat.house.address for row in rows]


def test_the_neighbours_see_none_of_it(owing, other_organisation):
    Book.begin(other_organisation)
    assert not queries.debtors(other_organisation, House.objects.all()).exists()


def told(book, account: int, **more) -> list[tuple[str, str]]:
    subject = Subject("account", book.organisation.pk, account)
    asked = {"before": None, "limit": 50, "kinds": None} | more
    return [(event.kind, event.title) for event in events.tell(subject, **asked)]


def test_the_journal_tells_why_a_case_opened_and_closed(book, owing, moment, monkeypatch):
    monkeypatch.setattr("okno.common.clock.now", lambda: moment + timedelta(hours=1))
    book.post(pay(owing[1], "2026-11-18", 900_00), kind="payments")
    assert told(book, owing[1]) == [
        ("case.closed", "Дело о долге закрыто: долг оплачен"),
        ("case.opened", "Открыто дело о долге: прошёл срок оплаты: 900,00\u00a0₽ за 1 месяц"),
    ]
    assert [kind for kind, _ in told(book, owing[1], before=moment + timedelta(minutes=1))] == ["case.opened"]
    assert told(book, owing[1], before=moment) == []
    assert told(book, owing[1], kinds=frozenset({"payment.posted"})) == []
    assert len(told(book, owing[1], limit=1)) == 1


def test_the_journal_of_another_organisation_stays_closed(owing, other_organisation):
    subject = Subject("account", other_organisation.pk, owing[1])
    assert list(events.tell(subject, before=None, limit=9, kinds=None)) == []
