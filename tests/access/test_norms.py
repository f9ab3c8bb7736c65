"""Entered values of the law: kept for good, seen by every process, withdrawn with a reason."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from okno.access import norms
from okno.access.actor import Actor, process
from okno.access.models import Action, EnteredValue
from okno.access.norms import CannotEnter
from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import NotInForce, Value
from okno.law.entering import Defaults, read_file
from okno.ledger.limitation import barred_until

RATE = "kz.base_rate.percent"
DAY = date(2026, 9, 7)
KHARKIV, KHERSON = "UA63120270000028556", "UA65100150000022222"


@pytest.fixture(autouse=True)
def _as_a_new_process(db: None) -> Iterator[None]:
    """This process has read nothing yet, and forgets afterwards what the rolled-back rows said."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    dated.supplement({})
    norms._seen = norms._Seen()


@pytest.fixture
def accountant() -> Actor:
    return process(None, "бухгалтер Ася")


def _rate(percent: str = "16.5", since: date = DAY, until: date | None = date(2026, 10, 25), **fields: Any) -> Value:
    return Value(since=since, until=until, value=Decimal(percent), source="Сайт НБ РК", verified=True, **fields)


def _on(day: date) -> Any:
    return dated.parameter(RATE).at(day).value


def test_an_entered_value_is_exact_and_keeps_who_when_and_whence(accountant):
    row = norms.enter(RATE, _rate("14.35"), accountant)
    row.refresh_from_db()
    assert row.value == Decimal("14.35")
    assert (row.entered_by_name, row.source, row.verified) == ("бухгалтер Ася", "Сайт НБ РК", True)
    norms.refresh(at_once=True)
    assert _on(DAY) == Decimal("14.35")


def test_another_process_sees_it_when_it_looks(accountant):
    norms.enter(RATE, _rate(), accountant)
    _forget()
    with pytest.raises(NotInForce):
        _on(DAY)
    norms.refresh()
    assert _on(DAY) == Decimal("16.5")


def test_a_process_looks_again_only_after_some_seconds(accountant, monkeypatch):
    norms.refresh()
    norms.enter(RATE, _rate(), accountant)
    norms.refresh()
    with pytest.raises(NotInForce):
        _on(DAY)
    monkeypatch.setattr(norms, "LOOK_EVERY", 0.0)
    norms.refresh()
    assert _on(DAY) == Decimal("16.5")


