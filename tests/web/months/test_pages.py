"""The pages of months: who may open and close, what they show, how much they ask, how files go out."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from okno.access.actor import Actor, process
from okno.access.models import Action, Role
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.tables import read_table
from okno.houses.models import HouseScope
from okno.ledger.models import PaymentFeed
from okno.ledger.months import closing
from okno.ledger.months.models import ClosedMonth
from okno.ledger.rows import NewBill, NewPayment
from tests.conftest import _member
from tests.ledger.book import Book
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
MOST = 18
PAGES = ("", "2026-10/", "2026-10/services/", "2026-10/houses/{house}/", "2026-10/close/", "2026-10/verify/")
MAY = {Role.ACCOUNTANT, Role.DIRECTOR}


@pytest.fixture
def autumn(organisation, noon) -> Book:
    """Two houses; September and October billed, part of it paid, an advance."""
    book, other = Book.begin(organisation, 3), Book.begin(organisation, 2)
    both = Book(organisation, book.house, book.accounts + other.accounts)
    for month in (date(2026, 9, 1), OCTOBER):
        both.post(*(charge(account, month) for account in both.accounts))
    both.post(money(both.accounts[0], date(2026, 10, 12), 500_00), kind="payments")
    both.post(money(both.accounts[3], date(2026, 10, 13), 9_000_00), kind="payments")
    return both


def charge(account: int, month: date) -> NewBill:
    lines = {"maintenance": 600_00, "heating": 400_01}
    return NewBill(account, "month", "housing", month, date(2026, month.month + 1, 16), sum(lines.values()), lines)


def money(account: int, on: date, minor: int) -> NewPayment:
    return NewPayment(account, "payment", on, minor, f"bank:{account}:{on}")


@pytest.fixture
def accountant(organisation):
    return _member(organisation, Role.ACCOUNTANT, "accountant@example.org", "Борис Бухгалтеров")


@pytest.fixture
def desk(accountant) -> Client:
    return enter(accountant)


def actor_of(membership) -> Actor:
    return Actor(
        organisation=membership.organisation, user=membership.user, membership=membership, name=membership.user.name
    )


def text_of(answer) -> str:
    return answer.content.decode().replace("\xa0", " ")


def at(path: str) -> str:
    return f"/desk/months/{path}"


def table_of(answer) -> list[tuple[object, ...]]:
    content = b"".join(answer.streaming_content)
    return [row.cells for row in read_table(io.BytesIO(content).getvalue(), sniffed=sniff(content))]


@pytest.mark.parametrize("role", Role.values)
def test_months_open_to_the_accountant_and_the_director_alone(organisation, autumn, role):
    client = enter(_member(organisation, role, f"{role}@example.net", role))
    for path in PAGES:
        status = client.get(at(path.format(house=autumn.house.pk))).status_code
        assert status == (200 if role in MAY else 403), path


def test_a_month_is_reopened_by_the_director_alone(organisation, autumn, accountant, manager):
    closing.close(actor_of(accountant), OCTOBER, today=date(2026, 11, 18))
    assert enter(accountant).post(at("2026-10/reopen/"), {"reason": "ошибка"}).status_code == 403
    assert "Открыть снова" not in text_of(enter(accountant).get(at("2026-10/")))
    client = enter(manager)
    assert "Открыть снова" in text_of(client.get(at("2026-10/")))
    assert client.post(at("2026-10/reopen/"), {"reason": ""}).status_code == 422
    assert client.post(at("2026-10/reopen/"), {"reason": "Не загрузили реестр"}).status_code == 302
    assert ClosedMonth.objects.get().reopen_reason == "Не загрузили реестр"
    assert "Не загрузили реестр" in text_of(client.get(at("2026-10/")))


def test_another_organisation_has_its_own_months(autumn, outsider):
    client = enter(outsider)
    assert "Месяцев пока нет" in text_of(client.get(at("")))
    assert client.get(at("2026-10/")).status_code == 404
    assert client.get(at("2026-10/file/turnover/")).status_code == 404


@pytest.mark.parametrize("path", ["2026-13/", "x/", "2030-01/", "2026-10/houses/0/"])
def test_what_is_no_month_or_no_house_of_it_is_not_found(autumn, desk, path):
    assert desk.get(at(path)).status_code == 404


def test_a_narrowed_sight_has_the_figures_of_its_houses_and_closes_nothing(organisation, autumn):
    member = _member(organisation, Role.ACCOUNTANT, "narrow@example.org", "Нина Узкая", all_houses=False)
    HouseScope.objects.create(membership=member, house=autumn.house)
    client = enter(member)
    shown = text_of(client.get(at("2026-10/")))
    assert autumn.house.short_address in shown
    assert shown.count("data-row") == 1
    assert client.get(at("2026-10/close/")).status_code == 404
    assert client.get(at("2026-10/verify/")).status_code == 404
    other = organisation.house_set.exclude(pk=autumn.house.pk).get()
    assert client.get(at(f"2026-10/houses/{other.pk}/")).status_code == 404
    rows = table_of(client.get(at("2026-10/file/turnover/?file=csv")))
    assert len(rows) == 2 + 1 + 3 + 1


def test_figures_lead_from_the_month_to_the_house_to_the_account(autumn, desk):
    shown = text_of(desk.get(at("2026-10/")))
    assert f"/desk/months/2026-10/houses/{autumn.house.pk}/" in shown
    house = text_of(desk.get(at(f"2026-10/houses/{autumn.house.pk}/?line=heating")))
    assert f"/desk/accounts/{autumn.accounts[0]}/bills/" in house
    assert house.count("data-row") == 3
    services = text_of(desk.get(at("2026-10/services/")))
    assert "Авансы: оплачено и не использовано" in services
    assert "?line=~advance" in services or "?line=%7Eadvance" in services


def test_columns_that_hold_nothing_are_not_drawn_and_any_may_order_the_rows(autumn, desk):
    shown = text_of(desk.get(at("2026-10/?sort=-closing")))
    assert 'aria-sort="descending"' in shown
    assert "Сторно" not in shown
    assert "Введено" not in shown


def test_what_is_left_to_do_is_told_with_a_link(organisation, autumn, desk):
    from datetime import UTC, datetime

    PaymentFeed.objects.create(
        organisation=organisation, name="Тестбанк", covers_until=datetime(2026, 10, 30, tzinfo=UTC)
    )
    shown = text_of(desk.get(at("")))
    assert "нет платежей до конца месяца: Тестбанк" in shown
    assert 'href="/desk/exchange/"' in shown
    assert "начислено 5 лицевым счетам" in shown


def test_a_month_is_closed_by_one_press_after_the_proof(organisation, autumn, desk, accountant):
    shown = desk.get(at("2026-10/close/"))
    assert "Сходится до копейки" in text_of(shown)
    digest = shown.context["shown"]
    answer = desk.post(at("2026-10/close/"), {"shown": digest}, follow=True)
    assert answer.redirect_chain == [("/desk/months/2026-10/", 302)]
    closed = ClosedMonth.objects.get()
    assert (closed.month, closed.closed_by, closed.left_undone) == (OCTOBER, accountant.user, [])
    assert Action.objects.filter(verb="month.closed", user=accountant.user).count() == 1
    assert "Закрыть месяц" not in text_of(answer)
    assert desk.post(at("2026-10/close/"), {"shown": digest}).status_code == 302
    assert ClosedMonth.objects.count() == 1


def test_a_month_with_something_left_is_closed_only_knowingly(organisation, autumn, desk):
    PaymentFeed.objects.create(organisation=organisation, name="Тестбанк")
    shown = desk.get(at("2026-10/close/"))
    told = {"shown": shown.context["shown"]}
    answer = desk.post(at("2026-10/close/"), told)
    assert answer.status_code == 422
    assert "Отметьте, что закрываете с незаконченным" in text_of(answer)
    assert desk.post(at("2026-10/close/"), {**told, "anyway": "1"}).status_code == 302
    assert [left["key"] for left in ClosedMonth.objects.get().left_undone] == ["feeds"]
    assert "Осталось незаконченным" in text_of(desk.get(at("2026-10/")))


def test_what_moved_since_the_proof_is_shown_again(organisation, autumn, desk):
    digest = desk.get(at("2026-10/close/")).context["shown"]
    autumn.post(money(autumn.accounts[1], date(2026, 10, 30), 1_00), kind="payments")
    answer = desk.post(at("2026-10/close/"), {"shown": digest})
    assert answer.status_code == 422
    assert "Посмотрите сверку ещё раз" in text_of(answer)
    assert answer.context["shown"] != digest
    assert desk.post(at("2026-10/close/"), {"shown": answer.context["shown"]}).status_code == 302


def test_a_month_that_goes_on_is_not_offered_for_closing(autumn, desk):
    autumn.post(money(autumn.accounts[1], date(2026, 11, 3), 1_00), kind="payments")
    assert "закрыть его можно с 01.12.2026" in text_of(desk.get(at("2026-11/")))
    assert desk.get(at("2026-11/close/")).status_code == 302


def test_the_books_are_verified_on_demand(autumn, desk):
    assert "Сошлись 5 лицевых счетов" in text_of(desk.get(at("2026-10/verify/")))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["turnover", "payments", "houses", "services", "accounts"])
def test_a_month_goes_out_as_a_file_and_the_trail_says_so(autumn, desk, what, kind):
    answer = desk.get(at(f"2026-10/file/{what}/?file={kind}"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f"2026-10.{kind}")
    assert len(table_of(answer)) > 2
    assert Action.objects.get(verb="month.exported").sentence.startswith("Выгружено")


def test_tables_of_the_month_add_up(autumn, desk):
    for what in ("houses", "services", "accounts"):
        header, *rows, total = table_of(desk.get(at(f"2026-10/file/{what}/?file=xlsx")))
        first = header.index("Сальдо на начало")
        for place in range(first, len(header)):
            assert sum(row[place] or 0 for row in rows) == (total[place] or 0)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("is_closed", [False, True])
def test_pages_ask_little_however_many_rows_they_show(autumn, organisation, accountant, path, is_closed):
    if is_closed:
        closing.close(process(organisation, "x"), OCTOBER, today=date(2026, 11, 18))
    client = enter(accountant)
    client.get(at(""))
    with CaptureQueriesContext(connection) as asked:
        client.get(at(path.format(house=autumn.house.pk)))
    # The proof asks in steps, each of them once for all accounts.
    most = 2 * MOST if path.endswith("close/") else MOST
    assert len(asked) <= most, [query["sql"][:90] for query in asked.captured_queries]


def test_the_figures_of_a_closed_month_foot_in_the_list_too(desk, autumn, accountant):
    """A recalculation moves the balance too: without its column the line would not add up."""
    account = autumn.accounts[1]
    autumn.post(NewBill(account, "recalculation", "housing", OCTOBER, date(2026, 11, 16), 700, {"heating": 700}))
    closing.close(actor_of(accountant), OCTOBER, today=date(2026, 11, 18))
    page = desk.get("/desk/months/")
    [figures] = [figures for state, figures in page.context["states"] if state.closed]
    told = {column.key: minor for column, minor in figures}
    assert told["recalculated"] == 700
    signs = {"paid": -1, "closing": -1}
    assert sum(signs.get(key, 1) * minor for key, minor in told.items()) == 0
    assert "Перерасчёт" in page.content.decode()
