"""`okno talk`: a scenario talked through on standard input and output, ending with what would be done as JSON."""

import json
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from okno.cli import start
from okno.speech.understanding.lexicon import LANGUAGES

if TYPE_CHECKING:
    from okno.dialogs.scenario import Scenario
    from okno.dialogs.turn import HeardTurn, Look, Turn
    from okno.ledger.models import Account


@click.command()
@click.argument("scenario")
@click.option("--account", "number", required=True, help="Лицевой счёт.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="ru")
@click.option("--today", default=None, help="ГГГГ-ММ-ДД; по умолчанию сегодня в поясе организации.")
@click.option("--organisation", type=int, default=None, help="Если номер есть у нескольких организаций.")
@click.option("--voice", is_flag=True, help="Писать фразы так, как их произносит голос.")
def talk(scenario: str, number: str, language: str, today: str | None, organisation: int | None, voice: bool) -> None:
    """Поговорить с роботом по сценарию текстом: строка — ответ; «#123» — клавиши; пустая строка — тишина.

    Последняя строка вывода — итог в JSON.
    """
    start.with_database()
    from okno.common import clock
    from okno.dialogs import scenario as scenarios
    from okno.dialogs import turn as turns
    from okno.dialogs.values import plain

    try:
        told = scenarios.shipped(scenario)
    except scenarios.BadScenario as error:
        raise click.BadParameter(str(error), param_hint="SCENARIO") from error
    account = _account(number, organisation)
    day = _day(today) or clock.today(account.organisation.time_zone)
    facts = _facts(told, language, account, day)
    turn = turns.start(told, language, facts, mode="voice" if voice else "text")
    actions = _show(turn)
    while not turn.ends:
        line = sys.stdin.readline()
        heard = turns.Happened("hung_up") if not line else _heard(line.strip())
        turn = turns.settled(told, turns.step(told, turn.state, heard), _look(told.name, account, day))
        actions += _show(turn)
    slots = {name: plain(value) for name, value in turn.state.slots.items()}
    result = {"scenario": told.name, "account": number, "outcome": turn.state.ended, "actions": actions, "slots": slots}
    click.echo(json.dumps(result, ensure_ascii=False))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("нужен день ГГГГ-ММ-ДД", param_hint="--today") from error


def _account(number: str, organisation: int | None) -> "Account":
    from okno.ledger.models import Account

    found = Account.objects.filter(number=number).select_related("organisation", "flat__house")
    if organisation is not None:
        found = found.filter(organisation_id=organisation)
    accounts = list(found[:2])
    if len(accounts) != 1:
        why = "Такого лицевого счёта нет." if not accounts else "Счёт есть у нескольких организаций: --organisation."
        raise click.BadParameter(why, param_hint="--account")
    return accounts[0]


def _facts(told: "Scenario", language: str, account: "Account", day: date) -> Mapping[str, Any]:
    """What is known of the account; where there is nothing to speak of yet, an example stands in and says so."""
    from okno.dialogs import expected_turns, facts

    try:
        return facts.of(told.name, account, day, language)
    except facts.NothingToAsk as error:
        click.echo(f"{error} Разговор пойдёт по примеру.", err=True)
        example = expected_turns.sample(told.name)
        return {**example, "today": day.isoformat(), "organisation": account.organisation.name}
    except (facts.NobodyToCall, facts.NothingOwed) as error:
        raise click.ClickException(str(error)) from error


def _look(name: str, account: "Account", day: date) -> "Look":
    from okno.dialogs import facts

    return lambda seeks: facts.look(account.organisation, seeks, day, partial(facts.of, name, account, day))


def _heard(line: str) -> "HeardTurn":
    from okno.dialogs import turn as turns

    if not line:
        return turns.Happened("silence")
    return turns.Keys(line[1:]) if line.startswith("#") else turns.Said(line)


def _show(turn: "Turn") -> list[dict[str, Any]]:
    for phrase in turn.say:
        click.echo(phrase.text)
    return [dict(action) for action in turn.actions]
