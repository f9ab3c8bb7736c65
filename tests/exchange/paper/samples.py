"""Bills as plain data, ordinary and ugly, of each country; payment details whose numbers check."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from okno.access.models import Organisation
from okno.common import clock
from okno.exchange.paper.codes.gost import GostCode, GostPayee
from okno.exchange.paper.codes.link import link
from okno.exchange.paper.codes.nbu import NbuCode
from okno.exchange.paper.contents import (
    DueNorm,
    Executor,
    Flat,
    LinkCode,
    MeterLine,
    OpenMonth,
    PaymentPart,
    PenaltyStep,
    PenaltyTold,
    PrintedBill,
    Recalculation,
    Received,
    ServiceLine,
)
from okno.exchange.paper.models import PaymentDetails

OCTOBER, ISSUED, DUE = date(2026, 10, 1), date(2026, 11, 5), date(2026, 11, 16)

PAYEE = GostPayee(
    name="ООО «Управляющая компания Приречье»",
    account="40702810800000001234",
    bank_name="АО «Приречный Банк» г. Приречный",
    bic="049900714",
    correspondent_account="30101810400000000714",
)
SERVICES = (
    "Содержание жилья",
    "Отопление",
    "Холодное водоснабжение",
    "Горячее водоснабжение",
    "Водоотведение",
    "Обращение с твёрдыми коммунальными отходами",
    "Электроэнергия на общедомовые нужды",
    "Капитальный ремонт",
)
LONG = "по показаниям общедомового прибора учёта с повышающим коэффициентом"


def russian_details(organisation: Organisation, **more: object) -> PaymentDetails:
    """Kept details of a Russian organisation; `more` are other values of their fields."""
    values = {
        "payee": PAYEE.name,
        "bank_name": PAYEE.bank_name,
        "bank_code": PAYEE.bic,
        "account": PAYEE.account,
        "correspondent_account": PAYEE.correspondent_account,
        "tax_number": "7707083893",
        "reason_code": "770701001",
        "code": "ST00011",
        "since": date(2026, 1, 1),
        "recorded_at": clock.now(),
        **more,
    }
    return PaymentDetails.objects.create(organisation=organisation, **values)


def gost(minor: int, *, account: str = "50000020012") -> GostCode:
    return GostCode(
        payee=PAYEE,
        more={
            "Sum": str(minor),
            "Purpose": f"Оплата ЖКУ, л/с {account}, октябрь 2026",
            "PayeeINN": "7707083893",
            "KPP": "770701001",
            "PersAcc": account,
            "PaymPeriod": "102026",
            "TechCode": "02",
        },
        head="ST00011",
    )


def penalty(steps: int) -> PenaltyTold:
    """A penalty explained in so many rows."""
    since = date(2026, 8, 15)
    return PenaltyTold(
        as_of=ISSUED,
        billed_minor=14_460 if steps else 0,
        accrued_minor=1_200 if steps else 0,
        steps=tuple(
            PenaltyStep(
                month=date(2026, 6, 1),
                since=since + timedelta(days=10 * step),
                until=since + timedelta(days=10 * step + 9),
                days=10,
                base_minor=456_700,
                rate=Fraction(95, 1000),
                share=Fraction(1, 300),
                exact=Fraction(1446),
                norms=("ЖК РФ ст. 155 ч. 14", "ПП РФ 329 от 18.03.2025"),
                verified=True,
            )
            for step in range(steps)
        ),
        verified=True,
    )


def _meter(kind: str, number: str, verify_by: date, *, soon: bool = False) -> MeterLine:
    return MeterLine(
        kind=(kind,),
        number=number,
        reading=Decimal("345.120"),
        taken_on=date(2026, 10, 20),
        verify_by=verify_by,
        verify_soon=soon,
    )


def russian(**changes: object) -> PrintedBill:
    """An ordinary bill: eight services, one payment, one recalculation, two meters. `changes` replace its fields."""
    values: dict[str, object] = {
        "country": "ru",
        "month": OCTOBER,
        "issued_on": ISSUED,
        "executor": Executor(
            name=PAYEE.name, tax_number="7707083893", phone="+7 495 000-00-00", email="dom@prirechie.example"
        ),
        "flat": Flat(
            account="50000020012",
            address="г Приречный, ул Садовая, д 2, кв 12",
            people=("Смирнова Елена Павловна",),
            area=Decimal("54.30"),
            residents=2,
        ),
        "opening_minor": 250_000,
        "lines": tuple(ServiceLine(name, 52_345 + 17_771 * place) for place, name in enumerate(SERVICES)),
        "recalculations": (
            Recalculation(date(2026, 8, 1), "Не было горячей воды с 3 по 14 августа, акт № 118 от 15.08.2026", -23_456),
        ),
        "penalty": penalty(0),
        "received": (Received(date(2026, 10, 12), 250_000),),
        "parts": (),
        "due_on": DUE,
        "due_norm": DueNorm(
            norm=("ЖК РФ ст. 155 ч. 1 в редакции 177-ФЗ от 24.06.2025",),
            verified=True,
            delivery_day=5,
            delivery_norm="ЖК РФ ст. 155 ч. 2 в редакции 177-ФЗ от 24.06.2025",
        ),
        "open_months": (),
        "meters": (
            _meter("Холодная вода", "18-234567", date(2026, 12, 14), soon=True),
            _meter("Горячая вода", "18-234568", date(2029, 12, 14)),
        ),
        **changes,
    }
    return with_parts(values)


def with_parts(values: dict[str, object], *payees: tuple[str, int]) -> PrintedBill:
    """The bill of these fields, its sum going to one payee unless several are named with their sums but the first."""
    unpaid = {**values, "parts": ()}
    bare = object.__new__(PrintedBill)
    for name, value in unpaid.items():
        object.__setattr__(bare, name, value)
    minor = bare.to_pay_minor
    if not minor:
        return PrintedBill(**unpaid)  # type: ignore[arg-type]
    rest = minor - sum(sum_minor for _name, sum_minor in payees)
    parts = [_part(PAYEE.name, rest, "Жильё и коммунальные услуги")]
    parts += [_part(name, sum_minor, "Капитальный ремонт") for name, sum_minor in payees]
    return PrintedBill(**{**unpaid, "parts": tuple(parts)})  # type: ignore[arg-type]


def _part(payee: str, minor: int, covers: str) -> PaymentPart:
    return PaymentPart(
        minor=minor,
        payee=payee,
        details=(
            ("details_account", PAYEE.account),
            ("details_bank", PAYEE.bank_name),
            ("details_bank_code", PAYEE.bic),
            ("details_correspondent", PAYEE.correspondent_account),
            ("details_tax_number", "7707083893"),
            ("details_reason_code", "770701001"),
            ("details_purpose", "Оплата ЖКУ, л/с 50000020012, октябрь 2026"),
        ),
        due_on=DUE,
        code=gost(minor),
        covers=(covers,),
    )


def ugly() -> PrintedBill:
    """Twenty-five services with long names, three years of debt, seven recalculations, a penalty, two payees."""
    names = [f"{SERVICES[place % 8]} {LONG if place % 3 == 0 else ''}".strip() for place in range(25)]
    months = [date(2023 + (10 + step) // 12, (10 + step) % 12 + 1, 1) for step in range(35)]
    why = "Не было горячей воды с 3 по 14 августа, акт № 118 от 15.08.2026, перерасчёт по заявлению собственника"
    ordinary = russian()
    values = {one.name: getattr(ordinary, one.name) for one in fields(ordinary)}
    values |= {
        "opening_minor": 35 * 456_789,
        "lines": tuple(ServiceLine(name, 12_345 + 7_771 * place) for place, name in enumerate(names)),
        "recalculations": tuple(Recalculation(date(2026, 8, 1), why, -23_456 - step) for step in range(7)),
        "penalty": replace(penalty(14), verified=False),
        "received": tuple(Received(date(2026, 10, 2 + 2 * step), 150_000 + step) for step in range(14)),
        "open_months": tuple(OpenMonth(month, 456_789) for month in months),
        "meters": ordinary.meters * 4,
        "flat": replace(
            ordinary.flat, people=("Константинопольская Аполлинария Вячеславовна", "Иванов П. П.", "Ким Е.")
        ),
    }
    return with_parts(values, ("НКО «Фонд капитального ремонта многоквартирных домов Приречной области»", 1_234_500))


def two_payees() -> PrintedBill:
    """A short bill to be paid in two places: the largest letters in the narrowest columns."""
    ordinary = russian(lines=(ServiceLine(SERVICES[0], 100_000),))
    values = {one.name: getattr(ordinary, one.name) for one in fields(ordinary)}
    return with_parts(values, ("НКО «Фонд капитального ремонта»", 50_000))


def kazakh() -> PrintedBill:
    names = (
        "Взносы на содержание",
        "Отопление",
        "ХВС",
        "ГВС",
        "Водоотведение",
        "Обращение с ТБО",
        "Взносы накопительные",
    )
    lines = tuple(ServiceLine(name, 412_345 + 77_710 * place) for place, name in enumerate(names))
    minor = sum(line.minor for line in lines)
    code = LinkCode(address=link("https://pay.example.kz/?account={account}", account="700012", amount_minor=minor))
    part = PaymentPart(
        minor=minor,
        payee="ОСИ «Жанасу Шаңырақ»",
        details=(
            ("details_account", "KZ419261802112345678"),
            ("details_bank", "АО «Дала Банк»"),
            ("details_bank_code", "DALAKZKA"),
            ("details_tax_number", "061240003113"),
            ("details_reason_code", "15"),
        ),
        due_on=date(2026, 11, 25),
        code=code,
        covers=("Күтіп-ұстау және коммуналдық қызметтер", "Содержание и коммунальные услуги"),
    )
    return replace(
        russian(),
        country="kz",
        executor=Executor(name=part.payee, tax_number="061240003113", phone="+7 727 000-00-00", email="dom@example.kz"),
        flat=Flat(
            account="700012",
            address="г Жанасу, ул Мәңгілік Ел, д 2, кв 12",
            people=("Ахметова Әсел Серікқызы",),
            area=Decimal("61"),
            residents=3,
        ),
        opening_minor=1_250_000,
        lines=lines,
        recalculations=(),
        penalty=PenaltyTold(as_of=ISSUED, accrued_minor=None),
        received=(Received(date(2026, 10, 12), 1_250_000),),
        parts=(part,),
        due_on=date(2026, 11, 25),
        due_norm=DueNorm(norm=("Закон РК «О жилищных отношениях» № 94-I ст. 34-1 п. 8",), verified=True),
        meters=(replace(_meter("", "18-234567", date(2026, 12, 14), soon=True), kind=("Суық су", "Холодная вода")),),
    )


def ukrainian(*, code_format: str = "003") -> PrintedBill:
    names = ("Утримання будинку", "Опалення", "Холодна вода", "Гаряча вода", "Водовідведення", "Вивезення сміття")
    lines = tuple(ServiceLine(name, 32_345 + 7_771 * place) for place, name in enumerate(names))
    minor = sum(line.minor for line in lines)
    purpose = "Оплата ЖКП, о/р 000012, жовтень 2026"
    part = PaymentPart(
        minor=minor,
        payee="КП «Надріччя-Сервіс»",
        details=(
            ("details_account", "UA213223130000026007233566001"),
            ("details_bank", "АТ «Дніпробанк»"),
            ("details_tax_number", "40121452"),
            ("details_purpose", purpose),
        ),
        due_on=date(2026, 11, 20),
        code=NbuCode(
            name="КП «Надріччя-Сервіс»",
            iban="UA213223130000026007233566001",
            code="40121452",
            purpose=purpose,
            amount_minor=minor,
            reference="202610-000012",
            format=code_format,
        ),
        covers=("Житло та комунальні послуги",),
    )
    return replace(
        russian(),
        country="ua",
        executor=Executor(name=part.payee, tax_number="40121452", phone="+380 44 000-00-00", email="dom@example.ua"),
        flat=Flat(
            account="000012",
            address="м Надріччя, вул Лесі Українки, буд 2, кв 12",
            people=("Ткаченко Соломія Андріївна", "Ткаченко Тарас Богданович"),
            area=Decimal("48.5"),
        ),
        opening_minor=0,
        lines=lines,
        recalculations=(),
        received=(),
        parts=(part,),
        due_on=date(2026, 11, 20),
        due_norm=DueNorm(norm=("порядок організації, закон дня не визначає",), verified=True),
        meters=(),
    )
