"""Money whose account is not known: to whom it may belong and why, and what a person decides."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils.translation import gettext as _
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.common import clock
from okno.common.addresses import match_key, parse
from okno.common.folding import fold
from okno.exchange.cards.places import flat_number
from okno.exchange.models import PayerRule, UnmatchedPayment, UnmatchedState
from okno.exchange.payments import payer_fingerprint
from okno.houses.models import House
from okno.jobs import signals
from okno.ledger import posting
from okno.ledger.billing import reversal_key
from okno.ledger.models import Account, Balance, Entry, EntryKind, Payment
from okno.ledger.rows import NewPayment
from okno.people.models import Occupancy

#: At most so many suggestions, each at least so sure (of 100).
SHOWN, LEAST = 3, 30
_DIGITS = re.compile(r"(?<![\d.,])\d{4,20}(?![\d,]|\.\d)")
_NAMES_FLAT = re.compile(r"\bкв\b|пәтер", re.IGNORECASE)
_ALPHABET = "0123456789"
_LONGEST_NUMBER = 20
#: More namesakes than this tell nothing.
_NAMESAKES = 20


class AlreadyDecided(Exception):
    """Somebody has decided about this money otherwise; the message says how."""


class CannotMatch(Exception):
    """The money cannot be given to this account; the message says why."""


@dataclass
class Suggestion:
    """An account the money may belong to: how sure it is (of 100) and why, in words."""

    account_id: int
    number: str = ""
    address: str = ""
    open_minor: int = 0
    score: int = 0
    reasons: list[str] = field(default_factory=list)


def suggest(payment: UnmatchedPayment) -> list[Suggestion]:
    """One to three accounts the money may belong to, the surest first; none when nothing speaks for any."""
    evidence = _Evidence(payment)
    evidence.numbers()
    evidence.address()
    evidence.earlier_payers()
    evidence.names()
    evidence.leave_out_misplaced()
    return evidence.best()


def match(actor: Actor, payment_id: int, account_id: int, *, learn: bool = False) -> UnmatchedPayment:
    """Give the money to an account. The same twice counts once.

    With `learn`, money of this payer with these words goes to the same account from now on. Raises AlreadyDecided,
    CannotMatch, and the ledger's PostingRefused.
    """
    payment = split(actor, payment_id, [(account_id, None)])
    if learn and (fingerprint := payer_fingerprint(payment.payer, payment.purpose)):
        PayerRule.objects.update_or_create(
            organisation=payment.organisation,
            fingerprint=fingerprint,
            defaults={
                "account_id": account_id,
                "payer": payment.payer,
                "purpose": payment.purpose,
                "created_at": clock.now(),
                "created_by": actor.user,
            },
        )
    return payment


def split(actor: Actor, payment_id: int, parts: Sequence[tuple[int, int | None]]) -> UnmatchedPayment:
    """Give the money to several accounts; the parts (account, minor units) add up to it, None is all of it.

    Raises AlreadyDecided, CannotMatch, PostingRefused.
    """
    with transaction.atomic(), acting(actor, source="exchange.match"):
        payment = _locked(actor, payment_id)
        if payment.state == UnmatchedState.MATCHED and payment.account_id == parts[0][0]:
            return payment
        _refuse_decided(payment)
        sums = [payment.amount_minor if amount is None else amount for _account, amount in parts]
        if sum(sums) != payment.amount_minor or min(sums) <= 0:
            raise CannotMatch(_("Части не складываются в сумму платежа"))
        accounts = _accounts(payment, [account for account, _amount in parts])
        posted = posting.post(
            organisation=payment.organisation,
            key=_key(payment),
            kind=EntryKind.PAYMENTS.value,
            reason=_("Разнесён платёж из импорта № %(number)s") % {"number": payment.source_id},
            user=actor.user,
            source=f"import:{payment.source_id}",
            payments=[
                _part(payment, account, amount, place)
                for place, ((account, _asked), amount) in enumerate(zip(parts, sums, strict=True))
            ],
        )
        payment.source.entries.add(Entry.objects.get(pk=posted.entry_id))
        payment.state, payment.decided_at, payment.decided_by = UnmatchedState.MATCHED, clock.now(), actor.user
        payment.account_id, payment.payment_id = parts[0][0], posted.payment_ids[payment.source_key]
        payment.save()
        for account in accounts:
            sentence = _("Платёж от %(day)s разнесён на лицевой счёт %(number)s") % {
                "day": f"{payment.value_on:%d.%m.%Y}",
                "number": account.number,
            }
            trail.record(actor, "payment.matched", sentence, subject=("account", account.pk))
        signals.send(payment.organisation_id, ["unmatched", *(f"account:{account.pk}" for account in accounts)])
    return payment


def return_to_payer(actor: Actor, payment_id: int, *, reason: str) -> UnmatchedPayment:
    """The money is to go back to its payer: it is no resident's. Raises AlreadyDecided, CannotMatch (no reason)."""
    if not reason.strip():
        raise CannotMatch(_("Назовите причину возврата"))
    with transaction.atomic():
        payment = _locked(actor, payment_id)
        if payment.state == UnmatchedState.RETURNED:
            return payment
        _refuse_decided(payment)
        payment.state, payment.decided_at, payment.decided_by = UnmatchedState.RETURNED, clock.now(), actor.user
        payment.save()
        sentence = _("Платёж от %(day)s вернуть плательщику «%(payer)s»") % {
            "day": f"{payment.value_on:%d.%m.%Y}",
            "payer": payment.payer,
        }
        trail.record(actor, "payment.returned", sentence, subject=("import", payment.source_id), reason=reason)
        signals.send(payment.organisation_id, ["unmatched"])
    return payment


