"""The gate's checks: pure functions over a frozen situation, made in order and never stopping at the first.

Each check says whether it passed, on what ground, and what it looked at. A check that fails for good leaves `later`
empty: the contact is refused. A check that fails for now names the moment when it is worth asking again: the contact
waits. The permit keeps all of them, so that a person reads every reason at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from okno.outreach.calling import Script
from okno.outreach.causes import Owed
from okno.outreach.holds import Held
from okno.outreach.limits import FAMILY, Limits
from okno.people.models import Channel, Vulnerability

Ground = Literal["ledger", "law", "policy", "person", "campaign"]

PHONE_CHANNELS = frozenset({Channel.CALL, Channel.ROBOT_CALL, Channel.SMS, Channel.MESSENGER})
"""What "do not call" forbids: everything that makes a telephone ring."""

NEVER_APPROACHED = frozenset(
    {
        Vulnerability.DECEASED,
        Vulnerability.MINOR,
        Vulnerability.INCAPABLE,
        Vulnerability.IN_HOSPITAL,
        Vulnerability.BANKRUPT,
    }
)
"""Those who are not reminded of a debt directly (the yardstick is 230-ФЗ art. 7)."""

NEVER_SERVED = frozenset({Vulnerability.DECEASED, Vulnerability.MINOR, Vulnerability.INCAPABLE})
"""Those whom no service is offered to either: there is nobody to answer, or nobody who may."""

WEEK_DAYS, MONTH_DAYS = 7, 31
"""A week and a month are any so many days in a row: no calendar week or month can then hold more."""

FEED_RETRY = timedelta(hours=1)
CAMPAIGN_RETRY = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A payment feed that is awaited, and the moment its payments are posted up to."""

    name: str
    covers_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """The person as the gate saw them."""

    id: int
    entitled: bool
    vulnerabilities: tuple[str, ...] = ()
    do_not_call: bool = False
    own_hours: tuple[time, time] | None = None
    consent: bool | None = None
    """The latest word about this channel: given, withdrawn, or nothing at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The address of the contact: whether it is still the person's, and what is known against it."""

    known: bool
    wrong: bool = False
    do_not_call: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """Everything one decision looks at. `now` is aware, `zone` is the house's."""

    now: datetime
    zone: str
    channel: str
    limits: Limits
    owed: Owed | None
    debt: bool = True
    """Whether the contact speaks of a debt; see `causes.Cause`."""
    pause: tuple[str, str] | None = None
    held: Held | None = None
    campaign_state: str | None = None
    start_after: datetime | None = None
    feeds: tuple[Feed, ...] = ()
    person: Addressee | None = None
    reach: Reach = field(default_factory=lambda: Reach(known=False))
    language: str = "ru"
    template_languages: tuple[str, ...] = ()
    default_language: str = "ru"
    script: Script | None = None
    """How the campaign's calls are made; None for messages and for a campaign that makes no calls."""
    left_to_person: tuple[date, ...] = ()
    """The house's days on which something of the same family left, or may have left, for this person."""
    left_on_account: tuple[date, ...] = ()

    @property
    def local(self) -> datetime:
        return self.now.astimezone(ZoneInfo(self.zone))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are words in: a call speaks its scenario, a message its template."""
        if FAMILY[self.channel] == "call":
            return self.script.languages if self.script else ()
        return self.template_languages

    @property
    def narrower(self) -> tuple[time, time] | None:
        """The hours of the person and of the campaign's calls together; where they never meet, the person's."""
        own = self.person.own_hours if self.person else None
        script = self.script
        if script is None or script.since is None or script.until is None:
            return own
        both = (max(own[0], script.since), min(own[1], script.until)) if own else (script.since, script.until)
        return both if both[0] < both[1] else own


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check as it was made. `input` holds plain JSON values; `later` is when to ask again."""

    code: str
    passed: bool
    ground: Ground
    input: Mapping[str, Any]
    norm: str = ""
    later: datetime | None = None

    def row(self) -> dict[str, Any]:
        """The check as the permit keeps it."""
        return {
            "code": self.code,
            "passed": self.passed,
            "basis": f"{self.ground}: {self.norm}" if self.norm else self.ground,
            "input": dict(self.input),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """All checks and what follows: allowed, refused for good, or waiting until `not_before`."""

    checks: tuple[Check, ...]
    reasons: tuple[str, ...]
    not_before: datetime | None

    @property
    def allowed(self) -> bool:
        return not self.reasons


def judge(situation: Situation) -> Verdict:
    """Make every check; raises `NotInForce` when the law's sheet is silent about the day."""
    checks = tuple(check(situation) for check in CHECKS)
    failed = [check for check in checks if not check.passed]
    laters = [check.later for check in failed if check.later is not None]
    not_before = None
    if failed and len(laters) == len(failed):
        not_before = situation.limits.open_from(max(laters), situation.zone, situation.narrower)
    return Verdict(checks=checks, reasons=tuple(check.code for check in failed), not_before=not_before)


def campaign(s: Situation) -> Check:
    """The campaign runs and its outward delay is over; a stopped one never comes back."""
    started = s.start_after is None or s.start_after <= s.now
    passed = s.campaign_state in (None, "running") and started
    later = None
    if not passed and s.campaign_state in ("running", "paused"):
        later = s.start_after if s.start_after and not started else s.now + CAMPAIGN_RETRY
    told = {"state": s.campaign_state, "start_after": _moment(s.start_after)}
    return Check(code="campaign", passed=passed, ground="campaign", input=told, later=later)


def still_owed(s: Situation) -> Check:
    """The cause holds by the ledger's committed state, read under the balance's lock."""
    told = {"debt_minor": s.owed.debt_minor, **s.owed.why} if s.owed else {}
    ground: Ground = "ledger" if s.debt else "campaign"
    passed = s.owed is not None and s.owed.owed
    return Check(code="paid" if s.debt else "done", passed=passed, ground=ground, input=told)


def no_pause(s: Situation) -> Check:
    """No dispute, plan or hardship rests the case."""
    told = {"code": s.pause[0], "why": s.pause[1]} if s.pause else {}
    return Check(code="pause", passed=s.pause is None, ground="policy", input=told, later=_tomorrow(s))


def no_serious_request(s: Situation) -> Check:
    """The flat waits for nothing serious from the organisation itself."""
    until = s.held.until if s.held else None
    told = {"why": s.held.why, "until": until.isoformat() if until else None} if s.held else {}
    later = datetime.combine(until, time(), ZoneInfo(s.zone)) if until else _tomorrow(s)
    return Check(code="serious_request", passed=s.held is None, ground="policy", input=told, later=later)


def feed_fresh(s: Situation) -> Check:
    """Every feed that is awaited covers payments until lately: an older picture may hold a paid debt."""
    if not s.debt:
        return Check(code="feed_stale", passed=True, ground="policy", input={"debt": False})
    hours = s.limits.policy.feed_fresh_hours
    oldest = s.now - timedelta(hours=hours)
    stale = [feed for feed in s.feeds if feed.covers_until is None or feed.covers_until < oldest]
    told = {
        "hours": hours,
        "stale": [{"name": feed.name, "covers_until": _moment(feed.covers_until)} for feed in stale],
        "feeds": len(s.feeds),
    }
    return Check(code="feed_stale", passed=not stale, ground="policy", input=told, later=s.now + FEED_RETRY)


def entitled(s: Situation) -> Check:
    """The person is the owner or the payer of that flat on that day: nobody else is told a debt.

    A service is for those who live there too, as its cause says.
    """
    passed = s.person is not None and s.person.entitled
    told = {"person": s.person.id if s.person else None, "day": s.local.date().isoformat()}
    ground: Ground = "law" if s.debt else "policy"
    return Check(code="not_entitled" if s.debt else "moved_away", passed=passed, ground=ground, input=told)


def not_vulnerable(s: Situation) -> Check:
    """Not dead, minor, incapable, in hospital or bankrupt; a service is kept from the first three only."""
    flags = s.person.vulnerabilities if s.person else ()
    return Check(
        code="vulnerable",
        passed=not (NEVER_APPROACHED if s.debt else NEVER_SERVED).intersection(flags),
        ground="policy",
        input={"flags": sorted(flags)},
    )


def may_ring(s: Situation) -> Check:
    """The person did not ask to be left alone by telephone."""
    asked = (s.person is not None and s.person.do_not_call) or s.reach.do_not_call
    passed = not (asked and s.channel in PHONE_CHANNELS)
    return Check(code="do_not_call", passed=passed, ground="person", input={"asked": asked, "channel": s.channel})


def address_known(s: Situation) -> Check:
    """The address still belongs to the person."""
    return Check(code="no_address", passed=s.reach.known, ground="person", input={"channel": s.channel})


def address_right(s: Situation) -> Check:
    """Nobody said that the number is a stranger's, no server that the mailbox is not there."""
    return Check(code="wrong_address", passed=not s.reach.wrong, ground="person", input={"channel": s.channel})


def consent(s: Situation) -> Check:
    """A consent where the law or the policy wants one; a consent withdrawn forbids in any case."""
    needed, basis, norm = s.limits.consent_needed(s.channel, s.local.date())
    given = s.person.consent if s.person else None
    passed = given is True or (given is None and not needed)
    ground: Ground = basis if needed or given is None else "person"
    told = {"needed": needed, "given": given}
    return Check(code="no_consent", passed=passed, ground=ground, norm=norm if needed else "", input=told)


def template(s: Situation) -> Check:
    """There are words in the person's language, or in the organisation's own."""
    passed = s.language in s.languages or s.default_language in s.languages
    told = {"language": s.language, "available": sorted(s.languages)}
    return Check(code="no_template", passed=passed, ground="campaign", input=told)


def lawful_hours(s: Situation) -> Check:
    """The hours of that day by the house's clock."""
    local = s.local
    hours = s.limits.hours(local.date())
    told = {
        "local": local.isoformat(timespec="seconds"),
        "opens": _clock(hours.opens),
        "closes": _clock(hours.closes),
        "working_day": hours.working_day,
    }
    passed = hours.allow(local.time())
    later = None if passed else s.limits.open_from(s.now, s.zone, None)
    return Check(code="hours", passed=passed, ground=hours.basis, norm=hours.norm, input=told, later=later)


def own_hours(s: Situation) -> Check:
    """The hours the person chose."""
    own = s.person.own_hours if s.person else None
    passed = own is None or own[0] <= s.local.time() < own[1]
    told = {"since": _clock(own[0]), "until": _clock(own[1])} if own else {}
    later = None if passed else s.limits.open_from(s.now, s.zone, own)
    return Check(code="own_hours", passed=passed, ground="person", input=told, later=later)


def campaign_hours(s: Situation) -> Check:
    """The hours of the campaign's own calls, where it has any."""
    script = s.script
    if script is None or script.since is None or script.until is None:
        return Check(code="campaign_hours", passed=True, ground="campaign", input={})
    told = {"since": _clock(script.since), "until": _clock(script.until)}
    passed = script.since <= s.local.time() < script.until
    later = None if passed else s.limits.open_from(s.now, s.zone, (script.since, script.until))
    return Check(code="campaign_hours", passed=passed, ground="campaign", input=told, later=later)


def person_cap(s: Situation) -> Check:
    """Not too often for the person, over all channels of the family."""
    return _cap("cap_person", s, s.left_to_person)


def account_cap(s: Situation) -> Check:
    """Not too often about the account, whoever of its people was reached."""
    return _cap("cap_account", s, s.left_on_account)


CHECKS: Sequence[Callable[[Situation], Check]] = (
    campaign,
    still_owed,
    no_pause,
    no_serious_request,
    feed_fresh,
    entitled,
    not_vulnerable,
    may_ring,
    address_known,
    address_right,
    consent,
    template,
    lawful_hours,
    own_hours,
    campaign_hours,
    person_cap,
    account_cap,
)
"""The order in which the reasons are told."""


def _cap(code: str, s: Situation, left: tuple[date, ...]) -> Check:
    today = s.local.date()
    caps = s.limits.caps(today, FAMILY[s.channel])
    told: dict[str, Any] = {"family": FAMILY[s.channel], "day": [], "week": [], "month": []}
    free_on = today
    for name, length, cap in (("day", 1, caps.day), ("week", WEEK_DAYS, caps.week), ("month", MONTH_DAYS, caps.month)):
        count, free = window(left, today, length, cap)
        told[name] = [count, cap]
        free_on = max(free_on, free)
    passed = free_on == today
    later = None if passed else datetime.combine(free_on, time(), ZoneInfo(s.zone))
    return Check(code=code, passed=passed, ground=caps.basis, norm=caps.norm, input=told, later=later)


def window(left: Sequence[date], today: date, length: int, cap: int | None) -> tuple[int, date]:
    """How many of `left` lie in the `length` days that end today, and the first day one more may be added.

    A cap of nothing at all never frees: the day after the window is told, so that somebody looks again.
    """
    since = today - timedelta(days=length - 1)
    inside = sorted((day for day in left if since <= day <= today), reverse=True)
    if cap is None or len(inside) < cap:
        return len(inside), today
    last_to_leave = inside[cap - 1] if cap else today
    return len(inside), last_to_leave + timedelta(days=length)


def _tomorrow(s: Situation) -> datetime:
    return datetime.combine(s.local.date() + timedelta(days=1), time(), ZoneInfo(s.zone))


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _clock(at: time | None) -> str | None:
    return at.isoformat(timespec="minutes") if at else None
