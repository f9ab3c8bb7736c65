"""One turn of a dialog: `step(scenario, state, heard)` says, asks and decides, and knows no clock, table or sound.

The order in which an answer is understood: a key; a danger to people; a route of this question ("он умер"); what the
question expects; a route that holds anywhere. What was not understood is asked again shorter, then by keys, then goes
to a person. A turn that seeks something (an account by its number) stops there: whoever leads the dialog looks it up
and goes on with `found`. Whoever asks for another language hears the question again in that one, wherever they ask.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from okno.dialogs.hearing import ANSWERS, CATEGORY, FEW, NOTHING, ROUTED, Ear, may_be
from okno.dialogs.phrases import Mode, render
from okno.dialogs.scenario import LANGUAGE_OFFER, Ask, Node, Scenario
from okno.dialogs.values import filled, holds, likely, named, same
from okno.dialogs.wording import languages, reworded, wanted
from okno.speech.understanding import Heard

SURE = 0.6
"""An intent less sure than this changes nothing when the question has its own answer."""
NEARLY = 0.55
"""How sure at most is an answer that was told by its sound alone, or by another way to hear it."""
WHOLE = 0.92
"""An intent this sure is all that was said."""
NO_STORY = frozenset({"robot_question", "do_not_call", "wrong_number", "call_later"})
"""What is no story where a story is asked for."""
CLEAR = 0.8
"""The wish to hear the question again, when it is this sure; less sure it was more likely a question of their own."""
MOST_REPEATS = 2
"""So many times a question is repeated word for word; then it is asked otherwise."""
INSISTENT = 0.75
"""An intent this sure goes before a value that was heard in the same words."""
LONGEST = 60
"""Turns after which the dialog goes to a person: nobody talks in circles with a machine."""
PERSON = "person"
YES, NO = ANSWERS
"""Said alone where a story is asked for, it is none."""
GREETING = "greeting"
"""Heard where a story is asked for, it is none either."""
CORRECTED = "corrected"
"""A way for words that bring another value of what stands already: "нет, не пятого, а пятнадцатого"."""
BESIDES = "besides"
"""A way for words that hold no answer, but something that is heard besides: the hour without the day."""
COMPLAINT = "complaint"
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
    """Words that were heard or typed; `nearest` is the likely answer that they sound like, where they are none,
    `others` are other ways to hear them, the likeliest first."""

    text: str
    nearest: str = ""
    others: tuple[str, ...] = ()


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
    repeats: int = 0
    turns: int = 0
    confirmed: bool = False
    #: The question that an aside came after, while one goes on.
    beside: str = ""
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
    return Ear.of(state.language, {**state.facts, **state.slots})


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
        return _answered(scenario, state, ask, ask.keys[digits], Heard(value=ask.keys[digits], confidence=1.0))
    spoken = languages(scenario, state.facts)
    if digits == LANGUAGE_KEY and ask.expect in UNTYPED and state.language in spoken and len(spoken) > 1:
        return _speaks(state, spoken[(spoken.index(state.language) + 1) % len(spoken)], None)
    value = _ear(state).keys(ask, digits)
    if value is None:
        return _missed(scenario, state)
    return _answered(scenario, state, ask, value, Heard(value=value, confidence=1.0))


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
    """What the words come to; words that are nothing are looked for in the other ways to hear them."""
    turn = _understood(scenario, state, ask, _dangerous(scenario, state, said) or said)
    others = ((other, _understood(scenario, state, ask, Said(other))) for other in said.others)
    if turn is not None and not _is_doubtful(scenario, state, ask, said, turn, (one for _other, one in others if one)):
        return turn
    for other, one in others if turn is None else ():
        heard = (one and one.understood) or NOTHING
        if one is not None and may_be(ask, heard.value, other):
            return replace(one, understood=replace(heard, confidence=min(heard.confidence, NEARLY)))
    return _missed(scenario, state, _ear(state).value(scenario, ask, said.text))


def _is_doubtful(scenario: Scenario, state: State, ask: Ask, said: Said, turn: Turn, others: Iterable[Turn]) -> bool:
    """Whether a "yes" among many words, by which something is done, is something else in another way to hear them."""
    if turn.understood is None or turn.understood.value != YES or len(said.text.split()) <= FEW or not turn.actions:
        return False
    plainly = _answered(scenario, state, ask, YES, None).state.node == turn.state.node
    return plainly and any(one.state.node != turn.state.node for one in others)


def _dangerous(scenario: Scenario, state: State, said: Said) -> Said | None:
    """The way to hear the words that tells of a danger: who is in one is not asked again."""
    ways = (said.text, *said.others) if DANGER in scenario.anywhere and not state.slots.get(DANGER) else ()
    return next((replace(said, text=one) for one in ways if _ear(state).danger(one)), None)


def _understood(scenario: Scenario, state: State, ask: Ask, said: Said) -> Turn | None:
    """What comes of the words; None when they are no answer."""
    ear, text = _ear(state), said.text
    if DANGER in scenario.anywhere and not state.slots.get(DANGER) and ear.danger(text):
        more = _more(state, ask, text)
        more = replace(more, slots={**more.slots, DANGER: True})
        return _enter(scenario, more, scenario.anywhere[DANGER], words=text)
    if language := wanted((text, *said.others), state.language, languages(scenario, state.facts)):
        return _speaks(state, language, Heard(value=language, confidence=SURE_OF_LANGUAGE))
    if ask.expect == "words":
        return _told(scenario, state, ask, text)
    heard = ear.value(scenario, ask, text)
    intent = heard if ask.expect == "intent" else ear.intent(text)
    name = str(intent.value) if intent.value is not None else ""
    if name == COMPLAINT and CATEGORY in {**scenario.anywhere, **ask.on} and ear.is_breakage(text):
        # "Лифт не работает" is to be mended, not answered with regrets.
        name = ""
    own = name in ask.on and name != "unknown"
    choice = ear.own(scenario, text, ask.on)
    if not (own or choice or _stops(scenario, name)):
        heard = _sounds_like(ear, scenario, state, ask, heard, said)
    has_value = ask.expect != "intent" and heard.value is not None
    more = _more(state, ask, text)
    if ask.denied and has_value and same(heard.value, state.slots.get(ask.slot)) and not _is_new(state, more, ask):
        return None
    if choice and (not has_value or ask.expect in _WAYS_ON):
        told = Heard(value=choice, confidence=INSISTENT)
        return _enter(scenario, replace(more, misses=0), ask.on[choice], understood=told, words=text)
    if name == "repeat" and intent.confidence >= CLEAR and not own and not has_value:
        return _repeated(scenario, state, ask, intent)
    if own and intent.confidence >= (SURE if not has_value or ask.expect == "yesno" else INSISTENT):
        return _answered(scenario, more, ask, name, intent, words=text)
    if CORRECTED in ask.on and _is_new(state, more, ask):
        return _enter(scenario, replace(more, misses=0), ask.on[CORRECTED], understood=heard, words=text)
    if has_value and not (_stops(scenario, name) and intent.confidence >= INSISTENT):
        return _answered(scenario, more, ask, heard.value, heard, words=text)
    if _stops(scenario, name) and intent.confidence >= SURE:
        return _enter(scenario, more, scenario.anywhere[name], understood=intent, words=text)
    return _heard_besides(scenario, state, more, ask, text, heard)


def _heard_besides(scenario: Scenario, state: State, more: State, ask: Ask, text: str, heard: Heard) -> Turn | None:
    """Words that answer nothing that was asked: a part of the answer, something of the scenario's own, or nothing."""
    # "В пятницу" alone answers "when will you pay?" as well as "I promise" does.
    part = ask.on.get(BESIDES) or (ask.go if ask.expect == "intent" else "")
    if part and _is_new(state, more, ask):
        return _enter(scenario, replace(more, misses=0), part, understood=heard, words=text)
    choice = _ear(state).choice(scenario, text, {**scenario.anywhere, **ask.on})
    if choice.value is not None:
        name = str(choice.value)
        return _enter(scenario, more, ask.on.get(name) or scenario.anywhere[name], understood=choice, words=text)
    return None


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


