"""What every scenario knows: the day, the currency, who calls and where to ring back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

from okno.access.models import Organisation

_ON_THE_BILL = {
    "ru": "номер указан в квитанции",
    "kk": "нөмірі түбіртекте көрсетілген",
    "uk": "номер указано в квитанції",
}
"""Stands in a phrase for the telephone of an organisation that has told none, after a colon."""

NOTHING, NEUTRAL_WORD, ALL = "nothing", "neutral", "all"
"""What an answering machine is told: nothing, who called and where to ring back, or all that the call begins with."""
LEFT_ON_A_MACHINE = {"announcement": ALL, "visit": NEUTRAL_WORD, "readings": NEUTRAL_WORD}
"""By scenario, unless the campaign's `leave_word` says otherwise. Of a debt a machine hears nothing: who listens to it
later nobody knows."""


LATEST_CALL = timedelta(days=30)
"""Who asks to be called later than that is asked for another day: what the call is about will have changed."""


class NobodyToCall(LookupError):
    """Nobody is entitled to hear about this account's debt."""


class NothingOwed(LookupError):
    """The account owes nothing that a reminder could speak of."""


class NothingToAsk(NobodyToCall):
    """There is no request to rate, no visit to announce, no text to tell."""


def of_organisation(organisation: Organisation, day: date) -> dict[str, Any]:
    """The facts of every call of the organisation on `day` (its own)."""
    return {
        "today": day.isoformat(),
        "call_by": (day + LATEST_CALL).isoformat(),
        "currency": organisation.currency,
        "organisation": organisation.name,
        "languages": list(organisation.languages),
        "phone": organisation.residents_phone or _ON_THE_BILL[language()],
    }


def language() -> str:
    """The language of the call."""
    told = (get_language() or "ru")[:2]
    return told if told in _ON_THE_BILL else "ru"


def in_language(texts: Any, default: str = "ru") -> str:
    """The words in the language of the call out of texts by language, or of a text that is told alike to all."""
    if not isinstance(texts, Mapping):
        return str(texts or "")
    return str(texts.get(language()) or texts.get(default) or next(iter(texts.values()), ""))
