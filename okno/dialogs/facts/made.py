"""What has come of the decisions of a call: the number of the request it has just made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from okno.requests.models import Request

if TYPE_CHECKING:
    from okno.dialogs.models import Call

REQUEST = "request"


def request_of(call: "Call") -> Mapping[str, Any]:
    """`request_number` of the last request decided in the call; it is not `found` until it has been written."""
    action = call.actions.filter(kind=REQUEST).order_by("-number").first()
    kind, _colon, pk = (action.made if action is not None else "").partition(":")
    if kind != REQUEST or not pk.isdecimal():
        return {"found": False}
    made = Request.objects.filter(organisation_id=call.organisation_id, pk=int(pk)).first()
    return {"found": True, "request_number": made.number} if made is not None else {"found": False}
