"""Two imports at once, and a process killed in the middle: nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from okno.access.models import Organisation
from okno.database.address import parse
from okno.exchange import staging
from okno.exchange.checking import check
from okno.exchange.commit import DifferenceChanged, commit
from okno.exchange.models import Import, QuarantinedRow
from okno.exchange.progress import Progress
from okno.exchange.receiving import receive
from okno.exchange.running import Wishes, run_import, run_imports
from okno.exchange.tasks import defer_check, defer_commit
from okno.jobs import queue
from okno.ledger.models import Bill, Entry, Payment
from okno.ledger.verify import verify
from tests.exchange.conftest import actor_of, balances, checked, posted, register, report, town, turnover

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [(str(100000 + number), number, 0, 1_000 * number, 0, 0, 0) for number in range(1, 201)]


def _in_threads(*calls):
    """Run the calls at once, each with a connection of its own; their results in order."""
    ready = threading.Barrier(len(calls))

    def run(call):
        try:
            ready.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, call) for call in calls]]


def test_the_same_file_by_two_people_at_once_is_one_import(actor, organisation, tmp_path) -> None:
    town(organisation, 200)
    path = tmp_path / "sheet.csv"
    path.write_bytes(turnover(ROWS))
    reports = _in_threads(*[lambda: run_import(organisation, path, yes=True)] * 2)
    assert len({found[0].source.pk for found in reports}) == 1
    assert Bill.objects.count() == 200
    assert verify(organisation).differences == []


def test_two_files_of_the_same_month_at_once_bill_it_once(actor, organisation, tmp_path) -> None:
    town(organisation, 200)
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    paths[0].write_bytes(turnover(ROWS))
    paths[1].write_bytes(turnover(ROWS, encoding="utf-8"))
    reports = _in_threads(*[lambda path=path: run_import(organisation, path, yes=True) for path in paths])
    assert [found[0].source.state for found in reports] == ["posted", "posted"]
    assert sorted(found[0].source.counts["new"] for found in reports) == [0, 200]
    assert Bill.objects.filter(reversed_by=None).count() == 200
    assert verify(organisation).differences == []


def test_bills_and_payments_at_once_meet_in_the_balance(actor, organisation, tmp_path) -> None:
    town(organisation, 200)
    paths = [tmp_path / "a.csv", tmp_path / "b.txt"]
    paths[0].write_bytes(turnover(ROWS))
    paths[1].write_bytes(register([(str(n), str(100000 + n), 500 * n, "А", "Б") for n in range(1, 201)]))
    _in_threads(*[lambda path=path: run_import(organisation, path, yes=True) for path in paths])
    assert balances(organisation)["100100"] == (50_000, 0)
    assert verify(organisation).differences == []


def test_what_changed_since_it_was_shown_is_shown_again(actor, organisation) -> None:
    town(organisation, 3)
    first, second = checked(actor, turnover(ROWS[:3])), checked(actor, turnover(ROWS[:3], encoding="utf-8"))
    posted(actor, first)
    with pytest.raises(DifferenceChanged):
        posted(actor, second)
    second.refresh_from_db()
    assert second.state == "checked"
    assert check(actor, second.pk).counts["same"] == 3
    assert posted(actor, second).state == "posted"


def test_posting_twice_posts_once(actor, organisation) -> None:
    town(organisation, 3)
    source = checked(actor, turnover(ROWS[:3]))
    _in_threads(*[lambda: commit(actor, source.pk)] * 3)
    assert Bill.objects.count() == 3
    assert Entry.objects.count() == 1


def test_rows_lost_by_a_crash_of_the_server_are_read_again(actor, organisation) -> None:
    town(organisation, 3)
    source = checked(actor, turnover(ROWS[:3]))
    staging.drop(staging.cursor(), source.pk)
    assert posted(actor, source).state == "posted"
    assert Bill.objects.count() == 3


KILLED = """
import os, sys
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = {media!r}
from pathlib import Path
from okno.access.models import Organisation
from okno.exchange.running import run_import
from okno.ledger import effects

def stop(cursor, moved):
    print("POSTING", flush=True)
    sys.stdin.read()

