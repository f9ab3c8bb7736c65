"""What a row means once it is read: typed records, and the complaints about rows that could not become one.

Amounts are minor units of the organisation's currency. Codes are those the tables of the rooms keep.
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple


class Problem(NamedTuple):
    """Why a row was set aside: the field, a code for machines, words for the person who mends it, what stood there."""

    field: str
    code: str
    message_ru: str
    value: str


class Remark(NamedTuple):
    """Something about a whole file that a person must confirm (`needs_person`) or may just read."""

    code: str
    message_ru: str
    needs_person: bool


class HouseRecord(NamedTuple):
    """A house; counts are as its passport declares them."""

    address: str
    flats: int | None
    entrances: int | None
    floors: int | None
    lowest_floor: int


class AccountRecord(NamedTuple):
    """An account and its premise. `flat_kind`: flat, apartment, parking, storeroom, commercial; area in m²."""

    number: str
    address: str
    entrance: int | None
    floor: int | None
    flat: str
    flat_kind: str
    area: Decimal | None
    residents: int | None
    opened_on: date | None
    closed_on: date | None


class PersonRecord(NamedTuple):
    """A person at a premise from `since` to `until`, both inclusive. `phones` are E.164, the first is the
    main one.

    `role`: owner, tenant, payer, resident, guest. `marks`: do_not_call, wrong_number, disabled, minor,
    elderly.
    `language`: ru, kk, uk, en or "". `share` is kept as written ("1/2").
    """

    address: str
    flat: str
    flat_kind: str
    phones: tuple[str, ...]
    name: str
    email: str
    role: str
    account_number: str
    language: str
    since: date | None
    until: date | None
    share: str
    born_on: date | None
    tax_number: str
    insurance_number: str
    marks: frozenset[str]


class ConsentRecord(NamedTuple):
    """A consent given or withdrawn. `contact` is an E.164 number or an e-mail; `channel` as `people` keeps it."""

    account_number: str
    contact: str
    channel: str
    given: bool
    given_on: date
    source: str


class MeterRecord(NamedTuple):
    """A meter with its latest readings by tariff zones.

    `kind`: cold_water, hot_water, electricity, heat, gas. Where the file gives a month and no day, a date is
    its first day.
    """

    address: str
    flat: str
    flat_kind: str
    account_number: str
    kind: str
    number: str
    tariffs: int
    readings: tuple[Decimal, ...]
    read_on: date | None
    verified_on: date | None
    verify_next_on: date | None
    installed_on: date | None
    commissioned_on: date | None
    sealed_on: date | None
    control_on: date | None
    place: str
    automatic: bool
    decommissioned_on: date | None


class TurnoverRecord(NamedTuple):
    """One account's month. `services` maps a service code to its amount and holds no zeros.

    opening + billed + recalculated − paid = closing, and the services add up to `billed` (when the file has services).
    A positive balance is owed by the resident.
    """

    number: str
    address: str
    flat: str
    name: str
    opening_minor: int
    services: Mapping[str, int]
    billed_minor: int
    recalculated_minor: int
    paid_minor: int
    closing_minor: int


class TurnoverTotals(NamedTuple):
    """The row of totals that closes a turnover file; None where the file has no such column or left it empty."""

    opening_minor: int | None
    services: Mapping[str, int]
    billed_minor: int | None
    recalculated_minor: int | None
    paid_minor: int | None
    closing_minor: int | None


class PaymentRecord(NamedTuple):
    """Money that came. `key` is the same for the same operation whenever and however often its file is
    loaded.

    `stated_month` is the month the payer named (its first day), None when none was named.
    """

    key: str
    paid_on: date
    time: time | None
    account_number: str
    name: str
    address: str
    stated_month: date | None
    amount_minor: int
    purpose: str


Record = HouseRecord | AccountRecord | PersonRecord | ConsentRecord | MeterRecord | TurnoverRecord | PaymentRecord
