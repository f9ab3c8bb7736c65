"""When a file is worked on: a small one within the request, a big one by a worker whose progress the page shows."""

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access.actor import Actor
from okno.exchange.checking import CHECKABLE, CannotCheck, check
from okno.exchange.commit import CannotCommit, commit
from okno.exchange.models import Import, ImportState
from okno.exchange.tasks import defer_check, defer_commit
from okno.law.dated import NotInForce
from okno.ledger.posting import PostingRefused

#: Files up to this size (together, when several come at once) are checked and posted while the person waits: about
#: ten thousand rows, two or three seconds.
AT_ONCE_BYTES = 2 * 2**20


def is_small(source: Import) -> bool:
    """Whether the file is worked on within the request."""
    return source.file_size <= AT_ONCE_BYTES


def check_import(actor: Actor, source: Import, *, at_once: bool | None = None) -> None:
    """Check a file, now or by a worker. What went wrong is written into the import, for its page."""
    if not (is_small(source) if at_once is None else at_once):
        with transaction.atomic():
            Import.objects.filter(pk=source.pk, state__in=CHECKABLE).update(
                state=ImportState.CHECKING, failure="", progress_done=0, progress_total=0, progress_text=""
            )
            defer_check(source, actor.user)
        return
    try:
        check(actor, source.pk)
    except CannotCheck:
        # Somebody has posted it meanwhile: its page says so.
        return
    except (NotInForce, PostingRefused) as error:
        Import.objects.filter(pk=source.pk, state=ImportState.CHECKING).update(
            state=ImportState.FAILED, failure=_("Проверить файл не получилось: %(why)s") % {"why": error}
        )


def post_import(actor: Actor, source: Import) -> str:
    """Post a checked import, now or by a worker; what stopped it, in words, or "" when nothing did."""
    if not is_small(source):
        with transaction.atomic():
            moved = Import.objects.filter(pk=source.pk, state=ImportState.CHECKED).update(
                state=ImportState.POSTING, failure="", progress_done=0, progress_total=0, progress_text=""
            )
            if moved:
                defer_commit(source, actor.user)
        return ""
    try:
        commit(actor, source.pk)
    except (CannotCommit, NotInForce, PostingRefused) as error:
        return str(error)
    return ""
