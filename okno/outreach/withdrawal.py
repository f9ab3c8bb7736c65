"""Taking waiting contacts back: by the posting that paid the debt, in its own transaction, or by a person."""

from collections.abc import Sequence
from typing import Any

import psycopg

from okno.common import clock
from okno.outreach.models import ContactState

LONGEST_REASON = 200


def withdraw(
    cursor: psycopg.Cursor[Any], *, organisation_id: int, cause: str, cause_ids: Sequence[int], why: str
) -> int:
    """Withdraw every contact of these cases that has not left yet and say how many; the caller's transaction decides.

    A contact that a sender has already claimed is past recall and stays as it is.
    """
    if not cause_ids:
        return 0
    cursor.execute(
        "UPDATE outreach_contact SET state = %s, state_why = %s, changed_at = %s"
        " WHERE cause = %s AND cause_id = ANY(%s) AND state IN ('waiting', 'permitted') AND organisation_id = %s",
        (ContactState.WITHDRAWN.value, why[:LONGEST_REASON], clock.now(), cause, list(cause_ids), organisation_id),
    )
    return cursor.rowcount


def withdraw_contacts(
    cursor: psycopg.Cursor[Any], *, organisation_id: int, contact_ids: Sequence[int], why: str
) -> int:
    """The same for contacts named one by one."""
    cursor.execute(
        "UPDATE outreach_contact SET state = %s, state_why = %s, changed_at = %s"
        " WHERE id = ANY(%s) AND state IN ('waiting', 'permitted') AND organisation_id = %s",
        (ContactState.WITHDRAWN.value, why[:LONGEST_REASON], clock.now(), list(contact_ids), organisation_id),
    )
    return cursor.rowcount
