"""Taking people in, changing what they are, letting them go: each with its line in the trail.

A person known to another organisation keeps the password that is theirs; nobody here can change it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Membership, Role, User
from okno.access.roles import PERMISSIONS
from okno.common import clock

STAFF_ROLES = tuple(role for role in Role if role not in (Role.RESIDENT, Role.PARTNER))
"""Roles that are given on the page of people; residents and partners come by their own doors."""

_LETTERS = "abcdefghkmnpqrstuvwxyz23456789"


class StaffRefused(Exception):
    """It cannot be done with this person; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Who was taken in; `password` is "" for a person who signs in with one of their own already."""

    membership: Membership
    password: str
    new: bool


def new_password() -> str:
    """Four groups of four letters and figures that are not mistaken for one another: about 78 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _place in range(4)) for _group in range(4))


def invite(actor: Actor, *, email: str, name: str, role: str, all_houses: bool) -> Invited:
    """Take a person in with a role. Invited twice the person is taken in once and keeps the first password.

    Raises StaffRefused for a role that is not given here, or a person who is in already with another one.
    """
    assert actor.organisation is not None
    if role not in STAFF_ROLES:
        raise StaffRefused(_("Такую роль здесь не дают"))
    with transaction.atomic():
        user = User.objects.filter(email=email.lower()).first()
        password = ""
        if user is None:
            password = new_password()
            user = User.objects.create_user(email, password, name=name, language=actor.organisation.default_language)
        known = Membership.objects.select_for_update().filter(user=user, organisation=actor.organisation).first()
        if known is not None:
            if known.role == role and known.until is None:
                return Invited(membership=known, password="", new=False)
            raise StaffRefused(
                _("%(name)s уже есть среди людей организации: измените роль или верните доступ там") % {"name": user}
            )
        membership = Membership.objects.create(
            user=user, organisation=actor.organisation, role=role, all_houses=all_houses
        )
        trail.record(
            actor,
            "staff.invited",
            _("Приглашён сотрудник: %(name)s, %(role)s") % {"name": user, "role": Role(role).label},
            subject=("user", user.pk),
            detail={"membership": membership.pk, "role": role},
        )
    return Invited(membership=membership, password=password, new=True)


def change(actor: Actor, membership: Membership, *, role: str, all_houses: bool) -> Membership:
    """Give another role or another sight. Raises StaffRefused when nobody would be left to manage access."""
    if role not in STAFF_ROLES:
        raise StaffRefused(_("Такую роль здесь не дают"))
    with transaction.atomic():
        locked = _locked(actor, membership)
        if role not in PERMISSIONS["access.manage"]:
            _refuse_last_manager(locked)
        if (locked.role, locked.all_houses) == (role, all_houses):
            return locked
        before = locked.get_role_display()
        locked.role, locked.all_houses = role, all_houses
        locked.save(update_fields=["role", "all_houses"])
        trail.record(
            actor,
            "staff.changed",
            _("%(name)s: была роль «%(before)s», стала «%(after)s»")
            % {"name": locked.user, "before": before, "after": locked.get_role_display()},
            subject=("user", locked.user_id),
            detail={"membership": locked.pk, "all_houses": all_houses},
        )
    return locked


def let_go(actor: Actor, membership: Membership, reason: str) -> Membership:
    """Close the access from this moment; whoever belongs nowhere else cannot sign in. Told twice it is done once.

    Raises StaffRefused for oneself and for the last who can manage access.
    """
    if actor.membership is not None and membership.pk == actor.membership.pk:
        raise StaffRefused(_("Свой доступ закрыть нельзя: попросите другого администратора"))
    with transaction.atomic():
        locked = _locked(actor, membership)
        _refuse_last_manager(locked)
        yesterday = clock.now().date() - timedelta(days=1)
        if locked.until is not None and locked.until <= yesterday:
            return locked
        locked.until = yesterday
        locked.since = min(locked.since, yesterday) if locked.since else None
        locked.save(update_fields=["since", "until"])
        if not in_force(locked.user).exists():
            User.objects.filter(pk=locked.user_id).update(is_active=False)
        trail.record(
            actor,
            "staff.let_go",
            _("Закрыт доступ: %(name)s") % {"name": locked.user},
            subject=("user", locked.user_id),
            reason=reason,
        )
    return locked


def take_back(actor: Actor, membership: Membership) -> Membership:
    """Open the access again with the role it had."""
    with transaction.atomic():
        locked = _locked(actor, membership)
        if locked.until is None:
            return locked
        locked.until = None
        locked.save(update_fields=["until"])
        User.objects.filter(pk=locked.user_id).update(is_active=True)
        trail.record(
            actor,
            "staff.taken_back",
            _("Возвращён доступ: %(name)s") % {"name": locked.user},
            subject=("user", locked.user_id),
        )
    return locked


def renew_password(actor: Actor, membership: Membership) -> str:
    """A new password to hand over. Raises StaffRefused for a person of another organisation too: it is not ours."""
    with transaction.atomic():
        locked = _locked(actor, membership)
        if Membership.objects.filter(user=locked.user).exclude(organisation=actor.organisation).exists():
            raise StaffRefused(_("Этот человек работает и в другой организации: новый пароль он берёт сам, по почте"))
        password = new_password()
        locked.user.set_password(password)
        locked.user.save(update_fields=["password"])
        trail.record(
            actor,
            "staff.password_renewed",
            _("Выдан новый пароль: %(name)s") % {"name": locked.user},
            subject=("user", locked.user_id),
        )
    return password


def in_force(user: User) -> models.QuerySet[Membership]:
    """The memberships of a person that hold today."""
    today = clock.now().date()
    return Membership.objects.filter(user=user).filter(
        models.Q(since__isnull=True) | models.Q(since__lte=today),
        models.Q(until__isnull=True) | models.Q(until__gte=today),
    )


def _locked(actor: Actor, membership: Membership) -> Membership:
    return (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .get(pk=membership.pk, organisation=actor.organisation)
    )


def _refuse_last_manager(membership: Membership) -> None:
    if membership.role not in PERMISSIONS["access.manage"]:
        return
    # Every manager's row is locked, so that two of them never let each other go at once.
    managers = Membership.objects.select_for_update(of=("self",)).filter(
        organisation=membership.organisation_id, role__in=PERMISSIONS["access.manage"], until=None, user__is_active=True
    )
    if all(row.pk == membership.pk for row in managers):
        raise StaffRefused(_("Это последний, кто управляет доступом: сначала дайте такую роль другому"))
