"""When and how often people may be reminded: hours of the day, and contacts a day, a week, a month.

Where the law sets no limit for a manager and its own residents the organisation's policy stands, labelled so, with
the yardstick it was taken from.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from okno.law.calendar import WorkingCalendar
from okno.law.dated import Parameter
from okno.law.explained import Basis, Explained, gettext_noop

#: Families of channels that are counted together: voice; texts of all kinds; a visit.
Family = Literal["call", "message", "meeting"]
FAMILIES: tuple[Family, ...] = ("call", "message", "meeting")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHours:
    """The hours of one day in the house's own time zone; both None on a day without contacts.

    `opens` is included, `closes` is not: at the closing minute nobody is disturbed.
    """

    opens: time | None
    closes: time | None
    basis: Basis

    def allow(self, moment: time) -> bool:
        """Whether a contact may begin at this local time."""
        return self.opens is not None and self.closes is not None and self.opens <= moment < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCaps:
    """How many contacts of one family a person may get; None: no limit of that length."""

    day: int | None
    week: int | None
    month: int | None
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRules:
    """One country's limits, from its sheet."""

    hours_working_day: Parameter
    hours_day_off: Parameter
    caps_call: Parameter
    caps_message: Parameter
    caps_meeting: Parameter

    def hours(self, day: date, calendar: WorkingCalendar) -> Explained[ContactHours]:
        """The hours of `day`; `calendar` tells whether it is a day off."""
        off = not calendar.is_working(day)
        value = (self.hours_day_off if off else self.hours_working_day).at(day)
        if value.value is None:
            why = gettext_noop("В этот день людей не беспокоят.")
            hours = ContactHours(opens=None, closes=None, basis=value.basis)
            return Explained(hours, (value.reading(why, since=day, until=day),))
        hours = ContactHours(
            opens=time.fromisoformat(value.value["opens"]),
            closes=time.fromisoformat(value.value["closes"]),
            basis=value.basis,
        )
        why = (
            gettext_noop("В выходной и праздник можно с %(opens)s до %(closes)s по времени дома.")
            if off
            else gettext_noop("В рабочий день можно с %(opens)s до %(closes)s по времени дома.")
        )
        return Explained(hours, (value.reading(why, since=day, until=day, params=value.value),))

    def caps(self, day: date, family: Family) -> Explained[ContactCaps]:
        """The limits of `family` on `day`."""
        value = {"call": self.caps_call, "message": self.caps_message, "meeting": self.caps_meeting}[family].at(day)
        why = gettext_noop("Не чаще: в день %(day)s, в неделю %(week)s, в месяц %(month)s.")
        told = {length: "—" if count is None else count for length, count in value.value.items()}
        caps = ContactCaps(**value.value, basis=value.basis)
        return Explained(caps, (value.reading(why, since=day, until=day, params=told),))
