"""A scenario drawn: the graph as SVG, and one node with its phrases, what it waits for and where it goes."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Language
from okno.access.roles import may
from okno.dialogs import expected_turns, graph
from okno.dialogs.checking import blocking, check
from okno.dialogs.hearing import CATEGORY
from okno.dialogs.phrases import NothingToSay
from okno.dialogs.phrases import render as rendered
from okno.dialogs.scenario import Condition, Node, Scenario
from okno.requests import categories
from okno.web.desk.calling import words as calling
from okno.web.desk.calls import words
from okno.web.desk.calls.sections import sections
from okno.web.desk.scenarios import scope
from okno.web.gatekeeper import Request, page
from okno.web.parts.words import language

KINDS = {
    "ask": gettext_lazy("вопрос"),
    "end": gettext_lazy("конец"),
    "when": gettext_lazy("условие"),
    "seek": gettext_lazy("поиск в базе"),
    "aside": gettext_lazy("отступление"),
    "say": gettext_lazy("реплика"),
}
WIDE_SIGNS, SIGNS = 21, 26
"""So many letters fit a node: of its title, and of the smaller line under it."""
_PLACES = re.compile(r"\{[^}]*\}")


@page("scenarios.view")
def scenario(request: Request, name: str) -> HttpResponse:
    """The scenario as a graph; a draft with faults is drawn as it was before, and says so."""
    now = scope.shown(request, name)
    told = scope.readable(now)
    faults = blocking(check(now.source, name)) if told is None else ()
    context: dict[str, Any] = {
        "sections": sections(request, "desk:scenarios"),
        "now": now,
        "choices": scope.choices(request, "desk:scenario", now),
        "graph": drawn(told, name, now.query) if told else "",
        "size": graph.of(told) if told else None,
        "nodes": len(told.nodes) if told else 0,
        "phrases": len(told.phrases) if told else 0,
        "faults": faults,
        "kinds": [(kind, KINDS[kind]) for kind in ("ask", "say", "when", "end", "aside")],
        "may_change": may(request.membership, "scenarios.change"),
        "dialogs": expected_turns.count(name),
    }
    return render(request, "desk/scenarios/scenario.html", context)


def drawn(scenario: Scenario, name: str, query: str) -> SafeString:
    """The graph as SVG: every node is a button that opens its words."""
    told = graph.of(scenario)
    ways = format_html_join(
        "",
        '<path class="g-way" d="{}" marker-end="url(#g-arrow)" data-from="{}" data-to="{}"{}><title>{}</title></path>',
        (
            (
                way.path,
                way.source,
                way.target,
                SafeString(" data-back") if way.back else "",
                _way(scenario, way),
            )
            for way in told.ways
        ),
    )
    nodes = format_html_join("", "{}", ((_node(scenario, place, name, query),) for place in told.places))
    return format_html(
        '<svg class="graph" xmlns="http://www.w3.org/2000/svg" role="group" aria-label="{}" width="{}" height="{}" '
        'viewBox="0 0 {} {}" data-wide="{}" data-tall="{}"><defs><marker id="g-arrow" viewBox="0 0 8 8" refX="7" '
        'refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        '<path class="g-arrow" d="M0 0 8 4 0 8z"/></marker></defs>{}{}</svg>',
        _("Сценарий по узлам"), *(told.width, told.height) * 3, ways, nodes,
    )  # fmt: skip


def _way(scenario: Scenario, way: graph.Way) -> str:
    """«вопрос о дне → обещание: назвал день», for whoever points at the line."""
    source, target = (titled(scenario, scenario.nodes[one]) for one in (way.source, way.target))
    labels = ", ".join(words.meaning(label, scenario.titles) for label in way.labels)
    return f"{_short(source, SIGNS)} → {_short(target, SIGNS)}" + (f": {labels}" if labels else "")


def _node(scenario: Scenario, place: graph.Place, name: str, query: str) -> SafeString:
    node = scenario.nodes[place.name]
    url = reverse("desk:scenario_node", args=[name, place.name]) + query
    title = titled(scenario, node)
    shown, line = _two_lines(title, _first_words(scenario, node))
    heard = ", ".join(words.meaning(event, scenario.titles) for event in place.anywhere)
    told = f"↯ {_short(heard, 28)}" if heard else ""
    anywhere = format_html('<text class="g-any" x="{}" y="{}">{}</text>', place.x + 2, place.y - 5, told)
    return format_html(
        '<g class="g-node" role="button" tabindex="0" data-node="{}" data-kind="{}"{}{} aria-label="{}" hx-get="{}" '
        'hx-target="#drawer-body" hx-swap="innerHTML" hx-trigger="click"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="8"/><text class="g-name" x="{}" y="{}">{}</text> '
        '<text class="g-words" x="{}" y="{}">{}</text> {}</g>',
        place.name, place.kind, SafeString(" data-confirms") if place.confirms else "",
        SafeString(" data-start") if place.name == scenario.start else "",
        " ".join(filter(None, (shown, line, told))) + f" ({KINDS[place.kind]})", url,
        f"{title} ({place.name})", place.x, place.y, graph.WIDE, graph.TALL, place.x + 10, place.y + 24, shown,
        place.x + 10, place.y + 44, line, anywhere,
    )  # fmt: skip


def titled(scenario: Scenario, node: Node) -> str:
    """The node in words of the page's language: its title, else what it says, does, ends with or is."""
    if node.name in scenario.titles:
        return words.meaning(node.name, scenario.titles)
    if node.say:
        texts = scenario.phrases[node.say[0]]
        return _PLACES.sub("…", texts.get(language()) or texts["ru"])
    if node.do:
        return words.action(str(node.do[0]["do"]))
    if node.end:
        badge = calling.result(node.end)
        return str(badge.text) if badge else node.end
    return str(KINDS[graph.kind(node)])


