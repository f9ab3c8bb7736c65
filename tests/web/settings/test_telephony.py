"""How telephoning goes, told to monitoring, to the head and on the page of health: what is wrong and what to do."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from okno.dialogs.live import operators
from okno.dialogs.live.operators import Standing

WELL = {"распознавание": "", "голос ru": ""}


@pytest.fixture(autouse=True)
def line(db, monkeypatch):
    """A line is set up, and nobody has told of themselves."""
    monkeypatch.setenv("OKNO_TRUNK_URL", "sip://okno@127.0.0.1:5060")


def lives(**more) -> None:
    told = {"name": "desk:1:1", "trunk": True, "engines": WELL, "lines": 20, "load": {"turned_away": 0}}
    operators.tell(Standing(at=datetime.now(UTC).timestamp(), **{**told, **more}))


def test_an_installation_without_a_line_hears_nothing_of_telephoning(desk, monkeypatch):
    monkeypatch.delenv("OKNO_TRUNK_URL")
    lives(trunk=False, words="АТС не отвечает")
    assert desk.get("/healthz").json() == {"healthy": True, "issues": []}


def test_where_a_line_is_set_up_and_no_operator_lives_it_is_said_what_to_start(desk):
    told = desk.get("/healthz").json()
    assert not told["healthy"]
    assert "запустите okno run operator" in told["issues"][0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"trunk": False, "words": "АТС не отвечает."}, ["(desk:1:1): АТС не отвечает. ", "OKNO_TRUNK_URL"]),
        ({"trunk": False}, ["причина неизвестна"]),
        ({"words": "Линия отдыхает 30 с"}, ["Линия отдыхает 30 с (desk:1:1)"]),
        ({"engines": {**WELL, "распознавание": "нет модели"}}, ["распознавание: нет модели", "клавишами"]),
        ({"engines": {**WELL, "голос ru": "нет festival"}}, ["голос ru: нет festival", "festvox-ru", "OKNO_VOICES"]),
    ],
)
def test_what_an_operator_misses_is_named_with_what_to_do(desk, more, said):
    lives(**more)
    (text,) = desk.get("/healthz").json()["issues"]
    assert [part for part in said if part not in text] == []


def test_calls_of_strangers_are_counted_and_are_no_illness(desk):
    lives(load={"turned_away": 7})
    told = desk.get("/healthz").json()
    assert told["healthy"]
    assert "не принято: 7" in told["notes"][0]
    assert told["operators"][0]["lines"] == 20


def test_the_page_of_health_shows_line_engines_and_load(desk):
    lives(load={"turned_away": 7, "late_ms": 3.5}, engines={**WELL, "голос ru": "нет festival"}, deaths=2)
    text = desk.get(reverse("desk:health")).content.decode()
    for said in ("desk:1:1", "на связи", "Распознавание", "нет festival", "3,5", "не принято: 7"):
        assert said in text


def test_the_head_reads_of_a_silent_telephone_on_the_first_page(desk):
    assert "запустите okno run operator" in desk.get(reverse("desk:today")).content.decode()
