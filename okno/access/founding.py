"""Founding an organisation and taking people in."""

from django.db import transaction

from okno.access.models import Membership, Organisation, Role, User

CURRENCY = {"ru": "RUB", "kz": "KZT", "ua": "UAH"}
TIME_ZONE = {"ru": "Europe/Moscow", "kz": "Asia/Almaty", "ua": "Europe/Kyiv"}
LANGUAGES = {"ru": ["ru", "kk", "uk", "en"], "kz": ["ru", "kk", "en"], "ua": ["uk", "ru", "en"]}


class CannotFound(Exception):
    """The organisation or the person cannot be made or found; the message says what to do."""


@transaction.atomic
def found_organisation(*, name: str, country: str, time_zone: str = "", **fields: object) -> Organisation:
    """A new organisation with its country's currency, languages and (unless told) time zone."""
    if not name.strip():
        raise CannotFound("Назовите организацию")
    return Organisation.objects.create(
        name=name.strip(),
        country=country,
        currency=CURRENCY[country],
        time_zone=time_zone or TIME_ZONE[country],
        languages=LANGUAGES[country],
        default_language=LANGUAGES[country][0],
        **fields,
    )


@transaction.atomic
def add_member(
    organisation: Organisation, *, email: str, name: str, role: str, password: str, all_houses: bool = True
) -> Membership:
    """Take a person in with a role; a known person gets the new password and the new role."""
    if role not in Role.values:
        raise CannotFound(f"Нет роли «{role}». Бывают: {', '.join(Role.values)}")
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name, language=organisation.default_language)
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    membership, _ = Membership.objects.update_or_create(
        user=user, organisation=organisation, defaults={"role": role, "all_houses": all_houses}
    )
    return membership


def only_organisation(number: int | None = None) -> Organisation:
    """The organisation with this number, or the only one. Raises CannotFound, naming those there are."""
    rows = list(Organisation.objects.order_by("id")[:20])
    if number is not None:
        for row in rows:
            if row.pk == number:
                return row
        raise CannotFound(f"Организации {number} нет")
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise CannotFound("Организаций ещё нет: выполните okno init")
    listed = ", ".join(f"{row.pk} — {row.name}" for row in rows)
    raise CannotFound(f"Укажите --organisation. Есть: {listed}")
