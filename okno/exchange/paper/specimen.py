"""A specimen of the bill: how payment details will look on paper, with a flat and sums that do not exist."""

from datetime import date
from decimal import Decimal

from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.common.days import add_months, month_of
from okno.exchange.paper import press
from okno.exchange.paper.contents import Flat, PaymentPart, PenaltyTold, PrintedBill, ServiceLine
from okno.exchange.paper.gathering import due_norm, executor_of
from okno.exchange.paper.layout import bill_page
from okno.exchange.paper.models import PaymentDetails
from okno.exchange.paper.payment import Payment, payment_code, requisites
from okno.exchange.paper.wording import wording
from okno.houses.models import House
from okno.ledger import billing
from okno.ledger.models import Regime, Service

_ACCOUNT = "000000"
_LINE_MINOR = 123_456


def specimen(organisation: Organisation, details: PaymentDetails, day: date) -> PrintedBill:
    """The bill of last month of nobody, to be paid by these details. Raises UnfitForCode and NotInForce."""
    words = wording(organisation.country)
    month = add_months(month_of(day), -1)
    regime = details.regime or Regime.HOUSING.value
    house = details.house or House()
    due_on = billing.due_on(organisation, house, month, regime).value
    services = Service.objects.filter(organisation=organisation).order_by("order", "code")
    names = list(services.values_list("name", flat=True))
    lines = tuple(ServiceLine(name, _LINE_MINOR) for name in names[:8] or words.say(f"regime_{regime}")[:1])
    minor = sum(line.minor for line in lines)
    purpose = words.for_month("purpose", month, account=_ACCOUNT)[0]
    payment = Payment(account=_ACCOUNT, month=month, minor=minor, penalty_minor=0, purpose=purpose)
    part = PaymentPart(
        minor=minor,
        payee=details.payee,
        details=requisites(details, organisation.country, purpose),
        due_on=due_on,
        code=payment_code(details, payment),
    )
    return PrintedBill(
        country=organisation.country,
        month=month,
        issued_on=day,
        executor=executor_of(organisation),
        flat=Flat(
            account=_ACCOUNT,
            address=details.house.address if details.house else words.say("specimen")[-1],
            area=Decimal(50),
            residents=2,
        ),
        opening_minor=0,
        lines=lines,
        recalculations=(),
        penalty=PenaltyTold(as_of=day),
        received=(),
        parts=(part,),
        due_on=due_on,
        due_norm=due_norm(organisation, house, month, regime, due_on, calendar_of(organisation)),
    )


def picture(organisation: Organisation, details: PaymentDetails, day: date) -> bytes:
    """The specimen as a PNG picture. Raises UnfitForCode, NotInForce and PressFailed."""
    language = wording(organisation.country).languages[0]
    return press.picture("bill.typ", bill_page(specimen(organisation, details, day)), language=language, ppi=96)
