"""An organisation's own versions of a scenario: drafts, what is live by arms, and which one a call speaks.

Arm A is what the organisation speaks: its live version, or the shipped file where it has none. Arm B is a live version
beside it that takes its `share` of the calls, so that the two can be compared.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.dialogs import scenario as scenarios
from okno.dialogs.checking import blocking, check
from okno.dialogs.models import ScenarioState, ScenarioVersion
from okno.dialogs.scenario import BadScenario, Scenario
from okno.dialogs.unfolding import whole

LONGEST = 200_000
"""A scenario is shorter than this many letters."""


class VersionRefused(ValueError):
    """The version cannot be kept or published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a call speaks: the scenario, the version it comes from (None: as shipped) and the arm (A or B)."""

    scenario: Scenario
    version: ScenarioVersion | None
    arm: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a scenario: what is live by arm, and the newest draft."""

    name: str
    title: str
    languages: tuple[str, ...]
    live: dict[str, ScenarioVersion]
    draft: ScenarioVersion | None


def chosen(organisation: Organisation, name: str, key: str) -> Chosen:
    """What the call known by `key` speaks: the same key always draws the same arm while the shares stand.

    A live version that this program can no longer read is passed over: a call is never made of a broken file.
    Raises `BadScenario` for a name that is not shipped.
    """
    arm, version = "A", None
    live = {one.arm: one for one in _live(organisation, name)}
    if "B" in live and _lot(name, key) < live["B"].share:
        arm = "B"
    version = live.get(arm)
    if version is not None:
        try:
            return Chosen(parsed(version.source, name), version, arm)
        except BadScenario:
            pass
    return Chosen(scenarios.shipped(name), None, "A")


def _live(organisation: Organisation, name: str) -> list[ScenarioVersion]:
    return list(ScenarioVersion.objects.filter(organisation=organisation, name=name, state=ScenarioState.LIVE))


def _lot(name: str, key: str) -> int:
    """0 to 99, the same for the same key; another scenario draws anew."""
    return int.from_bytes(hashlib.sha256(f"{name}:{key}".encode()).digest()[:8], "big") % 100


@lru_cache(maxsize=64)
def parsed(source: str, name: str) -> Scenario:
    """A version's text as a scenario. Raises `BadScenario`."""
    return scenarios.read(source, f"{name}.yaml")


def titles(name: str, version: ScenarioVersion | None) -> Mapping[str, Mapping[str, str]]:
    """What the answers of the scenario's own are called (`Scenario.titles`); a version's own words stand first.

    Nothing for a name that is not shipped.
    """
    try:
        shipped = scenarios.shipped(name).titles
    except BadScenario:
        return {}
    try:
        return {**shipped, **(parsed(version.source, name).titles if version else {})}
    except BadScenario:
        return shipped


def shipped_source(name: str) -> str:
    """The shipped scenario as one text, its parts included. Raises `BadScenario` for a name that is not shipped."""
    return whole(name)


def standing(organisation: Organisation, language: str = "ru") -> list[Standing]:
    """Every scenario of the organisation by title."""
    versions = ScenarioVersion.objects.filter(organisation=organisation).exclude(state=ScenarioState.ARCHIVED)
    kept: dict[str, list[ScenarioVersion]] = {}
    for version in versions.select_related("author").order_by("number"):
        kept.setdefault(version.name, []).append(version)
    told = []
    for name in scenarios.names():
        scenario = scenarios.shipped(name)
        live = {one.arm: one for one in kept.get(name, ()) if one.state == ScenarioState.LIVE}
        drafts = [one for one in kept.get(name, ()) if one.state == ScenarioState.DRAFT]
        title = scenario.title.get(language, scenario.title["ru"])
        told.append(Standing(name, title, scenario.languages, live, drafts[-1] if drafts else None))
    return sorted(told, key=lambda one: one.title)


def source_of(organisation: Organisation, name: str, arm: str = "A") -> str:
    """What arm speaks now: the live version's text, else the shipped file's."""
    live = next((one for one in _live(organisation, name) if one.arm == arm), None)
    return live.source if live else shipped_source(name)


