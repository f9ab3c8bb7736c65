"""One day of the demo town: its files go in by the importer, debtors are found, the gate lets reminders out one by one,
and in the middle of it a bank's register comes and takes back what was still waiting.
"""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from okno.access import founding
from okno.access.actor import Actor, acting, process
from okno.access.models import Action, Organisation
from okno.access.trail import record
from okno.common import clock
from okno.common.days import add_months
from okno.database.statistics import analyse
from okno.debts import cycle
from okno.debts.models import Case
from okno.demo import dispatcher, morning
from okno.demo.phones import campaign as calls
from okno.demo.place import NAME, Site
from okno.demo.show import Stage
from okno.demo.town import Town, write_files
from okno.demo.town.place import place
from okno.demo.world import World
from okno.exchange.models import QuarantinedRow, QuarantineState, UnmatchedPayment, UnmatchedState
from okno.exchange.paper import details
from okno.exchange.paper.models import PaymentDetails
from okno.exchange.running import ImportReport, Wishes, run_import, run_imports
from okno.houses.models import House
from okno.ledger import services, verify
from okno.ledger.models import Account, Bill, Payment
from okno.outreach import planning, replay, routes, steering, templates, words
from okno.outreach.models import Campaign, Contact, ContactState, Permit, Template
from okno.outreach.sending import Sender
from okno.people.models import Channel

RECEIPTS_SECONDS = 3.0
"""How long the sender lingers for the delivery receipts of what it has sent."""


HANDS = 8
"""Connections of the sender: each message is two commits, and commits that meet share one write to the disk."""


class DemoFailed(Exception):
    """A step of the demo did not do what it must; the message says which."""


def live(site: Site, stage: Stage, outside: World) -> dict[str, Any]:
    """Build the town if it is new, live its day if it is not lived yet, and tell what happened."""
    with stage.step("Таблицы") as advance:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        advance(1, 1)
    organisation = Organisation.objects.filter(is_demo=True).first() or _found(site)
    actor = process(organisation, "демонстрация", "день демонстрационного города")
    with acting(actor, source="okno demo"):
        _build(site, stage, organisation, actor)
        story = _story(organisation, site.today) or _live_the_day(site, stage, organisation, actor, outside)
    return {**_figures(site, organisation, stage), **story, "organisation": organisation.name}


def _found(site: Site) -> Organisation:
    lent = place(site.country)
    organisation = founding.found_organisation(
        name=NAME[site.country],
        country=site.country,
        is_demo=True,
        residents_phone={"ru": "+7 495 000-00-00", "kz": "+7 727 000-00-00", "ua": "+380 44 000-00-00"}[site.country],
        residents_email="dom@demo.example",
        tax_number=lent.payment["tax_number"],
        payment_url="https://pay.demo.example/",
    )
    actor = process(organisation, "демонстрация", "основание демонстрационного города")
    with acting(actor, source="okno demo"):
        services.install_defaults(organisation)
        templates.install_defaults(organisation, actor)
        since = add_months(site.today.replace(day=1), -site.months)
        payee = {"payee": organisation.name, "account": lent.own_account, **lent.payment}
        details.keep(actor, PaymentDetails(organisation=organisation, since=since, **payee))
    return organisation


def _build(site: Site, stage: Stage, organisation: Organisation, actor: Actor) -> None:
    """Write the town's files and import them as a user would; a town begun before is finished."""
    if Action.objects.filter(organisation=organisation, verb="demo.built").exists():
        return
    if not (site.files / "town.json").exists():
        with stage.step("Пишу файлы города") as advance:
            town = Town(
                country=site.country,  # type: ignore[arg-type]
                houses=site.houses,
                months=site.months,
                seed=site.seed,
                today=site.today,
            )
            write_files(town, site.files, lambda done, total, _text: advance(done, total))
    paths = _in_order(site.files)
    with stage.step(f"Загружаю {len(paths)} файлов") as advance:
        for done, report in enumerate(run_imports(organisation, paths, wishes=Wishes(yes=True)), start=1):
            _require_posted(report)
            advance(done, len(paths))
    # So much has come at once that the planner must look at the tables before anybody asks them anything.
    with connection.cursor() as cursor:
        analyse(cursor)
    record(actor, "demo.built", "Демонстрационный город построен из файлов")


def _in_order(folder: Path) -> list[Path]:
    """The rosters first, then each month's bills and payments in the order of their days."""
    rosters = sorted(path for path in folder.glob("0*") if path.is_file())
    dated = [path for name in ("turnover", "registers", "statement") for path in (folder / name).iterdir()]
    return rosters + sorted(dated, key=lambda path: (_day(path), path.name))


