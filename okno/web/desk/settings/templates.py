"""The words of messages: variants by language side by side, checked while they are typed, kept as versions."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.models import Language
from okno.access.roles import may
from okno.channels.sms.text import measure
from okno.common import clock
from okno.debts.models import Case, CaseState
from okno.houses.visibility import visible_to
from okno.outreach import previews
from okno.outreach.facts import newest_versions, open_cursor
from okno.outreach.models import Contact, Template
from okno.outreach.placeholders import EXAMPLE, PLACEHOLDERS, Told
from okno.outreach.templates import TemplateRefused, add_version, check, render_text
from okno.people.models import Channel
from okno.web.desk.debts import marks
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page

TRIED_ON = 20
"""How many of the largest debtors are offered to try a text on."""


class NewForm(forms.Form):
    """A template is a name and a channel; the words come next."""

    name = forms.CharField(label=gettext_lazy("Название"), max_length=100)
    channel = forms.ChoiceField(label=gettext_lazy("Канал"), choices=Channel.choices, initial=Channel.SMS)


@page("settings.view")
def templates(request: Request) -> HttpResponse:
    """The list; POST makes a new one."""
    may_change = may(request.membership, "settings.templates")
    bound = request.method == "POST" and may_change
    form = NewForm(request.POST if bound else None)
    if bound and form.is_valid():
        template, made = Template.objects.get_or_create(organisation=request.organisation, **form.cleaned_data)
        if made:
            trail.record(
                request.actor,
                "template.made",
                _("Новый шаблон «%(name)s»") % {"name": template.name},
                subject=("template", template.pk),
            )
        return HttpResponseRedirect(reverse("desk:template", args=[template.pk]))
    rows = Template.objects.filter(organisation=request.organisation)
    shown = rows.annotate(count=Count("versions"), changed=Max("versions__created_at")).order_by(
        "archived", "name", "channel"
    )
    kept = newest_versions(open_cursor(), [row.pk for row in shown])
    context = {
        "sections": sections(request, "desk:templates"),
        "rows": [
            {
                "template": row,
                "channel": marks.channel(row.channel),
                "languages": [
                    Language(code).label for code in request.organisation.languages if code in kept.get(row.pk, {})
                ],
                "missing": [
                    Language(code).label for code in request.organisation.languages if code not in kept.get(row.pk, {})
                ],
            }
            for row in shown
        ],
        "form": form,
        "may_change": may_change,
    }
    return render(request, "desk/settings/templates.html", context, status=422 if bound and form.errors else 200)


def find(request: Request, pk: int) -> Template:
    """The organisation's own template, or 404."""
    found = Template.objects.filter(organisation=request.organisation, pk=pk).first()
    if found is None:
        raise Http404
    return found


@page("settings.view")
def template(request: Request, pk: int) -> HttpResponse:
    """The variants side by side; POST keeps those that changed as new versions."""
    found = find(request, pk)
    may_change = may(request.membership, "settings.templates")
    bound = request.method == "POST" and may_change
    kept = newest_versions(open_cursor(), [found.pk]).get(found.pk, {})
    told = tried_on(request, request.POST.get("account", "") or request.GET.get("account", ""))
    numbers = dict(found.versions.values_list("language").annotate(last=Max("number")).order_by())
    variants = []
    for code in request.organisation.languages:
        version = kept.get(code)
        text = request.POST.get(f"text_{code}", "") if bound else (version.text if version else "")
        subject = request.POST.get(f"subject_{code}", "") if bound else (version.subject if version else "")
        variants.append(
            {
                "code": code,
                "name": Language(code).label,
                "text": text.replace("\r\n", "\n"),
                "subject": subject,
                "version": version,
                "number": numbers.get(code),
                **look(found.channel, code, text, subject, told),
            }
        )
    if bound:
        refused = _keep(request, found, variants)
        if not refused:
            messages.success(request, _("Шаблон сохранён: новые слова пойдут со следующего сообщения"))
            return HttpResponseRedirect(reverse("desk:template", args=[pk]))
    context = {
        "sections": sections(request, "desk:templates"),
        "template": found,
        "channel": marks.channel(found.channel),
        "variants": variants,
        "with_subject": found.channel in (Channel.EMAIL, Channel.LETTER),
        "placeholders": PLACEHOLDERS.values(),
        "accounts": debtors(request),
        "told": told,
        "may_change": may_change,
        "refused": bound,
        "used": Contact.objects.filter(template=found).count(),
        "history": found.versions.select_related("author").order_by("-created_at", "-pk")[:30],
    }
    return render(request, "desk/settings/template.html", context, status=422 if bound else 200)


