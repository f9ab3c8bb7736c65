"""Talking to the robot in the browser: in text or by keys, on made-up facts or on an account, nothing done for real."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from okno.access.models import Language
from okno.access.roles import may
from okno.common import clock
from okno.dialogs import expected_turns, facts, saying
from okno.dialogs import turn as turns
from okno.dialogs.phrases import NothingToSay
from okno.dialogs.scenario import Ask, BadScenario, Scenario
from okno.dialogs.values import plain
from okno.houses.visibility import visible_to
from okno.ledger.models import Account
from okno.speech.trouble import TooBusy, Unavailable
from okno.web.desk.calling import words as calling
from okno.web.desk.calls import words
from okno.web.desk.calls.sections import sections
from okno.web.desk.scenarios import scope
from okno.web.gatekeeper import Request, page

MOST = 80
"""Answers in one talk."""
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Bubble:
    """A line of the talk: `who` is robot, person, action or end; `note` what stood behind it."""

    who: str
    text: str
    note: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as far as it went."""

    bubbles: tuple[Bubble, ...]
    ended: str
    keys: tuple[tuple[str, str], ...]
    node: str
    expects: str


@page("scenarios.view")
def trial(request: Request, name: str) -> HttpResponse:
    """The page: the robot has said its first words."""
    now = scope.shown(request, name)
    told = scope.readable(now)
    context = {
        "sections": sections(request, "desk:scenarios"),
        "now": now,
        "choices": scope.choices(request, "desk:scenario_try", now),
        "readable": told is not None,
        "languages": [(code, Language(code).label) for code in told.languages] if told else [],
        **(_context(request, now, told, [], _language(request, told), "") if told else {}),
    }
    return render(request, "desk/scenarios/try.html", context)


@require_POST
@page("scenarios.view")
def answer(request: Request, name: str) -> HttpResponse:
    """POST what was answered so far and the next answer: the talk as it stands, run from its beginning."""
    now = scope.shown(request, name)
    told = scope.readable(now)
    if told is None:
        return HttpResponse(status=409)
    answers = [] if request.POST.get("again") else _answers(request)
    if request.POST.get("back"):
        answers = answers[:-1]
    elif "key" in request.POST:
        answers.append(f"#{request.POST['key'][:12]}")
    elif "event" in request.POST:
        answers.append(f"!{request.POST['event'][:20]}")
    elif "said" in request.POST and not request.POST.get("again"):
        answers.append(" ".join(request.POST["said"].split())[:LONGEST])
    context = _context(request, now, told, answers[:MOST], _language(request, told), request.POST.get("account", ""))
    return render(request, "desk/scenarios/talk.html", context)


def _answers(request: Request) -> list[str]:
    try:
        told = json.loads(request.POST.get("answers", "[]"))
    except ValueError:
        return []
    if not isinstance(told, list):
        return []
    return [one[:LONGEST] for one in told[:MOST] if isinstance(one, str)]


def _language(request: Request, told: Scenario | None) -> str:
    asked = request.POST.get("language", "") or request.GET.get("language", "")
    if told is None or asked in told.languages:
        return asked or "ru"
    default = request.organisation.default_language
    return default if default in told.languages else told.languages[0]


def _context(
    request: Request, now: scope.Shown, told: Scenario, answers: list[str], language: str, account: str
) -> dict[str, Any]:
    known, trouble = _facts(request, told, account, language)
    talk = run(told, language, known, answers, _look(request, told, account))
    return {
        "now": now,
        "talk": talk,
        "answers": json.dumps(answers, ensure_ascii=False),
        "language": language,
        "account": account,
        "trouble": trouble,
        "may_see_accounts": may(request.membership, "debts.view"),
    }


def _facts(request: Request, told: Scenario, account: str, language: str) -> tuple[Mapping[str, Any], str]:
    """The facts to talk with, and why the account's own could not be taken."""
    sample = {
        "today": clock.today(request.organisation.time_zone).isoformat(),
        "currency": request.organisation.currency,
        "organisation": request.organisation.name,
        **expected_turns.sample(told.name),
    }
    number = account.strip()
    if not number or not may(request.membership, "debts.view"):
        return sample, ""
    found = Account.objects.filter(
        organisation=request.organisation, number=number, flat__house__in=visible_to(request.membership).values("pk")
    ).select_related("organisation", "flat__house")
    row = found.first()
    if row is None:
        return sample, _("Лицевого счёта %(number)s нет: говорим на выдуманном примере") % {"number": number[:20]}
    try:
        return facts.of(told.name, row, clock.today(request.organisation.time_zone), language), ""
    except (facts.NobodyToCall, facts.NothingOwed, LookupError) as error:
        return sample, _("%(why)s Говорим на выдуманном примере.") % {"why": error}


