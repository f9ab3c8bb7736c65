"""What the database tells a live call: money that moved on its account, and calls that an agent wants made."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any

import psycopg
import structlog
from django.db import connection

from okno.common import clock
from okno.dialogs import facts
from okno.dialogs.models import Call
from okno.jobs import signals

_log = structlog.get_logger("okno.dialogs.live")
_PAUSE, _LONGEST_PAUSE = 0.5, 10.0


async def listen(parameters: Mapping[str, Any], tell: Callable[[int, str], None]) -> None:
    """Tell (organisation, topic) of every signal of the database that `parameters` name, for ever; "" of organisation 0
    after a connection was lost: anything may have been missed."""
    pause = _PAUSE
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
                await listener.execute(f"LISTEN {signals.CHANNEL}")
                pause = _PAUSE
                tell(0, "")
                async for notice in listener.notifies():
                    organisation, _, topic = notice.payload.partition(":")
                    tell(int(organisation), topic)
        except psycopg.OperationalError as error:
            _log.warning("signals of the database are not heard", error=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def of_database() -> dict[str, Any]:
    """Where the signals of this database are heard, without what only Django's own connections carry."""
    known = ("dbname", "host", "port", "user", "password", "service", "passfile", "sslmode")
    return {name: value for name, value in connection.get_connection_params().items() if name in known}


OF_MONEY = ("debt_notice", "incoming")
"""Scenarios that may speak of a debt; whether an incoming call does just now its conversation knows."""


def paid(call: Call, accounts: Collection[int]) -> frozenset[int]:
    """Those of `accounts` that owe nothing; none for a call about something else than money."""
    if call.scenario not in OF_MONEY or not accounts:
        return frozenset()
    day = clock.today(call.organisation.time_zone)
    return frozenset(accounts) - facts.owing(call.organisation, accounts, day)
