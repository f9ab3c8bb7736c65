"""«Что если»: one reading of the law explained, another beside it, and the price of every other choice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from okno.law.penalty import PenaltyLaw, PenaltyQuestion, Settings
from okno.web.desk.penalties.readings import OTHER, Chosen, Variant, chosen, difference, in_words, variants
from okno.web.gatekeeper import Request
from okno.web.parts.penalties import BillTold, differing, explanation


def asked(request: Request, law: PenaltyLaw, standing: Settings) -> dict[str, Any]:
    """The readings to choose from, for a page that has nothing to count yet."""
    readings = chosen(law, standing, request.GET)
    return {"readings": readings, "pairs": _pairs(readings)}


def answer(
    request: Request,
    law: PenaltyLaw,
    question: PenaltyQuestion,
    standing: Settings,
    titles: Mapping[str, BillTold],
) -> dict[str, Any]:
    """What a page shows: the explanation of the first reading, of the second when one was chosen, and the prices."""
    readings = chosen(law, standing, request.GET)
    context: dict[str, Any] = {"readings": readings, "pairs": _pairs(readings)}
    if readings.faults:
        return context
    first = law.explain(replace(question, settings=readings.first.settings()))
    told = explanation(first, question.arrears, question.as_of, titles=titles, whole=request.GET.get("all", ""))
    context |= {"told": told, "first_words": in_words(law, readings.first.chosen())}
    if readings.is_compared:
        second = law.explain(replace(question, settings=readings.second.settings()))
        other = explanation(second, question.arrears, question.as_of, titles=titles)
        context["told"], context["other"] = differing(told, other)
        context["second_words"] = in_words(law, readings.second.chosen())
        context["difference_minor"] = difference(first, second)
    others = variants(law, question, first, lambda name, value: _beside(request, name, value))
    context["variants"] = [one for one in others if one.matters]
    context["idle"] = _idle(others) if first.total_minor is not None else []
    context["apart"] = _beside(request, "", "")
    return context


def _idle(others: Sequence[Variant]) -> list[str]:
    """Choices that leave the figure as it is, setting by setting."""
    told: dict[str, list[str]] = {}
    for one in others:
        if not one.matters:
            told.setdefault(one.setting, []).append(one.choice)
    return [f"{setting}: {', '.join(choices)}" for setting, choices in told.items()]


def _pairs(readings: Chosen) -> list[dict[str, Any]]:
    """The fields of both readings, setting by setting."""
    return [{"first": field, "second": readings.second[field.name]} for field in readings.first]


def _beside(request: Request, name: str, value: str) -> str:
    """This page with one choice beside the first reading; with no name, with nothing beside it."""
    query = request.GET.copy()
    for key in list(query):
        if key.startswith(f"{OTHER}-"):
            del query[key]
    if name:
        query[f"{OTHER}-{name}"] = value
    return f"{request.path}?{query.urlencode()}"
