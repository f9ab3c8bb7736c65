"""Jobs are put in the caller's transaction and run by a worker."""

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from okno.access.models import User
from okno.jobs import queue

pytestmark = pytest.mark.django_db(transaction=True)


@queue.task("tests.greet")
def greet(name: str) -> None:
    User.objects.create_user(email=f"{name}@example.org", name=name)


@queue.task("tests.stumble", retries=1, wait=0)
def stumble() -> None:
    greet(f"attempt{User.objects.count()}")
    if User.objects.count() == 1:
        raise RuntimeError("the first attempt fails")


@pytest.fixture(autouse=True)
def known_tasks() -> None:
    """The tasks of this file, known to the application whenever the file was imported."""
    for function, name in ((greet, "tests.greet"), (stumble, "tests.stumble")):
        if name not in app.tasks:
            queue.task(name)(function)


def test_a_deferred_job_is_run_by_a_worker() -> None:
    queue.defer("tests.greet", name="anna")
    queue.run_worker(wait=False)
    assert list(User.objects.values_list("email", flat=True)) == ["anna@example.org"]


def test_a_job_of_a_rolled_back_transaction_was_never_there() -> None:
    with transaction.atomic():
        queue.defer("tests.greet", name="nobody")
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()


def test_a_waiting_job_is_not_put_twice_and_the_transaction_goes_on() -> None:
    with transaction.atomic():
        assert queue.defer("tests.greet", queueing_lock="one", name="anna") is not None
        assert queue.defer("tests.greet", queueing_lock="one", name="anna") is None
        User.objects.create_user(email="other@example.org")
    assert ProcrastinateJob.objects.count() == 1
    assert User.objects.count() == 1


def test_an_unknown_task_is_refused_when_deferred() -> None:
    with pytest.raises(queue.UnknownTask):
        queue.defer("tests.nothing")


def test_a_failed_job_is_tried_again() -> None:
    queue.defer("tests.stumble")
    queue.run_worker(wait=False)
    queue.run_worker(wait=False)
    assert User.objects.count() == 2


def test_the_job_of_a_dead_worker_is_taken_over() -> None:
    queue.defer("tests.greet", name="anna")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    assert queue.run_worker(wait=False) == 1
    assert User.objects.filter(email="anna@example.org").exists()
