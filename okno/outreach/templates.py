"""The words of messages: checked before they are approved, filled in at the last moment, never edited.

A change is a new version; the old one stays, so that every message can be shown as it was. `check` is what the editor
shows while a person types, and what refuses a version that may not leave.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from string import Formatter
from typing import Any, Literal

import yaml
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Language, Organisation
from okno.channels.sms.text import measure
from okno.common import clock
from okno.outreach import policies
from okno.outreach.models import ContactPolicy, Template, TemplateVersion
from okno.outreach.placeholders import EXAMPLE, PLACEHOLDERS, Told
from okno.outreach.tone import faults
from okno.people.models import Channel

Weight = Literal["error", "warning"]

LONG_SMS_PARTS = 4
"""More parts than this cost more than a letter and are read by nobody."""
MOST_SMS_PARTS = 10

TONE = {
    "threat": gettext_lazy("«%(word)s» звучит как угроза. Напоминание не угрожает."),
    "pressure": gettext_lazy("«%(word)s» давит. Назовите сумму и способ оплаты, этого достаточно."),
    "shame": gettext_lazy("«%(word)s» стыдит человека. Обращайтесь по имени и говорите о счёте."),
    "insult": gettext_lazy("«%(word)s» оскорбляет или говорит о личной жизни. Такого в письме быть не может."),
    "shouting": gettext_lazy("«%(word)s» — прописными буквами, это читается как крик."),
}


class TemplateRefused(Exception):
    """The words may not be used; `problems` say why."""

    def __init__(self, problems: list["Problem"]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class MissingValue(LookupError):
    """A placeholder of the template is not known to this version of the program."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to mend. An `error` keeps the version from being approved, a `warning` only tells."""

    code: str
    text: str
    weight: Weight = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """Finished words; `parts` is what an SMS costs, 1 for every other channel."""

    subject: str
    text: str
    parts: int


def check(text: str, channel: str, language: str, *, subject: str = "") -> list[Problem]:
    """Everything that is wrong with these words, most serious first; an empty list when they may leave."""
    problems = [*_braces(text), *_braces(subject)]
    if problems:
        return problems
    names = used(text) | used(subject)
    problems += [
        Problem(code="unknown_placeholder", text=_("Нет такого места для подстановки: {%(name)s}") % {"name": name})
        for name in sorted(names - PLACEHOLDERS.keys())
    ]
    problems += _channel_problems(text, channel, subject, names)
    problems += [
        Problem(code=fault.kind, text=str(TONE[fault.kind]) % {"word": fault.word})
        for fault in faults(f"{subject} {text}")
    ]
    if language not in Language.values:
        problems.append(Problem(code="unknown_language", text=_("Такого языка нет: %(name)s") % {"name": language}))
    if channel == Channel.SMS and not any(problem.code == "unknown_placeholder" for problem in problems):
        problems += _sms_problems(text, language)
    return sorted(problems, key=lambda problem: problem.weight != "error")


def used(text: str) -> set[str]:
    """The names in braces. Raises ValueError for braces that do not pair."""
    return {name for _literal, name, _format, _conversion in Formatter().parse(text) if name is not None}


