"""A list of people: who they are, how they are reached, what they are to a flat."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from okno.common.folding import fold
from okno.common.names import NotAName, PersonName, split_name
from okno.common.phones import is_mobile
from okno.exchange.cards import changes
from okno.exchange.cards.places import FlatKey, NoAddress, Places, flat_number
from okno.exchange.formats.records import PersonRecord, Problem
from okno.exchange.run import Run, Verdict
from okno.ledger.models import Account
from okno.people.models import EmailAddress, Occupancy, Person, Phone, Vulnerability

Rows = Sequence[tuple[int, PersonRecord]]

_COMPANY = re.compile(
    r"\b(?:ООО|ОАО|ЗАО|ПАО|АО|НАО|ТОО|ТОВ|ПАТ|ПрАТ|МУП|ГУП|ГКУ|МКУ|МБУ|КГУ|КСК|ОСИ|ТСЖ|ЖСК|администраци[яи]|банк)\b",
    re.IGNORECASE,
)
_VULNERABLE = {"disabled": Vulnerability.DISABLED, "minor": Vulnerability.MINOR, "elderly": Vulnerability.ELDERLY}


@dataclass
class Known:
    """A person with what tells them from a namesake."""

    person: Person
    phones: dict[str, Phone] = field(default_factory=dict)
    emails: dict[str, EmailAddress] = field(default_factory=dict)
    occupancies: dict[tuple[int, str], Occupancy] = field(default_factory=dict)

    @property
    def flats(self) -> set[int]:
        return {flat for flat, _role in self.occupancies}


class People:
    """People of a file. A row is about a known person when the tax number is the same, or the name is and also a phone,
    an e-mail or the flat; otherwise about a new one."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places = Places(run)

    def take(self, rows: Rows) -> None:
        named = self._named(rows)
        flats = self._flat_ids([(number, record) for number, record, _name in named])
        placed = [(number, record, name, flats[number]) for number, record, name in named if number in flats]
        _Chunk(self._run, placed).write()

    def finish(self) -> None:
        self._places.remark()

    def _named(self, rows: Rows) -> list[tuple[int, PersonRecord, PersonName | None]]:
        """Rows with their names taken apart; None for a company. A row without a name is set aside."""
        named: list[tuple[int, PersonRecord, PersonName | None]] = []
        for number, record in rows:
            if _COMPANY.search(record.name):
                named.append((number, record, None))
                continue
            try:
                named.append((number, record, split_name(record.name)))
            except NotAName as error:
                text = _("%(error)s Исправьте имя.") % {"error": error}
                self._run.tally.complain(number, Problem("name", "bad_name", text, record.name))
        return named

    def _flat_ids(self, rows: Rows) -> dict[int, int]:
        numbers = {record.account_number for _n, record in rows if record.account_number}
        accounts = Account.objects.filter(organisation=self._run.organisation, number__in=numbers)
        by_account = dict(accounts.values_list("number", "flat_id"))
        found: dict[int, int] = {}
        keys: dict[int, FlatKey] = {}
        for number, record in rows:
            if record.account_number in by_account:
                found[number] = by_account[record.account_number]
                continue
            try:
                house = self._places.find_or_make(record.address)
            except NoAddress as error:
                self._run.tally.complain(number, Problem("address", "bad_address", str(error), record.address))
                continue
            keys[number] = FlatKey(house.pk, record.flat_kind, flat_number(record.flat))
        flats = self._places.flats({key: {} for key in keys.values()}) if keys else {}
        return found | {number: flats[key].pk for number, key in keys.items()}


