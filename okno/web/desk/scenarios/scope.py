"""Which text of which scenario a page shows."""

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.dialogs import scenario as scenarios
from okno.dialogs import soundness, versions
from okno.dialogs.models import ScenarioState, ScenarioVersion
from okno.dialogs.scenario import BadScenario, Scenario
from okno.web.desk.calling import words as calling
from okno.web.gatekeeper import Request

SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Shown:
    """A scenario's text as a page shows it: a version of the organisation's, or the shipped file (`version` None)."""

    name: str
    title: str
    source: str
    version: ScenarioVersion | None
    label: str

    @property
    def key(self) -> str:
        """How the address names it."""
        return str(self.version.pk) if self.version else SHIPPED

    @property
    def query(self) -> str:
        return f"?version={self.key}"

    def parsed(self) -> Scenario:
        """Raises `BadScenario` for a draft with faults."""
        return versions.parsed(self.source, self.name) if self.version else scenarios.shipped(self.name)


def check_name(name: str) -> None:
    """404 for what is no scenario."""
    if name not in scenarios.names():
        raise Http404


def shown(request: Request, name: str) -> Shown:
    """The text that the address asks for: a version, the shipped file, else what is in use now."""
    check_name(name)
    told = request.GET.get("version", "")
    if told == SHIPPED:
        return _of(name, None)
    if told:
        return _of(name, find(request, name, told))
    live = ScenarioVersion.objects.filter(
        organisation=request.organisation, name=name, state=ScenarioState.LIVE, arm="A"
    ).first()
    return _of(name, live)


def find(request: Request, name: str, pk: str) -> ScenarioVersion:
    """The organisation's own version, or 404."""
    rows = ScenarioVersion.objects.select_related("author")
    own = rows.filter(organisation=request.organisation, name=name)
    found = own.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 12 else None
    if found is None:
        raise Http404
    return found


def _of(name: str, version: ScenarioVersion | None) -> Shown:
    source = version.source if version else versions.shipped_source(name)
    return Shown(name, calling.scenario_title(name), source, version, label(version))


def label(version: ScenarioVersion | None) -> str:
    """«версия 3, черновик» or «как поставлен»."""
    if version is None:
        return _("как поставлен")
    told = _("версия %(number)s, %(state)s") % {"number": version.number, "state": version.get_state_display()}
    return f"{told}, {version.arm}" if version.state == ScenarioState.LIVE else told


@dataclass(frozen=True, slots=True)
class Choice:
    """A version that a page offers to show."""

    label: str
    url: str
    current: bool


def choices(request: Request, page: str, now: Shown) -> list[Choice]:
    """The shipped text and the organisation's versions, the newest first."""
    rows = ScenarioVersion.objects.filter(organisation=request.organisation, name=now.name).order_by("-number")[:20]
    here = reverse(page, args=[now.name])
    told = [Choice(label(one), f"{here}?version={one.pk}", now.key == str(one.pk)) for one in rows]
    return [*told, Choice(label(None), f"{here}?version={SHIPPED}", now.version is None)]


def readable(one: Shown) -> Scenario | None:
    """The scenario, or None while its text has faults, or patterns that could hold a page for minutes."""
    try:
        told = one.parsed()
    except BadScenario:
        return None
    return None if any(soundness.slow(told)) else told
