"""Seven people of the demo town, one a role. Passwords are made anew at every start and shown once."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from okno.access import founding
from okno.access.models import Organisation, Role
from okno.debts.models import Case
from okno.people.models import Occupancy, OccupancyRole

PEOPLE = {
    Role.DISPATCHER: "Дина Диспетчерова",
    Role.DEBT_SPECIALIST: "Денис Долгов",
    Role.DIRECTOR: "Раиса Руководова",
    Role.ACCOUNTANT: "Борис Бухгалтеров",
    Role.FIELD_WORKER: "Матвей Мастеров",
    Role.RESIDENT: "Житель",
    Role.INSTALLER: "Анна Администраторова",
}


@dataclass(frozen=True)
class Login:
    """Who, with which e-mail and password."""

    role: str
    email: str
    password: str


@transaction.atomic
def renew(organisation: Organisation) -> list[Login]:
    """Seven logins with new passwords; the resident is the owner of a flat that owes something."""
    logins: list[Login] = []
    for role, name in PEOPLE.items():
        email = f"{role.value.replace('_', '-')}@demo.example"
        password = secrets.token_urlsafe(9)
        membership = founding.add_member(
            organisation,
            email=email,
            name=name,
            role=role.value,
            password=password,
            all_houses=role is not Role.RESIDENT,
        )
        if role is Role.RESIDENT:
            _settle(organisation, membership.user)
        logins.append(Login(role=str(role.label), email=email, password=password))
    return logins


def _settle(organisation: Organisation, user: object) -> None:
    """Give the resident a flat: the first owner with an open case."""
    cases = Case.objects.filter(organisation=organisation, state="open").order_by("id")
    flat_ids = cases.values("account__flat_id")
    occupancy = (
        Occupancy.objects.filter(flat_id__in=flat_ids, role=OccupancyRole.OWNER, person__is_company=False, until=None)
        .select_related("person")
        .order_by("id")
        .first()
    )
    if occupancy is not None and not hasattr(user, "person"):
        occupancy.person.user = user  # type: ignore[assignment]
        occupancy.person.save(update_fields=["user"])
