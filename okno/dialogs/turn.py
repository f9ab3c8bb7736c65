"""One turn of a dialog: `step(scenario, state, heard)` says, asks and decides, and knows no clock, table or sound.

The order in which an answer is understood: a key; a danger to people; a route of this question ("он умер"); what the
question expects; a route that holds anywhere. What was not understood is asked again shorter, then by keys, then goes
to a person. A turn that seeks something (an account by its number) stops there: whoever leads the dialog looks it up
and goes on with `found`. Whoever asks for another language hears the question again in that one, wherever they ask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from okno.dialogs.hearing import Ear
from okno.dialogs.phrases import Mode, render
from okno.dialogs.scenario import LANGUAGE_OFFER, Ask, Condition, Node, Scenario
from okno.dialogs.wording import languages, reworded
from okno.speech.understanding import Heard, asked_language

SURE = 0.6
"""An intent less sure than this changes nothing when the question has its own answer."""
NEARLY = 0.55
"""How sure at most is an answer that was told by its sound alone."""
WHOLE = 0.92
"""An intent this sure is all that was said."""
NO_STORY = frozenset({"robot_question", "do_not_call", "wrong_number"})
"""What is no story where a story is asked for."""
INSISTENT = 0.75
"""An intent this sure goes before a value that was heard in the same words."""
LONGEST = 60
"""Turns after which the dialog goes to a person: nobody talks in circles with a machine."""
PERSON = "person"
NO = "no"
"""Said alone where a story is asked for, it tells that there is none."""
DANGER = "danger"
LANGUAGE = "language"
"""What a turn seeks by, and does, when another language is spoken from here on."""
LANGUAGE_KEY = "9"
"""Goes to the next language, where it is no answer."""
SURE_OF_LANGUAGE = 0.95
Look = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Looks up what a turn seeks and answers with facts; among them `found`."""


class NotEntitled(RuntimeError):
    """The scenario was about to tell a private thing to somebody who has not confirmed to be the entitled one."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that were heard or typed; `nearest` is the likely answer that they sound like, where they are none."""

    text: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys that were pressed, "#" included."""

    digits: str


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that is no answer: "silence", "paid", "hung_up", "person_busy"."""

    event: str


HeardTurn = Said | Keys | Happened


@dataclass(frozen=True, slots=True)
class State:
    """Where a dialog stands. Plain values only: it can be kept as JSON between two turns."""

    node: str
    language: str
    mode: Mode
    facts: Mapping[str, Any]
    slots: Mapping[str, Any] = field(default_factory=dict)
    misses: int = 0
    turns: int = 0
    confirmed: bool = False
    ended: str = ""
    #: What the last turn sought by; "" when it waits for an answer.
    sought: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A finished phrase with its name in the scenario."""

    name: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of a turn: the new state, what to say, what to do, what is expected next."""

    state: State
    say: tuple[Phrase, ...]
    actions: tuple[Mapping[str, Any], ...]
    expects: str
    understood: Heard | None = None
    #: What must be looked up before the dialog goes on by `found`; empty for a turn that waits for an answer.
    seeks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ends(self) -> bool:
        return bool(self.state.ended)


def start(scenario: Scenario, language: str, facts: Mapping[str, Any], *, mode: Mode = "voice") -> Turn:
    """Begin the dialog. `facts` have `today` (a day or ISO text), `currency` and whatever the scenario names."""
    state = State(node=scenario.start, language=language, mode=mode, facts=dict(facts))
    return _enter(scenario, state, scenario.start)


def step(scenario: Scenario, state: State, heard: HeardTurn) -> Turn:
    """Go on by one turn. Raises `NotEntitled` rather than tell a private thing to the wrong person."""
    ask = scenario.nodes[state.node].ask
    if state.ended or ask is None:
        raise ValueError(f"the dialog {scenario.name} has ended in {state.node}")
    state = replace(state, turns=state.turns + 1)
    if state.turns > LONGEST:
        return _go_anywhere(scenario, state, PERSON)
    if isinstance(heard, Happened):
        if heard.event == "silence":
            return _silence(scenario, state, ask)
        return _go_anywhere(scenario, state, heard.event)
    if isinstance(heard, Keys):
        return _pressed(scenario, state, ask, heard.digits)
    return _said(scenario, state, ask, heard)


def found(scenario: Scenario, state: State, facts: Mapping[str, Any]) -> Turn:
    """Go on with what was looked up: it comes among the facts, in the place of those of the same names.

    Of facts that were sought for another language the words alone are taken.
    """
    if state.sought == LANGUAGE:
        told, slots = reworded(state.facts, state.slots, facts)
        return _again(scenario, replace(state, facts=told, slots=slots, sought=""))
    state = replace(state, facts={**state.facts, **facts}, sought="")
    return _enter(scenario, state, state.node, sought=True)


