"""Why a contact is made, and who answers "is this still owed?".

The gate stands below the rooms that know the reason for a contact, so it defines the questions here and the higher
room registers an answer: `debts` does it for the cause "debt". A cause is asked inside the gate's transaction, after
the balances have been locked, and must read committed state by the cursor that it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Protocol

import psycopg

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class UnknownCause(LookupError):
    """Nobody has registered a cause of this name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """The answer for one case: whether it is still owed, how much, and what was looked at.

    `why` goes into the permit as it is (plain JSON values). `values` feed the placeholders of templates: at least
    `debt_minor` (int), `months_owed` (int) and `overdue_since` (ISO day).
    """

    cause_id: int
    account_id: int
    owed: bool
    debt_minor: int
    why: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    values: Mapping[str, str | int] = field(default_factory=lambda: _NOTHING)


class Cause(Protocol):
    """One reason for contacts. `name` is the code in the tables, `title` what people read.

    `speaks_of_debt` asks for everything that protects a debtor: only the owner or the payer hears it, the payment
    data must be fresh, open matters of the account hold it back. Any other cause is a service: `hears` are the roles
    in a flat that it is for, and it is counted beside debts, not among them. `passes_holds` are the names of holds
    (`outreach.holds`) that do not bind it.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> Any: ...

    @property
    def speaks_of_debt(self) -> bool: ...

    @property
    def hears(self) -> tuple[str, ...]: ...

    @property
    def passes_holds(self) -> frozenset[str]: ...

    def owed(
        self, cursor: psycopg.Cursor[Any], *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> Mapping[int, Owed]:
        """Every case by its id, in one set-based reading under the caller's locks; a case left out is not owed."""
        ...

    def pauses(
        self, cursor: psycopg.Cursor[Any], *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> Mapping[int, tuple[str, str]]:
        """The cases that rest for now: id → (code, why in words), e.g. a dispute or a plan that is kept."""
        ...

    def audience(self, *, organisation: Any, filter: Mapping[str, Any], day: date) -> Sequence[tuple[int, int]]:
        """(case, account) of everybody a campaign with this filter is for, on `day`."""
        ...

    def owed_at_version(
        self,
        cursor: psycopg.Cursor[Any],
        *,
        organisation_id: int,
        cause_id: int,
        account_id: int,
        account_version: int,
        day: date,
    ) -> Owed:
        """The same answer from the ledger as it stood at that version of the account: for replay."""
        ...


_causes: dict[str, Cause] = {}


def register(cause: Cause) -> None:
    """Make the cause known; called from `apps.py`. Raises ValueError for a name that is taken."""
    if cause.name in _causes:
        raise ValueError(f"a cause named {cause.name} is registered already")
    _causes[cause.name] = cause


def get(name: str) -> Cause:
    """The cause of this name. Raises UnknownCause."""
    try:
        return _causes[name]
    except KeyError:
        raise UnknownCause(f"Повод обращения «{name}» неизвестен: ни одна часть программы его не объявила") from None


def known() -> Mapping[str, Cause]:
    """Every registered cause by name."""
    return MappingProxyType(_causes)
