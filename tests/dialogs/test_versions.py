"""What an organisation speaks: its own live versions by arms, else what is shipped."""

from datetime import UTC, datetime

import pytest

from okno.access.actor import Actor
from okno.access.models import Action
from okno.dialogs import expected_turns, versions
from okno.dialogs import scenario as scenarios
from okno.dialogs.models import ScenarioState, ScenarioVersion

pytestmark = pytest.mark.django_db

NAME = "debt_notice"
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
BYE = 'ru: "До свидания."'


@pytest.fixture
def actor(organisation, manager) -> Actor:
    return Actor(organisation=organisation, user=manager.user, membership=manager, name="Мария")


def source(words: str) -> str:
    return versions.shipped_source(NAME).replace(BYE, f'ru: "{words}"')


def live(actor: Actor, words: str, arm: str = "A", share: int = 100) -> ScenarioVersion:
    draft = versions.save_draft(actor, NAME, source(words), "слова", NOW)
    return versions.publish(actor, draft, arm=arm, share=share, why="проверка", now=NOW)


def spoken(organisation, key: str) -> str:
    return versions.chosen(organisation, NAME, key).scenario.phrases["goodbye"]["ru"]


def test_without_versions_the_shipped_file_is_spoken(organisation):
    found = versions.chosen(organisation, NAME, "call:1")
    assert (found.scenario, found.version, found.arm) == (scenarios.shipped(NAME), None, "A")


def test_a_live_version_is_spoken_and_another_organisation_keeps_its_own(organisation, other_organisation, actor):
    version = live(actor, "Всего доброго.")
    found = versions.chosen(organisation, NAME, "call:1")
    assert (spoken(organisation, "call:1"), found.version, found.arm) == ("Всего доброго.", version, "A")
    assert versions.chosen(other_organisation, NAME, "call:1").version is None


def test_a_draft_is_not_spoken_and_is_written_over(organisation, actor):
    versions.save_draft(actor, NAME, source("Раз."), "", NOW)
    draft = versions.save_draft(actor, NAME, source("Два."), "", NOW)
    assert ScenarioVersion.objects.get() == draft
    assert spoken(organisation, "call:1") == "До свидания."


def test_a_new_draft_begins_after_the_last_was_published(actor):
    live(actor, "Раз.")
    assert versions.save_draft(actor, NAME, source("Два."), "", NOW).number == 2


def test_publishing_puts_the_version_before_into_the_archive(organisation, actor):
    first, second = live(actor, "Раз."), live(actor, "Два.")
    first.refresh_from_db()
    assert (first.state, second.state) == (ScenarioState.ARCHIVED, ScenarioState.LIVE)
    assert spoken(organisation, "call:1") == "Два."


def test_arms_share_the_calls_and_a_call_never_changes_its_arm(organisation, actor):
    live(actor, "Раз.")
    live(actor, "Два.", arm="B", share=30)
    drawn = [versions.chosen(organisation, NAME, f"call:{number}").arm for number in range(1000)]
    assert 240 <= drawn.count("B") <= 360
    assert drawn == [versions.chosen(organisation, NAME, f"call:{number}").arm for number in range(1000)]
    assert {spoken(organisation, f"call:{number}") for number in range(20)} == {"Раз.", "Два."}


def test_a_second_arm_is_compared_with_the_shipped_file_when_there_is_no_first(organisation, actor):
    live(actor, "Два.", arm="B", share=50)
    assert {spoken(organisation, f"call:{number}") for number in range(30)} == {"До свидания.", "Два."}


def test_what_has_faults_is_not_published(organisation, actor):
    draft = versions.save_draft(actor, NAME, source("Пожалеете."), "", NOW)
    with pytest.raises(versions.VersionRefused, match="Так говорить нельзя"):
        versions.publish(actor, draft, arm="A", share=100, why="", now=NOW)
    good = versions.save_draft(actor, NAME, source("Пока."), "", NOW)
    with pytest.raises(versions.VersionRefused, match="от 1 до 99"):
        versions.publish(actor, good, arm="B", share=0, why="", now=NOW)


def test_a_live_version_that_can_no_longer_be_read_is_passed_over(organisation, actor):
    version = live(actor, "Раз.")
    ScenarioVersion.objects.filter(pk=version.pk).update(source="name: [")
    assert versions.chosen(organisation, NAME, "call:1").version is None


def test_the_archive_gives_the_calls_back_to_the_shipped_file(organisation, actor):
    versions.archive(actor, live(actor, "Раз."), why="хуже")
    assert spoken(organisation, "call:1") == "До свидания."


def test_every_step_stands_in_the_trail(actor):
    version = live(actor, "Раз.")
    versions.archive(actor, version, why="хуже")
    assert list(Action.objects.order_by("pk").values_list("verb", flat=True)) == [
        "scenario.saved",
        "scenario.published",
        "scenario.archived",
    ]
    assert Action.objects.get(verb="scenario.archived").reason == "хуже"


@pytest.mark.parametrize("words", ["", " ", "x" * (versions.LONGEST + 1)])
def test_an_empty_or_endless_text_is_not_kept(actor, words):
    with pytest.raises(versions.VersionRefused):
        versions.save_draft(actor, NAME, words, "", NOW)


@pytest.mark.parametrize("name", scenarios.names())
def test_the_text_to_edit_is_all_that_is_spoken(name):
    assert scenarios.read(versions.shipped_source(name), name) == scenarios.shipped(name)
    assert "\ninclude:" not in versions.shipped_source(name)


@pytest.mark.parametrize("name", sorted(path.name for path in expected_turns.FOLDER.iterdir()))
def test_every_shipped_scenario_passes_its_expected_turns(name):
    ran = expected_turns.run(scenarios.shipped(name))
    assert ran
    assert [one.why for one in ran if not one.passed] == []
    assert expected_turns.sample(name)


def test_a_changed_scenario_is_told_which_dialogs_it_breaks():
    right, wrong = "        yes: promised\n        no: again\n", "        yes: again\n        no: promised\n"
    broken = versions.shipped_source(NAME).replace(right, wrong)
    missed = [one for one in expected_turns.run(versions.parsed(broken, NAME)) if not one.passed]
    assert "обещает на пятницу" in {one.name for one in missed}
    assert all(one.why for one in missed)
