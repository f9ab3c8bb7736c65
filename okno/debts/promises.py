"""Promises to pay: made once, replaced by a newer one, kept or void by the posting itself, broken by the night.

A promise is kept when money whose value day lies between its making and its last day comes to the promised sum, or
when money ends the debt; it is void when the debt went away without money. A broken one is judged again by what comes
late: a payment of the promised day that the bank brought afterwards keeps it. A payment that is reversed takes the
promise it had kept back with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.debts.models import Case, CaseState, Promise, PromiseState
from okno.jobs import signals
from okno.ledger.effects import Coming, Cursor, Follow, Moved
from okno.ledger.models import Account

JUDGED_AGAIN = timedelta(days=14)
"""So long after its last day a promise may still be kept by a payment that came late, or lose one that is reversed."""


class PromiseRefused(Exception):
    """The promise cannot be kept in mind; the message says why."""


def promise(
    account_id: int, person_id: int | None, on: date, minor: int, made_by: str, now: datetime, words: str = ""
) -> Promise:
    """Keep in mind that `minor` will be paid by `on` (inclusive); an open promise of the account is replaced.

    `made_by` names the one occasion ("call:<uid>", "user:<id>:<key of the form>"): the same occasion twice is one
    promise. Where nothing is owed any more it is void from the start. Raises `PromiseRefused`: the day has passed, or
    the sum is none.
    """
    account = Account.objects.select_related("organisation").get(pk=account_id)
    day = now.astimezone(ZoneInfo(account.organisation.time_zone)).date()
    if on < day:
        raise PromiseRefused(_("Этот день уже прошёл: назовите сегодня или позже"))
    if minor <= 0:
        raise PromiseRefused(_("Обещать можно только сумму больше нуля"))
    with transaction.atomic():
        _hold_balance(account_id)
        known = Promise.objects.filter(account=account, made_by=made_by).first()
        if known is not None:
            return known
        case = Case.objects.filter(account=account, state=CaseState.OPEN).first()
        Promise.objects.filter(account=account, state=PromiseState.OPEN).update(
            state=PromiseState.REPLACED, ended_on=day
        )
        made = Promise.objects.create(
            organisation=account.organisation,
            account=account,
            case=case,
            person_id=person_id,
            on=on,
            minor=minor,
            state=PromiseState.OPEN if case else PromiseState.VOID,
            made_at=now,
            made_by=made_by,
            words=words.strip(),
            ended_on=None if case else day,
        )
        signals.send(account.organisation_id, ["debts", f"account:{account_id}"])
    return made


def _hold_balance(account_id: int) -> None:
    """No posting ends the debt between the look at the case and the promise: it waits, and then judges the promise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM ledger_balance WHERE account_id = %s FOR SHARE", [account_id])


@dataclass(frozen=True, slots=True)
class Standing:
    """What a promise is judged by. `paid_minor`: money with value days from its making to its last day.

    `ended_how` is the code of the end of its case, "" while the account has an open one.
    """

    promise_id: int
    account_id: int
    state: str
    minor: int
    on: date
    paid_minor: int
    ended_how: str


def judged(one: Standing, day: date) -> PromiseState:
    """What becomes of a promise on `day`: pure."""
    if one.paid_minor >= one.minor:
        return PromiseState.KEPT
    if one.ended_how and one.state == PromiseState.OPEN:
        by_money = one.ended_how == "paid" or (one.ended_how == "below_least" and one.paid_minor > 0)
        return PromiseState.KEPT if by_money else PromiseState.VOID
    return PromiseState.BROKEN if one.on < day else PromiseState.OPEN


def ask(cursor: Cursor, coming: Coming, *, now: datetime) -> Follow:
    """Ask for the promises that money on these accounts may change."""
    asked = psycopg.Cursor(cursor.connection).execute(
        "SELECT DISTINCT account_id FROM debts_promise WHERE account_id = ANY(%s)"
        " AND (state = 'open' OR state IN ('broken', 'kept') AND \"on\" >= %s)",
        (list(coming.account_ids), now.date() - JUDGED_AGAIN),
        prepare=True,
    )
    return partial(follow, asked=asked, now=now)