def _day(path: Path) -> date:
    """The day a file arrives: bills on the first day of the next month, payments on the day in their name."""
    numbers = [int(word) for word in re.findall(r"\d+", path.stem)]
    year, month, *rest = numbers[:3]
    if path.parent.name == "turnover":
        return date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, rest[0]) if rest else date(year + month // 12, month % 12 + 1, 1)


def _require_posted(report: ImportReport) -> None:
    if not report.posted:
        raise DemoFailed(f"{report.source.file_name}: {report.message or '; '.join(report.waiting)}")


def _story(organisation: Organisation, today: date) -> dict[str, Any] | None:
    lived = Action.objects.filter(organisation=organisation, verb="demo.day", detail__day=today.isoformat()).first()
    return lived.detail["story"] if lived else None


def _live_the_day(site: Site, stage: Stage, organisation: Organisation, actor: Actor, outside: World) -> dict[str, Any]:
    now = clock.now()
    with stage.step("Ищу должников") as advance:
        found = cycle.run(organisation, site.today, now)
        advance(1, 1)
    with stage.step("Готовлю напоминания") as advance:
        campaign = _campaign(organisation, actor)
        planned = planning.plan(campaign, site.today, now)
        advance(planned.created, planned.created)
    with stage.step("Утренние звонки жителей") as advance:
        morning.calls(organisation, actor, site.files / "morning", site.today)
        advance(1, 1)
    with stage.step("Письма: шлюз решает, почта уносит") as advance:
        letters = Sender({"email": routes.from_environment()["email"]}, threads=HANDS).run(once=True)
        advance(letters.sent, letters.sent)
    with stage.step("Пришёл реестр банка") as advance:
        paid = _register_arrives(site, organisation)
        advance(1, 1)
    with stage.step("СМС: шлюз решает, центр уносит") as advance:
        texts = Sender({"sms": routes.from_environment()["sms"]}, threads=HANDS).run(once=True, linger=RECEIPTS_SECONDS)
        advance(texts.sent, texts.sent)
    with stage.step("Заявки у диспетчера") as advance:
        asked = dispatcher.work(organisation, actor, now)
        advance(asked, asked)
    story = {
        "debtors": found.debtors,
        "debt_minor": found.debt_minor,
        "unreachable": dict(planned.unreachable),
        "arrived": sum(arrival.taken for arrival in outside.arrivals),
        **paid,
    }
    record(
        actor,
        "demo.day",
        "Прожит день демонстрационного города",
        detail={"day": site.today.isoformat(), "story": story},
    )
    return story


def _campaign(organisation: Organisation, actor: Actor) -> Campaign:
    campaign = Campaign.objects.create(
        organisation=organisation,
        name="Напоминание о долге",
        cause="debt",
        channels=[Channel.EMAIL.value, Channel.SMS.value],
        audience={},
        created_at=clock.now(),
    )
    campaign.templates.set(
        Template.objects.filter(organisation=organisation, channel__in=campaign.channels, archived=False)
    )
    return steering.start(campaign, actor, "день демонстрации", now=clock.now(), delay=timedelta(0))


def _register_arrives(site: Site, organisation: Organisation) -> dict[str, Any]:
    """Import the day's register and see that exactly the waiting contacts of those who paid were withdrawn."""
    waiting = _accounts(organisation, ContactState.WAITING)
    owing = set(Case.objects.filter(organisation=organisation, state="open").values_list("account_id", flat=True))
    for path in sorted((site.files / "today").iterdir()):
        for report in run_import(organisation, path, yes=True):
            _require_posted(report)
    still = set(Case.objects.filter(organisation=organisation, state="open").values_list("account_id", flat=True))
    closed = owing - still
    withdrawn = _accounts(organisation, ContactState.WITHDRAWN)
    if withdrawn != waiting & closed:
        raise DemoFailed("Отозваны контакты не тех, кто оплатил: это ошибка программы")
    return {"paid_during": len(closed)}


def _accounts(organisation: Organisation, state: ContactState) -> set[int]:
    return set(Contact.objects.filter(organisation=organisation, state=state).values_list("account_id", flat=True))


def _figures(site: Site, organisation: Organisation, stage: Stage) -> dict[str, Any]:
    """What the database says now, and the two proofs."""
    with stage.step("Повторяю день по каждому разрешению") as advance:
        again = replay.replay(organisation, site.today)
        advance(1, 1)
    with stage.step("Пересчитываю книгу из истории") as advance:
        verified = verify.verify(organisation)
        advance(1, 1)
    permits = Permit.objects.filter(organisation=organisation)
    states = dict(
        Contact.objects.filter(organisation=organisation).values_list("state").annotate(number=Count("id")).order_by()
    )
    reasons: dict[str, int] = {}
    for codes in permits.filter(allowed=False, contact__state=ContactState.REFUSED).values_list("reasons", flat=True):
        for code in codes:
            reasons[str(words.reason(code))] = reasons.get(str(words.reason(code)), 0) + 1
    left = (ContactState.SENT, ContactState.DELIVERED, ContactState.FAILED, ContactState.UNKNOWN)
    return {
        "day": f"{site.today:%d.%m.%Y}",
        "country": site.country,
        "currency": organisation.currency,
        "houses": House.objects.filter(organisation=organisation).count(),
        "accounts": Account.objects.filter(organisation=organisation).count(),
        "bills": Bill.objects.filter(organisation=organisation).count(),
        "payments": Payment.objects.filter(organisation=organisation, kind="payment").count(),
        "quarantined": QuarantinedRow.objects.filter(organisation=organisation, state=QuarantineState.WAITING).count(),
        "unmatched": UnmatchedPayment.objects.filter(organisation=organisation, state=UnmatchedState.WAITING).count(),
        "contacts": {
            "permitted": permits.filter(allowed=True).values("contact_id").distinct().count(),
            "refused": states.get(ContactState.REFUSED, 0),
            "sent": sum(states.get(state, 0) for state in left),
            "withdrawn": states.get(ContactState.WITHDRAWN, 0),
        },
        "refusal_reasons": reasons,
        "differences": len(verified.differences),
        "violations": len(again.violations),
        "calls": calls.numbers(organisation),
    }
