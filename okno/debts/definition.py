"""The organisation's own definition of debt: which holds on a day, what it says in words, what another would make.

A day is read under one definition for ever: a new one begins tomorrow, or today as long as nobody has been decided
about today, so that every permit can be replayed under the words it was given by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common import clock
from okno.common.money import Currency, format_minor
from okno.database.trips import arrive
from okno.debts.ageing import Cursor, Yardstick, parameters, yardstick
from okno.debts.models import DebtDefinition
from okno.ledger.models import Regime
from okno.outreach.models import Permit

FIRST_DAY = date(1990, 1, 1)
"""The definition an organisation is born with holds from here, so that no day of its history is without one."""

LEAST_MINOR = {"RUB": 100_00, "KZT": 500_00, "UAH": 100_00}
REGIMES = (Regime.HOUSING.value, Regime.CAPITAL_REPAIR.value)


class DefinitionRefused(Exception):
    """The definition cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a definition says. `days_allowed` 0: a debt from the day after the due day; `least_minor` is inclusive."""

    regimes: tuple[str, ...]
    days_allowed: int
    least_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many accounts owe under a definition on a day, and how much together."""

    accounts: int
    debt_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the present definition makes today and what the proposed one would."""

    present: Extent
    proposed: Extent


def in_force(organisation: Organisation, day: date) -> DebtDefinition:
    """The definition that holds on `day`; an organisation without any is given its country's default."""
    definition = DebtDefinition.objects.filter(organisation=organisation, since__lte=day).order_by("-since").first()
    if definition is not None:
        return definition
    definition, _made = DebtDefinition.objects.get_or_create(
        organisation=organisation,
        since=FIRST_DAY,
        defaults={
            "regimes": list(REGIMES),
            "days_allowed": 0,
            "least_minor": LEAST_MINOR[organisation.currency],
            "author": "",
        },
    )
    return definition


def on_day(organisation: Organisation, day: date) -> Yardstick:
    """The definition in force on `day`, laid on that day."""
    definition = in_force(organisation, day)
    return measure(definition, organisation.country, day)


def measure(definition: DebtDefinition, country: str, day: date) -> Yardstick:
    """Lay this definition on `day`."""
    return yardstick(
        definition_id=definition.pk,
        country=country,
        day=day,
        regimes=definition.regimes,
        days_allowed=definition.days_allowed,
        least_minor=definition.least_minor,
    )


def ask_definitions(cursor: Cursor, organisation_id: int) -> Cursor:
    """Ask for the organisation's definitions, the newest first; what is answered is laid on a day by `at_moment`."""
    return psycopg.Cursor(cursor.connection).execute(_DEFINITIONS, (organisation_id,), prepare=True)


def at_moment(asked: Cursor, organisation_id: int, now: datetime) -> Yardstick:
    """The definition in force on the organisation's day of the moment `now` (aware)."""
    return _laid(asked, organisation_id, lambda time_zone: now.astimezone(ZoneInfo(time_zone)).date())


def on_day_of(cursor: Cursor, organisation_id: int, day: date) -> Yardstick:
    """The definition in force on `day`, laid on that day, in one question of the cursor."""
    return _laid(ask_definitions(cursor, organisation_id), organisation_id, lambda _time_zone: day)


_DEFINITIONS = (
    "SELECT whose.country, whose.time_zone, kept.since, kept.id, kept.regimes, kept.days_allowed, kept.least_minor"
    " FROM access_organisation AS whose LEFT JOIN debts_debtdefinition AS kept ON kept.organisation_id = whose.id"
    " WHERE whose.id = %s ORDER BY kept.since DESC"
)


def _laid(asked: Cursor, organisation_id: int, day_in: Callable[[str], date]) -> Yardstick:
    rows = asked.fetchall()
    country, time_zone = rows[0][:2]
    day = day_in(time_zone)
    for _country, _time_zone, since, definition, regimes, days_allowed, least in rows:
        if since is not None and since <= day:
            return yardstick(
                definition_id=definition,
                country=country,
                day=day,
                regimes=regimes,
                days_allowed=days_allowed,
                least_minor=least,
            )
    arrive(asked.connection)
    return on_day(Organisation.objects.get(pk=organisation_id), day)


def terms_of(definition: DebtDefinition) -> Terms:
    """What this definition says."""
    return Terms(
        regimes=tuple(definition.regimes),
        days_allowed=definition.days_allowed,
        least_minor=definition.least_minor,
    )