def _braces(text: str) -> list[Problem]:
    """Braces pair and hold a bare name: no formats, no attributes, nothing that reaches behind the value."""
    try:
        fields = [field for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return [Problem(code="braces", text=_("Фигурные скобки не закрыты или стоят по одной"))]
    strange = [
        name
        for _literal, name, form, conversion in fields
        if not re.fullmatch("[a-z_]+", name or "") or form or conversion
    ]
    return [
        Problem(
            code="braces",
            text=_("В скобках может стоять только название из списка, а стоит «%(name)s»") % {"name": name},
        )
        for name in strange
    ]


def _channel_problems(text: str, channel: str, subject: str, names: set[str]) -> Iterable[Problem]:
    if not text.strip():
        yield Problem(code="empty", text=_("Текста нет"))
    if channel == Channel.EMAIL and not subject.strip():
        yield Problem(code="no_subject", text=_("Письму нужна тема"))
    if channel != Channel.EMAIL and channel != Channel.LETTER and subject.strip():
        yield Problem(code="needless_subject", text=_("В этом канале темы не бывает"), weight="warning")
    if any(sign in subject for sign in "\r\n"):
        yield Problem(code="subject_lines", text=_("Тема письма пишется одной строкой"))
    personal = [name for name in used(subject) if name in PLACEHOLDERS and PLACEHOLDERS[name].personal]
    if personal:
        # A subject is shown on a locked screen and in a list of letters, to whoever looks at it.
        yield Problem(code="debt_in_subject", text=_("Сумма и сроки долга не пишутся в теме: её видят и посторонние"))
    tells_debt = any(PLACEHOLDERS[name].personal for name in names if name in PLACEHOLDERS)
    if tells_debt and channel == Channel.LETTER:
        yield Problem(
            code="open_letter", text=_("Письмо с суммой долга вкладывается в закрытый конверт"), weight="warning"
        )
    if tells_debt and "phone" not in names and "email" not in names:
        yield Problem(
            code="no_way_back",
            text=_("Нет телефона или почты: человеку некуда сказать, что сумма неверна"),
            weight="warning",
        )


def _sms_problems(text: str, language: str) -> Iterable[Problem]:
    parts = measure(render_text(text, EXAMPLE, language)).parts
    if parts > MOST_SMS_PARTS:
        yield Problem(code="too_long", text=_("СМС выходит из %(parts)s частей, можно не больше 10") % {"parts": parts})
    elif parts > LONG_SMS_PARTS:
        told = ngettext("СМС выходит из %(parts)s части", "СМС выходит из %(parts)s частей", parts)
        yield Problem(code="long_sms", text=told % {"parts": parts}, weight="warning")


def render(*, subject: str, text: str, told: Told, language: str, channel: str) -> Rendered:
    """Fill a version in. Raises MissingValue for a placeholder that is not in the table."""
    finished = render_text(text, told, language)
    parts = measure(finished).parts if channel == Channel.SMS else 1
    return Rendered(subject=" ".join(render_text(subject, told, language).split()), text=finished, parts=max(parts, 1))


def render_text(text: str, told: Told, language: str) -> str:
    pieces: list[str] = []
    for literal, name, _format, _conversion in Formatter().parse(text):
        pieces.append(literal)
        if name is not None:
            if name not in PLACEHOLDERS:
                raise MissingValue(f"{{{name}}}: такой подстановки нет")
            pieces.append(PLACEHOLDERS[name].fill(told, language))
    return "".join(pieces)


def add_version(
    template: Template, actor: Actor, *, language: str, text: str, subject: str = "", why: str = ""
) -> TemplateVersion:
    """Approve new words for a template; they are used from the next message on. Raises TemplateRefused."""
    problems = [
        problem for problem in check(text, template.channel, language, subject=subject) if problem.weight == "error"
    ]
    if problems:
        raise TemplateRefused(problems)
    with transaction.atomic():
        locked = Template.objects.select_for_update().get(pk=template.pk)
        last = locked.versions.filter(language=language).order_by("-number").first()
        if last is not None and (last.text, last.subject) == (text, subject):
            return last
        version = TemplateVersion.objects.create(
            template=locked,
            language=language,
            number=last.number + 1 if last else 1,
            subject=subject,
            text=text,
            created_at=clock.now(),
            author=actor.user,
        )
        trail.record(
            actor,
            "template.changed",
            _("Шаблон «%(name)s», %(language)s: версия %(number)s")
            % {"name": locked.name, "language": Language(language).label, "number": version.number},
            subject=("template", locked.pk),
            reason=why,
            detail={"version": version.pk, "channel": locked.channel},
        )
    return version


@lru_cache(maxsize=1)
def shipped() -> tuple[dict[str, Any], ...]:
    """The templates every organisation begins with."""
    folder = resources.files("okno.outreach") / "shipped"
    files = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)
    return tuple(one for path in files for one in yaml.safe_load(path.read_text(encoding="utf-8")))


def install_defaults(organisation: Organisation, actor: Actor) -> list[Template]:
    """Give a new organisation its contact policy, from the country's yardstick, and the templates in its languages.

    Done twice it changes nothing that was changed since. Raises `NotInForce`.
    """
    with transaction.atomic():
        _install_policy(organisation, actor)
        return [_install_template(organisation, one) for one in shipped()]


def _install_policy(organisation: Organisation, actor: Actor) -> None:
    policy = policies.by_default(organisation.country, clock.today(organisation.time_zone))
    since, until = policy.day_off or (None, None)
    _row, made = ContactPolicy.objects.get_or_create(
        organisation=organisation,
        defaults={
            "workday_since": policy.workday[0],
            "workday_until": policy.workday[1],
            "day_off_since": since,
            "day_off_until": until,
            "messages_a_day": policy.message[0],
            "messages_a_week": policy.message[1],
            "messages_a_month": policy.message[2],
            "calls_a_day": policy.call[0],
            "calls_a_week": policy.call[1],
            "calls_a_month": policy.call[2],
            "feed_fresh_hours": policy.feed_fresh_hours,
            "needs_consent": sorted(policy.needs_consent),
        },
    )
    if made:
        trail.record(
            actor,
            "policy.installed",
            _("Установлен порядок обращений по умолчанию для страны"),
            subject=("settings", organisation.pk),
        )


def _install_template(organisation: Organisation, shipped_one: dict[str, Any]) -> Template:
    template, _made = Template.objects.get_or_create(
        organisation=organisation, name=shipped_one["name"], channel=shipped_one["channel"]
    )
    for language in organisation.languages:
        words = shipped_one["languages"].get(language)
        if words is not None:
            TemplateVersion.objects.get_or_create(
                template=template,
                language=language,
                number=1,
                defaults={"subject": words.get("subject", ""), "text": words["text"], "created_at": clock.now()},
            )
    return template
