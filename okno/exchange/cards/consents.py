"""A list of consents, given and withdrawn."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from okno.exchange.cards import changes
from okno.exchange.formats.records import ConsentRecord, Problem
from okno.exchange.run import Run
from okno.ledger.models import Account
from okno.people.models import Consent, EmailAddress, Occupancy, Phone

Rows = Sequence[tuple[int, ConsentRecord]]


class Consents:
    """Consents of a file. Each belongs to the person of the account's flat who has this phone or e-mail."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def take(self, rows: Rows) -> None:
        people = self._people(rows)
        known = set(
            Consent.objects.filter(person__in=set(people.values())).values_list(
                "person_id", "channel", "given", "on", "source"
            )
        )
        fresh: list[Consent] = []
        for number, record in rows:
            if number not in people:
                continue
            mark = (people[number], record.channel, record.given, record.given_on, record.source)
            sample = {"row": number, "number": record.account_number, "contact": record.contact}
            self._run.tally.saw("same" if mark in known else "new", sample)
            if mark not in known:
                known.add(mark)
                fresh.append(
                    Consent(
                        organisation=self._run.organisation,
                        person_id=people[number],
                        channel=record.channel,
                        given=record.given,
                        on=record.given_on,
                        source=record.source,
                    )
                )
        changes.make(self._run, fresh)

    def finish(self) -> None:
        """Nothing is left to say."""

    def _people(self, rows: Rows) -> dict[int, int]:
        """Row → person; a row nobody fits is set aside."""
        flats = dict(
            Account.objects.filter(
                organisation=self._run.organisation, number__in={record.account_number for _n, record in rows}
            ).values_list("number", "flat_id")
        )
        dwellers: dict[int, set[int]] = defaultdict(set)
        for flat, person in Occupancy.objects.filter(flat__in=set(flats.values())).values_list("flat_id", "person_id"):
            dwellers[flat].add(person)
        reached = self._reached_by({record.contact for _n, record in rows})
        found: dict[int, int] = {}
        for number, record in rows:
            home = flats.get(record.account_number)
            fitting = dwellers.get(home or 0, set()) & reached.get(record.contact, set())
            if home is None:
                text = _("Лицевого счёта %(number)s в системе нет. Исправьте номер.") % {
                    "number": record.account_number
                }
                problem = Problem("account_number", "unknown_account", text, record.account_number)
                self._run.tally.complain(number, problem)
            elif not fitting:
                text = _("По счёту %(number)s никто не записан с «%(contact)s». Сначала загрузите жителей.") % {
                    "number": record.account_number,
                    "contact": record.contact,
                }
                self._run.tally.complain(number, Problem("contact", "unknown_contact", text, record.contact))
            else:
                found[number] = min(fitting)
        return found

    def _reached_by(self, contacts: set[str]) -> dict[str, set[int]]:
        organisation = self._run.organisation
        found: dict[str, set[int]] = defaultdict(set)
        phones = Phone.objects.filter(organisation=organisation, number__in=contacts)
        for contact, person in phones.values_list("number", "person_id"):
            found[contact].add(person)
        emails = EmailAddress.objects.filter(organisation=organisation, address__in=contacts)
        for contact, person in emails.values_list("address", "person_id"):
            found[contact].add(person)
        return found