def test_it_is_seen_as_soon_as_it_is_committed(accountant, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        norms.enter(RATE, _rate(), accountant)
    assert _on(DAY) == Decimal("16.5")


def test_nothing_new_leaves_the_law_as_it_is(accountant):
    norms.enter(RATE, _rate(), accountant)
    norms.refresh(at_once=True)
    before = dated.generation()
    norms.refresh(at_once=True)
    assert dated.generation() == before


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        (RATE, _rate(since=date(2026, 7, 27)), "два значения"),
        (RATE, _rate(until=None), "--until"),
        (RATE, _rate("16.123"), "двух знаков"),
        (RATE, _rate(key="A"), "ключа здесь не бывает"),
        ("kz.base_rate.procent", _rate(), "Похоже на kz.base_rate.percent"),
        ("ru.robot_calls.needs_consent", _rate(), "да или нет"),
        (RATE, Value(since=DAY, until=DAY, value=16, source=" ", verified=True), "источник"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(accountant, name, value, reason):
    with pytest.raises(CannotEnter, match=reason):
        norms.enter(name, value, accountant)
    assert not EnteredValue.objects.exists()


def test_the_same_value_is_not_entered_twice(accountant):
    norms.enter(RATE, _rate(), accountant)
    with pytest.raises(CannotEnter, match="уже введено"):
        norms.enter(RATE, _rate(), accountant)
    with pytest.raises(CannotEnter, match="два значения"):
        norms.enter(RATE, _rate("17"), accountant)


def test_the_table_itself_keeps_one_standing_value_a_day(accountant):
    row = norms.enter(RATE, _rate(), accountant)
    row.pk = None
    with pytest.raises(IntegrityError, match="one_standing_value_a_day"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_enteredvalue SET value = '17'",
        "UPDATE access_enteredvalue SET until = NULL",
        "UPDATE access_enteredvalue SET source = 'другой'",
        "DELETE FROM access_enteredvalue",
        "UPDATE access_enteredvalue SET withdrawn_at = now()",
    ],
)
def test_the_table_refuses_to_be_edited(accountant, statement):
    norms.enter(RATE, _rate(), accountant)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert EnteredValue.objects.get().value == Decimal("16.5")


def test_the_table_refuses_to_be_emptied():
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE access_enteredvalue")


def test_a_wrong_value_is_withdrawn_with_a_reason_and_another_stands_in_its_place(accountant):
    row = norms.enter(RATE, _rate(), accountant)
    with pytest.raises(CannotEnter, match="причину"):
        norms.withdraw(row.pk, "  ", accountant)
    norms.withdraw(row.pk, "опечатка", accountant)
    norms.refresh(at_once=True)
    with pytest.raises(NotInForce):
        _on(DAY)
    norms.enter(RATE, _rate("17"), accountant)
    norms.refresh(at_once=True)
    assert _on(DAY) == 17
    with pytest.raises(CannotEnter, match="уже отозвано: опечатка"):
        norms.withdraw(row.pk, "ещё раз", accountant)
    with pytest.raises(CannotEnter, match="нет"):
        norms.withdraw(10**9, "не то", accountant)


def test_a_withdrawal_is_final(accountant):
    row = norms.enter(RATE, _rate(), accountant)
    norms.withdraw(row.pk, "опечатка", accountant)
    with pytest.raises(IntegrityError, match="final"), transaction.atomic():
        EnteredValue.objects.update(withdrawn_at=None, withdrawn_by_name="", withdrawn_reason="")


def test_organisations_of_the_country_read_of_it_in_their_trail(accountant, organisation, other_organisation):
    row = norms.enter(RATE, _rate(), accountant)
    norms.withdraw(row.pk, "опечатка", accountant)
    lines = Action.objects.filter(organisation=other_organisation).order_by("id")
    assert [(line.verb, line.reason) for line in lines] == [("norm.entered", ""), ("norm.withdrawn", "опечатка")]
    assert not Action.objects.filter(organisation=organisation).exists()


FILE = f"""name;since;until;value;source
{RATE};07.09.2026;;16,5;Решение от 04.09.2026
{RATE};06.09.2026;;16;Накладка на таблицу
{RATE};26.10.2026;;шестнадцать;Решение
kz.mrp.monthly_index;01.01.2027;31.12.2027;4600;Закон о бюджете
"""


def test_of_a_file_the_good_lines_go_in_and_the_bad_are_named(accountant):
    lines = read_file(FILE, Defaults(until=date(2026, 10, 25)))
    taken = norms.enter_lines(lines, accountant)
    assert (taken.entered, taken.repeated) == (2, 0)
    assert [line.number for line in taken.refused] == [3, 4]
    assert all(line.reason for line in taken.refused)
    norms.refresh(at_once=True)
    assert _on(DAY) == Decimal("16.5")
    assert dated.parameter("kz.mrp.monthly_index").at(date(2027, 1, 1)).value == 4600


def test_the_same_file_twice_changes_nothing(accountant):
    lines = read_file(FILE, Defaults(until=date(2026, 10, 25)))
    norms.enter_lines(lines, accountant)
    again = norms.enter_lines(lines, accountant)
    assert (again.entered, again.repeated, len(again.refused)) == (0, 2, 2)
    assert EnteredValue.objects.count() == 2


def test_a_list_of_territories_frees_its_communities(accountant):
    text = f"код;с;по;примечание\n{KHARKIV};30.12.2023;;Харків\n{KHERSON};30.12.2023;01.05.2024;Херсон\n"
    defaults = Defaults(name="ua.bans.protected_territory", source="Приказ № 376 от 28.02.2025")
    assert norms.enter_lines(read_file(text, defaults), accountant).entered == 2
    norms.refresh(at_once=True)
    listed = dated.parameter("ua.bans.protected_territory")
    assert listed.keys() == (KHARKIV, KHERSON)
    assert listed.at(date(2026, 1, 1), key=KHARKIV).value is True
    with pytest.raises(NotInForce):
        listed.at(date(2026, 1, 1), key=KHERSON)


def test_a_value_that_a_newer_sheet_speaks_of_is_set_aside_and_told(accountant):
    norms.enter(RATE, _rate(), accountant)
    stray = EnteredValue.objects.get()
    stray.pk, stray.since, stray.until = None, date(2026, 6, 8), date(2026, 6, 30)
    stray.save(force_insert=True)
    norms.refresh(at_once=True)
    assert _on(DAY) == Decimal("16.5")
    assert _on(date(2026, 6, 8)) == 17
    aside, used = norms.standing()
    assert (aside.row.since, used.aside) == (date(2026, 6, 8), "")
    assert "значения" in aside.aside


def test_what_is_remembered_of_limitation_forgets(accountant):
    day = date(2026, 11, 18)
    assert barred_until("ru", day) == date(2023, 11, 17)
    years = Value(
        since=date(2005, 3, 1), known_since=date(2026, 11, 1), value=2, source="Проба, не закон", verified=False
    )
    norms.enter("ru.limitation.years", years, accountant)
    norms.refresh(at_once=True)
    assert barred_until("ru", day) == date(2024, 11, 17)
    assert pack("ru").is_time_barred(date(2024, 11, 17), day)
