"""How promises and holds are told, each in its hue."""

from okno.debts.models import HoldReason, Promise, PromiseState
from okno.web.parts.cells import Badge

STATES = {
    PromiseState.OPEN: ("plan", "hourglass"),
    PromiseState.KEPT: ("good", "check"),
    PromiseState.BROKEN: ("late", "x"),
    PromiseState.REPLACED: ("idle", "rotate-ccw"),
    PromiseState.VOID: ("idle", "circle-check"),
    PromiseState.DROPPED: ("idle", "undo-2"),
}
HOLDS = {
    HoldReason.PAID: "banknote",
    HoldReason.DISPUTE: "scale",
    HoldReason.HARDSHIP: "heart-handshake",
    HoldReason.PERSON: "phone-call",
}


def state(promise: Promise) -> Badge:
    """How the promise stands."""
    tone, icon = STATES[PromiseState(promise.state)]
    return Badge(text=promise.get_state_display(), tone=tone, icon=icon)


def hold(reason: str) -> Badge:
    """Why reminders wait."""
    return Badge(text=HoldReason(reason).label, tone="plan", icon=HOLDS[HoldReason(reason)])