def sentence(terms: Terms, *, currency: str) -> str:
    """The definition in words, in the language in force."""
    regimes = ", ".join(str(Regime(code).label) for code in Regime.values if code in terms.regimes)
    past = ngettext("больше %(days)d дня после срока", "больше %(days)d дней после срока", terms.days_allowed) % {
        "days": terms.days_allowed
    }
    least = format_minor(terms.least_minor, Currency(currency), translation.get_language() or "ru")
    return _("Долг — неоплаченное по видам: %(regimes)s, %(past)s и не меньше %(least)s.") % {
        "regimes": regimes,
        "past": past,
        "least": least,
    }


def change(actor: Actor, terms: Terms, *, since: date, reason: str = "") -> DebtDefinition:
    """Take a new definition from `since` on and leave a line about it; the one before stays for the days it held.

    A definition that has not begun may be given again with other words. Raises DefinitionRefused.
    """
    organisation = actor.organisation
    if organisation is None:
        raise DefinitionRefused(_("Определение долга принадлежит организации, а она не указана"))
    _check(terms)
    today = clock.today(organisation.time_zone)
    _refuse_past(organisation, since, today)
    with transaction.atomic():
        before = in_force(organisation, since)
        definition, _made = DebtDefinition.objects.update_or_create(
            organisation=organisation,
            since=since,
            defaults={
                "regimes": [code for code in Regime.values if code in terms.regimes],
                "days_allowed": terms.days_allowed,
                "least_minor": terms.least_minor,
                "author": actor.name,
            },
        )
        trail.record(
            actor,
            "debts.definition_changed",
            _("Определение долга с %(day)s: %(sentence)s")
            % {"day": date_format(since, "d.m.Y"), "sentence": sentence(terms, currency=organisation.currency)},
            subject=("settings", definition.pk),
            reason=reason,
            detail={"before": before.pk, "after": definition.pk},
        )
    return definition


def preview(organisation: Organisation, terms: Terms, *, day: date) -> Preview:
    """How many accounts and how much the present definition and the proposed one make on `day`. Changes nothing."""
    _check(terms)
    proposed = yardstick(
        definition_id=0,
        country=organisation.country,
        day=day,
        regimes=terms.regimes,
        days_allowed=terms.days_allowed,
        least_minor=terms.least_minor,
    )
    return Preview(
        present=_extent(organisation.pk, on_day(organisation, day)), proposed=_extent(organisation.pk, proposed)
    )


DEBTORS = """
SELECT bill.account_id, sum(bill.open_minor)::bigint AS debt_minor
FROM ledger_balance AS balance JOIN ledger_openbill AS bill ON bill.account_id = balance.account_id
WHERE balance.organisation_id = %(organisation)s AND balance.open_minor > 0
  AND bill.regime = ANY(%(regimes)s) AND bill.due_on <= %(last_due_on)s AND bill.due_on > %(barred_until)s
GROUP BY bill.account_id HAVING sum(bill.open_minor) >= %(least)s
"""
"""Every account of an organisation that owes under a yardstick; reads open bills only."""


def _extent(organisation_id: int, by: Yardstick) -> Extent:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(debt_minor), 0)::bigint FROM ({DEBTORS}) AS debtors",
            {"organisation": organisation_id, **parameters(by)},
        )
        row: Sequence[Any] = cursor.fetchone() or (0, 0)
    return Extent(accounts=row[0], debt_minor=row[1])


def _check(terms: Terms) -> None:
    if not terms.regimes or set(terms.regimes) - set(Regime.values):
        raise DefinitionRefused(_("Назовите хотя бы один вид платежей"))
    if terms.least_minor < 0:
        raise DefinitionRefused(_("Наименьшая сумма не бывает отрицательной"))
    if not 0 <= terms.days_allowed <= 365:
        raise DefinitionRefused(_("Дней после срока может быть от 0 до 365"))


def _refuse_past(organisation: Organisation, since: date, today: date) -> None:
    if since < today:
        raise DefinitionRefused(
            _("Прошлые дни уже прожиты по прежнему определению: новое действует с %(day)s или позже")
            % {"day": date_format(today, "d.m.Y")}
        )
    midnight = datetime.combine(today, time.min, tzinfo=ZoneInfo(organisation.time_zone))
    if since == today and Permit.objects.filter(organisation=organisation, decided_at__gte=midnight).exists():
        raise DefinitionRefused(
            _("Сегодня по прежнему определению уже решали, кому напоминать: новое может действовать с завтра")
        )
