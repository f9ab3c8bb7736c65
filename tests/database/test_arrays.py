"""Lists reach PostgreSQL as they are, whatever stands in them."""

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.django_db
@pytest.mark.parametrize("cursor_class", [psycopg.Cursor, psycopg.ClientCursor])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1)),
    words=st.lists(texts),
    gaps=st.lists(st.one_of(st.none(), texts)),
)
def test_lists_come_back_as_they_went(cursor_class, numbers, words, gaps) -> None:
    connection.ensure_connection()
    cursor = cursor_class(connection.connection)
    cursor.execute("SELECT %s::bigint[], %s::text[], %s::text[]", (numbers, words, gaps))
    assert cursor.fetchone() == (numbers, words, gaps)


@pytest.mark.django_db
def test_lists_of_mixed_things_are_refused_as_before() -> None:
    with pytest.raises(psycopg.DataError), connection.cursor() as cursor:
        psycopg.Cursor(cursor.connection).execute("SELECT %s", ([1, "a"],))