def _first_words(scenario: Scenario, node: Node) -> str:
    """What stands under a title: what the node says, does or ends with; "" where nobody but the program sees it."""
    return titled(replace(scenario, titles={}), node) if node.say or node.do or node.end else ""


def _two_lines(title: str, under: str) -> tuple[str, str]:
    """What fits a node: a title of its own with what is under it, or the title over both lines."""
    if under and under != title:
        return _capital(_short(title, WIDE_SIGNS)), _short(under, SIGNS)
    first = next(iter(textwrap.wrap(title, WIDE_SIGNS)), "")
    return _capital(first), _short(title[len(first) :].strip(), SIGNS)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str, signs: int) -> str:
    return text if len(text) <= signs else text[: signs - 1].rstrip() + "…"


@page("scenarios.view")
def node(request: Request, name: str, node: str) -> HttpResponse:
    """One node in the drawer: what it says in every language, what it waits for, where each answer leads."""
    now = scope.shown(request, name)
    told = scope.readable(now)
    if told is None or node not in told.nodes:
        raise Http404
    found = told.nodes[node]
    context = {
        "now": now,
        "node": found,
        "title": titled(told, found),
        "kind": KINDS[graph.kind(found)],
        "says": [_phrase(told, one, _("говорит")) for one in found.say],
        "again": list(_again(told, found)),
        "expected": words.expected(found.ask.expect) if found.ask else "",
        "does": [(words.action(str(one["do"])), _given(one)) for one in found.do],
        "ways": [
            (label, key, target, titled(told, told.nodes[target])) for label, key, target in _ways(found, told.titles)
        ],
        "also": [words.expected(one) for one in found.ask.also] if found.ask else [],
        "ended": titled(replace(told, titles={}), found) if found.end else "",
        "from_anywhere": [
            words.meaning(event, told.titles) for event, target in told.anywhere.items() if target == node
        ],
        "line": _line(now.source, node),
        "may_change": may(request.membership, "scenarios.change"),
    }
    return render(request, "desk/scenarios/node.html", context)


def _again(scenario: Scenario, node: Node) -> Iterator[dict[str, Any]]:
    if node.ask:
        yield from (_phrase(scenario, one, _("переспрашивает")) for one in node.ask.again)
        yield from (_phrase(scenario, one, _("предлагает клавиши")) for one in node.ask.by_keys)


def _phrase(scenario: Scenario, phrase: str, how: str) -> dict[str, Any]:
    sample = {"currency": "RUB", **expected_turns.sample(scenario.name)}
    texts = []
    for code in scenario.languages:
        text = scenario.phrases[phrase].get(code, "")
        texts.append((code, Language(code).label, text, aloud(scenario, phrase, code, sample)))
    return {"name": phrase, "how": how, "texts": texts, "private": scenario.is_private(phrase)}


def aloud(scenario: Scenario, phrase: str, language: str, values: dict[str, Any]) -> str:
    """The phrase with made-up values, as a voice would be given it; "" when it needs what nobody made up."""

    try:
        return rendered(scenario, phrase, language, values, "voice")
    except (NothingToSay, ValueError, KeyError):
        return ""


def _given(action: Any) -> str:
    return ", ".join(f"{key}: {value}" for key, value in action.items() if key != "do")


def _ways(node: Node, titles: words.Titles) -> Iterator[tuple[str, str, str]]:
    """(what takes it, with which key, where it leads)."""
    if node.ask:
        keys = {answer: key for key, answer in node.ask.keys.items()}
        for answer, target in node.ask.on.items():
            yield words.meaning(answer, titles), keys.get(answer, ""), target
        if node.ask.go:
            yield _("любой понятый ответ"), "", node.ask.go
        if node.ask.silent:
            yield _("молчит"), "", node.ask.silent
    for one in node.when:
        yield _condition(one, titles) or _("иначе"), "", one.go
    if node.go:
        yield _("дальше"), "", node.go


def _condition(one: Condition, titles: words.Titles) -> str:
    """A condition in words where its names have any: «что сломано = документы», «есть: место»."""
    if not one.name:
        return ""
    what = str({**words.EXPECTED, **words.GIVEN}.get(one.name, one.name))
    if one.test == "known":
        return (_("есть: %(what)s") if one.value else _("нет: %(what)s")) % {"what": what}
    if isinstance(one.value, bool):
        return f"{what}: {words.meaning('yes' if one.value else 'no')}"
    code = str(one.value)
    if one.name == CATEGORY and code in categories.known():
        return f"{what}: {categories.get(code).name(language())}"
    sign = {"above": ">", "below": "<"}.get(one.test, ":")
    return f"{what} {sign} {words.meaning(code.removeprefix('$'), titles)}".replace(" :", ":")


def _line(source: str, node: str) -> int:
    """On which line of the text the node begins; 1 for what a part brings."""
    inside = False
    for number, line in enumerate(source.splitlines(), start=1):
        inside = line.startswith("nodes:") or (inside and (line.startswith(" ") or not line.strip()))
        if inside and line.startswith(f"  {node}:"):
            return number
    return 1
