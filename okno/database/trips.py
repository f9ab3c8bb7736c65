"""Statements that leave for the server together: every answer that nobody waits for saves a trip."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import PipelineStatus

_gathering: WeakKeyDictionary[psycopg.Connection[Any], ExitStack] = WeakKeyDictionary()


def is_open(connection: psycopg.Connection[Any]) -> bool:
    """Whether statements are being gathered: they leave with the first answer asked for, and COPY is not for them."""
    return connection.info.pipeline_status is not PipelineStatus.OFF


@contextmanager
def together(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Send the statements inside without waiting for their answers, all of which are there at the end.

    Inside another `together` it is a part of that one and its end waits for nothing. An error is raised by whatever
    waits next, be it for another answer.
    """
    if is_open(connection):
        yield
        return
    with ExitStack() as trips:
        trips.enter_context(connection.pipeline())
        _gathering[connection] = trips
        try:
            yield
        finally:
            _gathering.pop(connection, None)


def arrive(connection: psycopg.Connection[Any]) -> None:
    """Wait for every answer and go on statement by statement, for code that must know at once what each has done.

    What is inside the `together` that was gathering goes on as if there were none.
    """
    if is_open(connection):
        _gathering[connection].close()


def settle(connection: psycopg.Connection[Any]) -> None:
    """Wait for every answer and go on gathering."""
    if is_open(connection):
        with connection.pipeline() as trips:
            trips.sync()
