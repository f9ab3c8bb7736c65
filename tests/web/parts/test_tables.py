"""A declared list: order, paging, filters, sums, selection, files."""

import io
from itertools import pairwise

import openpyxl
import pytest
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.test import RequestFactory

from okno.access.actor import Actor, acting
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.web.parts import files, keyset
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Badge, BulkAction, Choice, Column, Flag, Kind, MoneyRange, Table


class Houses(Table[House]):
    address = "search"
    title = "Дома"
    columns = (
        Column(key="address", title="Адрес", sort="sort_key"),
        Column(key="floors", title="Этажей", kind=Kind.NUMBER, sort="floors", nullable=True),
        Column(key="flats", title="Квартир", kind=Kind.MONEY, value="declared_flats", total="declared_flats"),
        Column(key="zone", title="Пояс", value="time_zone", hidden=True),
        Column(key="state", title="Состояние", kind=Kind.BADGE, value=lambda row: Badge(text="дом", tone="good")),
    )
    filters = (
        Choice(key="floors", title="Этажи", options=(("9", "девять"), ("5", "пять"))),
        Flag(key="tall", title="Высокие", condition=Q(floors__gte=9)),
        MoneyRange(key="flats", title="Квартиры", field="declared_flats"),
    )
    bulk = (
        BulkAction(key="letter", title="Письмо", url=lambda: "/letters/", permission="outreach.plan"),
        BulkAction(key="rules", title="Правила", url=lambda: "/rules/", permission="settings.rules"),
    )
    sort = "address"
    page_size = 3
    amount = "declared_flats"

    def rows(self) -> QuerySet[House]:
        return visible_to(self.membership)

    def search(self, rows: QuerySet[House], text: str) -> QuerySet[House]:
        return rows.filter(address__icontains=text)

    def row_url(self, row: House) -> str:
        return f"/houses/{row.pk}/"


def build(organisation, number: int, *, floors: int | None = 5, flats: int | None = 10) -> House:
    return House.objects.create(
        organisation=organisation,
        address=f"ул. Ленина, {number}",
        short_address=f"Ленина, {number}",
        match_key=f"ленина {number}",
        search_text=f"ленина {number}",
        sort_key=f"ленина {number:05d}",
        time_zone="Europe/Moscow",
        floors=floors,
        declared_flats=flats,
    )


@pytest.fixture
def houses(organisation) -> list[House]:
    floors = [5, None, 9, 9, None, 2, 5, 16, 5, 9, None]
    return [build(organisation, number + 1, floors=told) for number, told in enumerate(floors)]


@pytest.fixture(autouse=True)
def at_work(organisation):
    with acting(Actor(organisation=organisation, user=None, membership=None, name=""), source="test"):
        yield


def table(membership, query: str = "") -> Houses:
    return Houses(membership=membership, query=QueryDict(query))


def walk(membership, query: str) -> list[int]:
    """Keys of all pages, one after the other."""
    keys: list[int] = []
    while True:
        page = table(membership, query).page()
        keys += [line.key for line in page.lines]
        if not page.more:
            return keys
        query = page.more.removeprefix("?")


@pytest.mark.parametrize("sort", ["address", "-address", "floors", "-floors", "", "nonsense"])
def test_every_row_is_met_once_whatever_the_order(manager, houses, sort: str) -> None:
    assert sorted(walk(manager, f"sort={sort}")) == sorted(house.pk for house in houses)


@pytest.mark.parametrize("sort", ["floors", "-floors"])
def test_empty_values_come_last_both_ways(manager, houses, sort: str) -> None:
    floors = [House.objects.get(pk=key).floors for key in walk(manager, f"sort={sort}")]
    assert floors[-3:] == [None, None, None]
    told = [value for value in floors if value is not None]
    assert all((one >= two if sort[0] == "-" else one <= two) for one, two in pairwise(told))


def test_a_row_that_comes_meanwhile_shifts_nothing(manager, organisation, houses) -> None:
    first = table(manager).page()
    build(organisation, 0)
    second = table(manager, first.more.removeprefix("?")).page()
    seen = {line.key for line in first.lines}
    assert seen.isdisjoint(line.key for line in second.lines)
    assert [line.key for line in second.lines] == [house.pk for house in houses[3:6]]