def _is_new(state: State, more: State, ask: Ask) -> bool:
    """Whether what is heard besides the answer was heard now, and is another than what stood there."""
    known = {**state.facts, **state.slots}
    return any(
        more.slots.get(slot) is not None and not same(more.slots[slot], known.get(slot)) for slot in ask.also.values()
    )


def _repeated(scenario: Scenario, state: State, ask: Ask, understood: Heard) -> Turn:
    """Say the question once more; whoever does not understand it so many times is asked otherwise."""
    if state.repeats >= MOST_REPEATS:
        return _missed(scenario, state, understood)
    return _again(scenario, replace(state, repeats=state.repeats + 1), understood)


def _told(scenario: Scenario, state: State, ask: Ask, text: str) -> Turn:
    """Words taken as they are; only the wish for a person, and what fills the whole answer, is heard in them."""
    ear = _ear(state)
    if not text.strip() or ear.own(scenario, text, {GREETING}):
        return _missed(scenario, state)
    intent = ear.intent(text)
    name = str(intent.value)
    if name == "repeat" and intent.confidence >= WHOLE:
        return _repeated(scenario, state, ask, intent)
    if name == PERSON and intent.confidence >= INSISTENT:
        return _go_anywhere(scenario, state, PERSON)
    if choice := ear.own(scenario, text, ask.on):
        more = replace(_more(state, ask, text), misses=0)
        return _enter(scenario, more, ask.on[choice], understood=Heard(value=choice, confidence=INSISTENT), words=text)
    alone = ear.besides("yesno", text) if len(set(_WORDS.findall(text.lower()))) == 1 else None
    if alone == NO and NO in ask.on:
        return _enter(scenario, replace(state, misses=0), ask.on[NO], understood=intent)
    if alone in (YES, NO) and ask.slot:
        return _missed(scenario, state, intent)
    if name in NO_STORY and _stops(scenario, name) and intent.confidence >= WHOLE:
        return _enter(scenario, _more(state, ask, text), scenario.anywhere[name], understood=intent, words=text)
    return _answered(scenario, _more(state, ask, text), ask, text, None, words=text)


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


