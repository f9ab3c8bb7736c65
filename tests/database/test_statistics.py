"""After much has come in the planner looks at what is there, and at nothing that is empty."""

import psycopg

from okno.database.statistics import analyse


def seen(connection: psycopg.Connection) -> dict[str, float]:
    rows = connection.execute("SELECT relname, reltuples FROM pg_class WHERE relname IN ('filled', 'empty')").fetchall()
    return dict(rows)


def test_a_filled_table_is_looked_at_and_an_empty_one_is_not(standing):
    standing.ensure_database("statistics")
    with psycopg.connect(standing.url("statistics"), autocommit=True) as connection:
        connection.execute("CREATE TABLE filled (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE empty (id int PRIMARY KEY)")
        connection.execute("INSERT INTO filled SELECT generate_series(1, 1000)")
        with connection.cursor() as cursor:
            analyse(cursor)
        assert seen(connection) == {"filled": 1000, "empty": -1}