def test_a_page_asks_the_database_twice(manager, houses, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        table(manager, "floors=5&sort=-floors").page()


def test_totals_are_of_the_whole_selection(manager, houses) -> None:
    page = table(manager).page()
    assert (page.total, page.sums[0][1]) == (11, 110)
    assert len(page.lines) == 3


def test_an_outsider_sees_none_of_the_rows(outsider, houses) -> None:
    assert table(outsider).page().total == 0


def test_filters_narrow_and_say_so(manager, houses) -> None:
    page = table(manager, "floors=9&tall=1").page()
    assert page.total == 3
    assert [one.text for one in page.in_force] == ["Этажи: девять", "Высокие"]
    assert page.in_force[0].url == "?tall=1"


@pytest.mark.parametrize("query", ["floors=77", "tall=yes", "flats_from=abc", "columns=nothing", "q="])
def test_words_that_mean_nothing_narrow_nothing(manager, houses, query: str) -> None:
    page = table(manager, query).page()
    assert page.total == 11
    assert page.in_force == []


def test_a_range_of_sums_is_written_in_whole_units(manager, houses) -> None:
    assert table(manager, "flats_from=0,10&flats_to=0,10").page().total == 11
    assert table(manager, "flats_from=0,11").page().total == 0


def test_the_search_box_asks_the_list(manager, houses) -> None:
    assert table(manager, "q=Ленина, 11").page().total == 1


def test_a_hidden_column_is_shown_when_chosen(manager, houses) -> None:
    shown = [heading.column.key for heading in table(manager).page().headings]
    assert shown == ["address", "floors", "flats", "state"]
    chosen = table(manager, "columns=address,zone").page()
    assert [heading.column.key for heading in chosen.headings] == ["address", "zone"]


def test_a_heading_turns_the_order(manager, houses) -> None:
    up = table(manager, "sort=floors").page().headings[1]
    assert (up.order, up.url) == ("ascending", "?sort=-floors")
    assert table(manager).page().headings[1].url == "?sort=-floors"


def test_the_first_column_leads_to_the_row(manager, houses) -> None:
    assert f'href="/houses/{houses[0].pk}/"' in table(manager).page().lines[0].cells[0].html


def test_bulk_deeds_are_those_the_role_may(manager, colleague, houses) -> None:
    assert [one.key for one in table(manager).page().bulk] == ["letter", "rules"]
    assert [one.key for one in table(colleague).page().bulk] == ["letter"]


def test_marked_rows_come_only_out_of_what_the_person_sees(manager, outsider, houses) -> None:
    post = QueryDict(f"ids={houses[0].pk},{houses[1].pk},nonsense")
    assert table(manager).marked(post).count() == 2
    assert table(outsider).marked(post).count() == 0


def test_all_by_the_filter_means_the_filter_not_the_rows_shown(manager, houses) -> None:
    post = QueryDict(mutable=True)
    post.update({"ids": str(houses[0].pk), "all": "1", "query": "floors=9"})
    assert {house.floors for house in table(manager).marked(post)} == {9}


def test_a_broken_place_in_the_address_starts_from_the_first_page(manager, houses) -> None:
    request = RequestFactory().get("/list/?after=%%%&sort=floors")
    answer = list_page(request, table(manager, "after=%%%&sort=floors"), template="parts/table_rows.html")
    assert answer.status_code == 302
    assert answer.url == "/list/?sort=floors"


@pytest.mark.parametrize("place", ["", "zzzz", "bnVsbA", "WyJsaXN0IixbXSwxXQ"])
def test_a_place_that_cannot_be_read_is_refused(place: str) -> None:
    with pytest.raises(keyset.BadCursor):
        keyset.read_place(place)


def test_a_continuation_is_rows_alone(manager, houses) -> None:
    first = table(manager).page()
    request = RequestFactory().get("/list/" + first.more)
    answer = list_page(request, table(manager, first.more.removeprefix("?")), template="none.html")
    assert answer.content.decode().count("<tr data-row") == 3


def test_the_file_holds_the_whole_selection_with_numbers_as_numbers(manager, houses) -> None:
    answer = files.download(table(manager, "floors=9"), kind="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == ("Адрес", "Этажей", "Квартир", "Состояние")
    assert rows[1] == ("ул. Ленина, 3", 9, 0.1, "дом")
    assert len(rows) == 4
    answer.close()


def test_the_text_file_is_named_and_not_shown_in_the_page(manager, houses) -> None:
    request = RequestFactory().get("/list/?file=csv")
    answer = list_page(request, table(manager, "file=csv"), template="none.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "Адрес;Этажей;Квартир;Состояние"
    assert len(text.splitlines()) == 12
    answer.close()
