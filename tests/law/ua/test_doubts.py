"""What is doubted in Ukraine's figures, on which days exactly, and what is refused outright."""

from collections.abc import Iterator
from datetime import date

import pytest

from okno.law import dated
from okno.law.calendar import Override, WorkingCalendar
from okno.law.countries import pack
from okno.law.dated import Value
from okno.law.penalty import Arrear, BadSetting, PenaltyQuestion, PenaltyResult, PenaltyRow

KHARKIV, ODESA = "UA63120270000028556", "UA51100270000073549"
CLAIMED = {"contract_rate": "0.01", "claim_625": "yes"}


@pytest.fixture(autouse=True)
def _nothing_entered() -> Iterator[None]:
    pack("ua")
    yield
    dated.supplement({})


def _penalty(due: str, as_of: str, settings: dict[str, str], calendar: WorkingCalendar | None = None) -> PenaltyResult:
    bill = Arrear(ref="1", due_on=date.fromisoformat(due), amount_minor=1000_00)
    return pack("ua").penalty.explain(
        PenaltyQuestion(arrears=(bill,), as_of=date.fromisoformat(as_of), settings=settings, calendar=calendar)
    )


def _rows(result: PenaltyResult, line: str) -> list[PenaltyRow]:
    return [row for row in result.rows if row.line == line]


def _know_the_list() -> None:
    listed = Value(since=date(2023, 12, 30), value=True, key=KHARKIV, source="Наказ № 376", verified=True, entered=True)
    dated.supplement({"ua.bans.protected_territory": [listed]})


@pytest.mark.parametrize("method", ["lots", "balance"])
def test_without_the_list_of_territories_inflation_is_as_doubtful_as_three_per_cent(method: str) -> None:
    result = _penalty("2025-01-20", "2025-03-31", CLAIMED | {"inflation": method})
    counted = [row for row in _rows(result, "inflation") if row.exact]
    assert counted
    assert not any(row.verified for row in counted)
    assert all("Перечень территорий не введён" in " ".join(one.text for one in row.readings) for row in counted)


def test_with_the_list_it_is_not() -> None:
    _know_the_list()
    result = _penalty("2025-01-20", "2025-03-31", CLAIMED | {"territory": ODESA})
    assert result.verified
    assert [line.minor for line in result.lines] == [700, 575, 2312]


def test_a_month_says_from_what_its_index_was_taken() -> None:
    months = _rows(_penalty("2025-01-20", "2025-03-31", CLAIMED), "inflation")[1:]
    told = [" ".join(one.text for one in row.readings) for row in months]
    assert "уже выросшей" not in told[0]
    assert "уже выросшей" in told[1]


def test_prices_are_not_said_to_have_fallen_in_a_month_that_was_not_indexed() -> None:
    told = [one.text for row in _penalty("2022-02-28", "2022-03-31", CLAIMED).rows for one in row.readings]
    assert not any("цены не выросли" in text for text in told)


@pytest.mark.parametrize(
    ("due", "holiday"),
    [("2026-08-21", "2026-08-24"), ("2026-03-06", "2026-03-09")],
    ids=["a holiday", "the Monday after a holiday on Sunday"],
)
def test_only_the_holiday_itself_is_doubted(due: str, holiday: str) -> None:
    _know_the_list()
    result = _penalty(due, "2026-08-31", {"contract_rate": "0.01", "territory": ODESA})
    assert [row.since.isoformat() for row in result.rows if not row.verified] == [holiday]
    assert [row.days for row in result.rows if not row.verified] == [1]


def test_a_holiday_that_somebody_has_entered_as_worked_is_not_doubted() -> None:
    _know_the_list()
    worked = WorkingCalendar("ua", [Override(date(2026, 8, 24), "working", "Закон 2136-IX")])
    settings = {"contract_rate": "0.01", "territory": ODESA}
    result = _penalty("2026-08-21", "2026-08-31", settings, worked)
    assert result.verified
    assert result.total_minor == 80


def test_before_the_martial_law_a_holiday_moves_the_first_day() -> None:
    result = _penalty("2021-08-20", "2021-08-30", {"contract_rate": "0.01", "debtor": "other"})
    assert result.verified
    assert [row.since for row in result.rows if row.exact] == [date(2021, 8, 25)]


def test_a_code_of_a_community_may_be_typed_small_but_not_short() -> None:
    _know_the_list()
    assert _penalty("2026-02-20", "2026-03-23", CLAIMED | {"territory": KHARKIV.lower()}).total_minor == 0
    with pytest.raises(BadSetting, match="КАТОТТГ"):
        _penalty("2026-02-20", "2026-03-23", CLAIMED | {"territory": "UA63120"})


def test_an_index_supposed_twice_is_refused() -> None:
    with pytest.raises(BadSetting, match="указан дважды"):
        _penalty("2026-07-20", "2026-09-30", CLAIMED | {"cpi": "100.4@2026-09;101@2026-09"})
