"""What the dispatcher of the demo town has had on the desk: requests new, taken, done and rated, and an outage now.

Only flats that owe nothing ask for anything, so that the day of reminders stays as it was told.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.debts.models import Case, CaseState
from okno.ledger.models import Account
from okno.requests import outages, ratings, register
from okno.requests.models import Request
from okno.requests.outages import NewOutage
from okno.requests.register import NewRequest

FILE = Path(__file__).parent / "requests.yaml"


@transaction.atomic
def work(organisation: Organisation, actor: Actor, now: datetime) -> int:
    """Write the desk's work of the last days; done twice it is there once. Returns the number of requests."""
    if Request.objects.filter(organisation=organisation).exists():
        return 0
    owing = Case.objects.filter(organisation=organisation, state=CaseState.OPEN).values("account_id")
    accounts = Account.objects.filter(organisation=organisation, closed_on=None).exclude(pk__in=owing)
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    wishes = told["requests"]
    asking = list(accounts.select_related("flat").order_by("pk")[:: max(1, accounts.count() // len(wishes))])
    for account, wish in zip(asking, wishes, strict=False):
        _request(actor, account, wish, now - timedelta(hours=wish["hours"]))
    _outage(organisation, actor, told["outage"], now)
    return min(len(asking), len(wishes))


def _request(actor: Actor, account: Account, wish: Mapping[str, Any], at: datetime) -> None:
    assert actor.organisation is not None
    own, became = actor.organisation.default_language, wish["became"]
    language = own if own in wish else "ru"
    told = NewRequest(
        house_id=account.flat.house_id,
        flat_id=account.flat_id,
        account_id=account.pk,
        text=wish[language],
        language=language,
        source="desk",
    )
    one = register.open_request(actor, told, now=at)
    if became == "new":
        return
    register.take(actor, one.pk, now=at + timedelta(minutes=20))
    if became != "taken":
        register.finish(actor, one.pk, now=at + timedelta(hours=5))
    if became == "reopened":
        ratings.rate(actor, one, language=language, now=at + timedelta(hours=24), done=False)
    elif "score" in wish:
        ratings.rate(actor, one, language=language, now=at + timedelta(hours=24), done=True, score=wish["score"])


def _outage(organisation: Organisation, actor: Actor, words: Mapping[str, str], now: datetime) -> None:
    house = Account.objects.filter(organisation=organisation).order_by("pk").values_list("flat__house_id", flat=True)
    first = house.first()
    if first is not None:
        told = NewOutage(
            category="cold_water",
            words=words,
            since=now - timedelta(hours=1),
            until=now + timedelta(hours=8),
            house_ids=[first],
            planned=True,
        )
        outages.begin(actor, told, now=now)
