"""Every address of the project, as every role, as nobody, and as another organisation's director.

The addresses are taken from the resolver, so a page added later is walked too. Each is asked by GET and by an empty
POST inside a savepoint that is rolled back. Nothing may fail with 500; a page opens only to those whom the table of
roles lets in; and nothing of an organisation is ever shown to a stranger, nor of a flat to its neighbour.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from okno.access import roles
from okno.access.actor import process
from okno.access.models import Role
from okno.debts.models import CaseHold, Promise
from okno.dialogs.models import Call, CallBack, CallCampaign
from okno.exchange.models import Import
from okno.exchange.paper.models import PrintRun
from okno.exchange.paper.runs import begin
from okno.houses.models import House
from okno.ledger.models import Account, Payment
from okno.ledger.penalties import pauses, waiver
from okno.ledger.penalties.models import PauseCause, PenaltyPause, PenaltyWaiver
from okno.outreach.models import Campaign, Contact, Message, Template
from okno.people.models import Person, Phone
from okno.requests.models import Outage, Request
from tests.conftest import _member
from tests.web.accounts.conftest import enter, street  # noqa: F401
from tests.web.calling import things
from tests.web.calls import switchboard

pytestmark = pytest.mark.django_db

ANSWERS = {200, 204, 302, 400, 404, 405, 409, 422}
"""What a page that may be opened answers to a request that is not quite a form."""

#: A scenario and a place in it, for addresses that name one.
SCENARIO = {"name": "debt_notice", "node": "hello"}

#: Streams that never end.
ENDLESS = {"live"}


@dataclass(frozen=True)
class Address:
    """An address as it is asked: `permission` is the page's own, "" for those that everybody may ask."""

    name: str
    path: str
    permission: str
    ours: bool


