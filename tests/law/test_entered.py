"""Values the operator has entered stand beside the sheets' and keep the same promises."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import BadKey, NoEnd, NotInForce, Overlap, UnknownNorm, Value
from okno.law.penalty import Arrear, PenaltyQuestion, PenaltyResult

RATE = "kz.base_rate.percent"
TERRITORY = "ua.bans.protected_territory"


@pytest.fixture(autouse=True)
def _nothing_entered() -> Iterator[None]:
    pack("kz")
    yield
    dated.supplement({})


def _entered(since: str, value: Any, **fields: Any) -> Value:
    days = {name: date.fromisoformat(day) for name, day in fields.items() if name in ("until", "known_since")}
    rest = {name: told for name, told in fields.items() if name not in days}
    return Value(
        since=date.fromisoformat(since), value=value, source="Сайт НБ РК", verified=True, entered=True, **days, **rest
    )


def _penalty(country: str, due: str, as_of: str, known_as_of: str | None = None, **settings: str) -> PenaltyResult:
    bill = Arrear(ref="1", due_on=date.fromisoformat(due), amount_minor=36_500_00)
    question = PenaltyQuestion(
        arrears=(bill,),
        as_of=date.fromisoformat(as_of),
        settings=settings,
        known_as_of=date.fromisoformat(known_as_of) if known_as_of else None,
    )
    return pack(country).penalty.explain(question)


def test_a_rate_entered_after_the_last_known_one_gives_the_figure() -> None:
    assert _penalty("kz", "2026-09-06", "2026-09-07").total_minor is None
    dated.supplement({RATE: [_entered("2026-09-07", 16, until="2026-10-25")]})
    result = _penalty("kz", "2026-09-06", "2026-09-07")
    assert result.total_minor == 16_00
    assert _penalty("kz", "2026-09-06", "2026-09-07", rate_on="2026-09-07").verified
    assert "Сайт НБ РК" in {reading.norm for row in result.rows for reading in row.readings}
    assert _penalty("kz", "2026-09-06", "2026-10-26").total_minor is None


def test_it_says_that_it_was_entered() -> None:
    dated.supplement({RATE: [_entered("2026-09-07", 16, until="2026-10-25")]})
    parameter = dated.parameter(RATE)
    assert parameter.at(date(2026, 9, 7)).entered
    assert not parameter.at(date(2026, 9, 6)).entered
    assert dated.last_day_of(parameter) == date(2026, 10, 25)


def test_what_is_withdrawn_is_gone_at_once() -> None:
    dated.supplement({RATE: [_entered("2026-09-07", 16, until="2026-10-25")]})
    dated.supplement({})
    with pytest.raises(NotInForce):
        dated.parameter(RATE).at(date(2026, 9, 7))


def test_the_generation_changes_when_values_do_and_only_then() -> None:
    before = dated.generation()
    dated.supplement({})
    assert dated.generation() == before
    entered = {RATE: [_entered("2026-09-07", 16, until="2026-10-25")]}
    dated.supplement(entered)
    first = dated.generation()
    dated.supplement(entered)
    assert before != first == dated.generation()
    dated.supplement({})
    assert dated.generation() not in (before, first)


@pytest.mark.parametrize(
    "clashing",
    [
        _entered("2026-09-06", 16, until="2026-10-25"),
        _entered("2026-07-27", 16, until="2026-10-25"),
        _entered("2026-06-20", 16, until="2026-07-01"),
        _entered("2026-06-20", 16, until="2026-08-01"),
    ],
)
def test_a_value_for_days_the_sheet_speaks_of_is_refused(clashing: Value) -> None:
    with pytest.raises(Overlap):
        dated.supplement({RATE: [clashing]})
    assert not dated.parameter(RATE).at(date(2026, 7, 27)).entered


def test_a_correction_says_since_when_it_was_known() -> None:
    dated.supplement({RATE: [_entered("2026-06-08", 12, until="2026-07-26", known_since="2026-08-01")]})
    assert _penalty("kz", "2026-06-07", "2026-06-08").total_minor == 12_00
    assert _penalty("kz", "2026-06-07", "2026-06-08", known_as_of="2026-07-31").total_minor == 17_00


def test_two_entered_values_may_not_claim_one_day() -> None:
    one = _entered("2026-09-07", 16, until="2026-10-25")
    with pytest.raises(Overlap):
        dated.supplement({RATE: [one, _entered("2026-10-25", 15, until="2026-12-06")]})


def test_the_last_value_of_a_rate_needs_the_day_up_to_which_it_is_known() -> None:
    with pytest.raises(NoEnd, match="--until"):
        dated.supplement({RATE: [_entered("2026-09-07", 16)]})
    dated.supplement({RATE: [_entered("2026-09-07", 16), _entered("2026-10-26", 15, until="2026-12-06")]})
    assert dated.parameter(RATE).at(date(2026, 10, 25)).value == 16


def test_a_value_that_does_not_run_out_may_have_no_end() -> None:
    dated.supplement({"kz.penalty.year_days": [_entered("2027-01-01", 366)]})
    assert dated.parameter("kz.penalty.year_days").at(date(2030, 1, 1)).value == 366


def test_what_nobody_knew_can_be_entered() -> None:
    pack_of_ua = pack("ua")
    with pytest.raises(NotInForce, match=r"okno law enter ua\.court\.claim_fee"):
        pack_of_ua.court_fee(921_188, date(2026, 11, 21))
    scale = [{"above": 0, "fixed": 1211, "percent": 0}, {"above": 100000, "fixed": 1211, "percent": 1}]
    dated.supplement({"ua.court.claim_fee": [_entered("2026-01-01", scale)]})
    assert pack_of_ua.court_fee(921_188, date(2026, 11, 21)).value == 1211_00


def test_a_misspelt_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNorm, match=r"kz\.base_rate\.percent"):
        dated.supplement({"kz.base_rate.procent": [_entered("2026-09-07", 16)]})


def test_a_territory_is_entered_by_its_code_and_frees_its_homes_on_its_days() -> None:
    settings = {"contract_rate": "0.01", "territory": "UA63120270000028556"}
    assert _penalty("ua", "2023-12-28", "2023-12-31", **settings).total_minor == 3_65 * 2
    dated.supplement({TERRITORY: [_entered("2023-12-30", True, until="2023-12-30", key="UA63120270000028556")]})
    result = _penalty("ua", "2023-12-28", "2023-12-31", **settings)
    assert result.total_minor == 3_65
    assert "Община в перечне" in " ".join(reading.text for row in result.rows for reading in row.readings)


def test_a_community_that_is_not_on_the_entered_list_is_told_so() -> None:
    dated.supplement({TERRITORY: [_entered("2023-12-30", True, key="UA63120270000028556")]})
    other = {"contract_rate": "0.01", "territory": "UA80000000000093317"}
    result = _penalty("ua", "2026-02-19", "2026-02-20", **other)
    assert result.total_minor == 3_65
    assert result.verified
    assert "UA80000000000093317" in " ".join(reading.text for row in result.rows for reading in row.readings)


def test_with_a_list_a_case_without_a_community_stays_unverified() -> None:
    dated.supplement({TERRITORY: [_entered("2023-12-30", True, key="UA63120270000028556")]})
    result = _penalty("ua", "2026-02-19", "2026-02-20", contract_rate="0.01")
    assert not result.verified
    assert "Община не указана" in " ".join(reading.text for row in result.rows for reading in row.readings)


def test_a_territory_learnt_of_later_was_not_on_the_list_before() -> None:
    listed = _entered("2026-01-01", True, known_since="2026-06-01", key="UA63120270000028556")
    dated.supplement({TERRITORY: [listed]})
    settings = {"contract_rate": "0.01", "territory": "UA63120270000028556"}
    assert _penalty("ua", "2026-02-19", "2026-02-20", **settings).total_minor == 0
    assert _penalty("ua", "2026-02-19", "2026-02-20", known_as_of="2026-05-31", **settings).total_minor == 3_65


@pytest.mark.parametrize(
    ("name", "value"),
    [(TERRITORY, _entered("2024-01-01", True)), (RATE, _entered("2026-09-07", 16, until="2026-10-25", key="A"))],
)
def test_a_key_stands_where_there_are_keys_and_nowhere_else(name: str, value: Value) -> None:
    with pytest.raises(BadKey):
        dated.supplement({name: [value]})
