"""The grid of a house's flats (шахматка): entrances side by side, floors from the top, each flat tinted by a layer."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access.models import Membership
from okno.access.roles import may
from okno.houses.models import Flat, House, Meter
from okno.ledger import ages
from okno.ledger.models import Account, Balance, OpenBill
from okno.people.models import Occupancy
from okno.web.desk.accounts import scope
from okno.web.desk.accounts.listing import reachable_flats
from okno.web.parts import words

#: Layer → (title, right that it needs, its levels: tint → words).
LAYERS: dict[str, tuple[str | Promise, str, tuple[tuple[str, str | Promise], ...]]] = {
    "debt": (
        gettext_lazy("Долг"),
        "ledger.view",
        (
            ("none", gettext_lazy("не просрочен")),
            ("age1", gettext_lazy("до 30 дней")),
            ("age2", gettext_lazy("31–60")),
            ("age3", gettext_lazy("61–90")),
            ("age4", gettext_lazy("больше 90")),
        ),
    ),
    "contact": (
        gettext_lazy("Нет контакта"),
        "people.view",
        (
            ("none", gettext_lazy("есть телефон или почта")),
            ("warn", gettext_lazy("не звонить")),
            ("late", gettext_lazy("нет контакта")),
        ),
    ),
    "meters": (
        gettext_lazy("Счётчики"),
        "houses.view",
        (
            ("none", gettext_lazy("поверены")),
            ("warn", gettext_lazy("поверка скоро")),
            ("late", gettext_lazy("поверка просрочена")),
            ("empty", gettext_lazy("счётчиков нет")),
        ),
    ),
}
_AGE_TINTS = dict(zip(ages.AGES, ("age1", "age2", "age3", "age4"), strict=True))
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One flat: its tint, what is said of it, where it leads."""

    number: str
    tint: str
    told: str
    note: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A row of the grid: the cells of each entrance."""

    floor: int | None
    cells: list[list[Cell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A choice of what the tint means."""

    key: str
    title: str | Promise
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A figure of the whole house."""

    label: str
    value: str
    minor: int | None = None
    note: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Everything the page of a house draws."""

    entrances: list[int | None]
    floors: list[Floor]
    layers: list[Layer]
    levels: list[tuple[str, str | Promise, int]]
    layer: str
    title: str | Promise
    totals: list[Total]
    flats: int


@dataclass(frozen=True, slots=True)
class _Seen:
    tint: str
    told: str
    note: str = ""


def draw(house: House, membership: Membership, *, layer: str) -> Grid:
    """The grid as this person may see it; a layer that is unknown or not allowed gives way to the first allowed one."""
    allowed = [key for key, (_title, permission, _levels) in LAYERS.items() if may(membership, permission)]
    chosen = layer if layer in allowed else allowed[0]
    day = scope.today(membership)
    flats = list(Flat.objects.filter(house=house).select_related("entrance").order_by("number_order", "number"))
    seen = _READERS[chosen](house, day)
    urls = _urls(house) if may(membership, "ledger.view") else {}
    blank = _Seen("empty" if chosen == "meters" else "none", str(LAYERS[chosen][2][-1 if chosen == "meters" else 0][1]))
    if chosen == "contact":
        blank = _Seen("late", _("нет контакта"))
    cells = {flat.pk: _cell(flat, seen.get(flat.pk, blank), urls.get(flat.pk, "")) for flat in flats}
    entrances = sorted({flat.entrance.number if flat.entrance else None for flat in flats}, key=_last)
    floors = sorted({flat.floor for flat in flats}, key=lambda floor: (floor is None, -(floor or 0)))
    placed: dict[tuple[Any, Any], list[Cell]] = defaultdict(list)
    for flat in flats:
        placed[flat.floor, flat.entrance.number if flat.entrance else None].append(cells[flat.pk])
    counts: dict[str, int] = defaultdict(int)
    for cell in cells.values():
        counts[cell.tint] += 1
    title, _permission, levels = LAYERS[chosen]
    return Grid(
        entrances=entrances,
        floors=[Floor(floor=floor, cells=[placed[floor, entrance] for entrance in entrances]) for floor in floors],
        layers=[Layer(key=key, title=LAYERS[key][0], url=f"?layer={key}", current=key == chosen) for key in allowed],
        levels=[(tint, told, counts[tint]) for tint, told in levels],
        layer=chosen,
        title=title,
        totals=_totals(house, membership, day, flats=len(flats)),
        flats=len(flats),
    )


def _last(number: int | None) -> tuple[bool, int]:
    return (number is None, number or 0)


