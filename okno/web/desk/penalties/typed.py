"""Bills and payments typed in by hand or pasted from a sheet, a line each: a day and a sum."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from okno.common import days, money

#: What parts a day from a sum; a blank does so only where nothing stronger stands.
_MARKS = (re.compile(r"\t+"), re.compile(r"\s*;\s*"), re.compile(r"\s+"))
MOST = 400
"""Lines that a person may mean; more is a file, and for files there is the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A day, or a month that was billed (its first day), and a sum in minor units."""

    day: date
    is_month: bool
    amount_minor: int


class LinesField(forms.CharField):
    """Lines such as «10.06.2025 10 000,00»; cleaned into `Line`s. With `months` a line may name a month instead."""

    def __init__(self, *, months: bool = False, placeholder: str = "", **options: Any) -> None:
        attributes = {"rows": 4, "placeholder": placeholder, "spellcheck": "false"}
        super().__init__(widget=forms.Textarea(attrs=attributes), strip=True, **options)
        self._months = months

    def clean(self, value: Any) -> Any:
        told = super().clean(value) or ""
        found, wrong = [], []
        lines = [(number, line.strip()) for number, line in enumerate(told.splitlines(), start=1) if line.strip()]
        if len(lines) > MOST:
            raise forms.ValidationError(_("Строк больше %(most)s: для файлов есть «Импорт»") % {"most": MOST})
        for number, line in lines:
            try:
                found.append(_read(line, months=self._months))
            except (days.NotADay, money.NotAnAmount) as error:
                wrong.append(_("строка %(number)s: %(why)s") % {"number": number, "why": error})
        if wrong:
            raise forms.ValidationError(wrong[:5])
        return found


def _read(line: str, *, months: bool) -> Line:
    day_text, sum_text = _parted(line)
    amount = money.parse_minor(sum_text)
    if amount <= 0:
        raise money.NotAnAmount(_("сумма должна быть больше нуля"))
    day, is_month = _day(day_text, months=months)
    return Line(day=day, is_month=is_month, amount_minor=amount)


def _parted(line: str) -> tuple[str, str]:
    for mark in _MARKS:
        found = mark.split(line, maxsplit=1)
        if len(found) == 2:
            return found[0].strip(), found[1].strip()
    raise days.NotADay(_("нужны день и сумма, например 10.06.2025 10 000,00"))


def _day(text: str, *, months: bool) -> tuple[date, bool]:
    try:
        return days.parse_day(text), False
    except days.NotADay:
        if not months:
            raise
        return days.parse_month(text), True
