"""Hours and frequency as they bind one organisation: the law where it gives them, else the organisation's policy.

Pure: everything is read before and handed over. Where the law of the country sets a limit, the narrower of the two
holds, so that a policy can never be wider than the law.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from okno.law.calendar import WorkingCalendar
from okno.law.country_pack import CountryPack
from okno.people.models import Channel

Basis = Literal["law", "policy"]
Family = Literal["call", "message"]

FAMILY: dict[str, Family] = {
    Channel.EMAIL: "message",
    Channel.SMS: "message",
    Channel.LETTER: "message",
    Channel.MESSENGER: "message",
    Channel.CALL: "call",
    Channel.ROBOT_CALL: "call",
}
"""Channels that are counted together."""

FARTHEST_DAYS = 31
"""How far ahead an open hour is looked for: longer than any holidays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The organisation's own limits, as its row holds them; None of `day_off` is a day without contacts."""

    workday: tuple[time, time]
    day_off: tuple[time, time] | None
    message: tuple[int, int, int]
    call: tuple[int, int, int]
    feed_fresh_hours: int
    needs_consent: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """One day's hours by the house's clock; `opens` is included, `closes` is not; None: nobody is disturbed."""

    opens: time | None
    closes: time | None
    working_day: bool
    basis: Basis
    norm: str

    def allow(self, moment: time) -> bool:
        return self.opens is not None and self.closes is not None and self.opens <= moment < self.closes


@dataclass(frozen=True, kw_only=True, slots=True)
class Caps:
    """How many contacts of a family; None: no limit of that length."""

    day: int | None
    week: int | None
    month: int | None
    basis: Basis
    norm: str


@dataclass(kw_only=True, slots=True)
class Limits:
    """The limits of one organisation, by day; answers are kept, as a batch asks the same days again and again."""

    pack: CountryPack
    policy: Policy
    calendar: WorkingCalendar
    _hours: dict[date, Hours] = field(default_factory=dict)
    _caps: dict[tuple[date, Family], Caps] = field(default_factory=dict)

    def hours(self, day: date) -> Hours:
        """The hours of `day`. Raises `NotInForce` when the country's sheet is silent about that day."""
        if day not in self._hours:
            self._hours[day] = self._make_hours(day)
        return self._hours[day]

    def caps(self, day: date, family: Family) -> Caps:
        """The frequency limits as of `day`. Raises `NotInForce`."""
        if (day, family) not in self._caps:
            self._caps[day, family] = self._make_caps(day, family)
        return self._caps[day, family]

    def consent_needed(self, channel: str, day: date) -> tuple[bool, Basis, str]:
        """Whether the channel wants a consent, on what ground, and the norm."""
        if channel == Channel.ROBOT_CALL:
            law = self.pack.robot_call_needs_consent(day)
            if law.value:
                return True, law.rows[0].basis, law.rows[0].norm
        return channel in self.policy.needs_consent, "policy", ""

    def open_from(self, moment: datetime, zone: str, own: tuple[time, time] | None) -> datetime:
        """The first moment not before `moment` inside the lawful hours and the person's own, by the house's clock.

        When nothing opens within a month (the two do not meet), a day later: somebody will have changed them.
        """
        local = moment.astimezone(ZoneInfo(zone))
        for offset in range(FARTHEST_DAYS):
            day = local.date() + timedelta(days=offset)
            hours = self.hours(day)
            if hours.opens is None or hours.closes is None:
                continue
            opens = max(hours.opens, own[0]) if own else hours.opens
            closes = min(hours.closes, own[1]) if own else hours.closes
            start = max(opens, local.time()) if offset == 0 else opens
            if start < closes:
                return datetime.combine(day, start, ZoneInfo(zone))
        return moment + timedelta(days=1)

    def _make_hours(self, day: date) -> Hours:
        working = self.calendar.is_working(day)
        own = self.policy.workday if working else self.policy.day_off
        law = self.pack.contact_hours(day, calendar=self.calendar).value
        norm = ""
        opens, closes = own if own is not None else (None, None)
        if law.basis == "law":
            norm = self.pack.contact_hours(day, calendar=self.calendar).rows[0].norm
            if opens is None or closes is None or law.opens is None or law.closes is None:
                opens = closes = None
            else:
                opens, closes = max(opens, law.opens), min(closes, law.closes)
        return Hours(opens=opens, closes=closes, working_day=working, basis=law.basis, norm=norm)

    def _make_caps(self, day: date, family: Family) -> Caps:
        own = self.policy.message if family == "message" else self.policy.call
        told = self.pack.contact_caps(day, family)
        law = told.value
        if law.basis != "law":
            return Caps(day=own[0], week=own[1], month=own[2], basis="policy", norm="")
        pairs = zip(own, (law.day, law.week, law.month), strict=True)
        narrow = [mine if lawful is None else min(mine, lawful) for mine, lawful in pairs]
        return Caps(day=narrow[0], week=narrow[1], month=narrow[2], basis="law", norm=told.rows[0].norm)
