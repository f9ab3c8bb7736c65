"""Going to court in Russia: the duty by a scale since 09.09.2024, half of it for a court order.

The scale before 09.09.2024 nobody has entered, only its least fee is known: for those days there is no figure. No norm
about rounding was found, so the fee is rounded to a kopeck, half up.
"""

from fractions import Fraction
from pathlib import Path

from okno.law.court import CourtRules, EnforcementRules, FeeQuestion, by_scale, half_up, minor, scale_told
from okno.law.explained import Explained, Reading, gettext_noop
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))


def fee(question: FeeQuestion) -> Explained[int]:
    """The state duty in minor units; it is the same for a person and for an organisation. Raises `NotInForce`."""
    day = question.day
    scale = PARAMETERS["claim_fee"].at(day)
    least = PARAMETERS["least_fee"].at(day)
    exact = max(by_scale(scale, question.claim_minor), Fraction(minor(least.value)))
    rows: tuple[Reading, ...] = (scale_told(scale, question),)
    if question.way == "claim":
        return Explained(half_up(exact), rows)
    most = PARAMETERS["order_most"].at(day)
    if question.claim_minor > minor(most.value):
        why = gettext_noop("Больше %(most)s ₽ судебный приказ не выдают: подают иск.")
        return Explained(half_up(exact), (*rows, most.reading(why, since=day, until=day, params={"most": most.value})))
    share = PARAMETERS["order_share"].at(day)
    why = gettext_noop("За судебный приказ платят %(percent)s %% пошлины.")
    rows += (share.reading(why, since=day, until=day, params={"percent": share.value}),)
    return Explained(half_up(exact * Fraction(share.value) / 100), rows)


RULES = CourtRules(
    fee=fee,
    wait_months=PARAMETERS["wait_months"],
    enforcement=EnforcementRules(
        percent=PARAMETERS["enforcement_percent"],
        least_person=PARAMETERS["enforcement_least_person"],
        least_entity=PARAMETERS["enforcement_least_entity"],
    ),
)
