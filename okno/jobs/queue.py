"""Jobs: named, deferred in the caller's transaction, run by workers, repeated without harm."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec

import procrastinate
import structlog
from django.db import connections, transaction
from procrastinate import App, JobContext, exceptions, types
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.worker import Worker

Arguments = ParamSpec("Arguments")
log = structlog.get_logger(__name__)

#: After so many seconds without a sign of life a worker counts as dead and its jobs go to others.
DEAD_AFTER = 30.0


class UnknownTask(Exception):
    """No room has a task of this name."""


def task(
    name: str, *, retries: int = 0, wait: int = 5
) -> Callable[[Callable[Arguments, None]], Callable[Arguments, None]]:
    """Name a function as a task; it stays callable as it is.

    Its arguments are JSON. After an error it is tried `retries` times more, `wait` seconds apart the first time and
    longer after each. It may also be run again after it succeeded, when a worker died before saying so.
    """

    def name_it(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
        retry = procrastinate.RetryStrategy(max_attempts=retries, wait=wait, linear_wait=wait) if retries else False
        app.task(name=name, retry=retry)(function)
        return function

    return name_it


def every(name: str, cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Name a function as a task that is run at the moments of `cron` (UTC), once however many workers there are.

    A moment at which no worker ran is let go after ten minutes.
    """

    def plan_it(function: Callable[[], None]) -> Callable[[], None]:
        def run(timestamp: int) -> None:
            function()

        app.periodic(cron=cron)(app.task(name=name, lock=name, queueing_lock=name)(run))
        return function

    return plan_it


def defer(
    task_name: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    at: datetime | None = None,
    **arguments: types.JSONValue,
) -> int | None:
    """Put a job in the caller's transaction and return its number.

    Jobs with the same `lock` run one after another. With a `queueing_lock` under which a job waits already nothing is
    put and None is returned. `at` (aware) is the earliest moment to run. Raises UnknownTask.
    """
    options: dict[str, Any] = {"lock": lock, "queueing_lock": queueing_lock, "schedule_at": at}
    try:
        job = app.configure_task(task_name, allow_unknown=False, **options)
    except exceptions.TaskNotFound as error:
        raise UnknownTask(task_name) from error
    try:
        with transaction.atomic():
            return job.defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return None


def run_worker(*, concurrency: int = 2, wait: bool = True, name: str = "okno") -> int:
    """Run jobs until a signal asks to stop (or, without `wait`, until nothing waits); running ones are finished first.

    Returns how many jobs of dead workers were taken over at the start.
    """
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    worker = app.with_connector(connector.get_worker_connector())

    async def run() -> int:
        async with worker.open_async():
            taken = await _take_over(worker)
            await worker.run_worker_async(
                concurrency=concurrency,
                wait=wait,
                name=name,
                fetch_job_polling_interval=5.0,
                stalled_worker_timeout=DEAD_AFTER,
                delete_jobs="successful",
                task_middleware=[_with_own_connection],
            )
        return taken

    return asyncio.run(run())


def _with_own_connection(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """A job opens its connection in a thread that may never be used again: it is closed with the job."""
    try:
        return call_next()
    finally:
        connections.close_all()


async def _take_over(worker: App) -> int:
    """Give the jobs of dead workers back to the queue."""
    taken = 0
    for job in await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await worker.job_manager.retry_job(job)
        log.warning("job of a dead worker is taken over", job=job.id, task=job.task_name)
        taken += 1
    return taken
