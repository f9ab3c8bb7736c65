"""The ladder of steps by which a debt is brought back before court: where a case stands, when it asks for a contact.

Thresholds are the organisation's policy, dated as its definition of debt is; what the law itself forbids before a day
(a notary or a court) no ladder can allow. A case stands on the highest step whose every threshold it has reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common import clock
from okno.common.money import Currency, format_minor
from okno.debts.models import Ladder
from okno.law.contact import FAMILIES, Family

LONGEST_CODE = 32


class LadderRefused(Exception):
    """The ladder cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. It is reached when all of `days`, `months` and `least_minor` are.

    `days` past the due day of the oldest open bill (1: the day after it); `months` owed; `least_minor` inclusive.
    `families` of channels are asked for on the day the case comes to the step and every `repeat_days` after it (0:
    once); none: the step asks for no contact. `to_court`: not before the law lets the debt go to a notary or a court.
    """

    code: str
    days: int = 1
    months: int = 1
    least_minor: int = 0
    repeat_days: int = 0
    families: tuple[Family, ...] = ()
    to_court: bool = False

    def __str__(self) -> str:
        return title(self.code)


TITLES = {
    "reminder": gettext_lazy("Напоминание"),
    "demand": gettext_lazy("Требование оплатить"),
    "warning": gettext_lazy("Последнее предупреждение"),
    "court": gettext_lazy("Подготовка к суду"),
    "notary": gettext_lazy("Подготовка к нотариусу"),
}
"""Of the shipped steps; a step of one's own is called by its code."""

_MILD = (
    Step(code="reminder", days=1, repeat_days=7, families=("message",)),
    Step(code="demand", days=31, repeat_days=14, families=("message", "call")),
    Step(code="warning", days=61, months=2, repeat_days=14, families=("message", "call")),
)
SHIPPED: Mapping[str, tuple[Step, ...]] = {
    "ru": (*_MILD, Step(code="court", days=91, months=3, to_court=True)),
    "kz": (*_MILD, Step(code="notary", days=61, months=3, to_court=True)),
    "ua": (*_MILD, Step(code="court", days=91, months=3, to_court=True)),
}


def title(code: str) -> str:
    """What a step is called."""
    return str(TITLES.get(code, code))


def in_force(organisation: Organisation, day: date) -> tuple[Step, ...]:
    """The ladder that holds on `day`, the mildest step first."""
    row = Ladder.objects.filter(organisation=organisation, since__lte=day).order_by("-since").first()
    return SHIPPED[organisation.country] if row is None else steps_of(row.steps)


def steps_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps as a row of the table keeps them."""
    return tuple(Step(**{**told, "families": tuple(told["families"])}) for told in kept)


def condition(step: Step, *, currency: str) -> str:
    """When the step is reached, in words: «с 61-го дня просрочки, от 2 месяцев»."""
    told = [_("с %(day)s-го дня просрочки") % {"day": step.days}]
    if step.months > 1:
        told.append(ngettext("от %(count)s месяца", "от %(count)s месяцев", step.months) % {"count": step.months})
    if step.least_minor:
        sum_ = format_minor(step.least_minor, Currency(currency), translation.get_language() or "ru")
        told.append(_("от %(sum)s") % {"sum": sum_})
    if step.to_court:
        told.append(_("не раньше, чем разрешает закон"))
    return ", ".join(told)


def placed(steps: Sequence[Step], days_past: Any, months_owed: Any, debt_minor: Any, court_is_open: Any) -> Any:
    """The place of the step reached, −1 for none; of one case (numbers) or of many at once (columns)."""
    place: Any = np.full(np.shape(days_past), -1)
    for number, step in enumerate(steps):
        reached = (days_past >= step.days) & (months_owed >= step.months) & (debt_minor >= step.least_minor)
        place = np.where(reached & court_is_open if step.to_court else reached, number, place)
    return place


def contact_asked_on(step_on: Any, repeat_days: Any, day: Any) -> Any:
    """The latest day up to `day` on which a step reached on `step_on` asks for a contact (numbers of days)."""
    every = np.maximum(repeat_days, 1)
    return np.where(repeat_days > 0, step_on + (day - step_on) // every * every, step_on)


def change(actor: Actor, steps: Sequence[Step], *, since: date, reason: str = "") -> Ladder:
    """Take a ladder from `since` on and leave a line about it; the one before stays for the days it held.

    Raises LadderRefused.
    """
    organisation = actor.organisation
    if organisation is None:
        raise LadderRefused(_("Шаги принадлежат организации, а она не указана"))
    _check(steps)
    if since < clock.today(organisation.time_zone):
        raise LadderRefused(_("Прошлые дни уже прожиты по прежним шагам: новые действуют с сегодняшнего дня или позже"))
    with transaction.atomic():
        row, _made = Ladder.objects.update_or_create(
            organisation=organisation,
            since=since,
            defaults={"steps": [asdict(step) for step in steps], "author": actor.name},
        )
        trail.record(
            actor,
            "debts.ladder_changed",
            _("Шаги работы с долгом с %(day)s: %(steps)s")
            % {"day": date_format(since, "d.m.Y"), "steps": ", ".join(str(step) for step in steps)},
            subject=("settings", row.pk),
            reason=reason,
        )
    return row


def _check(steps: Sequence[Step]) -> None:
    if not steps:
        raise LadderRefused(_("Нужен хотя бы один шаг"))
    codes = [step.code for step in steps]
    if len(set(codes)) < len(codes) or not all(0 < len(code.strip()) <= LONGEST_CODE for code in codes):
        raise LadderRefused(
            _("У каждого шага своё имя, не длиннее %(count)d букв: одно повторяется, пусто или длинно")
            % {"count": LONGEST_CODE}
        )
    for step in steps:
        if not (1 <= step.days <= 3650 and 1 <= step.months <= 120 and 0 <= step.repeat_days <= 365):
            raise LadderRefused(
                _("Шаг «%(step)s»: дней — от 1 до 3650, месяцев — от 1 до 120, повтор — от 0 до 365 дней")
                % {"step": step}
            )
        if step.least_minor < 0:
            raise LadderRefused(_("Шаг «%(step)s»: сумма не бывает отрицательной") % {"step": step})
        if set(step.families) - set(FAMILIES):
            raise LadderRefused(_("Шаг «%(step)s»: такого способа связи нет") % {"step": step})
    days = [step.days for step in steps]
    if days != sorted(days):
        raise LadderRefused(_("Шаги идут от мягкого к строгому: следующий не начинается раньше предыдущего"))
