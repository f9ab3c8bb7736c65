"""What a well-formed scenario may still do wrong in a call, found without making one.

It may tell a private thing before the person is known, name what nobody brings, walk in a circle, leave a person out
of reach, speak in a bad tone, or have corners that no call ever enters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from okno.dialogs import scenario as scenarios
from okno.dialogs.scenario import Node, Scenario, said, targets
from okno.outreach import tone

NEEDED_ANYWHERE = ("person", "person_busy", "robot_question")
"""A person is within reach everywhere, and the robot owns up to being one."""
ALWAYS = frozenset({"today", "currency", "call_by", "words", "left", "taken", "confirmed"})
"""What every call brings or the dialog keeps by itself."""


@dataclass(frozen=True, slots=True)
class Unsound:
    """A thing that must not be (or that is idle, when it does not block), and the way to it in the file."""

    place: tuple[str, ...]
    what: str
    remedy: str
    blocks: bool = True


def faults(scenario: Scenario, original: Scenario) -> Iterator[Unsound]:
    """Everything unsound in `scenario`; `original` is the shipped one, whose facts and actions the program knows."""
    yield from _other_name(scenario, original)
    yield from _out_of_reach(scenario)
    yield from _told_too_early(scenario)
    yield from _nobody_brings(scenario, original)
    yield from _nobody_does(scenario)
    yield from _circles(scenario)
    yield from slow(scenario)
    yield from _tone(scenario)
    yield from _idle(scenario)


def _other_name(scenario: Scenario, original: Scenario) -> Iterator[Unsound]:
    if scenario.name != original.name:
        yield Unsound(
            ("name",),
            _("Имя сценария изменено на «%(name)s».") % {"name": scenario.name},
            _("Верните «%(name)s»: по имени звонок находит сценарий.") % {"name": original.name},
        )
    for language in original.languages:
        if language not in scenario.languages:
            yield Unsound(
                ("languages",),
                _("Пропал язык %(language)s.") % {"language": language},
                _("Верните его: с людьми, выбравшими этот язык, говорить будет не на чем."),
            )


def _out_of_reach(scenario: Scenario) -> Iterator[Unsound]:
    for event in NEEDED_ANYWHERE:
        if event not in scenario.anywhere:
            yield Unsound(
                ("anywhere",),
                _("В anywhere нет «%(event)s».") % {"event": event},
                _("Добавьте строку «include: [manners]» или свой путь: человек должен быть доступен отовсюду."),
            )


def _told_too_early(scenario: Scenario) -> Iterator[Unsound]:
    """Private phrases in nodes that a call may enter while the person is not confirmed."""
    for name in sorted(_before_confirmation(scenario)):
        for phrase in said(scenario.nodes[name]):
            if scenario.is_private(phrase):
                yield Unsound(
                    ("nodes", name),
                    _("Узел %(node)s говорит личное («%(phrase)s») до того, как человек подтверждён.")
                    % {"node": name, "phrase": phrase},
                    _("Ведите сюда только через узел с «confirms: true»."),
                )


def _before_confirmation(scenario: Scenario) -> set[str]:
    seen: set[str] = set()
    ahead = [scenario.start, *scenario.anywhere.values()]
    while ahead:
        node = scenario.nodes[ahead.pop()]
        if node.name in seen or node.confirms:
            continue
        seen.add(node.name)
        ahead += _ways(node)
    return seen


def _ways(node: Node) -> Iterator[str]:
    """Where the node leads an unconfirmed call: a condition on the confirmation itself is not passed."""
    kept = {one.go for one in node.when if one.source == "slot" and one.name == "confirmed" and one.value is True}
    others = {one.go for one in node.when if not (one.source == "slot" and one.name == "confirmed")}
    for target in targets(node):
        if target not in kept or target in others:
            yield target


def _nobody_brings(scenario: Scenario, original: Scenario) -> Iterator[Unsound]:
    for fact in scenario.facts:
        if fact not in original.facts:
            yield Unsound(
                ("facts", fact),
                _("Сведение «%(fact)s» звонку никто не приносит.") % {"fact": fact},
                _("Уберите его; бывают: %(known)s.") % {"known": ", ".join(original.facts)},
            )
    if any(node.take or node.seek for node in scenario.nodes.values()):
        # The items of a list and what is looked up bring names of their own, which the file does not tell.
        return
    known = {*scenario.facts, *ALWAYS, *_slots(scenario)}
    for phrase in scenario.phrases:
        for language in scenario.languages:
            for name, _kind in scenario.places(phrase, language):
                if name not in known:
                    yield Unsound(
                        ("phrases", phrase, language),
                        _("В фразе «%(phrase)s» стоит {%(name)s}, а такого сведения нет.")
                        % {"phrase": phrase, "name": name},
                        _("Исправьте имя в фигурных скобках."),
                    )


def _slots(scenario: Scenario) -> Iterator[str]:
    for node in scenario.nodes.values():
        yield from (*node.set, *node.told.values())
        if node.ask:
            yield from (node.ask.slot, *node.ask.also.values())


@lru_cache(maxsize=1)
def actions() -> frozenset[str]:
    """What dialogs may decide: the actions of the shipped scenarios and parts, all of which somebody performs."""
    every = (node for name in scenarios.names() for node in scenarios.shipped(name).nodes.values())
    return frozenset(str(one["do"]) for node in every for one in node.do)


def _nobody_does(scenario: Scenario) -> Iterator[Unsound]:
    for name, node in scenario.nodes.items():
        for action in node.do:
            if action["do"] not in actions():
                yield Unsound(
                    ("nodes", name, "do"),
                    _("Действия «%(action)s» программа не знает.") % {"action": action["do"]},
                    _("Возьмите одно из: %(known)s.") % {"known": ", ".join(sorted(actions()))},
                )


def _circles(scenario: Scenario) -> Iterator[Unsound]:
    """Nodes that lead to each other without ever asking."""
    for name in scenario.nodes:
        at, seen = name, set[str]()
        while at and at not in seen:
            seen.add(at)
            at = scenario.nodes[at].go
        if at == name:
            yield Unsound(
                ("nodes", name),
                _("Узел %(node)s ходит по кругу и ни о чём не спрашивает.") % {"node": name},
                _("Дайте кругу вопрос (ask) или конец (end)."),
            )


LONGEST_PATTERN = 300
_TWICE = re.compile(r"\([^()]*[+*][^()]*\)(?:[+*]|\{\d*,\})")


def slow(scenario: Scenario) -> Iterator[Unsound]:
    """Patterns that could think for minutes about one sentence: repetitions of repetitions, and endless ones."""
    for name, by_language in scenario.hears.items():
        for language, patterns in by_language.items():
            for pattern in patterns:
                if len(pattern.pattern) > LONGEST_PATTERN or _TWICE.search(pattern.pattern):
                    yield Unsound(
                        ("hears", name, language),
                        _("Образец слишком сложный: %(pattern)s.") % {"pattern": pattern.pattern[:60]},
                        _("Разбейте его на несколько коротких, без повтора внутри повтора."),
                    )


def _tone(scenario: Scenario) -> Iterator[Unsound]:
    for phrase, texts in scenario.phrases.items():
        for language, text in texts.items():
            for fault in tone.faults(text):
                yield Unsound(
                    ("phrases", phrase, language),
                    _("Так говорить нельзя: «%(word)s».") % {"word": fault.word},
                    _("Скажите иначе: робот напоминает и не давит."),
                )


def _idle(scenario: Scenario) -> Iterator[Unsound]:
    seen: set[str] = set()
    ahead = [scenario.start, *scenario.anywhere.values()]
    while ahead:
        node = scenario.nodes[ahead.pop()]
        if node.name not in seen:
            seen.add(node.name)
            ahead += targets(node)
    for name in scenario.nodes:
        if name not in seen:
            yield Unsound(
                ("nodes", name),
                _("В узел %(node)s разговор никогда не попадёт.") % {"node": name},
                _("Проведите в него путь или уберите."),
                blocks=False,
            )
    spoken = {phrase for node in scenario.nodes.values() for phrase in said(node)}
    for phrase in scenario.phrases:
        if phrase not in spoken:
            yield Unsound(
                ("phrases", phrase),
                _("Фразу «%(phrase)s» никто не говорит.") % {"phrase": phrase},
                _("Вставьте её в say или уберите."),
                blocks=False,
            )