_WAYS_ON = frozenset({"yesno", "choice"})
"""Questions whose own answers may be told in other words, which then tell more."""
_WORDS = re.compile(r"\w+")
UNTYPED = ROUTED | {"words"}
"""Questions that no figures answer but the keys they list."""


def _answered(
    scenario: Scenario, state: State, ask: Ask, value: Any, understood: Heard | None, words: str = ""
) -> Turn:
    slots = dict(state.slots)
    route = ask.on.get(str(value)) if isinstance(value, int | str) else None
    if route is None and not ask.go:
        return _missed(scenario, state, understood)
    if ask.slot and (route is None or ask.expect not in ROUTED):
        slots[ask.slot] = value
    return _enter(
        scenario, replace(state, slots=slots, misses=0), route or ask.go, understood=understood, words=words
    )  # fmt: skip


def _enter(
    scenario: Scenario,
    state: State,
    target: str,
    *,
    understood: Heard | None = None,
    words: str = "",
    sought: bool = False,
) -> Turn:
    """Walk from `target` to the next question or end, gathering what is said and done on the way.

    `words` are those that led here: a node hears in them what they tell already. A node that seeks something stops the
    walk; `sought` goes on from it.
    """
    asked = state.node
    said: list[Phrase] = []
    done: list[Mapping[str, Any]] = []
    for _hop in range(len(scenario.nodes) + 1):
        node = scenario.nodes[target]
        if not sought:
            state = _arrived(state, node, words)
            said += _phrases(scenario, state, node.say)
            said += _offers(scenario, state) if node.offers_languages else ()
            done += [filled(one, state) for one in node.do]
            if node.seek:
                seeks = {**filled(node.seek, state), "language": state.language}
                state = replace(state, sought=str(seeks["by"]))
                return Turn(state, tuple(said), tuple(done), "", understood, seeks)
        sought = False
        if node.back or node.resume:
            back = (state.beside if node.resume else "") or asked
            return _back(scenario, replace(state, node=back), tuple(said), tuple(done), understood)
        if node.end:
            return Turn(replace(state, ended=node.end), tuple(said), tuple(done), "", understood)
        if node.ask:
            state = replace(state, beside=(state.beside or asked) if node.aside else "")
            return Turn(state, tuple(said), tuple(done), node.ask.expect, understood)
        target = node.go or next(one.go for one in node.when if holds(one, state))
    raise ValueError(f"{scenario.name}: узел {target} ходит по кругу")


def _back(
    scenario: Scenario, state: State, said: tuple[Phrase, ...], done: tuple[Mapping[str, Any], ...], heard: Heard | None
) -> Turn:
    """Return to the question that was asked before an aside ("вы робот?") and ask it again."""
    node = scenario.nodes[state.node]
    assert node.ask is not None
    if not node.aside:
        state = replace(state, beside="")
    again = _phrases(scenario, state, node.ask.again or node.say[-1:])
    return Turn(state, (*said, *again), done, node.ask.expect, heard)


def _arrived(state: State, node: Node, words: str = "") -> State:
    slots = {**state.slots, **{name: named(value, state) for name, value in node.set.items()}}
    heard = {slot: _ear(state).besides(grammar, words) for grammar, slot in node.told.items()} if words else {}
    slots |= {slot: value for slot, value in heard.items() if value is not None}
    known = state.confirmed if node.confirms is None else node.confirms
    if node.confirms is not None:
        slots["confirmed"] = known
    if node.take:
        items, taken = state.facts[node.take], int(slots.get("taken", 0))
        left = taken < len(items)
        slots |= {**(items[taken] if left else {}), "left": left, "taken": taken + left}
    if node.name == state.node:
        return replace(state, slots=slots, confirmed=known)
    return replace(state, node=node.name, slots=slots, misses=0, repeats=0, confirmed=known)


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
