"""The values of a phrase are said in the form that its sentence asks for."""

import pytest

from okno.dialogs.phrases import render
from okno.dialogs.scenario import shipped

VALUES = {"minor": 100_200, "on": "2026-12-02", "currency": "UAH", "latest": "2026-12-03"}


@pytest.mark.parametrize(
    ("phrase", "language", "said"),
    [
        ("confirm_ask", "ru", "Записываю: вы заплатите одну тысячу две гривны, день — второе декабря. Верно?"),
        ("confirm_ask", "uk", "Записую: ви заплатите одну тисячу дві гривні, день — друге грудня. Правильно?"),
        ("confirm_ask", "kk", "Жазып отырмын: бір мың екі гривна төлейсіз, күні — екінші желтоқсан. Дұрыс па?"),
    ],
)
def test_a_promise_is_read_back_as_a_person_would_say_it(phrase, language, said):
    assert render(shipped("debt_notice"), phrase, language, VALUES, "voice") == said
