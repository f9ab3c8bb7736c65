"""The gate's checks by themselves: no database, any situation at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.outreach import policies
from okno.outreach.causes import Owed
from okno.outreach.checks import CHECKS, MONTH_DAYS, WEEK_DAYS, Addressee, Feed, Reach, Situation, judge, window
from okno.outreach.limits import Limits, Policy

NOON = datetime(2026, 11, 18, 9, tzinfo=UTC)

POLICY = Policy(
    workday=(time(8), time(22)),
    day_off=(time(9), time(20)),
    message=(2, 4, 16),
    call=(1, 2, 8),
    feed_fresh_hours=36,
    needs_consent=frozenset(),
)

GOOD = Situation(
    now=NOON,
    zone="Europe/Moscow",
    channel="sms",
    limits=policies.limits("ru", POLICY),
    owed=Owed(cause_id=1, account_id=1, owed=True, debt_minor=100_00),
    campaign_state="running",
    feeds=(Feed(name="Банк", covers_until=NOON),),
    person=Addressee(id=1, entitled=True),
    reach=Reach(known=True),
    template_languages=("ru",),
)


def test_nothing_stands_against_a_good_contact():
    verdict = judge(GOOD)
    assert verdict.allowed
    assert verdict.not_before is None
    assert len(verdict.checks) == len(CHECKS)


@pytest.mark.parametrize(
    ("change", "code", "for_good"),
    [
        ({"owed": None}, "paid", True),
        ({"owed": Owed(cause_id=1, account_id=1, owed=False, debt_minor=0)}, "paid", True),
        ({"person": None}, "not_entitled", True),
        ({"person": Addressee(id=1, entitled=False)}, "not_entitled", True),
        ({"person": Addressee(id=1, entitled=True, vulnerabilities=("minor",))}, "vulnerable", True),
        ({"person": Addressee(id=1, entitled=True, do_not_call=True)}, "do_not_call", True),
        ({"person": Addressee(id=1, entitled=True, consent=False)}, "no_consent", True),
        ({"reach": Reach(known=False)}, "no_address", True),
        ({"reach": Reach(known=True, wrong=True)}, "wrong_address", True),
        ({"template_languages": ("kk",)}, "no_template", True),
        ({"campaign_state": "stopped"}, "campaign", True),
        ({"campaign_state": "paused"}, "campaign", False),
        ({"start_after": NOON + timedelta(seconds=1)}, "campaign", False),
        ({"pause": ("plan", "План выполняется")}, "pause", False),
        ({"feeds": (Feed(name="Банк", covers_until=None),)}, "feed_stale", False),
        ({"feeds": (Feed(name="Банк", covers_until=NOON - timedelta(hours=36, seconds=1)),)}, "feed_stale", False),
        ({"now": NOON.replace(hour=19)}, "hours", False),
        ({"left_to_person": (date(2026, 11, 18),) * 2}, "cap_person", False),
        ({"left_on_account": (date(2026, 11, 12),) * 4}, "cap_account", False),
    ],
)
def test_one_reason_alone(change, code, for_good):
    verdict = judge(replace(GOOD, **change))
    assert verdict.reasons == (code,)
    assert (verdict.not_before is None) == for_good


@pytest.mark.parametrize(("covers", "fresh"), [(timedelta(hours=36), True), (timedelta(hours=36, seconds=1), False)])
def test_both_sides_of_a_fresh_feed(covers, fresh):
    assert judge(replace(GOOD, feeds=(Feed(name="Банк", covers_until=NOON - covers),))).allowed is fresh


@pytest.mark.parametrize(
    ("left", "length", "cap", "count", "free_on"),
    [
        ([], 1, 2, 0, "2026-11-18"),
        (["2026-11-18", "2026-11-18"], 1, 2, 2, "2026-11-19"),
        (["2026-11-17", "2026-11-18"], 1, 2, 1, "2026-11-18"),
        # Six days ago is inside the week, seven days ago is not.
        (["2026-11-12"], 7, 1, 1, "2026-11-19"),
        (["2026-11-11"], 7, 1, 0, "2026-11-18"),
        (["2026-11-12", "2026-11-14", "2026-11-18"], 7, 2, 3, "2026-11-21"),
        (["2026-11-18"], 7, None, 1, "2026-11-18"),
        ([], 7, 0, 0, "2026-11-25"),
        # A demo's clock may have stood later: what is yet to come does not count.
        (["2026-11-19"], 1, 1, 0, "2026-11-18"),
    ],
)
def test_windows(left, length, cap, count, free_on):
    days = [date.fromisoformat(day) for day in left]
    assert window(days, date(2026, 11, 18), length, cap) == (count, date.fromisoformat(free_on))


days = st.dates(min_value=date(2026, 10, 1), max_value=date(2026, 11, 18))


@given(left=st.lists(days, max_size=30), cap=st.integers(1, 6), length=st.sampled_from([1, WEEK_DAYS, MONTH_DAYS]))
def test_on_the_freed_day_there_is_room_and_never_before(left, cap, length):
    today = date(2026, 11, 18)
    count, free_on = window(left, today, length, cap)
    assert (free_on == today) == (count < cap)

    def inside(day):
        return sum(day - timedelta(days=length) < one <= day for one in left)

    assert inside(free_on) < cap
    for offset in range((free_on - today).days):
        assert inside(today + timedelta(days=offset)) >= cap


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
clocks = st.tuples(st.integers(0, 22), st.integers(0, 59)).map(lambda pair: time(*pair))


@st.composite
def situations(draw):
    since, length = draw(clocks), draw(st.integers(1, 600))
    until = (datetime.combine(date(2026, 1, 1), since) + timedelta(minutes=length)).time()
    person = Addressee(
        id=1,
        entitled=draw(st.booleans()),
        vulnerabilities=tuple(draw(st.sets(st.sampled_from(["deceased", "elderly", "minor"])))),
        do_not_call=draw(st.booleans()),
        own_hours=(since, until) if since < until and draw(st.booleans()) else None,
        consent=draw(st.sampled_from([None, True, False])),
    )
    now = draw(moments)
    left = tuple(draw(st.lists(st.dates(now.date() - timedelta(days=40), now.date()), max_size=6)))
    return replace(
        GOOD,
        now=now,
        zone=draw(st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "Europe/Kaliningrad", "Europe/Kyiv"])),
        channel=draw(st.sampled_from(["sms", "email", "call", "robot_call", "letter"])),
        limits=policies.limits(draw(st.sampled_from(["ru", "kz", "ua"])), POLICY),
        owed=draw(st.sampled_from([GOOD.owed, None])),
        pause=draw(st.sampled_from([None, ("plan", "план")])),
        campaign_state=draw(st.sampled_from([None, "running", "paused", "stopped"])),
        feeds=(Feed(name="Банк", covers_until=draw(moments)),),
        person=draw(st.sampled_from([person, None])),
        reach=Reach(known=draw(st.booleans()), wrong=draw(st.booleans()), do_not_call=draw(st.booleans())),
        left_to_person=left,
        left_on_account=left,
    )


@given(situations())
def test_in_any_situation_every_check_is_made_and_the_verdict_follows(situation):
    verdict = judge(situation)
    assert [check.code for check in verdict.checks] == [check.code for check in judge(GOOD).checks]
    failed = [check for check in verdict.checks if not check.passed]
    assert verdict.reasons == tuple(check.code for check in failed)
    for_good = any(check.later is None for check in failed)
    assert (verdict.not_before is None) == (not failed or for_good)


@given(situations())
def test_whoever_waits_is_asked_again_later_and_in_lawful_hours(situation):
    verdict = judge(situation)
    if verdict.not_before is None:
        return
    assert verdict.not_before >= situation.now
    local = verdict.not_before.astimezone(ZoneInfo(situation.zone))
    own = situation.person.own_hours if situation.person else None
    hours = situation.limits.hours(local.date())
    opened = hours.allow(local.time()) and (own is None or own[0] <= local.time() < own[1])
    assert opened or verdict.not_before - situation.now >= timedelta(days=1)


@given(situations())
def test_a_debt_is_never_told_to_whom_it_must_not_be(situation):
    if judge(situation).allowed:
        assert situation.owed is not None
        assert situation.person is not None
        assert situation.person.entitled
        assert "deceased" not in situation.person.vulnerabilities
        assert situation.person.consent is not False
        assert situation.reach.known
        assert not situation.reach.wrong


def test_the_law_narrows_a_policy_and_is_named():
    """No country's sheet sets hours by law yet, so the sheet is told to for this test."""
    loose = Policy(
        workday=(time(0), time(23, 59)),
        day_off=(time(0), time(23, 59)),
        message=(9, 99, 999),
        call=(9, 99, 999),
        feed_fresh_hours=36,
        needs_consent=frozenset(),
    )
    russian = policies.limits("ru", loose)
    by_law = Limits(pack=_Lawful(russian.pack), policy=loose, calendar=russian.calendar)
    hours = by_law.hours(date(2026, 11, 18))
    assert (hours.opens, hours.closes, hours.basis) == (time(8), time(22), "law")
    caps = by_law.caps(date(2026, 11, 18), "message")
    assert (caps.day, caps.week, caps.month, caps.basis) == (2, 4, 16, "law")
    assert caps.norm
    mine = russian.caps(date(2026, 11, 18), "message")
    assert (mine.day, mine.basis) == (9, "policy")


class _Lawful:
    """The Russian pack with its yardstick made into law."""

    def __init__(self, pack) -> None:
        self._pack = pack

    def contact_hours(self, day, *, calendar):
        told = self._pack.contact_hours(day, calendar=calendar)
        return replace(told, value=replace(told.value, basis="law"))

    def contact_caps(self, day, family):
        told = self._pack.contact_caps(day, family)
        return replace(told, value=replace(told.value, basis="law"))


@pytest.mark.parametrize(
    ("country", "workday", "day_off", "message", "consent"),
    [
        ("ru", (time(8), time(22)), (time(9), time(20)), (2, 4, 16), {"robot_call"}),
        ("kz", (time(9), time(20)), None, (2, 14, 62), set()),
    ],
)
def test_what_an_organisation_of_a_country_begins_with(country, workday, day_off, message, consent):
    policy = policies.by_default(country, date(2026, 11, 18))
    assert (policy.workday, policy.day_off, policy.message) == (workday, day_off, message)
    assert policy.needs_consent == consent
