"""An import is taken back whole, to the kopeck, or not at all."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.exchange.matching import match, return_to_payer
from okno.exchange.models import Import, ImportChange, UnmatchedPayment
from okno.exchange.rollback import CannotRollBack, roll_back
from okno.houses.models import Flat, House
from okno.ledger.models import Account, Bill, Payment, PaymentFeed
from okno.ledger.verify import verify
from okno.people.models import Person, Phone
from tests.exchange.conftest import FILES, balances, checked, posted, register, report, turnover

OCTOBER = date(2026, 10, 1)
SHEET = [("100001", 1, 0, 100_000, 0, 0, 0), ("100002", 2, 0, 50_000, 0, 0, 0)]


def test_money_is_taken_back_and_the_file_may_come_again(load, actor, accounts, organisation) -> None:
    load(turnover(SHEET))
    before = balances(organisation)
    content = register([("1", "100001", 30_000, "А", "Б"), ("2", "100002", 90_000, "А", "Б")])
    source = load(content)
    assert balances(organisation) != before
    assert roll_back(actor, source.pk, reason="Не тот файл").state == "rolled_back"
    assert balances(organisation) == before
    again = load(content)
    assert again.pk != source.pk
    assert balances(organisation)["100001"] == (70_000, 0)
    assert verify(organisation).differences == []


def test_taking_back_twice_is_once_and_needs_a_reason(load, actor, accounts) -> None:
    source = load(turnover(SHEET))
    with pytest.raises(CannotRollBack, match="причину"):
        roll_back(actor, source.pk, reason=" ")
    roll_back(actor, source.pk, reason="Ошибка")
    roll_back(actor, source.pk, reason="Ошибка")
    assert Bill.objects.filter(reversed_by=None).count() == 0
    assert Bill.objects.count() == 2


def test_a_later_correction_is_taken_back_first(load, actor, accounts) -> None:
    first = load(turnover(SHEET))
    second = load(turnover([("100001", 1, 0, 120_000, 0, 0, 0)]))
    with pytest.raises(CannotRollBack, match=f"№ {second.pk}"):
        roll_back(actor, first.pk, reason="Ошибка")
    roll_back(actor, second.pk, reason="Ошибка")
    roll_back(actor, first.pk, reason="Ошибка")
    assert not Bill.objects.filter(reversed_by=None).exists()


def test_cards_made_by_an_import_go_and_those_changed_are_as_before(actor) -> None:
    houses = posted(actor, checked(actor, (FILES / "property.xlsx").read_bytes(), "property.xlsx"))
    people = posted(actor, checked(actor, (FILES / "contact.xlsx").read_bytes(), "contact.xlsx"))
    with pytest.raises(CannotRollBack, match="помещения"):
        roll_back(actor, houses.pk, reason="Ошибка")
    roll_back(actor, people.pk, reason="Ошибка")
    assert not Person.objects.exists()
    assert not Flat.objects.exists()
    roll_back(actor, houses.pk, reason="Ошибка")
    assert not House.objects.exists()
    assert posted(actor, checked(actor, (FILES / "property.xlsx").read_bytes(), "property.xlsx")).state == "posted"


def test_a_card_somebody_has_worked_on_since_is_not_lost(actor) -> None:
    posted(actor, checked(actor, (FILES / "property.xlsx").read_bytes(), "property.xlsx"))
    people = posted(actor, checked(actor, (FILES / "contact.xlsx").read_bytes(), "contact.xlsx"))
    Phone.objects.filter(number="+79221234567").update(is_wrong=True)
    with pytest.raises(CannotRollBack, match="телефоны"):
        roll_back(actor, people.pk, reason="Ошибка")
    assert Person.objects.exists()


def test_accounts_with_postings_stay(load, actor, organisation) -> None:
    rows = ["Лицевой счёт;Адрес;Помещение;Площадь;Дата открытия", "100001;г Тула, ул Лесная, д 5;1;40;01.02.2015"]
    accounts = load("\r\n".join(rows).encode())
    sheet = load(turnover(SHEET[:1]))
    roll_back(actor, sheet.pk, reason="Ошибка")
    with pytest.raises(CannotRollBack, match="начисления"):
        roll_back(actor, accounts.pk, reason="Ошибка")
    assert Account.objects.exists()


def test_what_a_person_matched_by_hand_goes_back_too(load, actor, accounts, organisation) -> None:
    source = load(register([("1", "777", 10_000, "А", "Б"), ("2", "778", 10_000, "А", "Б")]))
    match(actor, UnmatchedPayment.objects.get(account_number="777").pk, accounts["100001"])
    roll_back(actor, source.pk, reason="Ошибка")
    assert not UnmatchedPayment.objects.exists()
    assert not Payment.objects.filter(reversed_by=None).exists()
    assert balances(organisation)["100001"] == (0, 0)


def test_money_already_returned_to_its_payer_is_not_forgotten(load, actor, accounts) -> None:
    source = load(register([("1", "777", 10_000, "А", "Б")]))
    return_to_payer(actor, UnmatchedPayment.objects.get().pk, reason="Не наш платёж")
    with pytest.raises(CannotRollBack, match="возвращено"):
        roll_back(actor, source.pk, reason="Ошибка")


def test_a_feed_is_as_fresh_as_before_its_register(load, actor, accounts, organisation) -> None:
    load(register([("1", "100001", 100, "А", "Б")], day=date(2026, 10, 5)))
    before = PaymentFeed.objects.get().covers_until
    source = load(register([("2", "100001", 100, "А", "Б")], day=date(2026, 10, 7)))
    assert PaymentFeed.objects.get().covers_until > before
    roll_back(actor, source.pk, reason="Ошибка")
    assert PaymentFeed.objects.get().covers_until == before


sums = st.integers(0, 500_000)
sheets = st.lists(
    st.tuples(st.integers(1, 3), st.integers(-200_000, 200_000), sums, sums, st.integers(-100_000, 100_000)),
    min_size=1,
    max_size=3,
    unique_by=lambda row: row[0],
)
registers = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 400_000)), min_size=1, max_size=6)
files = st.lists(st.one_of(sheets.map(lambda rows: ("sheet", rows)), registers.map(lambda rows: ("register", rows))))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=files.filter(lambda found: len(found) <= 3), last=files.filter(lambda found: len(found) == 1))
def test_whatever_was_imported_taking_the_last_file_back_restores_every_balance(
    before, last, actor, accounts, organisation, tmp_path
) -> None:
    for source in Import.objects.filter(state="posted").order_by("-pk"):
        roll_back(actor, source.pk, reason="Следующий пример")
    assert set(balances(organisation).values()) == {(0, 0)}
    for place, (kind, rows) in enumerate(before):
        report(actor, tmp_path, _content(kind, rows, place))
    stood = {number: opened - free for number, (opened, free) in balances(organisation).items()}
    found = report(actor, tmp_path, _content(*last[0], 9))
    assert verify(organisation).differences == []
    if found.source.state == "posted":
        roll_back(actor, found.source.pk, reason="Проверка")
    assert {number: opened - free for number, (opened, free) in balances(organisation).items()} == stood
    assert verify(organisation).differences == []
    assert ImportChange.objects.exclude(table="ledger_paymentfeed").count() == 0


def _content(kind: str, rows, place: int) -> bytes:
    if kind == "register":
        paid = [(f"{place}-{n}", str(100000 + flat), amount, "А", "Б") for n, (flat, amount) in enumerate(rows)]
        return register(paid)
    charged = [(str(100000 + flat), flat, *sums, 0) for flat, *sums in rows]
    return turnover(charged, month=date(2026, 1 + place, 1))
