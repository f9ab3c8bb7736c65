"""An organisation's terms of penalties by day, and who changed them."""

from datetime import date

import pytest

from okno.access.models import Action
from okno.ledger.penalties import terms
from okno.ledger.penalties.models import PenaltyTerms, Posting
from okno.ledger.penalties.terms import OrganisationTerms, Terms, TermsRefused
from tests.ledger.penalties.penalty_book import actor, post_month, set_terms


def test_without_terms_the_law_is_counted_and_nothing_is_posted(book):
    held = OrganisationTerms(book.organisation).on("housing", date(2026, 3, 1))
    assert (held.posting, held.least_minor, held.settings) == (Posting.FIGURES, 0, {})


def test_terms_hold_from_their_day_and_the_ones_before_stay(book):
    set_terms(book, Posting.MONTHLY, since=date(2026, 3, 1))
    set_terms(book, Posting.AT_PAYMENT, since=date(2026, 5, 1), least=5_00)
    held = OrganisationTerms(book.organisation)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [held.posting("housing", day) for day in days] == [
        Posting.FIGURES,
        Posting.MONTHLY,
        Posting.MONTHLY,
        Posting.AT_PAYMENT,
    ]
    assert held.least_minor("housing", date(2026, 5, 1)) == 5_00
    assert held.ever_at_payment


def test_terms_of_one_day_are_replaced(book):
    set_terms(book, Posting.MONTHLY)
    set_terms(book, Posting.FIGURES)
    assert PenaltyTerms.objects.filter(regime="housing").count() == 1


def change(book, reason: str = "Решение собрания", **more) -> PenaltyTerms:
    wanted = Terms(**{"regime": "housing", "since": date(2026, 3, 1), **more})
    return terms.change(actor(book.organisation), wanted, reason=reason)


def test_a_change_leaves_a_line(book):
    change(book, posting=Posting.MONTHLY, settings={"rate_of": "each_day"})
    line = Action.objects.get(verb="penalties.terms_changed")
    assert line.sentence == "Пеня с 01.03.2026, жильё и коммунальные услуги: раз в месяц"
    assert (line.reason, line.detail) == (
        "Решение собрания",
        {"settings": {"rate_of": "each_day"}, "least_minor": 0},
    )


REFUSED = [
    ({"reason": ""}, "причину"),
    ({"regime": "target"}, "пени нет"),
    ({"least_minor": -1}, "не бывает отрицательной"),
    ({"settings": {"phase_of_the_moon": "full"}}, "phase_of_the_moon"),
    ({"settings": {"rate_of": "yesterday"}}, "yesterday"),
]


@pytest.mark.parametrize(("more", "words"), REFUSED)
def test_terms_that_cannot_be_are_refused(book, more, words):
    with pytest.raises(TermsRefused, match=words):
        change(book, **more)
    assert not PenaltyTerms.objects.exists()


def test_terms_of_a_posted_month_stay_as_they_were(book):
    set_terms(book)
    post_month(book, "2026-03")
    with pytest.raises(TermsRefused, match=r"31\.03\.2026"):
        change(book, since=date(2026, 3, 31))
    assert change(book, since=date(2026, 4, 1)).pk