def walk(patterns: Sequence[Any], prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """(name, route, pattern) of every address under these patterns."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, route, inner)
        else:
            yield f"{space}{pattern.name}", route, pattern


def kinds(organisation) -> dict[str, int]:
    """An id of the organisation's own of every kind that an address may name, by the word before it."""
    found = {
        "accounts": Account,
        "houses": House,
        "people": Person,
        "phones": Phone,
        "payments": Payment,
        "campaigns": Campaign,
        "contacts": Contact,
        "messages": Message,
        "templates": Template,
        "imports": Import,
        "bills": PrintRun,
        "waivers": PenaltyWaiver,
        "pauses": PenaltyPause,
        "calls": Call,
        "requests": Request,
        "outages": Outage,
        "promises": Promise,
        "holds": CaseHold,
        "call-backs": CallBack,
    }
    ids = {}
    for word, model in found.items():
        pk = model.objects.filter(organisation=organisation).order_by("pk").values_list("pk", flat=True).first()
        ids[word] = pk or 1
    calling = CallCampaign.objects.filter(campaign__organisation=organisation).first()
    ids["calling"] = calling.pk if calling else 1
    return ids


def addresses(ids: dict[str, int]) -> list[Address]:
    """Every address with its places filled in."""
    found = []
    for name, route, pattern in walk(get_resolver().url_patterns):
        if name in ENDLESS:
            continue
        word = route.partition("<")[0].rstrip("/").rpartition("/")[2]
        named = SCENARIO if word == "scenarios" else {}
        places = {
            place: ids.get(word, ids["accounts"])
            if kind == "int"
            else uuid.UUID(int=1)
            if kind == "uuid"
            else named.get(place, "x")
            for place, kind in converters(pattern).items()
        }
        view = pattern.callback
        found.append(
            Address(
                name=name,
                path="/" + filled(route, places),
                permission=getattr(view, "permission", ""),
                ours=str(getattr(view, "__module__", "")).startswith("okno."),
            )
        )
    return found


def converters(pattern: URLPattern) -> dict[str, str]:
    told = pattern.pattern.converters
    return {place: type(one).__name__.removesuffix("Converter").lower() for place, one in told.items()}


def filled(route: str, places: dict[str, Any]) -> str:
    for place, value in places.items():
        for kind in ("int:", "str:", "slug:", "uuid:", "path:", ""):
            route = route.replace(f"<{kind}{place}>", str(value))
    return route.replace("^", "").replace("$", "").replace("(?P<key>[-:\\w]+)/", "x/")


def ask(client: Client, method: str, path: str) -> tuple[int, str]:
    """The status and the text of the answer; what was done is undone."""
    with transaction.atomic():
        response = getattr(client, method)(path)
        if response.streaming:
            text = "" if response.is_async else b"".join(response.streaming_content).decode(errors="replace")
        else:
            text = response.content.decode(errors="replace")
        transaction.set_rollback(True)
    return response.status_code, text


def every_request(client: Client, ids: dict[str, int]) -> Iterator[tuple[Address, str, int, str]]:
    """(address, method, status, text); a deed that ends the session is asked last of all by nobody."""
    client.raise_request_exception = False
    for address in addresses(ids):
        for method in ("get", "post") if address.ours else ("get",):
            status, text = ask(client, method, address.path)
            yield address, method, status, text


@pytest.fixture
def full(street):  # noqa: F811
    """The street with contacts that were decided about, a waiver, a pause, a run of bills and a day of calls."""
    switchboard.build(street)
    street.remind()
    street.ask_the_gate()
    account, today = street.accounts["1"].pk, street.day
    office = process(street.organisation, "проверка")
    grant = waiver.Grant(account_id=account, regime="housing", until=today, pay_by=today)
    waiver.give(office, grant, reason="проверка", today=today)
    rest = pauses.Rest(account_id=account, since=today, cause=PauseCause.DISPUTE)
    pauses.begin(office, rest, reason="проверка", today=today)
    begin(office, date(2026, 10, 1), title=street.house.short_address)
    things.build(street)
    return street


def test_the_walk_finds_the_pages_of_every_room(full, organisation):
    names = {address.name for address in addresses(kinds(organisation))}
    assert {"home", "desk:accounts", "desk:account", "desk:house", "cabinet:home", "field:works"} <= names
    assert all("<" not in address.path for address in addresses(kinds(organisation)) if address.ours)


@pytest.mark.parametrize("role", Role.values)
def test_a_page_opens_to_the_roles_of_its_permission_and_to_no_other(full, organisation, role):
    member = _member(organisation, role, f"{role}@example.net", f"Роль {role}")
    wrong = []
    for address, method, status, _text in every_request(enter(member), kinds(organisation)):
        if address.permission and not roles.may(member, address.permission):
            fits = status in {403, 405}
        elif address.permission:
            fits = status in ANSWERS
        else:
            fits = status in ANSWERS | {401, 403, 410, 503}
        if not fits:
            wrong.append((address.name, method, address.path, status))
    assert wrong == []


def test_nobody_gets_further_than_the_door(full, organisation):
    wrong = []
    for address, method, status, text in every_request(Client(SERVER_NAME="127.0.0.1"), kinds(organisation)):
        at_door = status in {302, 403, 405} if address.permission else status in ANSWERS | {401, 403, 410, 503}
        if not at_door or shown(full, text):
            wrong.append((address.name, method, status))
    assert wrong == []


def test_another_organisation_sees_nothing_of_ours(full, organisation, outsider):
    wrong = []
    for address, method, status, text in every_request(enter(outsider), kinds(organisation)):
        if status >= 500 or shown(full, text):
            wrong.append((address.name, method, status, shown(full, text)))
    assert wrong == []


def test_a_resident_sees_nothing_of_the_neighbours(full, organisation, resident):
    person = full.people["1"]
    person.user = resident.user
    person.save(update_fields=["user"])
    wrong = []
    for address, method, status, text in every_request(enter(resident), kinds(organisation)):
        told = [full.people["2"].full_name, full.accounts["2"].number, "+79123450002", "Соколов"]
        if status >= 500 or any(mark in text for mark in told):
            wrong.append((address.name, method, status))
    assert wrong == []


def shown(full, text: str) -> list[str]:
    """Which marks of the first organisation stand in the text."""
    marks = [
        full.organisation.name,
        full.people["1"].full_name,
        full.accounts["1"].number,
        "+79123450001",
        "345-00-01",
        full.house.short_address,
        "Код подъезда",
    ]
    return [mark for mark in marks if mark in text]
