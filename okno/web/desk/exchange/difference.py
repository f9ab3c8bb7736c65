"""The preview of an import as a difference: how many rows of each verdict, samples of them, sums beside sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.exchange.models import FileKind, Import
from okno.web.parts import words

#: Verdicts in the order of the page: key, words, hue.
VERDICTS: tuple[tuple[str, str | Promise, str], ...] = (
    ("new", gettext_lazy("Новых"), "good"),
    ("changed", gettext_lazy("Изменено"), "note"),
    ("same", gettext_lazy("Без изменений"), "idle"),
    ("duplicates", gettext_lazy("Дублей"), "idle"),
    ("quarantined", gettext_lazy("В карантине"), "warn"),
    ("unmatched", gettext_lazy("Без счёта"), "warn"),
)
_EMPTY: dict[str, str | Promise] = {
    "same": gettext_lazy("Эти строки уже есть в учёте и не меняются."),
    "duplicates": gettext_lazy("Повторы внутри файла: проводится только первая строка."),
}
_LABELS: dict[str, str | Promise] = {
    "row": gettext_lazy("Строка"),
    "number": gettext_lazy("Лицевой счёт"),
    "address": gettext_lazy("Адрес"),
    "flat": gettext_lazy("Помещение"),
    "flats": gettext_lazy("Помещений"),
    "name": gettext_lazy("Имя"),
    "contact": gettext_lazy("Телефон или почта"),
    "paid_on": gettext_lazy("Дата"),
    "amount_minor": gettext_lazy("Сумма"),
    "purpose": gettext_lazy("Назначение"),
    "before_minor": gettext_lazy("Было начислено"),
    "billed_minor": gettext_lazy("Станет"),
    "recalculated_minor": gettext_lazy("Перерасчёт"),
}
_SUMS: tuple[tuple[str, str | Promise], ...] = (
    ("opening", gettext_lazy("Сальдо на начало")),
    ("billed", gettext_lazy("Начислено")),
    ("recalculated", gettext_lazy("Перерасчёт")),
    ("paid", gettext_lazy("Оплачено")),
    ("closing", gettext_lazy("Сальдо на конец")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictTile:
    key: str
    title: str | Promise
    tone: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    key: str
    title: str | Promise
    numeric: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`text` for words, `minor` for money; `changed` marks a value that takes the place of another."""

    text: str = ""
    minor: int | None = None
    numeric: bool = False
    changed: bool = False
    label: str | Promise = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLine:
    """A sum of the file beside the same sum of the books; `system` None: the books have no such sum."""

    title: str | Promise
    file: int
    system: int | None
    note: str | Promise = ""

    @property
    def gap(self) -> int:
        return 0 if self.system is None else self.file - self.system


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything the preview shows."""

    tiles: list[VerdictTile]
    shown: str
    headings: list[Heading]
    lines: list[list[Cell]]
    total: int
    empty: str | Promise
    sums: list[SumLine]
    compared: bool

    @property
    def changes_nothing(self) -> bool:
        """Whether every row of the file is in the books already, as it is."""
        counts = {tile.key: tile.count for tile in self.tiles}
        return counts["same"] > 0 and not any(counts.get(key) for key in ("new", "changed", "quarantined", "unmatched"))

    @classmethod
    def of(cls, source: Import, *, shown: str) -> "Difference":
        """The difference of a checked or posted import with the samples of the verdict `shown`."""
        counts = source.counts
        key = shown if shown in {verdict for verdict, _words, _tone in VERDICTS} else _first(counts)
        samples = source.samples.get(key, [])
        names = _columns(samples, key)
        sums = _sums(source)
        return cls(
            tiles=[
                VerdictTile(
                    key=verdict,
                    title=title,
                    tone=tone if counts.get(verdict) else "idle",
                    count=counts.get(verdict, 0),
                    current=verdict == key,
                )
                for verdict, title, tone in VERDICTS
                if verdict != "unmatched" or source.kind in (FileKind.REGISTER, FileKind.STATEMENT)
            ],
            shown=key,
            headings=[Heading(key=name, title=_LABELS.get(name, name), numeric=_numeric(name)) for name in names],
            lines=[[_cell(row, name, key) for name in names] for row in samples],
            total=counts.get(key, 0),
            empty=_EMPTY.get(key, ""),
            sums=sums,
            compared=any(line.system is not None for line in sums),
        )


def _first(counts: dict[str, int]) -> str:
    return next((key for key in ("changed", "new", "unmatched", "same") if counts.get(key)), "new")


def _columns(samples: Sequence[dict[str, Any]], verdict: str) -> list[str]:
    """The columns of the samples in the order of the words; what no row tells is left out."""
    told = {name for row in samples for name, value in row.items() if value not in (None, "", 0) or name == "row"}
    if verdict != "changed":
        told.discard("before_minor")
    return [name for name in _LABELS if name in told]


def _numeric(name: str) -> bool:
    return name.endswith("_minor") or name in {"row", "flats"}


def _cell(row: dict[str, Any], name: str, verdict: str) -> Cell:
    value, label = row.get(name), _LABELS.get(name, name)
    if name.endswith("_minor"):
        changed = verdict == "changed" and name == "billed_minor"
        return Cell(minor=value, numeric=True, changed=changed, label=label)
    if name == "paid_on" and value:
        return Cell(text=words.day_text(date.fromisoformat(value)), label=label)
    return Cell(text="" if value is None else str(value), numeric=_numeric(name), label=label)


def _sums(source: Import) -> list[SumLine]:
    file, system = source.totals.get("file", {}), source.totals.get("system", {})
    facts = source.totals.get("facts", {})
    if source.kind == FileKind.TURNOVER:
        # Accounts the books have no bill of yet take the sheet's balance as their first debt: that is no discrepancy.
        differs = any(remark["code"] == "openings_differ" for remark in source.remarks)
        notes = {} if differs else {"opening": _("войдёт как начальное сальдо")}
        return [
            SumLine(
                title=title,
                file=file[name],
                system=system.get(name) if name in ("opening", "paid") else None,
                note=notes.get(name, ""),
            )
            for name, title in _SUMS
            if name in file
        ]
    if source.kind not in (FileKind.REGISTER, FileKind.STATEMENT):
        return []
    lines = [
        SumLine(title=_("Всего"), file=facts.get("paid") or 0, system=file.get("paid", 0)),
        SumLine(title=_("из них ляжет на счета"), file=file.get("paid_new", 0), system=None),
        SumLine(title=_("уже проведено раньше"), file=file.get("paid_same", 0), system=None),
        SumLine(title=_("без лицевого счёта"), file=file.get("paid_unmatched", 0), system=None),
    ]
    return [lines[0], *(line for line in lines[1:] if line.file)]
