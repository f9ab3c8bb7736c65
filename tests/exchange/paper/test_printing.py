"""A run of bills becomes one file in the postman's order, also when it is killed in the middle."""

from datetime import date, timedelta

import pytest

from okno.common import clock
from okno.exchange.paper import printing, runs
from okno.exchange.paper.models import PrintRun, RunState
from okno.exchange.paper.press import Press, PressFailed
from okno.exchange.paper.printing import print_run
from okno.houses.models import Entrance, Flat, House
from okno.ledger.models import Account
from tests.exchange.conftest import actor_of
from tests.exchange.paper.conftest import OCTOBER
from tests.exchange.paper.rendering import Rendered
from tests.ledger.book import Book, bill

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(manager):
    return actor_of(manager)


@pytest.fixture
def town(book, details) -> Book:
    """Seven accounts billed for October."""
    book.open(4)
    book.post(*[bill(account, "2026-10", 100_000 + account) for account in book.accounts])
    return book


def printed(actor, **what) -> PrintRun:
    return print_run(runs.begin(actor, OCTOBER, title="все", **what).pk, hands=1, at_once=3)


def pages(run: PrintRun) -> list[str]:
    whole = Rendered(runs.file_of(run, 1))
    return [whole.text(place) for place in range(whole.pages)]


def test_every_account_gets_a_page_and_the_parts_are_gone(actor, town):
    run = printed(actor)
    assert (run.state, run.printed, run.progress_done) == (RunState.DONE, 7, 7)
    numbers = Account.objects.filter(pk__in=run.accounts).in_bulk()
    assert all(numbers[account].number in text for account, text in zip(run.accounts, pages(run), strict=True))
    assert [path.name for path in runs.folder_of(run).iterdir()] == ["1.pdf"]
    assert run.files == [{"pages": 7, "bytes": runs.file_of(run, 1).stat().st_size}]


def test_the_pages_go_from_street_to_house_to_entrance_to_flat(actor, town, organisation):
    early = House.objects.create(
        organisation=organisation,
        address="г. Город, ул. Абрикосовая, д. 1",
        short_address="Абрикосовая, 1",
        match_key="abrikosovaya 1",
        search_text="абрикосовая 1",
        sort_key="абрикосовая 1",
        time_zone="Europe/Moscow",
    )
    second, first = (Entrance.objects.create(house=early, number=number) for number in (2, 1))
    places = [("9", second, 1), ("3", first, 2), ("2", first, 1), ("10", first, 1)]
    late = Book(organisation, early)
    for account, (number, entrance, floor) in zip(late.open(4), places, strict=True):
        flat = Account.objects.get(pk=account).flat
        Flat.objects.filter(pk=flat.pk).update(number=number, number_order=int(number), entrance=entrance, floor=floor)
    run = runs.begin(actor, OCTOBER, title="все")
    found = Account.objects.select_related("flat").in_bulk(run.accounts)
    walked = [(found[pk].flat.house_id, found[pk].flat.number) for pk in run.accounts]
    assert walked[:4] == [(early.pk, "2"), (early.pk, "10"), (early.pk, "3"), (early.pk, "9")]
    assert len(walked) == 11


def test_who_gets_no_page_is_listed_with_why_and_the_rest_goes_in(actor, town):
    (empty,) = town.open(1)
    run = printed(actor)
    assert run.printed == 7
    assert [(row.account_id, row.why) for row in run.unprinted.all()] == [(empty, "За этот месяц ничего не начислено")]


def test_without_payment_details_nobody_gets_a_page_and_the_reason_says_where_to_go(actor, town, details):
    details.delete()
    run = printed(actor)
    assert (run.state, run.printed, run.files) == (RunState.DONE, 0, [])
    assert {row.why for row in run.unprinted.all()} == {"Некуда платить: внесите реквизиты в «Правила → Реквизиты»"}


def test_a_run_that_was_killed_goes_on_from_where_it_stood(actor, town, monkeypatch):
    run = runs.begin(actor, OCTOBER, title="все")
    laid, ordered = printing._laid, printing._ordered
    done = []

    def killed(*told):
        if done:
            raise KeyboardInterrupt
        done.append(laid(*told))
        return done[-1]

    def counted(*told):
        again.append(told[3])
        return ordered(*told)

    monkeypatch.setattr(printing, "_laid", killed)
    with pytest.raises(KeyboardInterrupt):
        print_run(run.pk, hands=1, at_once=3)
    again: list[int] = []
    monkeypatch.setattr(printing, "_laid", laid)
    monkeypatch.setattr(printing, "_ordered", counted)
    assert print_run(run.pk, hands=1, at_once=3).printed == 7
    assert again == [2, 3]