def _locked(actor: Actor, payment_id: int) -> UnmatchedPayment:
    payment = (
        UnmatchedPayment.objects.select_for_update(of=("self",))
        .select_related("organisation", "source")
        .filter(organisation=actor.organisation, pk=payment_id)
        .first()
    )
    if payment is None:
        raise CannotMatch(_("Такого платежа в организации нет"))
    return payment


def _refuse_decided(payment: UnmatchedPayment) -> None:
    if payment.state == UnmatchedState.MATCHED and payment.account is not None:
        text = _("Платёж уже разнесён на лицевой счёт %(number)s")
        raise AlreadyDecided(text % {"number": payment.account.number})
    if payment.state == UnmatchedState.RETURNED:
        raise AlreadyDecided(_("Платёж уже отмечен к возврату плательщику"))


def _accounts(payment: UnmatchedPayment, ids: Sequence[int]) -> list[Account]:
    accounts = list(Account.objects.filter(organisation=payment.organisation, pk__in=ids))
    if len(accounts) != len(ids):
        raise CannotMatch(_("Такого лицевого счёта в организации нет, или он назван дважды"))
    return accounts


def _key(payment: UnmatchedPayment) -> str:
    """The entry's key: a decision made anew after it was taken back is another posting."""
    key = f"unmatched:{payment.pk}:"
    made = Entry.objects.filter(organisation=payment.organisation, key__startswith=key).count()
    return f"{key}{made}"


def _part(payment: UnmatchedPayment, account_id: int, amount: int, place: int) -> NewPayment:
    """The first part keeps the key of the operation, by which its file is known when it comes again."""
    key = payment.source_key if place == 0 else f"{payment.source_key[:90]}#{payment.pk}.{place}"[:100]
    return NewPayment(
        account_id, "payment", payment.value_on, amount, key, payment.stated_month, "", payment.purpose, payment.payer
    )