def effect(cursor, coming):
    return stop

effects.register("the test waits here", effect)
run_import(Organisation.objects.get(pk={organisation}), Path({path!r}), yes=True)
"""


def _killed_in_the_middle(organisation: Organisation, path: Path, media: Path) -> None:
    """Import in another process and kill it, rows written and nothing committed."""
    database = parse(os.environ["OKNO_DATABASE_URL"]).named(str(connection.settings_dict["NAME"]))
    environment = os.environ | {
        "OKNO_DATABASE_URL": database.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    code = KILLED.format(media=str(media), organisation=organisation.pk, path=str(path))
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process, process.stdin, process.stdout:
        assert process.stdout.readline().strip() == "POSTING"
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("content", [turnover(ROWS), register([("7", "100001", 5_000, "А", "Б")])])
def test_a_process_killed_while_posting_loses_and_doubles_nothing(
    organisation, manager, tmp_path, settings, content
) -> None:
    town(organisation, 200)
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    _killed_in_the_middle(organisation, path, settings.MEDIA_ROOT)
    source = Import.objects.get()
    assert source.state == "posting"
    assert not Entry.objects.exists()
    (found,) = run_import(organisation, path, yes=True)
    assert found.source.pk == source.pk
    assert found.source.state == "posted"
    assert Bill.objects.count() + Payment.objects.count() == found.source.counts["new"]
    assert verify(organisation).differences == []


def test_a_worker_checks_and_posts_what_a_page_deferred(actor, organisation) -> None:
    town(organisation, 3)
    source = checked(actor, turnover(ROWS[:3]))
    defer_check(source, actor.user)
    defer_check(source, actor.user)
    queue.run_worker(wait=False)
    defer_commit(source, actor.user)
    queue.run_worker(wait=False)
    source.refresh_from_db()
    assert (source.state, source.user) == ("posted", actor.user)
    assert Bill.objects.count() == 3


def test_many_files_are_read_ahead_and_posted_in_their_order(actor, organisation, tmp_path) -> None:
    town(organisation, 200)
    contents = {
        "1.csv": turnover(ROWS),
        "2.txt": register([(str(n), str(100000 + n), 1_000 * n, "А", "Б") for n in range(1, 201)]),
        "3.csv": turnover(ROWS, encoding="utf-8"),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    reports = list(run_imports(organisation, [tmp_path / name for name in contents], wishes=Wishes(yes=True)))
    assert [found.source.file_name for found in reports] == list(contents)
    assert all(found.posted for found in reports)
    assert reports[2].source.counts["same"] == 200
    assert set(balances(organisation).values()) == {(0, 0)}


def test_progress_is_seen_while_the_work_is_not_committed(actor) -> None:
    (receipt,) = receive(actor, "sheet.csv", turnover(ROWS))
    seconds = iter(range(100))
    other = connection.copy()
    told = []
    with (
        transaction.atomic(),
        Progress(
            receipt.source.pk,
            actor.organisation.pk,
            lambda *step: told.append(step),
            clock=lambda: float(next(seconds)),
        ) as progress,
    ):
        progress.step("Читаем файл", 500)
        progress.advance(200)
        with other.cursor() as cursor:
            cursor.execute("SELECT progress_text, progress_done, progress_total FROM exchange_import")
            assert cursor.fetchone() == ("Читаем файл", 200, 500)
        # The work holds the row now: an update is left out and nobody waits.
        Import.objects.filter(pk=receipt.source.pk).update(state="posting")
        progress.advance(300)
    other.close()
    assert told[-1] == ("Читаем файл", 500, 500)


def test_the_outsiders_import_never_meets_ours(actor, outsider, organisation, tmp_path) -> None:
    town(organisation, 3)
    content = turnover(ROWS[:3])
    report(actor, tmp_path, content)
    theirs = report(actor_of(outsider), tmp_path, content)
    assert not theirs.repeated
    assert theirs.source.counts["quarantined"] == 3
    assert QuarantinedRow.objects.values_list("organisation", flat=True).distinct().get() == outsider.organisation_id
