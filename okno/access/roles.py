"""What each role may do. A page or a command asks `may`; nothing else decides by role."""

from okno.access.models import Membership, Role

STAFF = frozenset({Role.DISPATCHER, Role.DEBT_SPECIALIST, Role.DIRECTOR, Role.ACCOUNTANT, Role.INSTALLER})
MONEY = frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR, Role.ACCOUNTANT})

PERMISSIONS: dict[str, frozenset[Role]] = {
    # Seeing
    "houses.view": STAFF | {Role.FIELD_WORKER},
    "people.view": STAFF,
    "ledger.view": STAFF,
    "debts.view": MONEY,
    "outreach.view": MONEY | {Role.INSTALLER},
    "exchange.view": MONEY | {Role.INSTALLER},
    "months.view": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    "promises.view": MONEY | {Role.DISPATCHER},
    "requests.view": STAFF,
    "access.view_trail": frozenset({Role.DIRECTOR, Role.INSTALLER}),
    # One's own: the flats a resident owns or pays for; the houses a worker or a contractor is sent to.
    "cabinet.view": frozenset({Role.RESIDENT}),
    "field.view": frozenset({Role.FIELD_WORKER, Role.CONTRACTOR}),
    # Doing
    "people.change": frozenset({Role.DISPATCHER, Role.DEBT_SPECIALIST, Role.DIRECTOR, Role.ACCOUNTANT}),
    "ledger.post": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    "ledger.reverse": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    # A dispute is heard by whoever talks to the resident; giving money up and posting it are not theirs.
    "penalties.pause": MONEY,
    "penalties.waive": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    "penalties.post": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    "months.close": frozenset({Role.ACCOUNTANT, Role.DIRECTOR}),
    "months.reopen": frozenset({Role.DIRECTOR}),
    "exchange.import": frozenset({Role.ACCOUNTANT, Role.INSTALLER}),
    "exchange.match": frozenset({Role.ACCOUNTANT, Role.DEBT_SPECIALIST}),
    "exchange.export": MONEY,
    "bills.print": MONEY,
    "outreach.plan": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "outreach.withdraw": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    # Whoever talks to residents: takes calls over, writes down what was promised, asked and told.
    "calls.take": frozenset({Role.DISPATCHER, Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    # That a call was and how it ended; its words and its sound are opened to fewer, each time for a reason.
    "calls.view": frozenset({Role.DISPATCHER, Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "calls.listen": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "calls.results": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "calls.price": frozenset({Role.DIRECTOR, Role.DEBT_SPECIALIST}),
    "scenarios.view": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR, Role.INSTALLER}),
    "scenarios.change": frozenset({Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "promises.record": frozenset({Role.DISPATCHER, Role.DEBT_SPECIALIST, Role.DIRECTOR}),
    "requests.write": frozenset({Role.DISPATCHER, Role.DIRECTOR}),
    "settings.view": frozenset({Role.DIRECTOR, Role.INSTALLER, Role.DEBT_SPECIALIST, Role.ACCOUNTANT}),
    "settings.debt": frozenset({Role.DIRECTOR, Role.DEBT_SPECIALIST}),
    "settings.rules": frozenset({Role.DIRECTOR, Role.INSTALLER}),
    "settings.penalties": frozenset({Role.DIRECTOR, Role.ACCOUNTANT}),
    "settings.norms": frozenset({Role.DIRECTOR, Role.ACCOUNTANT, Role.INSTALLER}),
    "settings.payment": frozenset({Role.DIRECTOR, Role.ACCOUNTANT, Role.INSTALLER}),
    "settings.templates": frozenset({Role.DIRECTOR, Role.DEBT_SPECIALIST}),
    "access.manage": frozenset({Role.INSTALLER, Role.DIRECTOR}),
}


class UnknownPermission(Exception):
    """A page asked for a permission that the table does not name."""


def may(membership: Membership | None, permission: str) -> bool:
    """Whether this membership carries the permission; nobody without a membership may do anything.

    Raises UnknownPermission for a name that is not in the table, so that a misspelt page never opens.
    """
    if permission not in PERMISSIONS:
        raise UnknownPermission(permission)
    return membership is not None and membership.role in PERMISSIONS[permission]