class _Chunk:
    """Some rows, written together: people first, then what belongs to them."""

    def __init__(self, run: Run, rows: Sequence[tuple[int, PersonRecord, PersonName | None, int]]) -> None:
        self._run = run
        self._rows = rows
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self._by_tax: dict[str, Known] = {}
        self._fresh: list[Known] = []
        self._altered: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._verdicts: list[tuple[int, PersonRecord, Verdict]] = []
        self._new_phones: list[Phone] = []
        self._new_emails: list[EmailAddress] = []
        self._new_occupancies: list[Occupancy] = []
        self._load()

    def write(self) -> None:
        for number, record, name, flat in self._rows:
            self._take(number, record, name, flat)
        changes.make(self._run, [known.person for known in self._fresh])
        for rows in (self._new_phones, self._new_emails, self._new_occupancies):
            for row in rows:
                # The person had no number yet when the row was made.
                row.person_id = row.person.pk
            changes.make(self._run, rows)
        by_table: dict[type, list[tuple[Any, dict[str, Any]]]] = defaultdict(list)
        for row, values in self._altered.values():
            by_table[type(row)].append((row, values))
        for altered in by_table.values():
            changes.change(self._run, altered)
        for number, record, verdict in self._verdicts:
            sample = {"row": number, "name": record.name, "address": record.address, "flat": record.flat}
            self._run.tally.saw(verdict, sample)

    def _load(self) -> None:
        """The people these rows may be about: namesakes and holders of the same tax numbers."""
        organisation = self._run.organisation
        names = {_full_name(record, name) for _n, record, name, _f in self._rows}
        taxes = {record.tax_number for _n, record, _m, _f in self._rows if record.tax_number}
        people = list(Person.objects.filter(organisation=organisation, full_name__in=names))
        seen = {person.pk for person in people}
        people += [
            person
            for person in Person.objects.filter(organisation=organisation, tax_number__in=taxes)
            if person.pk not in seen
        ]
        known = {person.pk: Known(person) for person in people}
        for phone in Phone.objects.filter(person__in=known):
            known[phone.person_id].phones[phone.number] = phone
        for email in EmailAddress.objects.filter(person__in=known):
            known[email.person_id].emails[email.address] = email
        for occupancy in Occupancy.objects.filter(person__in=known):
            known[occupancy.person_id].occupancies[occupancy.flat_id, occupancy.role] = occupancy
        for one in known.values():
            self._learn(one)

    def _learn(self, known: Known) -> None:
        self._by_name[known.person.full_name].append(known)
        if known.person.tax_number:
            self._by_tax[known.person.tax_number] = known

    def _take(self, number: int, record: PersonRecord, name: PersonName | None, flat: int) -> None:
        known = self._find(record, name, flat)
        fresh = known is None
        if known is None:
            known = Known(_person(self._run, record, name))
            self._fresh.append(known)
            self._learn(known)
        changed = False if fresh else self._alter(known.person, _told(record, name), record)
        changed |= self._reach(known, record)
        changed |= self._occupy(known, record, flat)
        self._verdicts.append((number, record, "new" if fresh else "changed" if changed else "same"))

    def _find(self, record: PersonRecord, name: PersonName | None, flat: int) -> Known | None:
        if record.tax_number in self._by_tax:
            return self._by_tax[record.tax_number]
        for known in self._by_name.get(_full_name(record, name), ()):
            other_tax = known.person.tax_number and record.tax_number
            same = set(record.phones) & set(known.phones) or record.email in known.emails or flat in known.flats
            if same and not other_tax:
                return known
        return None

    def _alter(self, row: Any, values: dict[str, Any], record: PersonRecord | None = None) -> bool:
        differs = changes.differing(row, values)
        if isinstance(row, Person) and record is not None:
            marks = sorted({*row.vulnerabilities, *_vulnerabilities(record)})
            if marks != sorted(row.vulnerabilities):
                differs["vulnerabilities"] = marks
            if "do_not_call" in record.marks and not row.do_not_call:
                differs["do_not_call"] = True
        if not differs:
            return False
        if row.pk is None:
            # Made by an earlier row of this very file: what is told later completes it.
            for name, value in differs.items():
                setattr(row, name, value)
            return True
        _row, values = self._altered.setdefault(id(row), (row, {}))
        values.update(differs)
        return True

    def _reach(self, known: Known, record: PersonRecord) -> bool:
        changed = False
        for raw in record.phones:
            wrong = "wrong_number" in record.marks
            if raw in known.phones:
                changed |= wrong and self._alter(known.phones[raw], {"is_wrong": True})
                continue
            phone = Phone(
                organisation=self._run.organisation,
                person=known.person,
                number=raw,
                raw=raw,
                is_mobile=is_mobile(raw),
                is_wrong=wrong,
                is_preferred=not known.phones,
            )
            known.phones[raw] = phone
            self._new_phones.append(phone)
            changed = True
        if record.email and record.email not in known.emails:
            email = EmailAddress(
                organisation=self._run.organisation,
                person=known.person,
                address=record.email,
                is_preferred=not known.emails,
            )
            known.emails[record.email] = email
            self._new_emails.append(email)
            changed = True
        return changed

    def _occupy(self, known: Known, record: PersonRecord, flat: int) -> bool:
        values = {"since": record.since, "until": record.until, "share": record.share}
        occupancy = known.occupancies.get((flat, record.role))
        if occupancy is not None:
            return self._alter(occupancy, values)
        occupancy = Occupancy(
            organisation=self._run.organisation, person=known.person, flat_id=flat, role=record.role, **values
        )
        known.occupancies[flat, record.role] = occupancy
        self._new_occupancies.append(occupancy)
        return True


def _full_name(record: PersonRecord, name: PersonName | None) -> str:
    return (" ".join(record.name.split()) if name is None else name.full())[:300]


def _vulnerabilities(record: PersonRecord) -> list[str]:
    return sorted(_VULNERABLE[mark].value for mark in record.marks if mark in _VULNERABLE)


def _told(record: PersonRecord, name: PersonName | None) -> dict[str, Any]:
    return {
        "full_name": _full_name(record, name),
        "birth_date": record.born_on,
        "tax_number": record.tax_number,
        "insurance_number": record.insurance_number,
        "language": record.language,
    }


def _person(run: Run, record: PersonRecord, name: PersonName | None) -> Person:
    full_name = _full_name(record, name)
    return Person(
        organisation=run.organisation,
        is_company=name is None,
        full_name=full_name,
        surname=name.surname[:100] if name else "",
        first_name=name.first[:100] if name else "",
        patronymic=name.patronymic[:100] if name else "",
        search_text=fold(full_name)[:300],
        birth_date=record.born_on,
        tax_number=record.tax_number,
        insurance_number=record.insurance_number,
        language=record.language,
        vulnerabilities=_vulnerabilities(record),
        do_not_call="do_not_call" in record.marks,
    )
