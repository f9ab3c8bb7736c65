"""Columns come out of the database as they lie there and go in as they are given."""

from datetime import date

import numpy as np
import psycopg
import pytest
from django.db import connection

from okno.ledger.kernel import columns

ROWS = (
    "(VALUES (1::int2, 2::int4, 3::int8, date '2026-11-18'), (-4, -5, -9000000000, date '1999-12-31')) AS r(a, b, c, d)"
)


@pytest.fixture
def cursor(db) -> psycopg.Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def test_every_width_is_read_as_it_is(cursor):
    found = columns.read(cursor, ["a", "b", "c", "d"], ROWS)
    assert [column.tolist() for column in found[:3]] == [[1, -4], [2, -5], [3, -9_000_000_000]]
    assert [columns.day_of(number) for number in found[3]] == [date(2026, 11, 18), date(1999, 12, 31)]


def test_a_table_without_rows_gives_empty_columns(cursor):
    assert [
        len(column) for column in columns.read(cursor, ["a", "d"], f"{ROWS} WHERE a > %(least)s", {"least": 9})
    ] == [
        0,
        0,
    ]


@pytest.mark.parametrize("column", ["nullif(a, 1)", "a::text", "a::numeric"])
def test_what_is_no_column_of_numbers_is_refused(cursor, column):
    with pytest.raises(columns.NotAColumn):
        columns.read(cursor, [column], ROWS)


def test_what_is_written_is_read_again(cursor):
    cursor.execute("CREATE TEMP TABLE many (a int2, b int4, c int8, d date, e boolean, f text) ON COMMIT DROP")
    count = 100_000
    numbers = np.arange(count, dtype=np.int64) * 1_000_003 - 7
    columns.write(
        cursor,
        "many",
        {
            "a": (numbers % 99).astype(np.int16),
            "b": (numbers % 10**9).astype(np.int32),
            "c": numbers,
            "d": (numbers % 9999).astype(np.int32),
            "e": numbers % 2 == 0,
            "f": np.full(count, b"text"),
        },
    )
    read = columns.read(cursor, ["a", "b", "c", "d", "e::int"], "(SELECT * FROM many ORDER BY c) AS many")
    for column, expected in zip(read, (numbers % 99, numbers % 10**9, numbers, numbers % 9999), strict=False):
        assert np.array_equal(column, expected)
    assert np.array_equal(read[4], numbers % 2 == 0)
    assert cursor.execute("SELECT count(*), min(f), max(f) FROM many").fetchone() == (count, "text", "text")
