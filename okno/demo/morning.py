"""What came by phone in the morning, after the reminders were planned: the gate hears of it at the last moment."""

import csv
from datetime import date
from pathlib import Path

from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.access.trail import record
from okno.exchange.running import run_import
from okno.outreach.models import Contact, ContactState
from okno.people.models import EmailAddress, Phone, Vulnerability

#: One waiting contact in so many: consents withdrawn, numbers that proved to be another's, owners who have died.
WITHDRAWN, ANOTHERS, DECEASED = 29, 31, 47


def calls(organisation: Organisation, actor: Actor, folder: Path, today: date) -> None:
    """Bring in the morning's news about some of those who are about to be written to."""
    waiting = list(
        Contact.objects.filter(organisation=organisation, state=ContactState.WAITING)
        .select_related("account", "person")
        .order_by("id")
    )
    _consents(organisation, [row for place, row in enumerate(waiting) if place % WITHDRAWN == 0], folder, today)
    for place, contact in enumerate(waiting):
        person = contact.person
        if person is None:
            continue
        if place % ANOTHERS == 1:
            Phone.objects.filter(person=person, number=contact.address).update(is_wrong=True)
            EmailAddress.objects.filter(person=person, address=contact.address).update(is_wrong=True)
            sentence = "Ответил посторонний: адрес отмечен чужим"
        elif place % DECEASED == 2:
            person.vulnerabilities = [*person.vulnerabilities, Vulnerability.DECEASED.value]
            person.save(update_fields=["vulnerabilities"])
            sentence = "Родственники сообщили: собственник умер"
        else:
            continue
        record(actor, "people.marked", sentence, subject=("account", contact.account_id))


def _consents(organisation: Organisation, contacts: list[Contact], folder: Path, today: date) -> None:
    """The withdrawals as the reception wrote them down, through the importer."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"consents-{today:%Y-%m-%d}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["Лицевой счёт", "Телефон или e-mail", "Канал", "Согласие", "Дата", "Источник"])
        for row in contacts:
            day = f"{today:%d.%m.%Y}"
            table.writerow([row.account.number, row.address, row.channel, "нет", day, "звонок в приёмную"])
    for report in run_import(organisation, path, yes=True):
        if not report.posted and contacts:
            raise RuntimeError(f"{path.name}: {report.message}")