class _Evidence:
    """What speaks for each account, gathered from the payer's words."""

    def __init__(self, payment: UnmatchedPayment) -> None:
        self._payment = payment
        self._organisation = payment.organisation
        self._scores: dict[int, int] = defaultdict(int)
        self._reasons: dict[int, list[str]] = defaultdict(list)

    def best(self) -> list[Suggestion]:
        """The surest accounts. A sum equal to what is owed decides between alike ones and alone proves nothing."""
        likely = sorted(self._scores, key=lambda pk: -self._scores[pk])[: SHOWN * 10]
        balances = Balance.objects.filter(account__in=likely).select_related("account__flat__house")
        found = []
        for balance in balances:
            account = balance.account
            if balance.open_minor == self._payment.amount_minor:
                self._add(account.pk, 20, _("сумма равна долгу"))
            found.append(
                Suggestion(
                    account_id=account.pk,
                    number=account.number,
                    address=account.flat.short_address,
                    open_minor=balance.open_minor,
                    score=min(self._scores[account.pk], 99),
                    reasons=self._reasons[account.pk],
                )
            )
        found.sort(key=lambda suggestion: (-suggestion.score, suggestion.number))
        return [suggestion for suggestion in found if suggestion.score >= LEAST][:SHOWN]

    def numbers(self) -> None:
        """The number as written, with a mistyped digit, two digits swapped, or zeros lost."""
        payment = self._payment
        written = [payment.account_number, *_DIGITS.findall(f"{payment.purpose} {payment.account_number}")]
        for number in dict.fromkeys(filter(None, written)):
            if len(number) > _LONGEST_NUMBER:
                continue
            accounts = Account.objects.filter(organisation=self._organisation, number__in=_variants(number))
            for pk, found in accounts.values_list("pk", "number"):
                self._add_number(pk, number, found)

    def _add_number(self, pk: int, written: str, found: str) -> None:
        values = {"number": written}
        if written == found:
            self._add(pk, 85, _("номер счёта %(number)s стоит в назначении") % values)
        elif written.lstrip("0") == found.lstrip("0"):
            self._add(pk, 80, _("номер %(number)s без нулей в начале") % values)
        elif sorted(written) == sorted(found) and OSA.distance(written, found) == 1:
            self._add(pk, 60, _("в номере %(number)s переставлены две цифры") % values)
        else:
            self._add(pk, 45, _("номер %(number)s отличается одной цифрой") % values)

    def address(self) -> None:
        """The flat the payer named."""
        payment = self._payment
        parsed = parse(payment.address or (payment.purpose if _NAMES_FLAT.search(payment.purpose) else ""))
        if not (parsed.street and parsed.house and parsed.flat):
            return
        bare = match_key(replace(parsed, flat="", city="")).split("|", 1)[1]
        houses = House.objects.filter(organisation=self._organisation, match_key__endswith=f"|{bare}")
        flats = Account.objects.filter(flat__house__in=houses, flat__number=flat_number(parsed.flat), closed_on=None)
        for pk in flats.values_list("pk", flat=True)[:SHOWN]:
            self._add(pk, 65, _("адрес плательщика"))

    def earlier_payers(self) -> None:
        """Accounts this payer's money was given to before."""
        payer = self._payment.payer
        if not payer:
            return
        earlier = UnmatchedPayment.objects.filter(
            organisation=self._organisation, state=UnmatchedState.MATCHED, payer=payer
        ).exclude(pk=self._payment.pk)
        for pk in set(earlier.order_by("-decided_at").values_list("account_id", flat=True)[:SHOWN]):
            if pk is not None:
                self._add(pk, 55, _("этот плательщик уже платил за этот счёт"))

    def names(self) -> None:
        """Namesakes of the payer: of the accounts found so far, and of others while there are few of them."""
        words = fold(self._payment.payer).split()
        if not words:
            return
        people = Occupancy.objects.filter(organisation=self._organisation)
        for pk, name in people.filter(flat__accounts__in=list(self._scores)).values_list(
            "flat__accounts", "person__full_name"
        ):
            if pk in self._scores and _same_name(self._payment.payer, name):
                self._add(pk, 30, _("имя плательщика: %(name)s") % {"name": name})
        alike = people.filter(person__search_text__startswith=words[0]).values_list(
            "flat__accounts", "person__full_name"
        )
        namesakes = {pk: name for pk, name in alike[:200] if pk is not None and _same_name(self._payment.payer, name)}
        if len(namesakes) <= _NAMESAKES:
            for pk, name in namesakes.items():
                self._add(pk, 40 if len(namesakes) == 1 else 25, _("имя плательщика: %(name)s") % {"name": name})

    def leave_out_misplaced(self) -> None:
        """The account a person has taken this very money off is not the one."""
        payment = self._payment
        misplaced = Payment.objects.filter(
            organisation=self._organisation, source_key=payment.source_key, reversed_by__isnull=False
        ).values_list("pk", "account_id", "reversed_by__key")
        for pk, account, key in misplaced:
            if key == reversal_key(pk):
                self._scores.pop(account, None)

    def _add(self, account_id: int, score: int, reason: str) -> None:
        if reason not in self._reasons[account_id]:
            self._scores[account_id] += score
            self._reasons[account_id].append(reason)


def _same_name(payer: str, name: str) -> bool:
    """ "Иванов И.И." and "ИВАНОВ ИВАН ИВАНОВИЧ" are the same name, as far as both tell."""
    first, second = fold(payer).split(), fold(name).split()
    if not first or not second or fuzz.ratio(first[0], second[0]) < 90:
        return False
    pairs = zip(first[1:], second[1:], strict=False)
    return all(one.startswith(other) or other.startswith(one) for one, other in pairs)


def _variants(number: str) -> list[str]:
    """The number, itself and with one mistake: a digit mistyped, missing, doubled, two swapped, leading zeros lost."""
    found = {number, number.lstrip("0")}
    found.update(number.rjust(width, "0") for width in range(len(number), 13))
    found.update(_one_mistake(number))
    return sorted(found - {""})


def _one_mistake(number: str) -> Iterable[str]:
    for place in range(len(number) + 1):
        head, tail = number[:place], number[place:]
        for digit in _ALPHABET:
            yield head + digit + tail
            yield head + digit + tail[1:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
