"""Outages: what is off, where and until when, and the words a caller hears first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access.models import Language, Membership
from okno.access.roles import may
from okno.common import clock
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.requests import outages as known
from okno.requests.models import Outage
from okno.web.desk.requests import marks
from okno.web.gatekeeper import Request, page
from okno.web.parts import menu, words
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Badge, Choice, Column, Flag, Kind, Table

MOMENT = {"type": "datetime-local", "step": "60"}


def in_sight(membership: Membership) -> QuerySet[Outage]:
    """Outages that touch a house this person sees."""
    rows = Outage.objects.filter(organisation=membership.organisation)
    if membership.all_houses:
        return rows
    ours = rows.filter(Q(everywhere=True) | Q(houses__in=visible_to(membership)))
    return rows.filter(pk__in=ours.values("pk"))


def find(request: Request, pk: int) -> Outage:
    """The outage, or 404 for one out of sight."""
    found = in_sight(request.membership).select_related("organisation", "created_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An outage as one line above other lists."""

    url: str
    said: str
    where: str
    until: datetime | None


def short(membership: Membership) -> list[Line]:
    """What is off now, the newest first; five at most."""
    rows = in_sight(membership).filter(since__lte=clock.now(), ended_at=None).select_related("organisation")
    return [
        Line(url=reverse("desk:incident", args=[one.pk]), said=said(one), where=where(one), until=one.until)
        for one in rows.prefetch_related("houses").order_by("-since")[:5]
    ]


def said(outage: Outage) -> str:
    """The words in the language of the page, as a sentence: the robot says them in the middle of its own."""
    told = known.words_of(outage, words.language(), outage.organisation.default_language)
    return told[:1].upper() + told[1:]


def where(outage: Outage) -> str:
    """«во всех домах», «ул. Ленина, 5» or «в 4 домах»."""
    if outage.everywhere:
        return _("во всех домах")
    houses = list(outage.houses.all())
    if len(houses) == 1:
        return houses[0].short_address
    return ngettext("в %(count)s доме", "в %(count)s домах", len(houses)) % {"count": len(houses)}


def standing(outage: Outage) -> Badge:
    """Ended, going on, late, or still to come."""
    now = clock.now()
    if outage.ended_at is not None:
        return Badge(text=_("закончилось"), tone="idle", icon="check")
    if outage.since > now:
        return Badge(text=_("предстоит"), tone="note", icon="calendar-clock")
    if outage.until is not None and outage.until < now:
        return Badge(text=_("срок вышел"), tone="late", icon="clock-alert")
    return Badge(text=_("идёт"), tone="warn", icon="siren")


class Outages(Table[Outage]):
    """Outages, those going on first."""

    address = "desk:incidents"
    title = gettext_lazy("Отключения")
    columns = (
        Column(key="what", title=gettext_lazy("Что слышит житель"), value=said, width="grow", clip=True),
        Column(key="standing", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=standing),
        Column(key="category", title=gettext_lazy("Вид"), value=lambda row: marks.category_name(row.category)),
        Column(key="where", title=gettext_lazy("Где"), value=where, clip=True),
        Column(
            key="planned",
            title=gettext_lazy("Плановое"),
            value=lambda row: _("плановое") if row.planned else _("авария"),
        ),
        Column(key="since", title=gettext_lazy("С"), kind=Kind.MOMENT, sort="since"),
        Column(key="until", title=gettext_lazy("Обещано до"), kind=Kind.MOMENT, sort="until", nullable=True),
        Column(
            key="ended",
            title=gettext_lazy("Кончилось"),
            kind=Kind.MOMENT,
            value="ended_at",
            sort="ended_at",
            nullable=True,
        ),
    )
    filters = (
        Flag(key="now", title=gettext_lazy("Идут сейчас"), condition=lambda: Q(ended_at=None, since__lte=clock.now())),
        Choice(key="category", title=gettext_lazy("Вид"), options=lambda: marks.category_options(outages=True)),
        Choice(
            key="planned",
            title=gettext_lazy("Плановое"),
            options=(("yes", gettext_lazy("плановые")), ("no", gettext_lazy("аварии"))),
            narrow=lambda told: Q(planned=told == "yes"),
        ),
    )
    sort = "-since"

    def rows(self) -> QuerySet[Outage]:
        return in_sight(self.membership).select_related("organisation").prefetch_related("houses")

    def row_url(self, row: Outage) -> str:
        return reverse("desk:incident", args=[row.pk])

    def row_tone(self, row: Outage) -> str:
        return "late" if row.ended_at is None and row.until is not None and row.until < clock.now() else ""


@page("requests.view")
def incidents(request: Request) -> HttpResponseBase:
    """The list of outages."""
    table = Outages(membership=request.membership, query=request.GET)
    context = {"may_write": may(request.membership, "requests.write")}
    return list_page(request, table, template="desk/requests/outages.html", context=context)


