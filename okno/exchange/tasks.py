"""The jobs of files: what a page defers and a worker does."""

from okno.access.actor import Actor, process
from okno.access.models import Organisation, User
from okno.exchange.checking import CannotCheck, check
from okno.exchange.commit import CannotCommit, commit
from okno.exchange.models import Import
from okno.exchange.paper.models import PrintRun
from okno.exchange.paper.press import PressFailed
from okno.exchange.paper.printing import print_run
from okno.jobs import queue
from okno.ledger.posting import PostingRefused


@queue.task("exchange.check")
def check_import(import_id: int, user_id: int | None) -> None:
    """Read and check a file that came."""
    try:
        check(_actor(import_id, user_id), import_id)
    except CannotCheck:
        # Somebody has posted it meanwhile: there is nothing left to check.
        return


@queue.task("exchange.commit")
def commit_import(import_id: int, user_id: int | None) -> None:
    """Post a checked import. What stopped it stands on the import's page."""
    try:
        commit(_actor(import_id, user_id), import_id)
    except (CannotCommit, PostingRefused) as error:
        Import.objects.filter(pk=import_id).update(failure=str(error))


@queue.task("exchange.print_bills")
def print_bills(run_id: int) -> None:
    """Print a run of bills to its end; a run of a dead worker goes on from where it stood."""
    try:
        print_run(run_id)
    except PressFailed:
        # The run's page says why, and offers to go on.
        return


def defer_print(run: PrintRun) -> None:
    """Have the run printed by a worker, once the caller's transaction is committed."""
    queue.defer("exchange.print_bills", lock=f"print:{run.pk}", queueing_lock=f"print:{run.pk}", run_id=run.pk)


def defer_check(source: Import, user: User | None) -> None:
    """Have the import checked by a worker, once the caller's transaction is committed."""
    _defer("exchange.check", source, user)


def defer_commit(source: Import, user: User | None) -> None:
    """Have the import posted by a worker, once the caller's transaction is committed."""
    _defer("exchange.commit", source, user)


def _defer(task: str, source: Import, user: User | None) -> None:
    queue.defer(
        task,
        lock=f"import:{source.pk}",
        queueing_lock=f"{task}:{source.pk}",
        import_id=source.pk,
        user_id=user.pk if user else None,
    )


def _actor(import_id: int, user_id: int | None) -> Actor:
    organisation = Organisation.objects.get(import__pk=import_id)
    user = User.objects.filter(pk=user_id).first() if user_id is not None else None
    if user is None:
        return process(organisation, "okno import")
    membership = user.memberships.filter(organisation=organisation).first()
    return Actor(organisation=organisation, user=user, membership=membership, name=user.name)
