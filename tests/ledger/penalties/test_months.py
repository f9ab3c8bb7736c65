"""Which penalty is posted for which month, from an account's history alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from okno.law.penalty import Arrear
from okno.ledger.penalties.facts import Facts, PostedPenalty, Principal, Waiver
from okno.ledger.penalties.keys import last_day, penalty_of, regime_of, through_of
from okno.ledger.penalties.models import Posting
from okno.ledger.penalties.months import Foreseen, penalty_months


@dataclass
class OneHundredthADay:
    """Terms and law that can be counted in the head: a hundredth of the part for every day after the due day."""

    kind: Posting = Posting.MONTHLY
    least: int = 0
    regimes: Sequence[str] = ("housing",)
    from_day: Mapping[date, Posting] = field(default_factory=dict)

    def posting(self, regime: str, day: date) -> Posting:
        held = [since for since in self.from_day if since <= day]
        return self.from_day[max(held)] if held else self.kind

    def least_minor(self, regime: str, day: date) -> int:
        return self.least

    def figure(self, regime: str, day: date, arrears: Sequence[Arrear]) -> int:
        total = 0
        for arrear in arrears:
            left = arrear.amount_minor
            for paid in arrear.paid:
                if paid.on <= day:
                    left -= paid.amount_minor
                    total += paid.amount_minor * max(0, (paid.on - arrear.due_on).days)
            total += left * max(0, (day - arrear.due_on).days)
        return (2 * total + 100) // 200


def on(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def bill(month: str, minor: int, **paid: int) -> Principal:
    """A bill due on the tenth of the next month; `paid` is by day: d0220=40_00."""
    number = int(month)
    due_on = date(2026, number % 12 + 1, 10)
    parts = {on(f"{name[1:3]}-{name[3:]}"): amount for name, amount in paid.items()}
    return Principal(id=number, regime="housing", due_on=due_on, amount_minor=minor, parts=parts)


def months(*names: str) -> list[date]:
    return [on(f"{name}-01") for name in names]


def posted(foreseen: Foreseen) -> dict[str, int]:
    return {charge.source_key.split(":")[2][5:]: charge.amount_minor for charge in foreseen.charges}


def test_each_month_asks_for_what_the_months_before_have_not():
    # Due 10.02: 18 days by the end of February, 31 more by the end of March.
    facts = Facts(bills=[bill("01", 100_00)])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03"))
    assert posted(told) == {"02": 18_00, "03": 31_00}
    assert [charge.month for charge in told.charges] == months("02", "03")


def test_a_month_that_was_not_posted_comes_with_the_next():
    facts = Facts(bills=[bill("01", 100_00)])
    assert posted(penalty_months(facts, OneHundredthADay(), months=months("03"))) == {"03": 49_00}


def test_a_sum_below_the_least_waits_for_more():
    facts = Facts(bills=[bill("01", 100_00)])
    told = penalty_months(facts, OneHundredthADay(least=20_00), months=months("02", "03"))
    assert posted(told) == {"03": 49_00}


def test_kopecks_lost_by_rounding_a_month_come_with_a_later_one():
    facts = Facts(bills=[bill("01", 1_03)])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03", "04"))
    assert posted(told) == {"02": 19, "03": 31, "04": 31}
    assert sum(posted(told).values()) == round(1.03 * 79)


def test_a_payment_stops_the_part_it_closes():
    facts = Facts(bills=[bill("01", 100_00, d0220=40_00)])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03"))
    assert posted(told) == {"02": 4_00 + 10_80, "03": 18_60}


def test_what_is_paid_by_the_due_day_costs_nothing():
    facts = Facts(bills=[bill("01", 100_00, d0105=60_00, d0210=40_00)])
    assert posted(penalty_months(facts, OneHundredthADay(), months=months("02", "03"))) == {}


def test_at_payment_only_the_parts_that_are_paid_are_asked_for():
    facts = Facts(bills=[bill("01", 100_00, d0220=40_00, d0302=10_00, d0305=5_00)])
    told = penalty_months(facts, OneHundredthADay(kind=Posting.AT_PAYMENT), months=[])
    assert posted(told) == {"02-20": 4_00, "03-02": 2_00, "03-05": 1_15}


def test_figures_are_never_posted():
    facts = Facts(bills=[bill("01", 100_00, d0320=40_00)])
    assert posted(penalty_months(facts, OneHundredthADay(kind=Posting.FIGURES), months=months("02", "03"))) == {}


def test_new_terms_go_on_from_what_was_asked_before():
    facts = Facts(bills=[bill("01", 100_00, d0420=100_00)])
    rules = OneHundredthADay(from_day={on("01-01"): Posting.MONTHLY, on("03-01"): Posting.AT_PAYMENT})
    told = penalty_months(facts, rules, months=months("02", "03", "04"))
    assert posted(told) == {"02": 18_00, "04-20": 69_00 - 18_00}


def test_a_key_tells_the_last_day_that_is_counted():
    assert through_of("penalty:housing:2026-02") == on("02-28")
    assert through_of("penalty:capital_repair:2026-02-20") == on("02-20")
    assert penalty_of("waiver:7:housing:2026-02") == "penalty:housing:2026-02"
    assert regime_of("waiver:7:housing:2026-02") == regime_of("penalty:housing:2026-02-20") == "housing"


def test_a_waiver_takes_off_what_is_posted_and_then_what_is_not():
    waiver = Waiver(id=7, regime="housing", until=on("03-10"), given_on=on("03-10"))
    facts = Facts(bills=[bill("01", 100_00)], waivers=[waiver])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03"))
    assert [(row.source_key, row.amount_minor) for row in told.taken_off] == [("waiver:7:housing:2026-02", 18_00)]
    assert told.not_posted == {7: 10_00}
    assert posted(told) == {"02": 18_00, "03": 21_00}


def test_a_part_waiver_takes_off_the_oldest_first():
    waiver = Waiver(id=7, regime="housing", until=on("04-10"), given_on=on("04-10"), sum_minor=20_00)
    facts = Facts(bills=[bill("01", 100_00)], waivers=[waiver])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03", "04"))
    assert [(row.charge.month.month, row.amount_minor) for row in told.taken_off] == [(2, 18_00), (3, 2_00)]
    assert told.not_posted == {}
    assert posted(told) == {"02": 18_00, "03": 31_00, "04": 30_00}


def test_a_waiver_up_to_a_day_leaves_the_days_after_it():
    waiver = Waiver(id=7, regime="housing", until=on("02-20"), given_on=on("03-10"))
    facts = Facts(bills=[bill("01", 100_00)], waivers=[waiver])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03"))
    assert [row.amount_minor for row in told.taken_off] == [10_00]
    assert told.not_posted == {}


def test_what_was_paid_of_the_penalty_is_not_waived():
    waiver = Waiver(id=7, regime="housing", until=on("03-10"), given_on=on("03-10"))
    penalty = PostedPenalty(id=9, source_key="penalty:housing:2026-02", amount_minor=18_00, parts={on("03-05"): 5_00})
    facts = Facts(bills=[bill("01", 100_00, d0305=100_00)], penalties=[penalty], waivers=[waiver])
    told = penalty_months(facts, OneHundredthADay(), months=months("02", "03"))
    assert [row.amount_minor for row in told.taken_off] == [13_00]
    assert posted(told) == {"02": 18_00}
    assert told.not_posted == {7: 5_00}


def test_money_that_comes_after_the_waiver_does_not_make_it_smaller():
    waiver = Waiver(id=7, regime="housing", until=on("03-10"), given_on=on("03-10"))
    penalty = PostedPenalty(id=9, source_key="penalty:housing:2026-02", amount_minor=18_00, parts={on("03-11"): 18_00})
    facts = Facts(bills=[bill("01", 100_00, d0305=100_00)], penalties=[penalty], waivers=[waiver])
    told = penalty_months(facts, OneHundredthADay(), months=months("02"))
    assert [row.amount_minor for row in told.taken_off] == [18_00]


PROMISE = Waiver(id=7, regime="housing", until=on("03-01"), given_on=on("03-01"), pay_by=on("03-15"))


def test_a_condition_is_met_by_the_day_everything_overdue_is_paid():
    facts = Facts(bills=[bill("01", 100_00, d0305=60_00, d0315=40_00)], waivers=[PROMISE])
    told = penalty_months(facts, OneHundredthADay(), months=months("02"))
    assert told.kept == {7: on("03-15")}
    assert [(row.on, row.amount_minor) for row in told.taken_off] == [(on("03-15"), 18_00)]


def test_a_condition_that_is_not_met_in_time_takes_nothing_off():
    facts = Facts(bills=[bill("01", 100_00, d0305=60_00, d0316=40_00)], waivers=[PROMISE])
    told = penalty_months(facts, OneHundredthADay(), months=months("02"))
    assert (told.kept, told.taken_off) == ({7: None}, ())


def test_a_condition_asks_nothing_about_bills_that_were_not_overdue():
    facts = Facts(bills=[bill("01", 100_00, d0312=100_00), bill("02", 70_00)], waivers=[PROMISE])
    assert penalty_months(facts, OneHundredthADay(), months=months("02")).kept == {7: on("03-12")}


def test_at_payment_a_kept_promise_means_that_nothing_is_posted():
    facts = Facts(bills=[bill("01", 100_00, d0312=100_00)], waivers=[replace(PROMISE, until=on("03-01"))])
    told = penalty_months(facts, OneHundredthADay(kind=Posting.AT_PAYMENT), months=[])
    # What accrued after the day the promise speaks of is still asked for.
    assert posted(told) == {"03-12": 11_00}


DAYS = st.dates(on("01-01"), on("08-31"))
MONTHS = months("02", "03", "04", "05", "06", "07", "08")


@st.composite
def histories(draw: st.DrawFn) -> Facts:
    bills = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        parts = draw(st.dictionaries(DAYS, st.integers(1, 50_00), max_size=3))
        rest = draw(st.integers(0, 50_00))
        amount = sum(parts.values()) + rest
        if amount:
            bills.append(replace(bill(f"{number:02}", amount), parts=parts))
    return Facts(bills=bills)


@given(histories(), st.integers(0, 6))
def test_months_sum_up_to_the_figure_and_a_later_month_changes_none_before(facts, count):
    rules = OneHundredthADay()
    whole = penalty_months(facts, rules, months=MONTHS)
    assert posted(penalty_months(facts, rules, months=MONTHS[:count])) == {
        name: minor for name, minor in posted(whole).items() if int(name) < count + 2
    }
    assert all(charge.amount_minor > 0 for charge in whole.charges)
    end = last_day(MONTHS[-1])
    assert sum(posted(whole).values()) == rules.figure("housing", end, facts.arrears("housing", end))


@given(histories(), DAYS, st.none() | st.integers(1, 60_00))
def test_a_waiver_never_takes_off_more_than_was_asked_for(facts, given_on, part):
    rules = OneHundredthADay()
    waiver = Waiver(id=1, regime="housing", until=given_on, given_on=given_on, sum_minor=part)
    told = penalty_months(replace(facts, waivers=[waiver]), rules, months=MONTHS)
    by_bill = {charge.source_key: charge.amount_minor for charge in told.charges}
    for row in told.taken_off:
        assert 0 < row.amount_minor <= by_bill[row.charge.source_key]
    taken = sum(row.amount_minor for row in told.taken_off) + sum(told.not_posted.values())
    accrued = rules.figure("housing", given_on, facts.arrears("housing", given_on))
    assert taken == (accrued if part is None else min(part, accrued))
    without = sum(posted(penalty_months(facts, rules, months=MONTHS)).values())
    assert sum(by_bill.values()) == without - sum(told.not_posted.values())
