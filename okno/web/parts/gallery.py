"""Every component in every state on one page: for those who build screens, for pictures and for checks.

Open only in the demo and with OKNO_DEBUG=1; its figures and names are invented.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from okno.access.actor import Actor, acting
from okno.access.models import Organisation, Role
from okno.common import clock
from okno.common.days import add_months
from okno.law.countries import pack
from okno.law.penalty import Arrear, Paid, PenaltyQuestion
from okno.web.frontend.icons import names
from okno.web.parts import menu
from okno.web.parts.cells import Badge, Clock, Column, Kind, shown
from okno.web.parts.charts import MonthPaid
from okno.web.parts.penalties import BillTold, Explanation, explanation
from okno.web.parts.shell import PinnedView, shell
from okno.web.parts.tables import Cell, ColumnChoice, Control, Heading, InForce, Line, Page
from okno.web.parts.tabs import Tab

View = Callable[[HttpRequest], HttpResponse]

#: Never saved: it lends the page its currency and time zone.
_ORGANISATION = Organisation(
    name="УК «Полярная»", country="ru", currency="RUB", time_zone="Europe/Moscow", default_language="ru"
)


def shown_in_demo(view: View) -> View:
    """404 outside the demo and DEBUG."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.DEMO or settings.DEBUG):
            raise Http404
        with acting(Actor(organisation=_ORGANISATION, user=None, membership=None, name=""), source="gallery"):
            return view(request)

    return guarded


