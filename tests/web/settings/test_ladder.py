"""The page of steps: what is in force in words, a new ladder, what is refused and kept as typed."""

from datetime import date

import pytest
from django.urls import reverse

from okno.access.models import Action
from okno.debts import cycle, ladder
from okno.debts.models import Ladder
from tests.conftest import _member
from tests.web.accounts.conftest import enter


def typed(*rows: dict, since: str = "2026-11-18", reason: str = "пробуем мягче") -> dict:
    """The form as the browser sends it."""
    fields = {"step-TOTAL_FORMS": len(rows), "step-INITIAL_FORMS": 0, "since": since, "reason": reason}
    for number, row in enumerate(rows):
        plain = {"days": 1, "months": 1, "least": "", "repeat_days": 0, **row}
        fields |= {f"step-{number}-{name}": value for name, value in plain.items()}
    return fields


ROWS = (
    {"name": "Напоминание", "days": 3, "families": ["message"], "repeat_days": 10},
    {"name": "Звонок мастера", "days": 20, "months": 2, "least": "1 500", "families": ["call"]},
    {"name": "Подготовка к суду", "days": 120, "months": 4, "to_court": "on"},
)


def test_the_ladder_in_force_is_told_with_its_cases(desk, street, organisation, noon):
    cycle.run(organisation, street.day, noon)
    page = desk.get(reverse("desk:ladder"))
    assert page.status_code == 200
    told = page.context["present"]
    assert [row["title"] for row in told] == [str(step) for step in ladder.SHIPPED["ru"]]
    assert sum(row["count"] for row in told) == 14
    text = page.content.decode()
    assert "с 61-го дня просрочки, от 2 месяцев" in text
    assert "не раньше, чем разрешает закон" in text
    assert "действуют те, что пришли с Окном" in text


def test_a_new_ladder_is_taken_once_and_keeps_the_shipped_names(desk, organisation):
    for _time in range(2):
        assert desk.post(reverse("desk:ladder"), typed(*ROWS, {"name": ""})).status_code == 302
    steps = ladder.steps_of(Ladder.objects.get().steps)
    assert [step.code for step in steps] == ["reminder", "Звонок мастера", "court"]
    assert steps[1] == ladder.Step(code="Звонок мастера", days=20, months=2, least_minor=1_500_00, families=("call",))
    assert steps[2].to_court
    assert Action.objects.filter(verb="debts.ladder_changed").first().reason == "пробуем мягче"
    assert "Звонок мастера" in desk.get(reverse("desk:ladder")).content.decode()


@pytest.mark.parametrize(
    ("rows", "since", "words"),
    [
        ((), "2026-11-18", "Нужен хотя бы один шаг"),
        ((ROWS[1], ROWS[0]), "2026-11-18", "следующий не начинается раньше предыдущего"),
        ((ROWS[0], ROWS[0]), "2026-11-18", "одно повторяется"),
        (ROWS, "2026-11-17", "Прошлые дни"),
        (({**ROWS[0], "days": 0},), "2026-11-18", "С какого дня просрочки"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_comes_back_as_typed(desk, rows, since, words):
    page = desk.post(reverse("desk:ladder"), typed(*rows, {"name": ""}, since=since))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Ladder.objects.exists()


def test_who_only_looks_changes_nothing(street, organisation):
    client = enter(_member(organisation, "accountant", "sums@example.org", "Анна Счётова"))
    page = client.post(reverse("desk:ladder"), typed(*ROWS))
    assert page.status_code == 200
    assert "Изменить шаги" not in page.content.decode()
    assert not Ladder.objects.filter(since__gt=date(2000, 1, 1)).exists()