def _keep(request: Request, found: Template, variants: list[dict[str, Any]]) -> bool:
    """Keep every variant that has words; True when one may not be used. Nothing is kept unless all may."""
    worded = [one for one in variants if one["text"].strip() or one["version"]]
    if any(problem.weight == "error" for one in worded for problem in one["problems"]) or not worded:
        return True
    try:
        with transaction.atomic():
            for one in worded:
                add_version(
                    found,
                    request.actor,
                    language=one["code"],
                    text=one["text"],
                    subject=one["subject"].strip(),
                    why=request.POST.get("why", "").strip(),
                )
    except TemplateRefused:
        return True
    return False


def look(channel: str, language: str, text: str, subject: str, told: Told) -> dict[str, Any]:
    """What is wrong with the words, how they read on an account, and what an SMS costs."""
    text = text.replace("\r\n", "\n")
    if not text.strip() and not subject.strip():
        return {"problems": [], "filled": "", "filled_subject": "", "size": None}
    problems = check(text, channel, language, subject=subject)
    broken = any(one.code in {"braces", "unknown_placeholder"} for one in problems)
    filled = "" if broken else render_text(text, told, language)
    return {
        "problems": problems,
        "filled": filled,
        "filled_subject": "" if broken else render_text(subject, told, language),
        "size": measure(filled) if channel == Channel.SMS and filled else None,
    }


@require_POST
@page("settings.view")
def look_at(request: Request, pk: int, language: str) -> HttpResponse:
    """POST the words of one variant: its problems and how it reads, nothing kept."""
    found = find(request, pk)
    if language not in Language.values:
        raise Http404
    told = tried_on(request, request.POST.get("account", ""))
    seen = look(
        found.channel,
        language,
        request.POST.get(f"text_{language}", ""),
        request.POST.get(f"subject_{language}", ""),
        told,
    )
    return render(request, "desk/settings/template_look.html", {"one": {"code": language, **seen}, "template": found})


def debtors(request: Request) -> list[Case]:
    """The largest debtors in sight, to try the words on."""
    rows = Case.objects.filter(
        organisation=request.organisation,
        state=CaseState.OPEN,
        account__flat__house__in=visible_to(request.membership).values("pk"),
    )
    return list(rows.select_related("account__flat__house").order_by("-debt_minor", "pk")[:TRIED_ON])


def tried_on(request: Request, account: str) -> Told:
    """What a message would tell about this account today; an example where there is no such debtor in sight."""
    if not account.isdecimal():
        return EXAMPLE
    case = Case.objects.filter(
        organisation=request.organisation,
        state=CaseState.OPEN,
        account=int(account),
        account__flat__house__in=visible_to(request.membership).values("pk"),
    ).first()
    if case is None:
        return EXAMPLE
    day = clock.today(request.organisation.time_zone)
    (sample,) = previews.samples(request.organisation, "debt", [(case.pk, case.account_id)], day=day)
    return sample.told


@require_POST
@page("settings.templates")
def archive(request: Request, pk: int) -> HttpResponse:
    """Put a template away, or take it back with archived=0."""
    found = find(request, pk)
    wanted = request.POST.get("archived") != "0"
    if found.archived != wanted:
        found.archived = wanted
        found.save(update_fields=["archived"])
        sentence = _("Шаблон «%(name)s» убран в архив") if wanted else _("Шаблон «%(name)s» возвращён из архива")
        trail.record(
            request.actor, "template.archived", sentence % {"name": found.name}, subject=("template", found.pk)
        )
    return HttpResponseRedirect(reverse("desk:templates"))