class PromiseForm(forms.Form):
    """A form with every sort of field."""

    person = forms.CharField(label=_("Кто обещал"), help_text=_("Как представился собеседник"))
    amount = forms.CharField(label=_("Сумма"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    on = forms.DateField(label=_("Когда заплатит"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.ChoiceField(
        label=_("Причина долга"),
        choices=[("", _("не спрашивали")), ("forgot", _("забыл")), ("lost", _("нет квитанции"))],
        required=False,
    )
    note = forms.CharField(label=_("Заметка"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    remind = forms.BooleanField(label=_("Напомнить накануне"), help_text=_("Одно СМС в 18:00"), required=False)


class _Sample:
    """Stands for a declared table where there is no database."""

    address = "gallery"
    anchor = "list-gallery"
    title = "Долги"
    searchable = True
    page_size = 100
    amount = "debt"
    query: dict[str, str] = {}


@dataclass(frozen=True)
class _Bulk:
    title: str
    icon: str
    hotkey: str
    variant: str = ""
    address: str = "/gallery/"


@dataclass(frozen=True)
class _Filter:
    key: str
    title: str
    control: str

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,) if self.control in {"choice", "flag"} else (f"{self.key}_from", f"{self.key}_to")


_COLUMNS = (
    Column(key="number", title=_("Лицевой счёт"), sort="number", link=lambda row: "/gallery/"),
    Column(key="address", title=_("Адрес"), width="grow", clip=True),
    Column(key="person", title=_("Плательщик"), clip=True),
    Column(key="debt", title=_("Долг"), kind=Kind.BALANCE, sort="debt", total="debt"),
    Column(key="age", title=_("Возраст"), kind=Kind.BADGE),
    Column(key="step", title=_("Шаг"), kind=Kind.BADGE),
    Column(key="last", title=_("Контакт"), kind=Kind.DAY, sort="last"),
    Column(key="due", title=_("Обещано"), kind=Kind.CLOCK),
)
_STREETS = ("ул. Ленина", "пр. Мира", "ул. Садовая", "ул. Абая", "Полярная ул.")
_PEOPLE = ("Иванова М. П.", "Ким А. В.", "Сейткали Ә. Қ.", "Ґалаґан Ю. І.", "Петренко О. С.", "Соколов Д. Н.")
_AGES = (
    Badge(text="до 30 дней"),
    Badge(text="31–60", tone="warn"),
    Badge(text="61–90", tone="warn", icon="triangle-alert"),
    Badge(text="больше 90", tone="late", icon="octagon-alert"),
)
_STEPS = (
    Badge(text="Напоминание", tone="note", icon="smartphone"),
    Badge(text="Обещание", tone="good", icon="handshake"),
    Badge(text="Рассрочка", tone="plan", icon="calendar-clock"),
    Badge(text="Спор", tone="idle", icon="scale"),
)


def _row(number: int, now: datetime) -> dict[str, Any]:
    return {
        "number": f"40{number * 7919 % 10**6:06d}",
        "address": f"{_STREETS[number % 5]}, {number * 3 % 120 + 1}, кв. {number * 7 % 200 + 1}",
        "person": _PEOPLE[number % 6],
        "debt": number * 7_777_331 % 9_000_000 - (600_000 if number % 9 == 4 else 0),
        "age": _AGES[number % 4],
        "step": _STEPS[number % 4],
        "last": (now - timedelta(days=number * 3 % 60)).date(),
        "due": Clock(due=now + timedelta(hours=number * 5 - 30), start=now - timedelta(hours=40))
        if number % 3 == 0
        else None,
    }


def sample_page(now: datetime) -> Page:
    """A list of thirty invented accounts in three groups."""
    lines = []
    for number in range(30):
        row = _row(number, now)
        group = {0: "Обещание сорвано · 8", 8: "Обещано сегодня · 12", 20: "Ждём оплату · 10"}.get(number, "")
        cells = [Cell(column, shown(column, row)) for column in _COLUMNS]
        lines.append(Line(key=number, cells=cells, amount=row["debt"], tone="", group=group))
    orders = {"debt": "descending", "number": "none", "last": "none"}
    return Page(
        table=_Sample(),  # type: ignore[arg-type]
        headings=[
            Heading(column=one, url=f"?sort={one.key}" if one.sort else "", order=orders.get(one.key, ""))
            for one in _COLUMNS
        ],
        lines=lines,
        total=1284,
        sums=[(_COLUMNS[3], 4_218_934_512, False)],
        more="/gallery/list/?after=x",
        controls=[
            Control(
                filter=_Filter("age", "Возраст долга", "choice"),  # type: ignore[arg-type]
                values=("90",),
                options=[("30", "до 30 дней"), ("90", "больше 90")],
            ),
            Control(filter=_Filter("plan", "Есть план", "flag"), values=("",), options=[]),  # type: ignore[arg-type]
            Control(filter=_Filter("debt", "Сумма долга", "money"), values=("", ""), options=[]),  # type: ignore[arg-type]
        ],
        in_force=[InForce(text="Возраст долга: больше 90", url="?")],
        bulk=[
            _Bulk("Отправить письмо", "mail", "KeyL"),  # type: ignore[list-item]
            _Bulk("Назначить", "user-check", "KeyA"),  # type: ignore[list-item]
        ],
        choice_of_columns=[ColumnChoice(column=one, on=True, url="?") for one in _COLUMNS[1:]],
        query="age=90&sort=-debt",
        text="",
        currency="RUB",
    )


def _months(today: date) -> list[MonthPaid]:
    told = ["paid", "paid", "late", "paid", "paid", "none", "late", "paid", "plan", "plan", "plan", "empty"] * 3
    first = add_months(today.replace(day=1), -36)
    return [MonthPaid(add_months(first, number), kind) for number, kind in enumerate(told)]  # type: ignore[arg-type]


def _sample_shell(request: HttpRequest) -> dict[str, Any]:
    """The frame of a debt specialist, whoever looks."""
    frame = shell(request)["shell"]
    counts = {"Долги": menu.Count(value=1284), "Обещания и планы": menu.Count(value=7, tone="late")}
    entries = menu.MENUS[Role(request.GET.get("role", "debt_specialist"))]
    links = [
        menu.Link(entry=entry, url="/gallery/", current=number == 0, count=counts.get(str(entry.title)))
        for number, entry in enumerate(entries)
    ]
    framed = replace(
        frame,
        menu=links,
        views=[PinnedView(name="Старше 90 дней", url="?"), PinnedView(name="Ленина, 5", url="?")],
        person=frame.person or "Орлова Елена",
        organisation=frame.organisation or _ORGANISATION,
        demo=True,
    )
    return {"shell": framed}


def _sample_penalty() -> Explanation:
    """A bill paid in two parts, by the law of the sample's country."""
    paid = (Paid(on=date(2025, 8, 1), amount_minor=400_000), Paid(on=date(2025, 12, 31), amount_minor=250_000))
    bill = Arrear(ref="1", due_on=date(2025, 6, 10), amount_minor=1_000_000, paid=paid)
    asked = PenaltyQuestion(arrears=(bill,), as_of=date(2026, 3, 10))
    told = {"1": BillTold(title="Май 2025")}
    return explanation(pack("ru").penalty.explain(asked), asked.arrears, asked.as_of, titles=told)


@shown_in_demo
def gallery(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    bad = PromiseForm({"person": "", "amount": "1,234", "on": "", "remind": "on"})
    bad.full_clean()
    context = {
        "rows": sample_page(now),
        "form": PromiseForm(initial={"person": "Иванова Мария"}),
        "bad": bad,
        "months": _months(now.date()),
        "trend": [3, 4, 4, 6, 5, 7, 6, 9, 8, 11, 10, 12],
        "ages": [1_240_000, 860_000, 420_000, 2_310_000],
        "tabs": [
            Tab(title="Журнал", url="/gallery/", current=True, icon="history"),
            Tab(title="Начисления", url="/gallery/", current=False, count=36),
            Tab(title="Платежи", url="/gallery/", current=False, count=31),
            Tab(title="Документы", url="/gallery/", current=False),
        ],
        "clocks": {
            "calm": now + timedelta(hours=7),
            "soon": now + timedelta(hours=2, minutes=10),
            "urgent": now + timedelta(minutes=12),
            "late": now - timedelta(minutes=12),
            "start": now - timedelta(hours=4),
        },
        "steps": [_("Файл"), _("Столбцы"), _("Проверка"), _("Проводка")],
        "penalty": _sample_penalty(),
        "icons": names(),
        "tones": ["idle", "note", "good", "warn", "late", "plan"],
    }
    return render(request, "parts/gallery.html", {**context, **_sample_shell(request)})


@shown_in_demo
def gallery_list(request: HttpRequest) -> HttpResponse:
    page = sample_page(clock.now())
    if request.GET.get("after"):
        return render(request, "parts/table_rows.html", {"page": replace(page, more="")})
    return render(request, "parts/gallery_list.html", {"page": page, "views": [], **_sample_shell(request)})


@shown_in_demo
def gallery_drawer(request: HttpRequest) -> HttpResponse:
    return render(request, "parts/gallery_drawer.html", {})
