"""Payment details of an organisation: which count for a flat, what is wrong with those a person has typed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.common import clock
from okno.common.identity import Kind, NotAnIdentityNumber, check, check_bank_account
from okno.exchange.paper.codes.unfit import UnfitForCode
from okno.exchange.paper.models import CodeForm, PaymentDetails
from okno.exchange.paper.payment import Payment, payment_code

#: Which codes a country's banks read, the usual one first.
CODES = {
    "ru": (CodeForm.GOST_1251, CodeForm.GOST_UTF8, CodeForm.NONE),
    "kz": (CodeForm.LINK, CodeForm.NONE),
    "ua": (CodeForm.NBU_3, CodeForm.NBU_2, CodeForm.NBU_1, CodeForm.NONE),
}

#: A payment that every code must bear: what is tried before details are kept.
_LONGEST_ACCOUNT, _LARGEST_SUM = "9" * 20, 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one field, in words; `field` is the model's name."""

    field: str
    text: str


class DetailsRefused(Exception):
    """The details cannot be kept; `faults` say why, field by field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = tuple(faults)


class InForce:
    """The organisation's details on a day, read once a run."""

    def __init__(self, organisation_id: int, day: date) -> None:
        rows = PaymentDetails.objects.filter(organisation=organisation_id, since__lte=day).order_by("since")
        # The latest of a scope stays.
        self._by_scope = {(row.house_id, row.regime): row for row in rows}

    @property
    def any(self) -> bool:
        """Whether the organisation has said at all where it is paid."""
        return bool(self._by_scope)

    def of(self, house_id: int, regime: str) -> PaymentDetails | None:
        """The narrowest that holds for a bill of this house and regime."""
        for scope in ((house_id, regime), (house_id, ""), (None, regime), (None, "")):
            if scope in self._by_scope:
                return self._by_scope[scope]
        return None

    def groups(self, house_id: int, regimes: Iterable[str]) -> list[tuple[PaymentDetails | None, list[str]]]:
        """Regimes of a house by where they are paid to, in their order: one payee, one group."""
        found: dict[int, tuple[PaymentDetails | None, list[str]]] = {}
        for regime in regimes:
            details = self.of(house_id, regime)
            found.setdefault(details.pk if details else 0, (details, []))[1].append(regime)
        return list(found.values())


def faults(details: PaymentDetails, country: str) -> list[Fault]:
    """What is wrong with typed details: numbers that do not check, a code that cannot be made of them."""
    found = [*_account_faults(details, country), *_number_faults(details, country)]
    if details.code not in CODES[country]:
        found.append(Fault(field="code", text=_("Такой код банки страны не читают: выберите из списка")))
    return found or _code_faults(details)


def _account_faults(details: PaymentDetails, country: str) -> list[Fault]:
    found = []
    if country == "ru":
        for field, account in (
            ("account", details.account),
            ("correspondent_account", details.correspondent_account),
        ):
            try:
                check_bank_account(account, details.bank_code)
            except NotAnIdentityNumber as error:
                place = "bank_code" if error.args[0].startswith(Kind.BIC.label) else field
                found.append(Fault(field=place, text=str(error)))
        return list(dict.fromkeys(found))
    try:
        iban = check(Kind.IBAN, details.account)
    except NotAnIdentityNumber as error:
        return [Fault(field="account", text=str(error))]
    if iban[:2] != country.upper():
        return [
            Fault(field="account", text=_("Счёт открыт в другой стране: нужен %(code)s…") % {"code": country.upper()})
        ]
    return []


def _number_faults(details: PaymentDetails, country: str) -> list[Fault]:
    kinds = {"ru": (Kind.INN,), "kz": (Kind.BIN, Kind.IIN), "ua": (Kind.EDRPOU, Kind.RNOKPP)}[country]
    refusals = []
    for kind in kinds:
        try:
            check(kind, details.tax_number)
            break
        except NotAnIdentityNumber as error:
            refusals.append(str(error))
    else:
        return [Fault(field="tax_number", text=refusals[0])]
    return []


def _code_faults(details: PaymentDetails) -> list[Fault]:
    """Whether the code can be made of a large payment of a long account."""
    tried = Payment(
        account=_LONGEST_ACCOUNT,
        month=date(2026, 12, 1),
        minor=_LARGEST_SUM,
        penalty_minor=1,
        purpose=_LONGEST_ACCOUNT,
    )
    try:
        code = payment_code(details, tried)
        if code is not None:
            code.payload()
    except UnfitForCode as error:
        field = _FIELDS.get(error.field, "code")
        return [Fault(field=field, text=_("В QR-код не помещается: %(why)s") % {"why": error})]
    return []


_FIELDS = {
    "Name": "payee",
    "Отримувач": "payee",
    "BankName": "bank_name",
    "BIC": "bank_code",
    "PersonalAcc": "account",
    "Рахунок отримувача": "account",
    "CorrespAcc": "correspondent_account",
    "PayeeINN": "tax_number",
    "Код отримувача": "tax_number",
    "KPP": "reason_code",
    "Ссылка": "link",
}


def keep(actor: Actor, details: PaymentDetails) -> PaymentDetails:
    """Keep details from their first day on; those of the same scope and day are replaced, earlier ones stay.

    Raises DetailsRefused.
    """
    organisation = actor.organisation
    if organisation is None:
        raise ValueError("payment details belong to an organisation")
    found = faults(details, organisation.country)
    if found:
        raise DetailsRefused(found)
    names = [field.name for field in PaymentDetails._meta.concrete_fields if field.name not in _SCOPE | {"id"}]
    values = {name: getattr(details, name) for name in names}
    kept, _made = PaymentDetails.objects.update_or_create(
        organisation=organisation,
        house=details.house,
        regime=details.regime,
        since=details.since,
        defaults={**values, "recorded_at": clock.now(), "recorded_by": actor.user},
    )
    trail.record(
        actor,
        "payment_details.kept",
        _("Платёжные реквизиты: %(payee)s, счёт %(account)s, действуют с %(day)s")
        % {"payee": kept.payee, "account": kept.account, "day": f"{kept.since:%d.%m.%Y}"},
        subject=("settings", organisation.pk),
        detail={"details": kept.pk},
    )
    return kept


_SCOPE = {"organisation", "house", "regime", "since"}
