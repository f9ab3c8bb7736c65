"""How a request and an outage are told: categories by name, states and urgency in their hues."""

from okno.requests import categories
from okno.requests.events import category_name
from okno.requests.models import RequestState, Urgency
from okno.web.parts import words
from okno.web.parts.cells import Badge

URGENCY = {
    Urgency.DANGER: ("late", "siren"),
    Urgency.URGENT: ("warn", "flame"),
    Urgency.NORMAL: ("idle", ""),
}
STATES = {
    RequestState.NEW: ("note", "circle-dot"),
    RequestState.TAKEN: ("plan", "wrench"),
    RequestState.DONE: ("good", "check"),
    RequestState.REOPENED: ("warn", "rotate-ccw"),
    RequestState.CLOSED: ("idle", "lock"),
}


def urgency(code: str, *, over: bool = False) -> Badge:
    """How urgent, in a word; loud only while something is still to be done."""
    tone, icon = URGENCY[Urgency(code)]
    if over:
        return Badge(text=Urgency(code).label, icon=icon)
    return Badge(text=Urgency(code).label, tone=tone, icon=icon, solid=code == Urgency.DANGER)


def state(code: str) -> Badge:
    """Where the request stands."""
    tone, icon = STATES[RequestState(code)]
    return Badge(text=RequestState(code).label, tone=tone, icon=icon)


def category_options(*, outages: bool = False) -> list[tuple[str, str]]:
    """Categories by name, for filters and forms; with `outages` only what can be off in a whole house."""
    language = words.language()
    known = categories.known().items()
    return [(code, one.name(language)) for code, one in known if one.outage or not outages]


__all__ = ["STATES", "URGENCY", "category_name", "category_options", "state", "urgency"]
