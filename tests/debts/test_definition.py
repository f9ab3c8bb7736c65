"""What the organisation calls a debt."""

from datetime import date, timedelta

import pytest

from okno.access.actor import Actor
from okno.access.models import Action
from okno.debts.definition import DefinitionRefused, Terms, change, in_force, preview, sentence, terms_of
from okno.debts.models import DebtDefinition
from tests.ledger.book import bill


@pytest.fixture
def actor(organisation, manager) -> Actor:
    return Actor(organisation=organisation, user=manager.user, membership=manager, name="Мария Управляева")


HOUSING = Terms(regimes=("housing",), days_allowed=5, least_minor=500_00)


def test_an_organisation_is_born_with_its_countrys_definition(organisation, other_organisation, today):
    assert terms_of(in_force(organisation, today)) == Terms(
        regimes=("housing", "capital_repair"), days_allowed=0, least_minor=100_00
    )
    assert in_force(other_organisation, today).least_minor == 500_00
    assert in_force(organisation, today) == in_force(organisation, date(2020, 1, 1))


def test_the_definition_is_told_in_words():
    assert sentence(HOUSING, currency="RUB") == (
        "Долг — неоплаченное по видам: жильё и коммунальные услуги, больше 5 дней после срока"
        " и не меньше 500,00\u00a0₽."
    )


def test_a_new_definition_holds_from_its_first_day(organisation, actor, today, stopped_clock):
    tomorrow = today + timedelta(days=1)
    change(actor, HOUSING, since=tomorrow)
    assert terms_of(in_force(organisation, today)).days_allowed == 0
    assert terms_of(in_force(organisation, tomorrow)) == HOUSING
    assert in_force(organisation, tomorrow).author == "Мария Управляева"


def test_a_change_leaves_a_line_in_words(actor, today, stopped_clock):
    change(actor, HOUSING, since=today + timedelta(days=1), reason="решение правления")
    line = Action.objects.get(verb="debts.definition_changed")
    assert line.sentence.startswith("Определение долга с 19.11.2026: Долг — неоплаченное")
    assert line.reason == "решение правления"


def test_a_definition_not_begun_may_be_given_again(actor, organisation, today, stopped_clock):
    tomorrow = today + timedelta(days=1)
    change(actor, HOUSING, since=tomorrow)
    change(actor, Terms(regimes=("housing",), days_allowed=9, least_minor=0), since=tomorrow)
    assert in_force(organisation, tomorrow).days_allowed == 9
    assert DebtDefinition.objects.filter(since=tomorrow).count() == 1


def test_the_past_keeps_its_definition(actor, today, stopped_clock):
    with pytest.raises(DefinitionRefused, match=r"18\.11\.2026"):
        change(actor, HOUSING, since=today - timedelta(days=1))


def test_today_may_be_redefined_while_nobody_has_been_decided_about(actor, organisation, today, stopped_clock):
    change(actor, HOUSING, since=today)
    assert terms_of(in_force(organisation, today)) == HOUSING


@pytest.mark.parametrize(
    "terms",
    [
        Terms(regimes=(), days_allowed=0, least_minor=0),
        Terms(regimes=("чужое",), days_allowed=0, least_minor=0),
        Terms(regimes=("housing",), days_allowed=-1, least_minor=0),
        Terms(regimes=("housing",), days_allowed=0, least_minor=-1),
    ],
)
def test_a_definition_without_sense_is_refused(actor, today, terms, stopped_clock):
    with pytest.raises(DefinitionRefused):
        change(actor, terms, since=today + timedelta(days=1))


def test_the_preview_counts_both_and_changes_nothing(organisation, book, today):
    one, other, third = book.accounts
    book.post(bill(one, "2026-09", 700_00), bill(other, "2026-09", 300_00), bill(third, "2026-10", 900_00))
    found = preview(organisation, HOUSING, day=today)
    assert (found.present.accounts, found.present.debt_minor) == (3, 1900_00)
    assert (found.proposed.accounts, found.proposed.debt_minor) == (2, 1600_00)
    assert DebtDefinition.objects.count() == 1


def test_the_preview_does_not_see_the_neighbours(other_organisation, book, today):
    book.post(bill(book.accounts[0], "2026-09", 700_00))
    assert preview(other_organisation, HOUSING, day=today).proposed.accounts == 0
