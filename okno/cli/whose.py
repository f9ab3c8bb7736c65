"""For which organisation a command works."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from okno.access.models import Organisation


def one(number: int | None) -> "Organisation":
    """The organisation of this number, or the only one there is. Raises ClickException."""
    from okno.access import founding

    try:
        return founding.only_organisation(number)
    except founding.CannotFound as refusal:
        raise click.ClickException(str(refusal)) from refusal


def each(number: int | None) -> "list[Organisation]":
    """The organisation of this number, or all of them. Raises ClickException when there is none of this number."""
    from okno.access.models import Organisation

    return list(Organisation.objects.order_by("id")) if number is None else [one(number)]
