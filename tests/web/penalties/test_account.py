"""An account's penalty on the card: how much and why, what was decided, what other readings would make of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


def body(response, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def url(street, number: str, tail: str = "") -> str:
    return f"/desk/accounts/{street.accounts[number].pk}/penalties/{tail}"


def test_the_tab_tells_the_figure_and_why_within_the_limit(desk, street):
    with CaptureQueriesContext(connection) as queries:
        page = body(desk.get(url(street, "2")))
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:120] for query in queries)
    assert "Пеня к оплате на 18.11.2026" in page
    assert "Июль 2026" in page
    assert "1/300" in page
