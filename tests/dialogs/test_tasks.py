"""What a worker does for calls by the clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicDeferrer

from okno.access.models import Action
from okno.common import clock
from okno.dialogs.live import recordings
from okno.dialogs.models import Call
from okno.jobs import queue

pytestmark = pytest.mark.django_db(transaction=True)


def clock_strikes(at: datetime) -> None:
    """A worker sees what the clock asks for at this moment."""
    worker = app.with_connector(app.connector.get_worker_connector())

    async def look() -> None:
        async with worker.open_async():
            deferrer = PeriodicDeferrer(worker.periodic_registry)
            await deferrer.defer_jobs(deferrer.get_previous_tasks(at=at.timestamp()))

    asyncio.run(look())


def test_a_worker_deletes_old_recordings_once_an_hour_while_no_operator_runs(organisation):
    call = Call.objects.create(
        organisation=organisation,
        uid=uuid4(),
        direction="in",
        address="+79120000000",
        language="ru",
        scenario="incoming",
        state="ended",
        outcome="answered",
        started_at=clock.now() - timedelta(days=recordings.days_kept() + 1),
        ended_at=clock.now(),
    )
    call.recording = recordings.place(call)
    call.save()
    recordings.path(call.recording).write_bytes(b"RIFF")
    for _worker in range(2):
        clock_strikes(datetime(2026, 11, 22, 9, 18, tzinfo=UTC))
    queue.run_worker(wait=False)
    assert not recordings.path(call.recording).exists()
    assert Action.objects.filter(verb="recordings.deleted").count() == 1
