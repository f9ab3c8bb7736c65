"""A scenario out of its YAML file: nodes, phrases by language, routes; refused whole when it could fail in a call."""

import json
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_noop
from jsonschema import Draft202012Validator

from okno.common.folding import near_letters

FOLDER = Path(__file__).parent / "scenarios"
_PLACE = re.compile(r"{([a-z][a-z0-9_]*)(?::([a-z]+))?}")
_WORDS = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"\bа(?=\w{4})")
"""What a recogniser writes together with the word after it: "анадолго"."""


LANGUAGE_OFFER = "language_offer"
"""The phrase that tells, in another language, how to be spoken to in it."""


class Loader(yaml.SafeLoader):
    """Yes, no and on are answers and routes here; only true and false are flags."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class BadScenario(ValueError):
    """The file cannot be run; the message names the file, the node and what is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Go to `go` when a fact or a slot is as told; a condition that tells nothing always holds."""

    go: str
    source: str = ""
    name: str = ""
    test: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: what is expected, where the answer goes, and the way on for each answer."""

    expect: str
    slot: str = ""
    #: Grammars tried besides, with the slot each fills ("заплачу в пятницу три тысячи").
    also: Mapping[str, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    by_keys: tuple[str, ...] = ()
    #: Key → answer, e.g. "1" → "yes".
    keys: Mapping[str, str] = field(default_factory=dict)
    #: `least` and `most` of what is answered in earnest, both inclusive; "$name" is the slot or fact of that name.
    likely: Mapping[str, Any] = field(default_factory=dict)
    on: Mapping[str, str] = field(default_factory=dict)
    go: str = ""
    silent: str = ""
    #: What stands in the slot was denied: heard the same again, it was misheard again.
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the dialog: it says, may do, then asks, goes on, or ends with an outcome."""

    name: str
    say: tuple[str, ...] = ()
    #: From here on the person is known to be the entitled one; false: not any more, as it is about another account.
    confirms: bool | None = None
    #: A list among the facts whose next item is put into the slots; the slot `left` tells whether there was one.
    take: str = ""
    #: What must be looked up before going on ("by" tells how); what is found comes among the facts.
    seek: Mapping[str, Any] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    #: Grammars tried on the words that led here, with the slot each fills ("перезвоните завтра": the day is told).
    told: Mapping[str, str] = field(default_factory=dict)
    do: tuple[Mapping[str, Any], ...] = ()
    when: tuple[Condition, ...] = ()
    ask: Ask | None = None
    go: str = ""
    end: str = ""
    #: An aside: what was asked before is asked again.
    back: bool = False
    #: After what it says it tells, in the organisation's next language, how to be spoken to in it.
    offers_languages: bool = False
    #: A question beside the talk; a node that resumes goes on with the question it came after.
    aside: bool = False
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario. `facts` are what the caller must bring, by kind; `private` are told to the entitled only."""

    name: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    facts: Mapping[str, str]
    private: frozenset[str]
    start: str
    misses: int
    phrases: Mapping[str, Mapping[str, str]]
    #: Answers of the scenario's own: name → language → patterns of whole words in a row.
    hears: Mapping[str, Mapping[str, tuple[re.Pattern[str], ...]]]
    anywhere: Mapping[str, str]
    nodes: Mapping[str, Node]
    #: What the answers of its own are called on screens: name → language → words.
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def choice(self, text: str, language: str, among: Container[str]) -> tuple[str, int]:
        """The answer of its own, of those `among`, that most of the words tell, and how many of their letters do.

        ("", 0) for none.
        """
        plain = " ".join(_WORDS.findall(near_letters(text.lower())))
        return self._told(plain, language, among) or self._told(_JOINED.sub("а ", plain), language, among) or ("", 0)

    def _told(self, plain: str, language: str, among: Container[str]) -> tuple[str, int] | None:
        told = {
            name: sum(len(found.group()) for pattern in by.get(language, ()) for found in pattern.finditer(plain))
            for name, by in self.hears.items()
            if name in among
        }
        best = max(told, key=lambda name: told[name], default="")
        return (best, told[best]) if best and told[best] else None

    def places(self, phrase: str, language: str) -> tuple[tuple[str, str], ...]:
        """(name, kind) of the places of a phrase, kinds as the phrase or the facts tell them."""
        text = self.phrases[phrase].get(language, "")
        return tuple((name, kind or self.facts.get(name, "text")) for name, kind in _PLACE.findall(text))

    def is_private(self, phrase: str) -> bool:
        """Whether the phrase tells something that only the entitled person may hear."""
        return any(name in self.private for language in self.languages for name, _kind in self.places(phrase, language))


@lru_cache(maxsize=32)
def shipped(name: str) -> Scenario:
    """A scenario that comes with the program. Raises `BadScenario`."""
    path = FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise BadScenario(f"Сценария «{name}» нет, есть: {', '.join(names())}.")
    return read(path.read_text(encoding="utf-8"), path.name)


def names() -> list[str]:
    """The shipped scenarios."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(text: str, where: str) -> Scenario:
    """A scenario out of its text. Raises `BadScenario` with the first thing that is wrong."""
    try:
        # A SafeLoader by birth: it makes nothing but plain values.
        told = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise BadScenario(f"{where}: {error}") from error
    told = with_parts(told, where)
    complaint = next(iter(validator().iter_errors(told)), None)
    if complaint is not None:
        raise BadScenario(f"{where}, {'/'.join(map(str, complaint.absolute_path))}: {complaint.message}")
    scenario = made(told)
    for wrong in faults(scenario):
        raise BadScenario(f"{where}: {wrong}")
    return scenario


@lru_cache(maxsize=1)
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8")))


def with_parts(told: Any, where: str) -> dict[str, Any]:
    """The scenario with the parts it includes; whatever it tells itself stands before what a part tells.

    Raises `BadScenario` for what is no scenario and for a part that there is none of.
    """
    if not isinstance(told, dict):
        raise BadScenario(f"{where}: это не сценарий")
    whole = dict(told)
    for name in _included(told, where):
        # A name out of somebody's text never becomes a path: it is looked for among the parts.
        if name not in part_names():
            raise BadScenario(f"{where}: части {name} нет")
        part = yaml.load((FOLDER / "parts" / f"{name}.yaml").read_text(encoding="utf-8"), Loader)
        for section in SECTIONS:
            own = whole.get(section) or {}
            if not isinstance(own, dict):
                raise BadScenario(f"{where}: {section} — не список имён с содержимым")
            whole[section] = {**part.get(section, {}), **own}
    _readable(whole.get("hears") or {}, where)
    return whole


def _readable(hears: Mapping[Any, Any], where: str) -> None:
    for name, by_language in hears.items():
        lines = by_language.values() if isinstance(by_language, dict) else ()
        for line in (line for told in lines if isinstance(told, list) for line in told):
            try:
                re.compile(str(line))
            except re.error as error:
                raise BadScenario(f"{where}: hears {name}: «{line}» не читается: {error}") from error


SECTIONS = ("phrases", "titles", "hears", "anywhere", "nodes")
"""What a part may bring."""


def part_names() -> list[str]:
    """The parts that a scenario may include."""
    return sorted(path.stem for path in (FOLDER / "parts").glob("*.yaml"))


def _included(told: dict[Any, Any], where: str) -> list[Any]:
    include = told.get("include") or []
    if not isinstance(include, list):
        raise BadScenario(f"{where}: include — не список")
    return include


def made(told: dict[str, Any]) -> Scenario:
    """The scenario of a mapping that fits the schema."""
    return Scenario(
        name=told["name"],
        title=told["title"],
        languages=tuple(told["languages"]),
        facts=told["facts"],
        private=frozenset(told.get("private", ())),
        start=told["start"],
        misses=told.get("misses", 2),
        phrases=told["phrases"],
        hears={name: _heard(by) for name, by in told.get("hears", {}).items()},
        anywhere=told["anywhere"],
        nodes={name: _node(name, node) for name, node in told["nodes"].items()},
        titles=told.get("titles", {}),
    )


def _heard(by_language: Mapping[str, Any]) -> dict[str, tuple[re.Pattern[str], ...]]:
    return {
        language: tuple(re.compile(rf"(?<!\w)(?:{near_letters(line)})(?!\w)") for line in lines)
        for language, lines in by_language.items()
    }


def _node(name: str, told: dict[str, Any]) -> Node:
    ask = told.get("ask")
    return Node(
        name=name,
        say=tuple(told.get("say", ())),
        confirms=told.get("confirms"),
        take=told.get("take", ""),
        seek=told.get("seek", {}),
        set=told.get("set", {}),
        told=told.get("told", {}),
        do=tuple(told.get("do", ())),
        when=tuple(_condition(one) for one in told.get("when", ())),
        ask=None if ask is None else _ask(ask),
        go=told.get("go", ""),
        end=told.get("end", ""),
        back=told.get("back", False),
        offers_languages=told.get("offers_languages", False),
        aside=told.get("aside", False),
        resume=told.get("resume", False),
    )


def _ask(told: dict[str, Any]) -> Ask:
    return Ask(
        expect=told["expect"],
        slot=told.get("slot", ""),
        also=told.get("also", {}),
        again=tuple(told.get("again", ())),
        by_keys=tuple(told.get("by_keys", ())),
        keys={str(key): answer for key, answer in told.get("keys", {}).items()},
        likely=told.get("likely", {}),
        on=told.get("on", {}),
        go=told.get("go", ""),
        silent=told.get("silent", ""),
        denied=told.get("denied", False),
    )


def _condition(told: dict[str, Any]) -> Condition:
    source = "fact" if "fact" in told else "slot" if "slot" in told else ""
    test = next((name for name in ("is", "known", "above", "below") if name in told), "")
    return Condition(told["go"], source, told.get(source, "") if source else "", test, told.get(test))


@dataclass(frozen=True, slots=True)
class Wrong:
    """What would fail in a call: `code` is a key of `WRONG`, `place` the way to it in the file."""

    code: str
    place: tuple[str, ...]
    names: Mapping[str, str]

    def __str__(self) -> str:
        return WRONG[self.code] % self.names


WRONG: Mapping[str, str] = {
    "ways": gettext_noop("узел %(node)s: нужно ровно одно из ask, go, when, end, back, resume"),
    "no_phrase": gettext_noop("узел %(node)s: нет фразы %(phrase)s"),
    "no_node": gettext_noop("узел %(node)s ведёт в никуда: %(target)s"),
    "no_otherwise": gettext_noop("узел %(node)s: последнее условие должно выполняться всегда"),
    "anywhere_nowhere": gettext_noop("anywhere %(event)s ведёт в никуда: %(target)s"),
    "no_start": gettext_noop("начала %(target)s нет"),
    "no_text": gettext_noop("фраза %(phrase)s: нет текста на языке %(language)s"),
}


def faults(scenario: Scenario) -> Iterator[Wrong]:
    """Whatever would fail in a call: routes to nowhere, phrases nobody wrote, dead ends."""
    for name, node in scenario.nodes.items():
        place = ("nodes", name)
        ends = sum((bool(node.ask), bool(node.go), bool(node.end), bool(node.when), node.back, node.resume))
        if ends != 1:
            yield Wrong("ways", place, {"node": name})
        for phrase in said(node):
            if phrase not in scenario.phrases:
                yield Wrong("no_phrase", place, {"node": name, "phrase": phrase})
        for target in targets(node):
            if target not in scenario.nodes:
                yield Wrong("no_node", place, {"node": name, "target": target})
        if node.when and node.when[-1].source:
            yield Wrong("no_otherwise", place, {"node": name})
    for event, target in scenario.anywhere.items():
        if target not in scenario.nodes:
            yield Wrong("anywhere_nowhere", ("anywhere", event), {"event": event, "target": target})
    if scenario.start not in scenario.nodes:
        yield Wrong("no_start", ("start",), {"target": scenario.start})
    for phrase, texts in scenario.phrases.items():
        for language in scenario.languages:
            if language not in texts:
                yield Wrong("no_text", ("phrases", phrase), {"phrase": phrase, "language": language})


def said(node: Node) -> Iterator[str]:
    yield from node.say
    if node.offers_languages:
        yield LANGUAGE_OFFER
    if node.ask:
        yield from (*node.ask.again, *node.ask.by_keys)


def targets(node: Node) -> Iterator[str]:
    if node.ask:
        yield from node.ask.on.values()
        yield from (target for target in (node.ask.go, node.ask.silent) if target)
    yield from (one.go for one in node.when)
    if node.go:
        yield node.go
