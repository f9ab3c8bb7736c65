"""What an account's penalty is on a day: the figure, its explanation, and what of it is posted, paid and waived.

The one path of the card, the bill, the command line and the API. The figure is the law's answer to a question made of
the account's bills and the days they were paid on; a recalculation downwards counts as paid on its value day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from okno.access.models import Organisation
from okno.law.countries import pack
from okno.law.penalty import Missing, PenaltyQuestion, PenaltyResult
from okno.ledger.models import Account
from okno.ledger.penalties.facts import Facts
from okno.ledger.penalties.gathering import cursor, facts_of
from okno.ledger.penalties.keys import regime_of, through_of
from okno.ledger.penalties.models import Posting
from okno.ledger.penalties.months import penalty_months
from okno.ledger.penalties.terms import OrganisationTerms, Terms, posted_months


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeAccrued:
    """The penalty of one regime through a day, in minor units. None where a value of the law is missing."""

    regime: str
    terms: Terms
    #: What the law was asked: bills are named by their numbers.
    question: PenaltyQuestion
    #: The law's answer, with the rows that explain the figure and Ukraine's other lines beside it.
    result: PenaltyResult
    #: Penalty bills that stand for days through the day.
    posted_minor: int
    #: What of them is neither paid nor waived.
    open_minor: int
    #: Given up by the organisation, before it was posted or after.
    waived_minor: int
    #: What waivers took off before it was posted; part of `waived_minor`.
    spared_minor: int

    @property
    def exact(self) -> Fraction | None:
        """The law's figure, not rounded, before any waiver."""
        return next(total.exact for total in self.result.lines if total.line == "penalty")

    @property
    def rounded_minor(self) -> int | None:
        """The law's figure, rounded once, before any waiver."""
        return self.result.total_minor

    @property
    def not_posted_minor(self) -> int | None:
        """What has accrued and is neither posted nor waived."""
        if self.rounded_minor is None:
            return None
        return max(0, self.rounded_minor - self.spared_minor - self.posted_minor)

    @property
    def due_minor(self) -> int | None:
        """What is owed as penalty: posted and unpaid, and not yet posted."""
        return None if self.not_posted_minor is None else self.open_minor + self.not_posted_minor

    @property
    def is_asked_for(self) -> bool:
        """Whether the payer is asked to pay it: it stands in bills, or the organisation will put it there."""
        return self.terms.posting != Posting.FIGURES or self.open_minor > 0

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Values without which there is no figure, with what to enter."""
        return self.result.missing

    @property
    def verified(self) -> bool:
        """Whether every norm used was read in the law."""
        return self.result.verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrued:
    """An account's penalty through `day`, regime by regime: those that bear a penalty, even where it is nothing."""

    account_id: int
    day: date
    regimes: tuple[RegimeAccrued, ...]

    @property
    def rounded_minor(self) -> int | None:
        """All regimes together; None when one of them has no figure."""
        return _sum([regime.rounded_minor for regime in self.regimes])

    @property
    def due_minor(self) -> int | None:
        """What is owed as penalty in all regimes; None when one of them has no figure."""
        return _sum([regime.due_minor for regime in self.regimes])

    @property
    def is_asked_for(self) -> bool:
        """Whether the payer is asked to pay any of it."""
        return any(regime.is_asked_for for regime in self.regimes if regime.due_minor != 0)

    @property
    def told(self) -> tuple[RegimeAccrued, ...]:
        """The regimes that one figure may stand for: those the payer is asked for; where there are none, all."""
        return tuple(regime for regime in self.regimes if regime.is_asked_for or not self.is_asked_for)

    @property
    def told_minor(self) -> int | None:
        """The one figure for a head: what the payer is asked for, or, when it is only counted, what it comes to."""
        return _sum([regime.due_minor for regime in self.told])

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Values without which there is no figure, each once."""
        return tuple(dict.fromkeys(gap for regime in self.regimes for gap in regime.missing))

    @property
    def verified(self) -> bool:
        """Whether every norm used was read in the law."""
        return all(regime.verified for regime in self.regimes)

    def explain(self) -> dict[str, PenaltyResult]:
        """By regime, the law's answer with the rows the figure was made from."""
        return {regime.regime: regime.result for regime in self.regimes}


def accrued(account: Account, day: date) -> Accrued:
    """The account's penalty through `day`, inclusive, out of the history as it stands now."""
    return accrued_of(account.organisation, [account.pk], day)[account.pk]


def accrued_of(organisation: Organisation, accounts: Sequence[int], day: date) -> dict[int, Accrued]:
    """The same for many accounts of an organisation, one by one."""
    terms = OrganisationTerms(organisation)
    months = posted_months(organisation.pk)
    facts = facts_of(cursor(), accounts)
    return {
        account: Accrued(
            account_id=account,
            day=day,
            regimes=tuple(_regime(own, terms, regime, day, months) for regime in terms.regimes),
        )
        for account, own in facts.items()
    }


def _regime(facts: Facts, terms: OrganisationTerms, regime: str, day: date, months: Sequence[date]) -> RegimeAccrued:
    question = terms.costs(regime, day).question(facts.arrears(regime, day), day)
    penalties = [
        row for row in facts.penalties if regime_of(row.source_key) == regime and through_of(row.source_key) <= day
    ]
    taken_off = sum(
        row.amount_minor for row in facts.taken_off if row.on <= day and regime_of(row.source_key) == regime
    )
    paid = sum(minor for row in penalties for on, minor in row.parts.items() if on <= day)
    result = pack(terms.organisation.country).penalty.explain(question)
    spared = 0
    if facts.waivers and not result.missing:
        spared = penalty_months(facts, terms, months=months, as_of=day).spared(regime, facts.waivers)
    posted = sum(row.amount_minor for row in penalties)
    return RegimeAccrued(
        regime=regime,
        terms=terms.on(regime, day),
        question=question,
        result=result,
        posted_minor=posted,
        open_minor=max(0, posted - paid - taken_off),
        waived_minor=taken_off + spared,
        spared_minor=spared,
    )


def _sum(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None
