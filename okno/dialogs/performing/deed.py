"""One action of a call with everything it is done by: whose call, about which account, in whose name, on which day."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from okno.access.actor import Actor, acting, process
from okno.dialogs.models import Call, CallAction
from okno.ledger.models import Account


class Unperformable(Exception):
    """The action cannot be done; the message says why, and a person looks at it."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What is to be done. Facts that the action does not name are those of its dialog, then of its call."""

    call: Call
    action: CallAction
    now: datetime

    @property
    def made_by(self) -> str:
        """The occasion: one promise, one hold of a kind, one reading of a call."""
        return f"call:{self.call.uid}"

    @property
    def day(self) -> date:
        """The organisation's day on which it was said."""
        return self.action.created_at.astimezone(ZoneInfo(self.call.organisation.time_zone)).date()

    @cached_property
    def actor(self) -> Actor:
        return process(self.call.organisation, _("Робот"), self.words)

    @property
    def words(self) -> str:
        """What the person said of it: the answer, after the words that led to the question."""
        told = (str(self.action.data.get(name) or "").strip() for name in ("first", "words"))
        return "; ".join(dict.fromkeys(filter(None, told)))

    def acting(self) -> AbstractContextManager[Actor]:
        """Every row that is written tells whose doing it is."""
        return acting(self.actor, source="call")

    def value(self, name: str) -> Any:
        """What the action says, or None."""
        return self.action.data.get(name)

    def on(self, name: str = "on") -> date | None:
        """A day of the action; None when it names none."""
        told = self.value(name)
        return date.fromisoformat(str(told)) if told else None

    @cached_property
    def account_or_none(self) -> Account | None:
        """The account this was said about: the action's, that chosen in the dialog, the call's."""
        pk = self.value("account") or self.call.slots.get("account_id") or self.call.account_id
        if not pk:
            return None
        rows = Account.objects.select_related("organisation", "flat__house")
        return rows.filter(organisation=self.call.organisation, pk=pk).first()

    @property
    def account(self) -> Account:
        """The same. Raises `Unperformable` when nobody knows it."""
        if self.account_or_none is None:
            raise Unperformable(_("Неизвестно, о каком лицевом счёте речь"))
        return self.account_or_none


DeedDone = Callable[[Deed], str]
"""Does it and says what it made: "promise:17"; "noted" when the call itself is all that is to be kept."""


def noted(deed: Deed) -> str:
    """The call keeps it: whoever looks at its turns, its result or its figures sees it."""
    return "noted"
