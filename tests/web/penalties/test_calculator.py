"""The calculator answers from what was typed, explains every row, and keeps nothing."""

from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.django_db

ADDRESS = "/desk/penalty-calculator/"
C7 = {
    "bills": "10.06.2025 10 000,00",
    "payments": "01.08.2025 4 000\n31.12.2025\t6000,00",
    "regime": "housing",
    "as_of": "2025-12-31",
}


def body(response) -> str:
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def ask(desk, status: int = 200, **told: str) -> str:
    answer = desk.get(f"{ADDRESS}?{urlencode({**C7, **told})}")
    assert answer.status_code == status, answer.status_code
    return body(answer)


def test_an_empty_page_asks_and_counts_nothing(desk):
    page = body(desk.get(ADDRESS))
    assert "Посчитать" in page
    assert "penalty-rows" not in page


def test_the_figure_comes_with_its_rows_norms_and_rounding(desk):
    page = ask(desk)
    assert "641,71" in "".join(page.partition('class="reading-figure"')[2].split("<b>")[1:2]).replace("</b>", "") or (
        "641" in page and ",71" in page
    )
    for told in ("1/300", "1/130", "9,5 %", "ЖК РФ ст. 155 ч. 14", "действует с 01.01.2016", "Первые 30 дней"):
        assert told in page
    assert "До округления" in page
