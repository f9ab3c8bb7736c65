"""Where the rows of these lists lead."""

from django.urls import reverse


def account(account_id: int) -> str:
    """The card of an account."""
    return reverse("desk:account", args=[account_id])
