"""A month as a turnover sheet of the shape our own importer reads: imported back it gives the same bills.

Columns are those of the shipped profile of the country, with a column for each service of the month. Bills for other
months and charges taken back stand under recalculation, payments taken back reduce what was paid, so every row adds up
to the balance of the books.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.db import connection
from django.utils.translation import gettext as _

from okno.access.models import Country, Organisation
from okno.common.days import last_day
from okno.exchange.formats.profiles import Profile, shipped_profiles
from okno.exchange.formats.writing import Column, Money, OutCell
from okno.exchange.turnover_rows import PENALTY
from okno.ledger.models import Account, Regime, Service
from okno.ledger.months import reading
from okno.ledger.months.turnover import AccountTurnover

AT_ONCE = 5_000
"""Accounts whose lines are read together."""

FIXED = ("opening", "billed", "recalculated", "paid", "closing")


class AmbiguousLine(Exception):
    """A code stands in bills of two regimes; the sheet has one column a code."""


@dataclass(frozen=True, slots=True)
class _Charge:
    """A service column: its code as the importer knows it and the regime of its bills."""

    code: str
    regime: str


def title(organisation: Organisation, month: date) -> list[str]:
    """The lines above the header; the first names the month, as the importer wants it."""
    profile = profile_of(organisation)
    language = "uk" if organisation.country == Country.UA else "ru"
    words = profile.title_words[0]
    return [f"{words[0].upper()}{words[1:]} за {format_date(month, 'LLLL y', locale=language)}", organisation.name, ""]


def profile_of(organisation: Organisation) -> Profile:
    """The shipped profile of the country's turnover sheets."""
    return shipped_profiles()[f"turnover_{organisation.country}"]


def turnover_sheet(
    organisation: Organisation, month: date, houses: Sequence[int] | None = None
) -> tuple[list[Column], Iterator[list[OutCell]]]:
    """Header and rows of the month (its first day) of these houses (None: all), a row of totals at the end.

    Accounts on which nothing stood and nothing moved are left out. Raises AmbiguousLine.
    """
    profile = profile_of(organisation)
    charges = _charges(organisation, month)
    names = _names(organisation, profile, charges)
    fields = {name: Column(headers.headers[0]) for name, headers in profile.fields.items()}
    columns = [
        fields["number"],
        Column(fields["address"].header, 40),
        fields["flat"],
        fields["opening"],
        *[Column(names[charge]) for charge in charges],
        fields["billed"],
        fields["recalculated"],
        fields["paid"],
        fields["closing"],
    ]
    return columns, _rows(organisation, month, houses, charges, profile.total_words[0].upper())


def _rows(
    organisation: Organisation, month: date, houses: Sequence[int] | None, charges: Sequence[_Charge], total: str
) -> Iterator[list[OutCell]]:
    moved = [row for row in reading.by_account(organisation, month, houses=houses) if not row.sums.is_empty]
    sums = [0] * (len(charges) + len(FIXED))
    for start in range(0, len(moved), AT_ONCE):
        piece = moved[start : start + AT_ONCE]
        ids = [row.account_id for row in piece]
        accounts = Account.objects.filter(pk__in=ids).select_related("flat__house").in_bulk()
        lines = _lines(ids, month)
        for row in piece:
            account = accounts[row.account_id]
            amounts = _amounts(row, lines[row.account_id], charges)
            sums = [one + other for one, other in zip(sums, amounts, strict=True)]
            yield [account.number, account.flat.house.address, account.flat.number, *map(Money, amounts)]
    yield [total, None, None, *map(Money, sums)]


def _amounts(row: AccountTurnover, lines: dict[_Charge, int], charges: Sequence[_Charge]) -> list[int]:
    sums = row.sums
    return [
        sums.opening_minor + sums.introduced_minor,
        *[lines.get(charge, 0) for charge in charges],
        sums.charged_minor + sums.penalty_minor,
        sums.recalculated_minor - sums.charges_reversed_minor,
        sums.paid_minor - sums.payments_reversed_minor,
        sums.closing_minor,
    ]


def _charges(organisation: Organisation, month: date) -> list[_Charge]:
    """The service columns of the month: services in their order, then penalties. Raises AmbiguousLine."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT line, regime FROM ({_POSTED}) AS posted(account_id, regime, line, minor)",
            {"organisation": organisation.pk, "month": month, "last": last_day(month), "accounts": None},
        )
        found = [_Charge(code, regime) for code, regime in cursor.fetchall()]
    regimes: dict[str, str] = {}
    for charge in found:
        if regimes.setdefault(charge.code, charge.regime) != charge.regime:
            text = _("Услуга «%(code)s» есть в начислениях двух видов: в ведомость она не поместится")
            raise AmbiguousLine(text % {"code": charge.code})
    order = dict(Service.objects.filter(organisation=organisation).values_list("code", "order"))
    places = {regime: place for place, regime in enumerate(Regime.values)}
    return sorted(
        found,
        key=lambda one: (one.code.startswith(PENALTY), order.get(one.code, 1_000), places[one.regime], one.code),
    )


def _names(organisation: Organisation, profile: Profile, charges: Sequence[_Charge]) -> dict[_Charge, str]:
    """The header of each column: as the profile knows it, else as the organisation calls it, each once."""
    known = {service.code: service.headers[0] for service in profile.services}
    called = dict(Service.objects.filter(organisation=organisation).values_list("code", "name"))
    names: dict[_Charge, str] = {}
    taken = {headers.headers[0] for headers in profile.fields.values()} | set(known.values())
    for charge in charges:
        name = known.get(charge.code)
        if name is None:
            name = called.get(charge.code, charge.code)
            if name in taken:
                name = f"{name} ({charge.code})"
        taken.add(name)
        names[charge] = name
    return names


def _lines(account_ids: Sequence[int], month: date) -> dict[int, dict[_Charge, int]]:
    found: dict[int, dict[_Charge, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id, jsonb_agg(jsonb_build_array(line, regime, minor)) FROM ("
            f"SELECT account_id, line, regime, sum(minor)::bigint AS minor"
            f" FROM ({_POSTED}) AS posted(account_id, regime, line, minor) GROUP BY 1, 2, 3) AS line GROUP BY 1",
            {"organisation": None, "month": month, "last": last_day(month), "accounts": list(account_ids)},
        )
        for account, lines in cursor.fetchall():
            for code, regime, minor in json.loads(lines):
                found[account][_Charge(code, regime)] = minor
    return found


_POSTED = f"""
SELECT bill.account_id, bill.regime, CASE
    WHEN bill.kind <> 'penalty' THEN line.key
    WHEN bill.regime = 'housing' THEN '{PENALTY}' ELSE '{PENALTY}_' || bill.regime END, line.value::bigint
FROM ledger_bill AS bill JOIN ledger_entry AS posted ON posted.id = bill.entry_id
LEFT JOIN ledger_entry AS undone ON undone.id = bill.reversed_by_id
CROSS JOIN LATERAL jsonb_each_text(bill.lines) AS line
WHERE (%(accounts)s::bigint[] IS NULL OR bill.account_id = ANY(%(accounts)s))
  AND (%(organisation)s::bigint IS NULL OR posted.organisation_id = %(organisation)s)
  AND posted.accounted_on BETWEEN %(month)s AND %(last)s
  AND (undone.id IS NULL OR undone.accounted_on > %(last)s)
  AND (bill.kind = 'penalty' OR (bill.kind = 'month' AND bill.month = %(month)s)) AND line.value <> '0'"""
