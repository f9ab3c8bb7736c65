"""What the lines of a month are called."""

from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.ledger.models import Service
from okno.ledger.months.turnover import ADVANCE

NO_SERVICE = {
    "opening": gettext_lazy("Долг на начало учёта"),
    "recalculation": gettext_lazy("Перерасчёт без разбивки по услугам"),
    "charges": gettext_lazy("Начислено без разбивки по услугам"),
    "penalty": gettext_lazy("Пеня"),
    ADVANCE: gettext_lazy("Авансы: оплачено и не использовано"),
}
"""Lines that are no service of the organisation's."""


def line_names(organisation: Organisation) -> dict[str, str]:
    """Every line by its code, in the order services are printed; what is no service comes last."""
    found = Service.objects.filter(organisation=organisation).order_by("order", "code")
    names = {service.code: service.name for service in found if service.code not in NO_SERVICE}
    return names | {code: str(name) for code, name in NO_SERVICE.items()}
