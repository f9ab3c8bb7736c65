"""The organisation's contact policy: read for the gate, and made from the country's yardstick when it is new."""

from collections.abc import Sequence
from datetime import date, time
from functools import lru_cache
from typing import Any

from okno.law.calendar import Override, WorkingCalendar
from okno.law.contact import ContactCaps
from okno.law.countries import pack
from okno.law.country_pack import CountryPack
from okno.outreach.limits import Limits, Policy
from okno.people.models import Channel

FEED_FRESH_HOURS = 36
"""A bank sends its register on working days: a day and a half is one missed register."""

COLUMNS = (
    "workday_since, workday_until, day_off_since, day_off_until, messages_a_day, messages_a_week, messages_a_month,"
    " calls_a_day, calls_a_week, calls_a_month, feed_fresh_hours, needs_consent"
)


def from_row(row: Sequence[Any]) -> Policy:
    """The policy out of `COLUMNS`."""
    return Policy(
        workday=(row[0], row[1]),
        day_off=(row[2], row[3]) if row[2] is not None and row[3] is not None else None,
        message=(row[4], row[5], row[6]),
        call=(row[7], row[8], row[9]),
        feed_fresh_hours=row[10],
        needs_consent=frozenset(row[11]),
    )


def by_default(country: str, day: date) -> Policy:
    """What an organisation of the country begins with on `day`: the country's yardstick. Raises `NotInForce`."""
    rules = pack(country)
    working = rules.contact.hours_working_day.at(day).value
    off = rules.contact.hours_day_off.at(day).value
    robot = rules.robot_call_needs_consent(day).value
    return Policy(
        workday=(time.fromisoformat(working["opens"]), time.fromisoformat(working["closes"])),
        day_off=(time.fromisoformat(off["opens"]), time.fromisoformat(off["closes"])) if off else None,
        message=_counts(rules.contact_caps(day, "message").value),
        call=_counts(rules.contact_caps(day, "call").value),
        feed_fresh_hours=FEED_FRESH_HOURS,
        needs_consent=frozenset({Channel.ROBOT_CALL.value}) if robot else frozenset(),
    )


def _counts(caps: ContactCaps) -> tuple[int, int, int]:
    """Three numbers even where the yardstick names one: what a day allows, a week and a month cannot exceed."""
    day = caps.day if caps.day is not None else caps.week or caps.month or 1
    week = caps.week if caps.week is not None else day * 7
    return day, week, caps.month if caps.month is not None else (week * 31 + 6) // 7


@lru_cache(maxsize=256)
def limits(country: str, policy: Policy, set_apart: tuple[str, ...] = ()) -> Limits:
    """The limits an organisation of this country with this policy is bound by.

    `set_apart` are the days of its own calendar, each as "2026-12-31 holiday".
    """
    rules: CountryPack = pack(country)
    overrides = [_override(*told.split()) for told in set_apart]
    return Limits(pack=rules, policy=policy, calendar=WorkingCalendar(country, overrides))


def _override(day: str, kind: str) -> Override:
    return Override(day=date.fromisoformat(day), kind=kind, source="")  # type: ignore[arg-type]
