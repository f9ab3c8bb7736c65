"""Two readings of the law side by side, and what each other reading would cost: chosen, asked, compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from okno.law.penalty import BadSetting, PenaltyLaw, PenaltyQuestion, PenaltyResult, Setting, Settings

ASKED, OTHER = "s", "c"
"""Prefixes in the address: the reading that is shown, and the one beside it."""
GUESS = "Предположение"
"""So the source of a setting begins that supposes what nobody knows."""


class ReadingForm(forms.Form):
    """The settings of a country's law as fields. `standing` holds where nothing is chosen.

    With `beside` every field may stay empty: as in the first reading. Without `guesses` those settings are left out
    that suppose something for «что если» and are no term of anybody.
    """

    def __init__(
        self,
        law: PenaltyLaw,
        standing: Settings,
        *args: Any,
        beside: bool = False,
        guesses: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._law = law
        asked = [setting for setting in law.settings if guesses or not setting.source.startswith(GUESS)]
        resolved = law.resolved(standing)
        self._standing = {setting.name: resolved[setting.name] for setting in asked}
        for setting in asked:
            self.fields[setting.name] = _field(setting, "" if beside else self._standing[setting.name], beside=beside)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for name, value in self.chosen().items():
            try:
                self._law.resolved({name: value})
            except BadSetting as bad:
                self.add_error(name, str(bad))
        return told

    def chosen(self) -> dict[str, str]:
        """What was chosen otherwise than it stands, by name."""
        told = ((name, self.cleaned_data.get(name)) for name in self._standing)
        return {name: value for name, value in told if value and value != self._standing[name]}

    def settings(self) -> dict[str, str]:
        """All settings, those that stand included."""
        return {**self._standing, **self.chosen()}


def _field(setting: Setting, standing: str, *, beside: bool) -> forms.Field:
    told: dict[str, Any] = {"label": _(setting.title), "help_text": setting.source, "initial": standing}
    if not setting.choices:
        return forms.CharField(required=False, max_length=300, **told)
    choices = [(value, _(title)) for value, title in setting.choices.items()]
    same = [("", _("так же"))] if beside else []
    return forms.ChoiceField(choices=[*same, *choices], required=False, **told)


def reading_form(
    law: PenaltyLaw, standing: Settings, query: QueryDict, prefix: str, *, beside: bool = False
) -> ReadingForm:
    """The form of one reading as the address tells it; what the address does not name stands as it is."""
    resolved = law.resolved(standing)
    told = {
        f"{prefix}-{name}": query.get(f"{prefix}-{name}", "" if beside else value) for name, value in resolved.items()
    }
    return ReadingForm(law, standing, told, prefix=prefix, beside=beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another reading by one setting: what it would cost, and the address that puts it beside the first.

    `minor` and `difference_minor` are None where a value is missing.
    """

    setting: str
    choice: str
    source: str
    minor: int | None
    difference_minor: int | None
    verified: bool
    url: str
    #: Whether the figure, or whether there is one, depends on it.
    matters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The readings as the address chose them: both forms (not always valid), and what they come to."""

    first: ReadingForm
    second: ReadingForm
    faults: bool

    @property
    def is_compared(self) -> bool:
        return not self.faults and bool(self.second.chosen())


def chosen(law: PenaltyLaw, standing: Settings, query: QueryDict) -> Chosen:
    """The first reading, and a second one where the address asks for it."""
    first = reading_form(law, standing, query, ASKED)
    if not first.is_valid():
        return Chosen(first=first, second=reading_form(law, standing, QueryDict(), OTHER, beside=True), faults=True)
    second = reading_form(law, first.settings(), query, OTHER, beside=True)
    return Chosen(first=first, second=second, faults=not second.is_valid())


def in_words(law: PenaltyLaw, chosen: Mapping[str, str]) -> list[str]:
    """«Чья ставка: каждого дня просрочки» for every setting that was chosen."""
    by_name = {setting.name: setting for setting in law.settings}
    return [f"{_(by_name[name].title)}: {_choice(by_name[name], value)}" for name, value in chosen.items()]


def _choice(setting: Setting, value: str) -> str:
    return _(setting.choices[value]) if setting.choices else value


def variants(
    law: PenaltyLaw,
    question: PenaltyQuestion,
    first: PenaltyResult,
    address: Callable[[str, str], str],
) -> list[Variant]:
    """Every other choice of every setting, one at a time. `address` gives the page of a choice beside the first."""
    told = []
    for setting, value in _others(law.settings, first.settings):
        result = law.explain(replace(question, settings={**first.settings, setting.name: value}))
        told.append(
            Variant(
                setting=_(setting.title),
                choice=_(setting.choices[value]),
                source=setting.source,
                minor=result.total_minor,
                difference_minor=difference(first, result),
                verified=result.verified,
                url=address(setting.name, value),
                matters=result.total_minor != first.total_minor,
            )
        )
    return told


def _others(settings: Sequence[Setting], now: Settings) -> Iterable[tuple[Setting, str]]:
    return ((setting, value) for setting in settings for value in setting.choices if value != now[setting.name])


def difference(first: PenaltyResult, second: PenaltyResult) -> int | None:
    """How much more the second asks for; None where one of them has no figure."""
    if first.total_minor is None or second.total_minor is None:
        return None
    return second.total_minor - first.total_minor