def settled(scenario: Scenario, turn: Turn, look: Look) -> Turn:
    """The turn with everything it seeks looked up: one that waits for an answer, or ends."""
    while turn.seeks:
        turn = joined(turn, found(scenario, turn.state, look(turn.seeks)))
    return turn


def joined(turn: Turn, after: Turn) -> Turn:
    """A turn that sought something and what came of it, as one."""
    return replace(
        after,
        say=(*turn.say, *after.say),
        actions=(*turn.actions, *after.actions),
        understood=after.understood or turn.understood,
    )


def _ear(state: State) -> Ear:
    return Ear.of(state.language, state.facts)


def _go_anywhere(scenario: Scenario, state: State, event: str) -> Turn:
    if event not in scenario.anywhere:
        return Turn(replace(state, ended=event), (), (), "") if event == "hung_up" else _missed(scenario, state)
    return _enter(scenario, state, scenario.anywhere[event])


def _silence(scenario: Scenario, state: State, ask: Ask) -> Turn:
    if ask.silent and state.misses >= scenario.misses:
        return _enter(scenario, state, ask.silent)
    return _missed(scenario, state)


def _missed(scenario: Scenario, state: State, understood: Heard | None = None) -> Turn:
    """Ask again shorter, then by keys, then give the person to a person."""
    ask = scenario.nodes[state.node].ask
    assert ask is not None
    misses = state.misses + 1
    state = replace(state, misses=misses)
    if misses > scenario.misses:
        target = scenario.anywhere.get("not_understood", scenario.anywhere[PERSON])
        return _enter(scenario, state, target, understood=understood)
    again = (ask.by_keys if misses > 1 and ask.by_keys else ask.again) or scenario.nodes[state.node].say[-1:]
    return Turn(state, _phrases(scenario, state, again), (), ask.expect, understood)


def _pressed(scenario: Scenario, state: State, ask: Ask, digits: str) -> Turn:
    if digits == "0":
        return _go_anywhere(scenario, state, PERSON)
    if digits in ask.keys:
        return _answered(scenario, state, ask, ask.keys[digits], None)
    spoken = languages(scenario, state.facts)
    if digits == LANGUAGE_KEY and ask.expect in UNTYPED and state.language in spoken and len(spoken) > 1:
        return _speaks(state, spoken[(spoken.index(state.language) + 1) % len(spoken)], None)
    value = _ear(state).keys(ask, digits)
    return _missed(scenario, state) if value is None else _answered(scenario, state, ask, value, None)


def likely(ask: Ask, state: State) -> tuple[Decimal, Decimal] | None:
    """The least and the most of what is answered here in earnest, both inclusive; None when nobody knows."""
    bounds = [_other(ask.likely.get(name), state) for name in ("least", "most")]
    if None in bounds:
        return None
    return Decimal(str(bounds[0])), Decimal(str(bounds[1]))


def _sounds_like(ear: Ear, scenario: Scenario, state: State, ask: Ask, heard: Heard, said: Said) -> Heard:
    """What was heard, or the likely answer that it sounds like where it is nothing that is answered in earnest."""
    bounds = likely(ask, state)
    if not said.nearest or bounds is None:
        return heard
    if heard.value is not None and bounds[0] <= Decimal(str(heard.value)) <= bounds[1]:
        return heard
    near = ear.value(scenario, ask, said.nearest)
    return heard if near.value is None else replace(near, confidence=min(near.confidence, NEARLY))


