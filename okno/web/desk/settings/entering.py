"""Forms by which people enter values of the law: one by hand, many from a list, and a wrong one withdrawn."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import norms
from okno.access.actor import Actor
from okno.access.norms import CannotEnter, Taken
from okno.law.dated import Parameter, Value
from okno.law.entering import BadValue, Defaults, read_file, read_value
from okno.web.desk.settings.pasted import PastedForm

EXAMPLES = {
    "percent a year": "14,25",
    "percent a day": "0,01",
    "percent": "12",
    "percent of the month before": "100,3",
    "money": "4000,00",
    "multiplier": "0,005",
    "yes or no": "yes / no",
    "day of month": "15",
    "years": "3",
    "months": "2",
    "days": "30",
}


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class ValueForm(forms.Form):
    """One value: from which day, how much, and where it was read."""

    key = forms.CharField(max_length=64)
    value = forms.CharField(label=gettext_lazy("Значение"), max_length=2000)
    since = _day(label=gettext_lazy("Действует с"))
    until = _day(label=gettext_lazy("По день"), required=False)
    source = forms.CharField(
        label=gettext_lazy("Источник"),
        max_length=500,
        help_text=gettext_lazy("Акт с номером и днём или страница, где прочитано"),
    )
    verified = forms.BooleanField(
        label=gettext_lazy("Сверено с текстом источника"),
        required=False,
        help_text=gettext_lazy("Без отметки рядом с каждой цифрой будет «не проверено»"),
    )
    known_since = _day(
        label=gettext_lazy("Известно с"),
        required=False,
        help_text=gettext_lazy("Только для исправления дней, о которых уже есть значение: когда о нём стало известно"),
    )
    note = forms.CharField(label=gettext_lazy("Примечание"), max_length=500, required=False)

    def __init__(self, of: Parameter, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of = of
        if of.keyed:
            self.fields["key"].label = of.keyed
        else:
            del self.fields["key"]
        self.fields["value"].help_text = _("Например %(example)s") % {"example": EXAMPLES.get(of.unit, "—")}
        self.fields["until"].required = of.runs_out and not of.keyed
        if of.runs_out:
            self.fields["until"].help_text = _("Последний день, о котором известно: дальше Окно не угадывает")

    def clean_value(self) -> Any:
        try:
            return read_value(self._of, self.cleaned_data["value"])
        except BadValue as bad:
            raise forms.ValidationError(_plain(self._of, bad)) from bad

    def enter(self, actor: Actor) -> bool:
        """Put the value beside the sheet's; what does not fit becomes a fault of the form. The form must be valid."""
        told = self.cleaned_data
        value = Value(
            since=told["since"],
            until=told["until"],
            known_since=told["known_since"],
            value=told["value"],
            key=told.get("key", ""),
            source=told["source"],
            verified=told["verified"],
            note=told["note"],
        )
        try:
            norms.enter(self._of.name, value, actor)
        except CannotEnter as refusal:
            self.add_error(None, _plain(self._of, refusal))
            return False
        return True


_EXAMPLE = "с;значение;источник\n14.09.2026;13,5;Банк России"
"""Columns are called as `okno.law.entering.COLUMNS` knows them."""


class ListForm(PastedForm):
    """A list of values with a header."""

    largest = 500_000
    too_large = gettext_lazy("Файл слишком велик для таблицы значений: больше 500 КБ")

    file = forms.FileField(label=gettext_lazy("Файл CSV или YAML"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Или вставьте строки"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": _EXAMPLE}),
        help_text=gettext_lazy("Первой строкой названия столбцов: с, по, значение, источник"),
    )
    source = forms.CharField(label=gettext_lazy("Источник, если его нет в строках"), max_length=500, required=False)
    until = _day(
        label=gettext_lazy("По какой день известно последнее"),
        required=False,
    )

    def __init__(self, of: Parameter, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._of = of

    def enter(self, actor: Actor) -> Taken | None:
        """Put what can be read beside the sheets; None when the whole list cannot be. The form must be valid."""
        told = self.cleaned_data
        defaults = Defaults(name=self._of.name, source=told["source"], until=told["until"])
        try:
            return norms.enter_lines(read_file(told["text"], defaults), actor)
        except BadValue as bad:
            self.add_error("text", _plain(self._of, bad))
            return None


def _plain(of: Parameter, refusal: Exception) -> str:
    """The reason without the name of the value, which the page tells anyway."""
    reason = str(refusal).removeprefix(f"{of.name}: ")
    return reason[:1].upper() + reason[1:]


class WithdrawalForm(forms.Form):
    """Which entered value is wrong, and why."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Почему отзываем"),
        max_length=500,
        help_text=gettext_lazy("Увидят все, кто считал по этому значению"),
    )