def follow(cursor: Cursor, moved: Moved, *, asked: psycopg.Cursor[Any], now: datetime) -> bool:
    """Judge the promises of the touched accounts, after their cases; most accounts have none and nothing is asked."""
    accounts = [row[0] for row in asked.fetchall()]
    if accounts:
        day = _day(cursor, moved.organisation_id, now)
        _judge(cursor, _standings(cursor, accounts, day), day, reversed_ids=moved.reversed_ids)
    return False


def _day(cursor: Cursor, organisation_id: int, now: datetime) -> date:
    row = cursor.execute("SELECT time_zone FROM access_organisation WHERE id = %s", (organisation_id,)).fetchone()
    assert row is not None
    return now.astimezone(ZoneInfo(str(row[0]))).date()


_STANDINGS = """
SELECT promise.id, promise.account_id, promise.state, promise.minor, promise."on",
    (SELECT coalesce(sum(payment.amount_minor), 0)::bigint FROM ledger_payment AS payment
        WHERE payment.account_id = promise.account_id AND payment.kind = 'payment' AND payment.reversed_by_id IS NULL
        AND payment.value_on BETWEEN (promise.made_at AT TIME ZONE organisation.time_zone)::date AND promise."on"),
    CASE WHEN EXISTS (SELECT FROM debts_case WHERE account_id = promise.account_id AND state = 'open') THEN ''
        ELSE coalesce((SELECT closed_why ->> 'code' FROM debts_case WHERE id = promise.case_id), 'none') END
FROM debts_promise AS promise JOIN access_organisation AS organisation ON organisation.id = promise.organisation_id
WHERE promise.account_id = ANY(%s) AND (promise.state = 'open' OR promise.state IN ('broken', 'kept') AND "on" >= %s)
ORDER BY promise.id FOR UPDATE OF promise
"""


def _standings(cursor: Cursor, accounts: Sequence[int], day: date) -> list[Standing]:
    found = psycopg.Cursor[Any](cursor.connection).execute(_STANDINGS, (list(accounts), day - JUDGED_AGAIN))
    return [Standing(*row) for row in found.fetchall()]


def _judge(cursor: Cursor, standings: Sequence[Standing], day: date, *, reversed_ids: Sequence[int]) -> None:
    """Write what has become of them; a kept promise is looked at again only where a payment was taken back."""
    open_on = {one.account_id for one in standings if one.state == PromiseState.OPEN}
    changed: dict[int, PromiseState] = {}
    for one in standings:
        if one.state == PromiseState.KEPT and one.account_id not in reversed_ids:
            continue
        now_is = judged(one, day)
        if now_is is PromiseState.OPEN and one.state != PromiseState.OPEN and one.account_id in open_on:
            now_is = PromiseState.REPLACED
        if one.state == PromiseState.BROKEN and now_is is not PromiseState.KEPT:
            continue
        if now_is != one.state:
            changed[one.promise_id] = now_is
    if changed:
        cursor.execute(
            "UPDATE debts_promise AS promise SET state = judged.state,"
            " ended_on = CASE WHEN judged.state = 'open' THEN NULL ELSE %s::date END"
            " FROM unnest(%s::bigint[], %s::varchar[]) AS judged(id, state) WHERE promise.id = judged.id",
            (day, list(changed), [state.value for state in changed.values()]),
        )


def end_of_day(organisation: Organisation, day: date) -> int:
    """The night before `day`: break what was promised for an earlier day and not paid; say how many broke.

    Promises whose case has ended without a posting (it grew too old, the definition changed) are void.
    """
    with transaction.atomic():
        connection.ensure_connection()
        cursor = psycopg.Cursor[Any](connection.connection)
        asked = cursor.execute(
            "SELECT DISTINCT account_id FROM debts_promise WHERE organisation_id = %s AND state = 'open'"
            ' AND ("on" < %s OR NOT EXISTS (SELECT FROM debts_case WHERE debts_case.account_id ='
            " debts_promise.account_id AND debts_case.state = 'open'))",
            (organisation.pk, day),
        )
        accounts = [row[0] for row in asked.fetchall()]
        standings = [one for one in _standings(cursor, accounts, day) if one.state == PromiseState.OPEN]
        _judge(cursor, standings, day, reversed_ids=())
        broken = sum(judged(one, day) is PromiseState.BROKEN for one in standings)
        if standings:
            signals.send(organisation.pk, ["debts"])
    return broken