def _said(scenario: Scenario, state: State, ask: Ask, said: Said) -> Turn:
    ear, text = _ear(state), said.text
    if DANGER in scenario.anywhere and not state.slots.get(DANGER) and ear.danger(text):
        more = _more(state, ask, text)
        return _enter(scenario, replace(more, slots={**more.slots, DANGER: True}), scenario.anywhere[DANGER])
    if language := asked_language(text, state.language, languages(scenario, state.facts)):
        return _speaks(state, language, Heard(value=language, confidence=SURE_OF_LANGUAGE))
    if ask.expect == "words":
        return _told(scenario, state, ask, text)
    heard = _sounds_like(ear, scenario, state, ask, ear.value(scenario, ask, text), said)
    intent = heard if ask.expect == "intent" else ear.intent(text)
    name = str(intent.value) if intent.value is not None else ""
    own = name in ask.on and name != "unknown"
    has_value = ask.expect != "intent" and heard.value is not None
    if name == "repeat" and not own and not has_value:
        return _again(scenario, state, intent)
    if own and intent.confidence >= (SURE if not has_value or ask.expect == "yesno" else INSISTENT):
        return _answered(scenario, _more(state, ask, text), ask, name, intent)
    if has_value and not (_stops(scenario, name) and intent.confidence >= INSISTENT):
        return _answered(scenario, _more(state, ask, text), ask, heard.value, heard)
    if _stops(scenario, name) and intent.confidence >= SURE:
        return _enter(scenario, _more(state, ask, text), scenario.anywhere[name], understood=intent)
    choice, _letters = scenario.choice(text, state.language)
    if choice in scenario.anywhere and not has_value:
        return _enter(scenario, _more(state, ask, text), scenario.anywhere[choice], understood=heard)
    more = _more(state, ask, text)
    if ask.expect == "intent" and ask.go and any(slot in more.slots for slot in ask.also.values()):
        # "В пятницу" alone answers "when will you pay?" as well as "I promise" does.
        return _enter(scenario, replace(more, misses=0), ask.go, understood=heard)
    return _missed(scenario, state, heard)


def _speaks(state: State, language: str, understood: Heard | None) -> Turn:
    """From here on in this language; what the facts say in words is sought anew."""
    accounts = state.facts.get("accounts") or ()
    seeks = {
        "by": LANGUAGE,
        "language": language,
        "accounts": [one["account_id"] for one in accounts if "account_id" in one],
        "hidden": any(one.get("hidden") for one in accounts),
    }
    state = replace(state, language=language, misses=0, sought=LANGUAGE)
    return Turn(state, (), ({"do": LANGUAGE, "language": language},), "", understood, seeks)


def _again(scenario: Scenario, state: State, understood: Heard | None = None) -> Turn:
    """The question, said once more as it was."""
    node = scenario.nodes[state.node]
    assert node.ask is not None
    return Turn(state, _phrases(scenario, state, node.say), (), node.ask.expect, understood)


def _told(scenario: Scenario, state: State, ask: Ask, text: str) -> Turn:
    """Words taken as they are; only the wish for a person, and what fills the whole answer, is heard in them."""
    if not text.strip():
        return _missed(scenario, state)
    intent = _ear(state).intent(text)
    name = str(intent.value)
    if name == "repeat" and intent.confidence >= WHOLE:
        return _again(scenario, state, intent)
    if name == PERSON and intent.confidence >= INSISTENT:
        return _go_anywhere(scenario, state, PERSON)
    if NO in ask.on and len(text.split()) == 1 and _ear(state).besides("yesno", text) == NO:
        return _enter(scenario, replace(state, misses=0), ask.on[NO], understood=intent)
    if name in NO_STORY and _stops(scenario, name) and intent.confidence >= WHOLE:
        return _enter(scenario, state, scenario.anywhere[name], understood=intent)
    return _answered(scenario, _more(state, ask, text), ask, text, None)


def _stops(scenario: Scenario, intent: str) -> bool:
    """Whether the intent turns the dialog wherever it stands: "мамы нет дома" is no answer "no"."""
    return intent in scenario.anywhere and intent != "unknown"


def _more(state: State, ask: Ask, text: str) -> State:
    """What else the words hold: a day and a sum said together with the promise, and the words themselves."""
    slots = dict(state.slots, words=text)
    for expect, slot in ask.also.items():
        value = _ear(state).besides(expect, text)
        if value is not None:
            slots[slot] = value
    return replace(state, slots=slots)


_ROUTED = frozenset({"intent", "yesno", "choice"})
"""Questions whose answers are ways on, not values."""
UNTYPED = _ROUTED | {"words"}
"""Questions that no figures answer but the keys they list."""


def _answered(scenario: Scenario, state: State, ask: Ask, value: Any, understood: Heard | None) -> Turn:
    slots = dict(state.slots)
    route = ask.on.get(str(value)) if isinstance(value, str) and ask.expect in _ROUTED else None
    route = route or (ask.on.get(str(value)) if isinstance(value, int | str) else None)
    if route is None and not ask.go:
        return _missed(scenario, state, understood)
    if ask.slot and (route is None or ask.expect not in _ROUTED):
        slots[ask.slot] = value
    return _enter(scenario, replace(state, slots=slots, misses=0), route or ask.go, understood=understood)


