"""Where the rows of these lists lead, and how an account's address is written in them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from okno.houses.models import FlatKind
from okno.ledger.models import Account


def account(account_id: int) -> str:
    """The card of an account."""
    return reverse("desk:account", args=[account_id])


def address(account: Account) -> str:
    """«ул. Ленина, 5, кв. 12». The flat and the house must be at hand."""
    flat = account.flat
    short = _("кв.") if flat.kind in (FlatKind.FLAT, FlatKind.APARTMENT) else _("пом.")
    return f"{flat.house.short_address}, {short} {flat.number}"
