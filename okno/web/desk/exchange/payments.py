"""Money without an account: one payment under another, likely accounts with reasons, a key each."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from okno.access.models import Membership
from okno.access.roles import may
from okno.common.addresses import parse
from okno.common.folding import fold
from okno.common.money import NotAnAmount, parse_minor
from okno.exchange import matching, undoing
from okno.exchange.matching import Suggestion
from okno.exchange.models import PayerRule, UnmatchedPayment, UnmatchedState
from okno.ledger.models import Account
from okno.ledger.posting import PostingRefused
from okno.web.desk.exchange import scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import menu, words
from okno.web.parts.responses import toast

SHOWN = 10
FOUND = 8
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A payment with the accounts it may belong to; the first one on the page answers to keys.

    Looking for them costs several queries a payment, so those further down are `asked` about when they are looked at.
    """

    payment: UnmatchedPayment
    suggestions: list[Suggestion]
    sure: bool
    asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A decision that did not go through: which payment, why, and what the person had written."""

    payment: int
    text: str
    told: dict[str, Any]


@page("exchange.view")
def payments(request: Request) -> HttpResponse:
    """The payments that wait, or those already decided about."""
    return _page(request)


def _page(request: Request, *, refused: Refused | None = None) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in UnmatchedState.values else UnmatchedState.WAITING
    rows = scope.payments(request.membership)
    counts = {
        told["state"]: (told["count"], told["amount"])
        for told in rows.order_by().values("state").annotate(count=Count("pk"), amount=Sum("amount_minor"))
    }
    text = request.GET.get("q", "").strip()
    rows = _search(rows.filter(state=state), text)
    if (since := request.GET.get("from", "")).isdecimal():
        rows = rows.filter(pk__gte=int(since))
    found, more = _window(rows, request.GET.get("after", ""), state)
    if refused is not None and state == UnmatchedState.WAITING:
        found = [scope.payment(request.membership, refused.payment)] + [
            one for one in found if one.pk != refused.payment
        ]
    may_match = may(request.membership, "exchange.match")
    context: dict[str, Any] = {
        "state": state,
        "states": [(value, label, counts.get(value, (0, 0))[0]) for value, label in UnmatchedState.choices],
        "total": counts.get(state, (0, 0))[0],
        "amount": counts.get(state, (0, 0))[1],
        "text": text,
        "more": more,
        "may_match": may_match,
        "sees_files": scope.sees_files(request.membership),
        "refused": refused,
        "rules": scope.rules(request.membership).count(),
        "parts": range(2, _PARTS + 1),
    }
    if state == UnmatchedState.WAITING:
        context["waiting"] = [_waiting(one) for one in found[:1]] + [
            Waiting(payment=one, suggestions=[], sure=False, asked=False) for one in found[1:]
        ]
    else:
        context["decided"] = found
    return render(request, "desk/exchange/payments.html", context, status=422 if refused else 200)


def _waiting(payment: UnmatchedPayment) -> Waiting:
    suggestions = matching.suggest(payment)
    best = suggestions[0].score if suggestions else 0
    second = suggestions[1].score if len(suggestions) > 1 else 0
    return Waiting(payment=payment, suggestions=suggestions, sure=best >= 80 and best - second >= 20)


def _search(rows: QuerySet[UnmatchedPayment], text: str) -> QuerySet[UnmatchedPayment]:
    if not text:
        return rows
    found = Q(payer__icontains=text) | Q(purpose__icontains=text) | Q(address__icontains=text)
    found |= Q(account_number__icontains=text)
    try:
        found |= Q(amount_minor=parse_minor(text))
    except NotAnAmount:
        return rows.filter(found)
    return rows.filter(found)


def _window(rows: QuerySet[UnmatchedPayment], after: str, state: str) -> tuple[list[UnmatchedPayment], str]:
    """Waiting ones oldest first, decided ones latest first; the place of the last when there are more."""
    field = "pk" if state == UnmatchedState.WAITING else "-pk"
    if after.isdecimal():
        rows = rows.filter(**{"pk__gt" if field == "pk" else "pk__lt": int(after)})
    found = list(rows.order_by(field)[: SHOWN + 1])
    return found[:SHOWN], str(found[SHOWN - 1].pk) if len(found) > SHOWN else ""


@page("exchange.match")
def suggestions(request: Request, pk: int) -> HttpResponse:
    """The accounts a payment further down the page may belong to, when it comes into view."""
    one = _waiting(scope.payment(request.membership, pk))
    return render(request, "desk/exchange/suggested.html", {"one": one})


@page("exchange.match")
def find_account(request: Request, pk: int) -> HttpResponse:
    """Accounts by number, address or name, for a payment that none of the suggestions fits."""
    payment = scope.payment(request.membership, pk)
    text = request.GET.get("q", "").strip()
    context = {"payment": payment, "text": text, "found": list(_accounts(request.membership, text)) if text else []}
    if request.headers.get("HX-Request"):
        return render(request, "desk/exchange/found_accounts.html", context)
    return render(request, "desk/exchange/find_account.html", context)


def _accounts(membership: Membership, text: str) -> QuerySet[Account]:
    rows = scope.accounts(membership).select_related("balance")
    found = Q(number__startswith=text) | Q(number__endswith=text) if text.isdecimal() else Q()
    if not text.isdecimal():
        parsed = parse(text)
        for word in fold(parsed.street or text).split():
            found &= Q(flat__house__search_text__contains=word)
        if parsed.house:
            found &= Q(flat__house__search_text__contains=parsed.house.lower())
        if parsed.flat:
            found &= Q(flat__number=parsed.flat)
        named = Q()
        for word in fold(text).split():
            named &= Q(flat__occupancies__person__search_text__contains=word)
        found |= named
    return rows.filter(found).order_by("number").distinct()[:FOUND]


@require_POST
@page("exchange.match")
def match(request: Request, pk: int) -> HttpResponse:
    """Give the payment to an account."""
    payment = scope.payment(request.membership, pk)
    told = request.POST.get("account", "")
    account = scope.accounts(request.membership).filter(pk=int(told) if told.isdecimal() else 0).first()
    if account is None:
        return _refuse(request, payment, _("Выберите лицевой счёт из предложенных или найдите другой."))
    try:
        matching.match(request.actor, payment.pk, account.pk, learn=request.POST.get("learn") == "1")
    except (matching.AlreadyDecided, matching.CannotMatch, PostingRefused) as error:
        return _refuse(request, payment, str(error))
    return _decided(request, payment, _("Разнесён на счёт %(number)s") % {"number": account.number})


@require_POST
@page("exchange.match")
def split(request: Request, pk: int) -> HttpResponse:
    """Give the payment to several accounts by parts."""
    payment = scope.payment(request.membership, pk)
    numbers = [one.strip() for one in request.POST.getlist("number")]
    amounts = [one.strip() for one in request.POST.getlist("amount")]
    told = {"split": list(zip(numbers, amounts, strict=False))}
    try:
        parts = _parts(request.membership, told["split"])
        matching.split(request.actor, payment.pk, parts)
    except NotAnAmount:
        return _refuse(request, payment, _("Сумма части пишется так: 1 234,56"), told)
    except (matching.AlreadyDecided, matching.CannotMatch, PostingRefused) as error:
        return _refuse(request, payment, str(error), told)
    return _decided(request, payment, _("Платёж разделён между счетами: %(count)s") % {"count": len(parts)})


def _parts(membership: Membership, told: list[tuple[str, str]]) -> list[tuple[int, int | None]]:
    """Accounts and minor units of the parts filled in. Raises CannotMatch, NotAnAmount."""
    filled = [(number, amount) for number, amount in told if number or amount]
    if len(filled) < 2:
        raise matching.CannotMatch(_("Назовите хотя бы два счёта и сумму каждому"))
    rows = scope.accounts(membership).filter(number__in=[number for number, _amount in filled])
    known = dict(rows.values_list("number", "pk"))
    unknown = [number for number, _amount in filled if number not in known]
    if unknown:
        raise matching.CannotMatch(_("Нет лицевого счёта %(number)s") % {"number": unknown[0] or "—"})
    return [(known[number], parse_minor(amount)) for number, amount in filled]


@require_POST
@page("exchange.match")
def give_back(request: Request, pk: int) -> HttpResponse:
    """The payment is to go back to its payer."""
    payment = scope.payment(request.membership, pk)
    reason = request.POST.get("reason", "")[:1_000]
    try:
        matching.return_to_payer(request.actor, payment.pk, reason=reason)
    except (matching.AlreadyDecided, matching.CannotMatch) as error:
        return _refuse(request, payment, str(error), {"reason": reason})
    return _decided(request, payment, _("Отмечен к возврату плательщику"))


@require_POST
@page("exchange.match")
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the decision back: the posting is reversed and the payment waits again."""
    payment = scope.payment(request.membership, pk)
    try:
        undoing.undo(request.actor, payment.pk)
    except (undoing.CannotUndo, PostingRefused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Платёж снова ждёт разнесения"))
    if "XMLHttpRequest" in request.headers.get("X-Requested-With", ""):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect("desk:payments")


@page("exchange.view")
def rules(request: Request) -> HttpResponse:
    """What was decided once about a payer's money and is done so since."""
    context = {
        "rules": list(scope.rules(request.membership).order_by("-created_at")[:500]),
        "may_match": may(request.membership, "exchange.match"),
    }
    return render(request, "desk/exchange/rules.html", context)


@require_POST
@page("exchange.match")
def forget_rule(request: Request, pk: int) -> HttpResponse:
    """Forget a rule; what was posted by it stays."""
    rule: PayerRule = get_object_or_404(scope.rules(request.membership), pk=pk)
    undoing.forget(request.actor, rule)
    messages.success(request, _("Правило забыто"))
    return redirect("desk:payer_rules")


def _decided(request: Request, payment: UnmatchedPayment, text: str) -> HttpResponse:
    """The next payment takes the place of this one; the decision can be taken back at once."""
    undo_url = reverse("desk:payment_undo", args=[payment.pk])
    if request.headers.get("HX-Request"):
        response = HttpResponse("")
        left = scope.payments(request.membership).filter(state=UnmatchedState.WAITING).count()
        if left == 0:
            response["HX-Redirect"] = reverse("desk:payments")
            messages.success(request, text)
            return response
        told = f"{words.money_text(payment.amount_minor)}: {text}"
        return toast(response, text=told, undo=undo_url)
    messages.success(request, text)
    return redirect("desk:payments")


def _refuse(request: Request, payment: UnmatchedPayment, text: str, told: dict[str, Any] | None = None) -> HttpResponse:
    refused = Refused(payment=payment.pk, text=text, told=told or {})
    if request.headers.get("HX-Request"):
        context = {
            "one": _waiting(scope.payment(request.membership, payment.pk)),
            "refused": refused,
            "may_match": True,
            "parts": range(2, _PARTS + 1),
        }
        return render(request, "desk/exchange/waiting.html", context, status=422)
    return _page(request, refused=refused)


def waiting_count(membership: Membership) -> menu.Count | None:
    """How many payments wait, for the menu."""
    count = (
        UnmatchedPayment.objects.filter(
            organisation_id=membership.organisation_id, state=UnmatchedState.WAITING
        ).count()
        if scope.sees_files(membership)
        else 0
    )
    return menu.Count(value=count, tone="warn") if count else None
