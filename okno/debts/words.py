"""Why a case opened or closed, in words. The codes and figures stand in `Case.opened_why` and `closed_why`."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.common.money import Currency, format_minor

AGE_LABELS = {
    "age_30": gettext_lazy("до 30 дней"),
    "age_60": gettext_lazy("31–60 дней"),
    "age_90": gettext_lazy("61–90 дней"),
    "age_over": gettext_lazy("больше 90 дней"),
}

_OPENED = {
    "overdue": gettext_lazy("прошёл срок оплаты"),
    "reversed": gettext_lazy("проводка сторнирована, долг вернулся"),
}

_CLOSED = {
    "paid": gettext_lazy("долг оплачен"),
    "recalculated": gettext_lazy("долг снят перерасчётом"),
    "reversed": gettext_lazy("начисление сторнировано"),
    "definition": gettext_lazy("изменилось определение долга"),
    "barred": gettext_lazy("истёк срок исковой давности"),
    "below_least": gettext_lazy("остаток меньше суммы, с которой начинается долг"),
}


def opened_in_words(why: Mapping[str, Any], *, currency: str) -> str:
    """Why the case opened: "прошёл срок оплаты: 12 400,00 ₽ за 3 месяца"."""
    months = ngettext("за %(count)d месяц", "за %(count)d месяцев", why["months"]) % {"count": why["months"]}
    return _("%(cause)s: %(sum)s %(months)s") % {
        "cause": _OPENED[why["code"]],
        "sum": format_minor(why["debt_minor"], Currency(currency), translation.get_language() or "ru"),
        "months": months,
    }


def closed_in_words(why: Mapping[str, Any]) -> str:
    """Why the case closed: "долг оплачен"."""
    return str(_CLOSED[why["code"]])
