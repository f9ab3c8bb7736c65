"""What open pages are told of calls: topics of `okno.jobs.signals`.

`calls` changes when a call begins, changes its state or ends; `call:<id>` with every turn of that call; `agents` when a
person comes, goes, takes a call or ends one; `call-backs` when one is owed or done.
"""

from okno.dialogs.models import Call
from okno.jobs import signals

CALLS = "calls"
AGENTS = "agents"
CALL_BACKS = "call-backs"


def of_call(call_id: int) -> str:
    """The topic of one call."""
    return f"call:{call_id}"


def changed(call: Call) -> None:
    """The call's state is another; leaves with the caller's transaction."""
    signals.send(call.organisation_id, [CALLS, of_call(call.pk)])


def went_on(call: Call) -> None:
    """The call has a new turn."""
    signals.send(call.organisation_id, [of_call(call.pk)])


def agents(organisation_id: int) -> None:
    signals.send(organisation_id, [AGENTS])


def call_backs(organisation_id: int) -> None:
    signals.send(organisation_id, [CALL_BACKS])
