"""What a person settles about a file before it is posted: its month, missing accounts, or that it is not wanted."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.exchange.models import Import, ImportState
from okno.exchange.run import lock
from okno.jobs import signals

OPEN = (ImportState.RECEIVED, ImportState.MAPPING, ImportState.CHECKING, ImportState.CHECKED)
"""States in which nothing of the file is in the books yet."""


class TooLate(Exception):
    """The import is past what was asked; the message says where it is."""


def choose(actor: Actor, import_id: int, *, month: date | None, create_missing: bool) -> Import:
    """Set the month a sheet is for (any day of it) and whether missing accounts are opened; it is then checked anew.

    Raises TooLate.
    """
    with transaction.atomic():
        source = _open(import_id)
        source.month = month.replace(day=1) if month else source.month
        source.settings["create_missing"] = create_missing
        source.state = ImportState.RECEIVED
        source.save(update_fields=["month", "settings", "state"])
    return source


def cancel(actor: Actor, import_id: int) -> Import:
    """Put a file aside: nothing of it was posted, and it may be loaded again. The same twice counts once.

    Raises TooLate.
    """
    with transaction.atomic():
        if Import.objects.filter(pk=import_id, state=ImportState.CANCELLED).exists():
            return Import.objects.get(pk=import_id)
        source = _open(import_id)
        source.state = ImportState.CANCELLED
        source.save(update_fields=["state"])
        sentence = _("Импорт № %(number)s отменён до проведения") % {"number": source.pk}
        trail.record(actor, "import.cancelled", sentence, subject=("import", source.pk))
        signals.send(source.organisation_id, ["imports", f"import:{source.pk}"])
    return source


def _open(import_id: int) -> Import:
    lock(import_id)
    source = Import.objects.select_related("organisation").get(pk=import_id)
    if source.state not in OPEN:
        text = _("Импорт № %(number)s уже %(state)s")
        raise TooLate(text % {"number": source.pk, "state": source.get_state_display()})
    return source
