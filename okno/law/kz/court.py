"""Going to a notary or a court in Kazakhstan: two months after the due day (ст. 34-1 п. 10), duty 1 % or 3 %.

The duty is capped in monthly indices and rounded to a whole tenge, half up, as the example the rate was seen in does.
What a notary takes for an executive inscription nobody has entered.
"""

from fractions import Fraction
from pathlib import Path

from okno.law.court import CourtRules, FeeQuestion, half_up, minor
from okno.law.explained import Explained, gettext_noop
from okno.law.kz.mrp import MONTHLY_INDEX
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
WHOLE_TENGE = 100


def fee(question: FeeQuestion) -> Explained[int]:
    """The state duty on a claim, or the notary's fee (`way="order"`), in tiyns. Raises `NotInForce`."""
    day = question.day
    if question.way == "order":
        asked = PARAMETERS["order_fee"].at(day)
        why = gettext_noop("Плата нотариусу за исполнительную надпись.")
        return Explained(minor(asked.value), (asked.reading(why, since=day, until=day),))
    percent = PARAMETERS[f"claim_percent_{question.claimant}"].at(day)
    most = PARAMETERS[f"claim_most_{question.claimant}"].at(day)
    index = MONTHLY_INDEX.at(day)
    cap = Fraction(most.value) * minor(index.value)
    exact = min(Fraction(percent.value) / 100 * question.claim_minor, cap)
    told = {"percent": percent.value, "most": most.value}
    why = gettext_noop("Пошлина %(percent)s %% суммы требования, но не больше %(most)s МРП.")
    rows = (
        percent.reading(why, since=day, until=day, params=told),
        index.reading(gettext_noop("МРП: %(index)s ₸."), since=day, until=day, params={"index": index.value}),
    )
    return Explained(half_up(exact, to=WHOLE_TENGE), rows)


RULES = CourtRules(fee=fee, wait_months=PARAMETERS["wait_months"])