def _look(request: Request, told: Scenario, account: str) -> turns.Look:
    """Answers what the dialog seeks: in the books when it is tried on an account, else by what was made up."""
    if account.strip() and may(request.membership, "debts.view") and request.membership.all_houses:
        day = clock.today(request.organisation.time_zone)
        again = partial(_retold, request, told, account)
        return lambda seeks: facts.look(request.organisation, seeks, day, again)
    return expected_turns.looker(expected_turns.found(told.name))


def _retold(request: Request, told: Scenario, account: str, language: str) -> Mapping[str, Any]:
    return _facts(request, told, account, language)[0]


def run(told: Scenario, language: str, known: Mapping[str, Any], answers: list[str], look: turns.Look) -> Talk:
    """The whole talk from its first word. What cannot be said ends it, and the page tells why."""
    currency = str(known.get("currency") or "RUB")
    bubbles: list[Bubble] = []
    try:
        turn = turns.settled(told, turns.start(told, language, known, mode="text"), look)
        bubbles += _said(turn, currency)
        for one in answers:
            if turn.ends:
                break
            before = turn
            turn = turns.settled(told, turns.step(told, turn.state, expected_turns.heard(one)), look)
            understood = _understood(before, turn, currency, told.titles)
            bubbles.append(Bubble("person", _written(one), understood, before.state.language))
            bubbles += _said(turn, currency)
    except turns.NotEntitled as error:
        return _broken(bubbles, _("Сказал бы личное не тому: %(where)s") % {"where": error})
    except (NothingToSay, BadScenario, ValueError, KeyError) as error:
        return _broken(bubbles, _("Не смог продолжить: не хватает сведений (%(why)s)") % {"why": error})
    if turn.ends:
        end = calling.result(turn.state.ended)
        bubbles.append(Bubble("end", _("Разговор окончен: %(how)s") % {"how": end.text if end else turn.state.ended}))
    ask = told.nodes[turn.state.node].ask
    return Talk(
        tuple(bubbles), turn.state.ended, _keys(ask, told.titles) if ask and not turn.ends else (), turn.state.node,
        words.expected(turn.expects),
    )  # fmt: skip


def _keys(ask: Ask, titles: words.Titles) -> tuple[tuple[str, str], ...]:
    """Keys of the question with what each means, in words where they are known."""
    return tuple((key, words.meaning(answer, titles)) for key, answer in ask.keys.items())


def _broken(bubbles: list[Bubble], why: str) -> Talk:
    return Talk((*bubbles, Bubble("end", why)), "broken", (), "", "")


def _said(turn: turns.Turn, currency: str) -> Iterator[Bubble]:
    for phrase in turn.say:
        yield Bubble("robot", phrase.text, phrase.name, phrase.language)
    for action in turn.actions:
        yield Bubble("action", words.action(str(action["do"])), ", ".join(words.given(action, currency)))


def _written(answer: str) -> str:
    if answer.startswith("#"):
        return _("клавиши %(keys)s") % {"keys": answer[1:]}
    if answer.startswith("!"):
        return words.meaning(answer[1:])
    return answer or _("молчит")


def _understood(before: turns.Turn, after: turns.Turn, currency: str, titles: words.Titles) -> str:
    """What the robot heard in the words, and how surely."""
    heard = after.understood
    if heard is None:
        return ""
    if heard.value is None:
        return _("не понял")
    return _("понял: %(value)s, уверен на %(percent)s %%") % {
        "value": words.understood(plain(heard.value), before.expects, currency, titles),
        "percent": round(heard.confidence * 100),
    }  # fmt: skip


@require_POST
@page("scenarios.view")
def voice(request: Request) -> HttpResponse:
    """POST text and language: the phrase as a WAV file; 503 with words when the voice is missing."""
    text, language = request.POST.get("text", ""), request.POST.get("language", "ru")
    try:
        said = saying.say(text, language)
    except ValueError:
        return HttpResponse(_("Фраза пуста или слишком длинна."), status=422, content_type="text/plain; charset=utf-8")
    except (Unavailable, TooBusy) as error:
        told = _("Голос не готов: %(why)s") % {"why": error}
        return HttpResponse(told, status=503, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(said, content_type="audio/wav")
    answer["Cache-Control"] = "no-store"
    return answer
