"""Going to court in Ukraine: an order or a claim; its fee nobody has entered, so there is no figure until it is.

One claim of 2025 is known to have cost 3 028.00 UAH, which makes no rule. Debts in listed communities and of reported
damaged homes may not be collected at all (ordinance 206): whom it protects is in `bans`.
"""

from pathlib import Path

from okno.law.court import CourtRules, FeeQuestion, by_scale, half_up, scale_told
from okno.law.explained import Explained
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))


def fee(question: FeeQuestion) -> Explained[int]:
    """The court fee by the scale the operator has entered, in kopecks, half up. Raises `NotInForce` without one."""
    scale = PARAMETERS["claim_fee" if question.way == "claim" else "order_fee"].at(question.day)
    return Explained(half_up(by_scale(scale, question.claim_minor)), (scale_told(scale, question),))


RULES = CourtRules(fee=fee, wait_months=PARAMETERS["wait_months"])