def test_a_press_that_is_left_in_the_middle_of_an_order_ends_at_once(tmp_path):
    press = Press(hands=2)
    orders = [press.picture("absent.typ", {}, tmp_path / f"{n}.png", language="ru") for n in range(40)]
    press.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert all(order.cancelled() or isinstance(order.exception(), PressFailed) for order in orders)


def test_a_run_that_is_done_is_not_printed_again(actor, town):
    run = printed(actor)
    made_at = runs.file_of(run, 1).stat().st_mtime_ns
    assert print_run(run.pk).finished_at == run.finished_at
    assert runs.file_of(run, 1).stat().st_mtime_ns == made_at


def test_a_run_that_is_stopped_leaves_no_files(actor, town):
    run = runs.begin(actor, OCTOBER, title="все")

    def stop(done: int, total: int) -> None:
        runs.cancel(actor, run)

    stopped = print_run(run.pk, hands=1, at_once=2, watcher=stop)
    assert stopped.state == RunState.CANCELLED
    assert not runs.folder_of(run).exists()
    assert not runs.cancel(actor, run)


def test_a_page_that_cannot_be_set_is_left_out_and_its_neighbours_are_printed(actor, town, monkeypatch):
    broken = town.accounts[2]
    number = Account.objects.get(pk=broken).number
    made = printing.bill_page
    monkeypatch.setattr(
        printing, "bill_page", lambda told: made(told) if told.flat.account != number else {**made(told), "size": "ten"}
    )
    run = printed(actor)
    assert run.printed == 6
    (row,) = run.unprinted.all()
    assert row.account_id == broken
    assert "не набрать" in row.why


def test_a_press_that_does_not_work_at_all_fails_the_run_with_why(actor, town, monkeypatch):
    def nothing(self, *told, **more):
        raise PressFailed("нет места на диске")

    monkeypatch.setattr(Press, "join", nothing)
    run = runs.begin(actor, OCTOBER, title="все")
    with pytest.raises(PressFailed):
        print_run(run.pk, hands=1)
    run.refresh_from_db()
    assert (run.state, run.failure) == (RunState.FAILED, "Напечатать не получилось: нет места на диске")
    monkeypatch.undo()
    assert print_run(run.pk, hands=1).printed == 7


def test_a_file_has_no_more_pages_than_a_printer_takes(actor, town, monkeypatch):
    monkeypatch.setattr(printing, "PAGES_IN_A_FILE", 4)
    run = printed(actor)
    assert [one["pages"] for one in run.files] == [3, 4]
    assert Rendered(runs.file_of(run, 2)).pages == 4


def test_files_are_kept_for_their_time_and_no_longer(actor, town):
    run = printed(actor)
    assert runs.retire(run.organisation_id, run.finished_at + runs.KEPT_FOR - timedelta(minutes=1)) == 0
    assert runs.file_of(run, 1).is_file()
    assert runs.retire(run.organisation_id, run.finished_at + runs.KEPT_FOR + timedelta(minutes=1)) == 1
    assert not runs.folder_of(run).exists()
    run.refresh_from_db()
    assert run.removed_at is not None


def test_nobody_to_print_for_is_told(actor, town):
    with pytest.raises(runs.NothingToPrint):
        runs.begin(actor, OCTOBER, title="чужие", accounts=[0])


def test_accounts_of_another_organisation_are_left_out(actor, town, neighbours):
    run = runs.begin(actor, OCTOBER, title="все", accounts=[*town.accounts, *neighbours.accounts])
    assert sorted(run.accounts) == sorted(town.accounts)


@pytest.fixture
def neighbours(other_organisation) -> Book:
    return Book.begin(other_organisation)


def test_an_account_closed_before_the_month_is_not_printed(actor, town):
    Account.objects.filter(pk=town.accounts[0]).update(closed_on=date(2026, 9, 30))
    Account.objects.filter(pk=town.accounts[1]).update(closed_on=date(2026, 10, 1))
    run = runs.begin(actor, OCTOBER, title="все")
    assert town.accounts[0] not in run.accounts
    assert town.accounts[1] in run.accounts


def test_a_run_leaves_a_line_in_the_trail(actor, town, organisation):
    run = runs.begin(actor, OCTOBER, title="весь дом")
    line = organisation.action_set.get(verb="bills.printed")
    assert (line.subject_kind, line.subject_id) == ("print_run", run.pk)
    assert "весь дом" in line.sentence
    assert line.at <= clock.now()
