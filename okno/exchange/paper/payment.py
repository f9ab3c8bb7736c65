"""The payment a bill asks for: its requisites in words and the code that carries them."""

from dataclasses import dataclass
from datetime import date

from okno.exchange.paper.codes.gost import GostCode, GostPayee
from okno.exchange.paper.codes.link import link
from okno.exchange.paper.codes.nbu import NbuCode
from okno.exchange.paper.contents import LinkCode, PaymentCode
from okno.exchange.paper.models import CodeForm, PaymentDetails, PeriodForm

#: Payment for housing and utilities in the standard's table of payment sorts.
HOUSING_TECH_CODE = "02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is paid: the sum in minor units, of it the penalty, for which account and month, with which words."""

    account: str
    month: date
    minor: int
    penalty_minor: int
    purpose: str


def payment_code(details: PaymentDetails, payment: Payment) -> PaymentCode | None:
    """The code for a payment by these details; None where they say there is none. Raises UnfitForCode (a link)."""
    match CodeForm(details.code):
        case CodeForm.NONE:
            return None
        case CodeForm.GOST_1251 | CodeForm.GOST_UTF8:
            return _gost(details, payment)
        case CodeForm.LINK:
            return LinkCode(address=link(details.link, account=payment.account, amount_minor=payment.minor))
        case form:
            return NbuCode(
                format=form.value.removeprefix("nbu"),
                name=_plain(details.payee),
                iban=details.account,
                code=details.tax_number,
                purpose=_plain(payment.purpose),
                amount_minor=payment.minor,
                reference=f"{payment.month:%Y%m}-{payment.account}" if payment.account.isascii() else "",
            )


def _gost(details: PaymentDetails, payment: Payment) -> GostCode:
    apart = payment.penalty_minor if details.penalty_apart else 0
    month = "%m.%Y" if details.period == PeriodForm.WITH_POINT else "%m%Y"
    return GostCode(
        payee=GostPayee(
            name=_plain(details.payee),
            account=details.account,
            bank_name=_plain(details.bank_name),
            bic=details.bank_code,
            correspondent_account=details.correspondent_account,
        ),
        more={
            "Sum": str(payment.minor - apart),
            "Purpose": _plain(payment.purpose),
            "PayeeINN": details.tax_number,
            "KPP": details.reason_code,
            "PersAcc": payment.account,
            "PaymPeriod": payment.month.strftime(month),
            "AddAmount": str(apart) if apart else "",
            "TechCode": HOUSING_TECH_CODE,
        },
        head=details.code,
    )


def _plain(text: str) -> str:
    """With common spaces: a code may hold no unbreakable ones."""
    return " ".join(text.split())


def requisites(details: PaymentDetails, country: str, purpose: str) -> tuple[tuple[str, str], ...]:
    """The requisites as the bill prints them, word and value, in the order of the country's forms."""
    rows: dict[str, tuple[tuple[str, str], ...]] = {
        "ru": (
            ("details_account", details.account),
            ("details_bank", details.bank_name),
            ("details_bank_code", details.bank_code),
            ("details_correspondent", details.correspondent_account),
            ("details_tax_number", details.tax_number),
            ("details_reason_code", details.reason_code),
            ("details_purpose", purpose),
        ),
        "kz": (
            ("details_account", details.account),
            ("details_bank", details.bank_name),
            ("details_bank_code", details.bank_code),
            ("details_tax_number", details.tax_number),
            ("details_reason_code", details.reason_code),
        ),
        "ua": (
            ("details_account", details.account),
            ("details_bank", details.bank_name),
            ("details_tax_number", details.tax_number),
            ("details_purpose", purpose),
        ),
    }
    return tuple((word, value) for word, value in rows[country] if value)
