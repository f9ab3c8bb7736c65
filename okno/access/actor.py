"""Who acts now and why: carried beside the call, written into the trail and into every row's history."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import pghistory

from okno.access.models import Membership, Organisation, User


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person in an organisation, or a process acting for it (`user` is None, `name` says which)."""

    organisation: Organisation | None
    user: User | None
    membership: Membership | None
    name: str
    reason: str = ""


_current: ContextVar[Actor | None] = ContextVar("okno_actor", default=None)


def current() -> Actor | None:
    return _current.get()


@contextmanager
def acting(actor: Actor, *, source: str) -> Iterator[Actor]:
    """Everything written inside carries this actor: the rows' history gets user, name, reason and source."""
    token = _current.set(actor)
    try:
        with pghistory.context(
            user=actor.user.pk if actor.user else None,
            name=actor.name,
            reason=actor.reason,
            source=source,
        ):
            yield actor
    finally:
        _current.reset(token)


def process(organisation: Organisation | None, name: str, reason: str = "") -> Actor:
    """An actor that is no person: the worker, an import from the command line, the nightly cycle."""
    return Actor(organisation=organisation, user=None, membership=None, name=name, reason=reason)