def _cell(flat: Flat, seen: _Seen, url: str) -> Cell:
    told = _("Квартира %(number)s: %(told)s") % {"number": flat.number, "told": seen.told}
    return Cell(number=flat.number, tint=seen.tint, told=told, note=seen.note, url=url)


def _urls(house: House) -> dict[int, str]:
    """Flat → its account's card; an open account before a closed one."""
    rows = Account.objects.filter(flat__house=house).order_by("-closed_on", "pk").values_list("flat_id", "pk")
    found: dict[int, str] = {}
    for flat, pk in rows:
        found.setdefault(flat, reverse("desk:account", args=[pk]))
    return found


def _debts(house: House, day: date) -> dict[int, _Seen]:
    rows = (
        OpenBill.objects.filter(account__flat__house=house, due_on__lt=day)
        .values("account__flat_id")
        .annotate(minor=Sum("open_minor"), since=Min("due_on"))
    )
    found = {}
    for row in rows:
        age = ages.age(ages.days_past(row["since"], day)) or ages.AGES[0]
        told = _("просрочено %(sum)s с %(day)s") % {
            "sum": words.money_text(row["minor"]),
            "day": words.day_text(row["since"] + timedelta(days=1)),
        }
        found[row["account__flat_id"]] = _Seen(_AGE_TINTS[age], told, words.number_text(row["minor"] // 100))
    return found


def _contacts(house: House, day: date) -> dict[int, _Seen]:
    inside = Flat.objects.filter(house=house).values("pk")
    reachable = set(reachable_flats(day).filter(flat__in=inside).values_list("flat_id", flat=True))
    quiet = set(
        Occupancy.objects.filter(scope.current(day), flat__in=inside, person__do_not_call=True).values_list(
            "flat_id", flat=True
        )
    )
    found = {flat: _Seen("none", _("есть телефон или почта")) for flat in reachable}
    return found | {flat: _Seen("warn", _("просят не звонить"), "✕") for flat in quiet & reachable}


def _meters(house: House, day: date) -> dict[int, _Seen]:
    rows = (
        Meter.objects.filter(flat__house=house, removed_on=None)
        .values("flat_id")
        .annotate(next=Min("next_verification_on"))
    )
    found = {}
    for row in rows:
        due = row["next"]
        if due is None or due > day + SOON:
            found[row["flat_id"]] = _Seen("none", _("счётчики поверены"))
        elif due < day:
            told = _("поверка просрочена с %(day)s") % {"day": words.day_text(due)}
            found[row["flat_id"]] = _Seen("late", told, f"{due:%d.%m}")
        else:
            told = _("поверка до %(day)s") % {"day": words.day_text(due)}
            found[row["flat_id"]] = _Seen("warn", told, f"{due:%d.%m}")
    return found


_READERS = {"debt": _debts, "contact": _contacts, "meters": _meters}


def _totals(house: House, membership: Membership, day: date, *, flats: int) -> list[Total]:
    declared = house.declared_flats
    note = _("по паспорту %(count)s") % {"count": declared} if declared is not None and declared != flats else ""
    totals = [Total(label=_("Помещений"), value=words.number_text(flats), note=note)]
    if not may(membership, "ledger.view"):
        return totals
    told = Balance.objects.filter(account__flat__house=house).aggregate(
        billed=Sum("billed_minor"), paid=Sum("paid_minor"), owed=Sum("open_minor"), advance=Sum("advance_minor")
    )
    late = OpenBill.objects.filter(account__flat__house=house, due_on__lt=day).aggregate(minor=Sum("open_minor"))[
        "minor"
    ]
    debtors = (
        OpenBill.objects.filter(account__flat__house=house, due_on__lt=day).values("account_id").distinct().count()
    )
    listed = reverse("desk:accounts")
    totals += [
        Total(
            label=_("К оплате всего"), value="", minor=told["owed"] or 0, url=f"{listed}?house={house.pk}&state=owes"
        ),
        Total(
            label=_("Просрочено"),
            value="",
            minor=late or 0,
            note=ngettext("%(count)s счёт", "%(count)s счетов", debtors) % {"count": debtors},
            tone="late" if late else "",
            url=f"{listed}?house={house.pk}&state=owes",
        ),
        Total(label=_("Авансы"), value="", minor=told["advance"] or 0, url=f"{listed}?house={house.pk}&state=credit"),
        Total(label=_("Оплачено из начисленного"), value=_share(told["paid"] or 0, told["billed"] or 0)),
    ]
    return totals


def _share(paid: int, billed: int) -> str:
    """«96,4 %» of everything ever billed to the house."""
    return f"{words.number_text(round(min(paid, billed) * 1000 / billed) / 10)}\u00a0%" if billed else "—"