@transaction.atomic
def save_draft(actor: Actor, name: str, source: str, note: str, now: datetime) -> ScenarioVersion:
    """Keep the text as the draft: the newest draft is overwritten, else a new version begins.

    A draft may be wrong in its words; it may not be too long or of a name that is not shipped: `VersionRefused`.
    """
    assert actor.organisation is not None
    if name not in scenarios.names():
        raise VersionRefused(_("Сценария «%(name)s» нет: выберите его из списка.") % {"name": name})
    if not source.strip() or len(source) > LONGEST:
        raise VersionRefused(_("Текст сценария пуст или длиннее %(count)s знаков: сократите его.") % {"count": LONGEST})
    # One writer a scenario: two editors must not take the same number.
    Organisation.objects.select_for_update().get(pk=actor.organisation.pk)
    mine = ScenarioVersion.objects.filter(organisation=actor.organisation, name=name)
    draft = mine.filter(state=ScenarioState.DRAFT).order_by("-number").first()
    if draft is None:
        last = mine.aggregate(last=Max("number"))["last"] or 0
        draft = ScenarioVersion(organisation=actor.organisation, name=name, number=last + 1)
    draft.source, draft.note, draft.author, draft.created_at = _lines(source), note[:200], actor.user, now
    draft.save()
    trail.record(
        actor,
        "scenario.saved",
        _("Сохранён черновик %(number)s сценария «%(name)s»") % {"number": draft.number, "name": name},
        subject=("scenario", draft.pk),
        reason=note,
    )
    return draft


def _lines(source: str) -> str:
    """Browsers send the ends of lines their own way."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


@transaction.atomic
def publish(
    actor: Actor, version: ScenarioVersion, *, arm: str, share: int, why: str, now: datetime
) -> ScenarioVersion:
    """Make a draft or an archived version live in its arm; what stood there goes to the archive.

    `share` is the per cent of calls for arm B and is not asked for arm A. Raises `VersionRefused` while the text has
    faults or the share is no share.
    """
    version = ScenarioVersion.objects.select_for_update().get(pk=version.pk)
    faults = blocking(check(version.source, version.name))
    if faults:
        raise VersionRefused(
            _("В тексте есть ошибки: исправьте их и сохраните. Первая: %(first)s") % {"first": faults[0]}
        )
    if arm not in {"A", "B"} or not (1 <= share <= 99 or arm == "A"):
        raise VersionRefused(_("Доля второй ветви — от 1 до 99 процентов звонков."))
    standing_there = ScenarioVersion.objects.filter(
        organisation_id=version.organisation_id, name=version.name, arm=arm, state=ScenarioState.LIVE
    ).exclude(pk=version.pk)
    standing_there.update(state=ScenarioState.ARCHIVED)
    version.state, version.arm, version.live_since = ScenarioState.LIVE, arm, now
    version.share = 100 if arm == "A" else share
    version.save()
    trail.record(
        actor,
        "scenario.published",
        _("Версия %(number)s сценария «%(name)s» в работе, ветвь %(arm)s")
        % {"number": version.number, "name": version.name, "arm": arm},
        subject=("scenario", version.pk),
        reason=why,
    )
    return version


@transaction.atomic
def archive(actor: Actor, version: ScenarioVersion, *, why: str) -> ScenarioVersion:
    """Take a version out of use. Calls that speak it now finish as they began; the next ones speak what is left."""
    version = ScenarioVersion.objects.select_for_update().get(pk=version.pk)
    if version.state == ScenarioState.ARCHIVED:
        return version
    version.state = ScenarioState.ARCHIVED
    version.save(update_fields=["state"])
    trail.record(
        actor,
        "scenario.archived",
        _("Версия %(number)s сценария «%(name)s» убрана в архив") % {"number": version.number, "name": version.name},
        subject=("scenario", version.pk),
        reason=why,
    )
    return version