def _enter(
    scenario: Scenario, state: State, target: str, *, understood: Heard | None = None, sought: bool = False
) -> Turn:
    """Walk from `target` to the next question or end, gathering what is said and done on the way.

    A node that seeks something stops the walk; `sought` goes on from it.
    """
    asked = state.node
    said: list[Phrase] = []
    done: list[Mapping[str, Any]] = []
    for _hop in range(len(scenario.nodes) + 1):
        node = scenario.nodes[target]
        if not sought:
            state = _arrived(state, node)
            said += _phrases(scenario, state, node.say)
            said += _offers(scenario, state) if node.offers_languages else ()
            done += [_action(one, state) for one in node.do]
            if node.seek:
                seeks = {**_action(node.seek, state), "language": state.language}
                state = replace(state, sought=str(seeks["by"]))
                return Turn(state, tuple(said), tuple(done), "", understood, seeks)
        sought = False
        if node.back:
            return _back(scenario, replace(state, node=asked), tuple(said), tuple(done), understood)
        if node.end:
            return Turn(replace(state, ended=node.end), tuple(said), tuple(done), "", understood)
        if node.ask:
            return Turn(state, tuple(said), tuple(done), node.ask.expect, understood)
        target = node.go or next(one.go for one in node.when if holds(one, state))
    raise ValueError(f"{scenario.name}: узел {target} ходит по кругу")


def _back(
    scenario: Scenario, state: State, said: tuple[Phrase, ...], done: tuple[Mapping[str, Any], ...], heard: Heard | None
) -> Turn:
    """Return to the question that was asked before an aside ("вы робот?") and ask it again."""
    node = scenario.nodes[state.node]
    assert node.ask is not None
    again = _phrases(scenario, state, node.ask.again or node.say[-1:])
    return Turn(state, (*said, *again), done, node.ask.expect, heard)


def _arrived(state: State, node: Node) -> State:
    slots = {**state.slots, **{name: _other(value, state) for name, value in node.set.items()}}
    if node.confirms:
        slots["confirmed"] = True
    if node.take:
        items, taken = state.facts[node.take], int(slots.get("taken", 0))
        left = taken < len(items)
        slots |= {**(items[taken] if left else {}), "left": left, "taken": taken + left}
    misses = 0 if node.name != state.node else state.misses
    return replace(state, node=node.name, slots=slots, misses=misses, confirmed=state.confirmed or node.confirms)


def holds(condition: Condition, state: State) -> bool:
    """Whether the condition holds; one without a source always does."""
    if not condition.source:
        return True
    value = (state.facts if condition.source == "fact" else state.slots).get(condition.name)
    if condition.test == "known":
        return (value is not None) is bool(condition.value)
    if condition.test == "is":
        return _same(value, _other(condition.value, state))
    other = _other(condition.value, state)
    if value is None or other is None:
        return False
    one, two = _comparable(value), _comparable(other)
    return (one > two) if condition.test == "above" else (one < two)


def _same(one: Any, two: Any) -> bool:
    """Figures that were heard and a number that is known are the same when they count the same."""
    if isinstance(one, Decimal) or isinstance(two, Decimal):
        return one is not None and two is not None and Decimal(str(one)) == Decimal(str(two))
    return bool(plain(one) == plain(two))


def _other(value: Any, state: State) -> Any:
    """A value as it stands; "$name" is the slot or fact of that name."""
    if isinstance(value, str) and value.startswith("$"):
        return state.slots.get(value[1:], state.facts.get(value[1:]))
    return value


def _comparable(value: Any) -> Decimal:
    """Days by their number, everything else as it is."""
    if isinstance(value, str) and value.count("-") == 2:
        value = date.fromisoformat(value)
    return Decimal(value.toordinal() if isinstance(value, date) else str(value))


def _action(told: Mapping[str, Any], state: State) -> Mapping[str, Any]:
    """An action with its slots and facts put in: "$on" is the slot or fact `on`."""
    values = {**state.facts, **state.slots}
    filled = {
        name: values.get(value[1:]) if isinstance(value, str) and value.startswith("$") else value
        for name, value in told.items()
    }
    return {name: plain(value) for name, value in filled.items()}


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _phrases(scenario: Scenario, state: State, names: tuple[str, ...]) -> tuple[Phrase, ...]:
    values = {**state.facts, **state.slots}
    for name in names:
        if scenario.is_private(name) and not state.confirmed:
            raise NotEntitled(f"{scenario.name}: {name}")
    language = state.language
    return tuple(Phrase(name, render(scenario, name, language, values, state.mode), language) for name in names)


def _offers(scenario: Scenario, state: State) -> tuple[Phrase, ...]:
    """How to be spoken to in the organisation's other languages, told in each of them."""
    spoken = languages(scenario, state.facts) if state.facts.get("languages") else ()
    other = spoken[(spoken.index(state.language) + 1) % len(spoken)] if state.language in spoken else state.language
    return () if other == state.language else _phrases(scenario, replace(state, language=other), (LANGUAGE_OFFER,))
