"""A message as it would leave today to a real account: filled in by the sender's own hand, nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from okno.access.models import Organisation
from okno.ledger.models import Account
from okno.outreach import causes
from okno.outreach.facts import Cursor, Version, newest_versions, open_cursor
from okno.outreach.facts import Person as Addressee
from okno.outreach.models import Campaign
from okno.outreach.placeholders import Told
from okno.outreach.templates import Rendered, render
from okno.people.entitlement import entitled
from okno.people.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One account a message can be tried on, with what the message would tell today."""

    account_id: int
    told: Told
    person: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A finished message. `version` is None where the template has no words in any fitting language."""

    sample: Sample
    channel: str
    version: Version | None
    rendered: Rendered | None


def samples(organisation: Organisation, cause: str, cases: Sequence[tuple[int, int]], *, day: date) -> list[Sample]:
    """These (case, account) pairs as they stand on `day`, in their order; the addressee is the first entitled one."""
    cursor = open_cursor()
    found = causes.get(cause).owed(
        cursor, organisation_id=organisation.pk, cause_ids=[case for case, _account in cases], day=day
    )
    accounts = Account.objects.select_related("flat__house").in_bulk([account for _case, account in cases])
    may_hear = entitled(cursor, list(accounts), day)
    people = Person.objects.in_bulk([ids[0] for ids in may_hear.values()])
    made = []
    for case, account_id in cases:
        account, person = accounts[account_id], people.get(may_hear.get(account_id, [0])[0])
        owed = found.get(case)
        since = owed.values.get("overdue_since") if owed else None
        told = Told(
            name=_polite(person) if person else "",
            house=account.flat.house.short_address,
            flat=account.flat.number,
            flat_kind=account.flat.kind,
            account=account.number,
            organisation=organisation.name,
            currency=organisation.currency,
            phone=organisation.residents_phone,
            email=organisation.residents_email,
            pay_url=organisation.payment_url,
            debt_minor=owed.debt_minor if owed else 0,
            months_owed=int(owed.values.get("months_owed", 0)) if owed else 0,
            overdue_since=date.fromisoformat(since) if isinstance(since, str) and since else None,
            on=day,
        )
        made.append(
            Sample(
                account_id=account_id,
                told=told,
                person=person.full_name if person else "",
                language=(person.language if person else "") or organisation.default_language,
            )
        )
    return made


def _polite(person: Person) -> str:
    return Addressee(
        person.pk, person.full_name, person.first_name, person.patronymic, [], person.do_not_call, None, None
    ).polite_name


def three(campaign: Campaign, *, day: date) -> list[tuple[int, int]]:
    """Three of the campaign's audience to look at: the largest debt, one from the middle, the longest to write."""
    audience = causes.get(campaign.cause).audience(
        organisation=campaign.organisation, filter=campaign.audience, day=day
    )
    if len(audience) <= 3:
        return list(audience)
    by_account = {account: case for case, account in audience}
    longest = _longest(open_cursor(), list(by_account))
    chosen = [audience[0], audience[len(audience) // 2], (by_account[longest], longest)]
    return list(dict.fromkeys([*chosen, audience[-1], audience[1]]))[:3]


def _longest(cursor: Cursor, accounts: list[int]) -> int:
    """The account whose address and addressee take the most letters."""
    cursor.execute(
        "SELECT account.id FROM ledger_account AS account JOIN houses_flat AS flat ON flat.id = account.flat_id"
        " JOIN houses_house AS house ON house.id = flat.house_id"
        " LEFT JOIN people_occupancy AS occupancy ON occupancy.flat_id = flat.id"
        " AND occupancy.role IN ('payer', 'owner')"
        " LEFT JOIN people_person AS person ON person.id = occupancy.person_id"
        " WHERE account.id = ANY(%s) ORDER BY length(house.short_address) + length(flat.number)"
        " + coalesce(greatest(length(person.first_name) + length(person.patronymic), CASE WHEN person.is_company"
        " THEN length(person.full_name) ELSE 0 END), 0) DESC, account.id LIMIT 1",
        (accounts,),
    )
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def show(campaign: Campaign, cases: Sequence[tuple[int, int]], *, day: date, language: str = "") -> list[Shown]:
    """The campaign's words on these cases, channel by channel; `language` "" is each addressee's own."""
    organisation = campaign.organisation
    templates = {one.channel: one.pk for one in campaign.templates.filter(archived=False).order_by("-id")}
    versions = newest_versions(open_cursor(), list(templates.values()))
    shown = []
    for sample in samples(organisation, campaign.cause, cases, day=day):
        for channel in campaign.channels:
            words = versions.get(templates.get(channel, 0), {})
            version = words.get(language or sample.language) or (
                None if language else words.get(organisation.default_language)
            )
            shown.append(
                Shown(sample=sample, channel=channel, version=version, rendered=_filled(version, sample, channel))
            )
    return shown


def _filled(version: Version | None, sample: Sample, channel: str) -> Rendered | None:
    if version is None:
        return None
    return render(
        subject=version.subject, text=version.text, told=sample.told, language=version.language, channel=channel
    )
