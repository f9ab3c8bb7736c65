"""Changing the organisation's contact policy: never wider than the law where the law gives a limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.law.countries import pack
from okno.law.dated import Value
from okno.outreach.models import ContactPolicy

CAPS = {"messages": "caps_message", "calls": "caps_call"}
HOURS = {"workday": "hours_working_day", "day_off": "hours_day_off"}


class PolicyRefused(Exception):
    """The policy is wider than the law; `faults` are (field, what is wrong)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(text for _field, text in faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True, slots=True)
class Yardstick:
    """What stands beside one value of the policy: the law's limit, or the yardstick where the law is silent."""

    allowed: Any
    value: Value

    @property
    def binds(self) -> bool:
        """Whether it is law, so that the policy may not be wider."""
        return self.value.basis == "law"


def yardsticks(country: str, day: date) -> dict[str, Yardstick]:
    """The country's limit beside each field of the policy, on `day`. Raises `NotInForce`."""
    rules = pack(country).contact
    found: dict[str, Yardstick] = {}
    for prefix, name in HOURS.items():
        value = getattr(rules, name).at(day)
        for end, key in (("since", "opens"), ("until", "closes")):
            allowed = time.fromisoformat(value.value[key]) if value.value else None
            found[f"{prefix}_{end}"] = Yardstick(allowed=allowed, value=value)
    for prefix, name in CAPS.items():
        value = getattr(rules, name).at(day)
        for length in ("day", "week", "month"):
            found[f"{prefix}_a_{length}"] = Yardstick(allowed=value.value[length], value=value)
    robot = pack(country).robot_consent.at(day)
    found["needs_consent"] = Yardstick(allowed=robot.value, value=robot)
    return found


def wider(told: Mapping[str, Any], limits: Mapping[str, Yardstick]) -> list[tuple[str, Yardstick]]:
    """The fields of `told` that go beyond what stands beside them, whether or not it binds."""
    found = []
    for field, limit in limits.items():
        value = told.get(field)
        if field == "needs_consent":
            beyond = bool(limit.allowed) and "robot_call" not in (value or [])
        elif value is None:
            beyond = False
        elif limit.allowed is None:
            beyond = isinstance(value, time)
        elif field.endswith("_since"):
            beyond = value < limit.allowed
        else:
            beyond = value > limit.allowed
        if beyond:
            found.append((field, limit))
    return found


def change(actor: Actor, told: Mapping[str, Any], *, day: date, reason: str = "") -> ContactPolicy:
    """Take the policy over and leave a line with what changed; told twice it changes once. Raises PolicyRefused."""
    assert actor.organisation is not None
    organisation = actor.organisation
    unlawful = [(field, limit) for field, limit in wider(told, yardsticks(organisation.country, day)) if limit.binds]
    if unlawful:
        raise PolicyRefused([(field, _fault(limit)) for field, limit in unlawful])
    with transaction.atomic():
        kept = ContactPolicy.objects.select_for_update().filter(organisation=organisation).first()
        before = {name: getattr(kept, name) for name in told} if kept else {}
        if before == dict(told) and kept is not None:
            return kept
        policy, _made = ContactPolicy.objects.update_or_create(organisation=organisation, defaults=dict(told))
        changed = {
            name: [str(before.get(name)), str(value)] for name, value in told.items() if before.get(name) != value
        }
        trail.record(
            actor,
            "policy.changed",
            _("Изменён порядок обращений"),
            subject=("settings", organisation.pk),
            reason=reason,
            detail={"changed": changed},
        )
    return policy


def _fault(limit: Yardstick) -> str:
    if limit.allowed is True:
        return _("Закон требует согласия на звонок робота: %(norm)s") % {"norm": limit.value.source}
    if limit.allowed is None:
        return _("По закону в этот день людей не беспокоят: %(norm)s") % {"norm": limit.value.source}
    shown = f"{limit.allowed:%H:%M}" if isinstance(limit.allowed, time) else str(limit.allowed)
    return _("Шире закона: можно %(allowed)s (%(norm)s)") % {"allowed": shown, "norm": limit.value.source}