class OutageForm(forms.Form):
    """A new outage; moments are of the organisation's own clock."""

    category = forms.ChoiceField(label=gettext_lazy("Чего нет"), choices=[])
    planned = forms.ChoiceField(
        label=gettext_lazy("Почему"),
        choices=[("no", gettext_lazy("авария")), ("yes", gettext_lazy("плановые работы"))],
        widget=forms.RadioSelect,
    )
    everywhere = forms.BooleanField(label=gettext_lazy("Во всех домах"), required=False)
    houses = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Дома"),
        required=False,
        queryset=House.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    since = forms.DateTimeField(
        label=gettext_lazy("С"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Обещают до"),
        required=False,
        widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Пусто — срок пока не знают, робот так и скажет"),
    )

    def __init__(self, *arguments: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        organisation = membership.organisation
        self._zone = ZoneInfo(organisation.time_zone)
        category, houses = self.fields["category"], self.fields["houses"]
        assert isinstance(category, forms.ChoiceField)
        assert isinstance(houses, forms.ModelMultipleChoiceField)
        category.choices = marks.category_options(outages=True)
        houses.queryset = visible_to(membership).order_by("sort_key")
        if not membership.all_houses:
            del self.fields["everywhere"]
        own = organisation.default_language
        self.languages = sorted(organisation.languages, key=lambda code: code != own)
        for code in self.languages:
            self.fields[f"words_{code}"] = forms.CharField(
                label=str(Language(code).label).capitalize(),
                widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
                max_length=600,
                required=code == own,
            )

    @property
    def words_fields(self) -> list[forms.BoundField]:
        return [self[f"words_{code}"] for code in self.languages]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for name in ("since", "until"):
            if told.get(name):
                told[name] = told[name].replace(tzinfo=self._zone)
        if told.get("since") and told.get("until") and told["until"] <= told["since"]:
            self.add_error("until", _("Конец должен быть позже начала"))
        if not told.get("everywhere") and not told.get("houses"):
            self.add_error("houses", _("Выберите дома, которых это касается"))
        return told

    def outage(self) -> known.NewOutage:
        """What was told. The form must be valid."""
        told = self.cleaned_data
        return known.NewOutage(
            category=told["category"],
            words={code: told[f"words_{code}"] for code in self.languages},
            since=told["since"],
            until=told["until"],
            house_ids=[house.pk for house in told["houses"]],
            everywhere=bool(told.get("everywhere")),
            planned=told["planned"] == "yes",
        )


def local(moment: datetime, membership: Membership) -> str:
    """A moment as a field of the page takes it."""
    return f"{moment.astimezone(ZoneInfo(membership.organisation.time_zone)):%Y-%m-%dT%H:%M}"


@page("requests.write")
def new(request: Request) -> HttpResponse:
    """Tell of an outage: callers of these houses hear it before anything else."""
    posted = request.POST if request.method == "POST" else None
    initial = {
        "planned": "no",
        "since": local(clock.now(), request.membership),
        "houses": [pk for pk in request.GET.getlist("house") if pk.isdecimal()],
    }
    form = OutageForm(posted, membership=request.membership, initial=initial)
    if posted is not None and form.is_valid():
        made = same(request, form)
        if made is None:
            try:
                made = known.begin(request.actor, form.outage(), now=clock.now())
            except known.OutageRefused as refused:
                form.add_error(None, str(refused))
        if made is not None:
            return HttpResponseRedirect(reverse("desk:incident", args=[made.pk]))
    return render(request, "desk/requests/outage_form.html", {"form": form}, status=422 if form.errors else 200)


SAME_WITHIN = timedelta(minutes=10)


def same(request: Request, form: OutageForm) -> Outage | None:
    """The outage the same person has just written with the same form: sent twice, it is one."""
    told = form.outage()
    said_words = {language: text.strip() for language, text in told.words.items() if text.strip()}
    recent = Outage.objects.filter(
        organisation=request.organisation,
        created_by=request.actor.user,
        created_at__gte=clock.now() - SAME_WITHIN,
        category=told.category,
        words=said_words,
        since=told.since,
    )
    return recent.first()


@page("requests.view")
def incident(request: Request, pk: int) -> HttpResponse:
    """One outage: what is said of it in each language, where, and the way to its end."""
    found = find(request, pk)
    houses = (
        visible_to(request.membership)
        .filter(outages=found)
        .annotate(count_of_flats=Count("flats"))
        .order_by("sort_key")
    )
    context = {
        "outage": found,
        "badge": standing(found),
        "title": said(found),
        "category": marks.category_name(found.category),
        "where": where(found),
        "houses": houses,
        "said": [(Language(code).label, code, text) for code, text in found.words.items()],
        "may_write": may(request.membership, "requests.write"),
        "until": local(found.until, request.membership) if found.until else "",
    }
    return render(request, "desk/requests/outage.html", context)


@require_POST
@page("requests.write")
def change(request: Request, pk: int) -> HttpResponse:
    """POST do=end, or do=expect with until: done twice, done once."""
    found = find(request, pk)
    try:
        if request.POST.get("do") == "end":
            known.end(request.actor, found.pk, at=clock.now())
            messages.success(request, _("Отключение закончено: робот больше о нём не скажет"))
        elif request.POST.get("do") == "expect":
            known.expect(request.actor, found.pk, _moment(request.POST.get("until", ""), request.membership))
            messages.success(request, _("Срок изменён: звонящие услышат новый"))
    except (known.OutageRefused, ValueError) as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("desk:incident", args=[pk]))


def _moment(text: str, membership: Membership) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(membership.organisation.time_zone))
    except ValueError:
        raise ValueError(_("Не понял дату и время: выберите их в поле")) from None


def going_on_count(membership: Membership) -> menu.Count | None:
    """How many outages go on now, for the menu."""
    if not may(membership, "requests.view"):
        return None
    count = in_sight(membership).filter(ended_at=None, since__lte=clock.now()).count()
    return menu.Count(value=count, tone="warn") if count else None
