"""The lists a managing organisation keeps: houses, accounts, people, consents, meters."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

from okno.common.days import add_months, day_in_month
from okno.exchange.formats.writing import Column, OutCell, write_csv, write_xlsx

from .expected import FileExpected
from .plan import AREAS, COMPANY, MOVED_OUT, NEW_OWNER, Plan

#: Towns of more houses get their people as CSV: a workbook of a million rows is written for minutes.
_WORKBOOK_HOUSES = 200
_METERED_HOUSES = 8
_DOMAINS = ("example.org", "example.com", "example.net")
#: The words for roles, languages and marks are those of the doma.ai templates, which are Russian everywhere.
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщыэюяіїєґәіңғүұқөһ"
_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch y e yu ya i yi ye g a i n g u u q o h"
_TO_LATIN = dict(zip(_CYRILLIC, _LATIN.split(), strict=True))


class Person(NamedTuple):
    """A row of people: `cells` as written, and the true phone and e-mail that consents name."""

    cells: tuple[OutCell, ...]
    account: str
    phone: str
    email: str
    good: bool


def write_houses(plan: Plan, folder: Path) -> FileExpected:
    """01-houses.xlsx, in the shape of the doma.ai template."""
    headers = ("Адрес", "Помещений", "Подъездов", "Этажей", "Минимальный этаж")
    rows = ((house.address, house.flats + house.shops, house.entrances, house.floors, 1) for house in plan.houses)
    expected = FileExpected("01-houses.xlsx", "houses")
    expected.rows = expected.good = write_xlsx(folder / expected.name, _columns(headers), rows)
    return expected


def _columns(headers: tuple[str, ...]) -> list[Column]:
    return [Column(header, 28 if header in ("Адрес", "ФИО") else 14) for header in headers]


def write_accounts(plan: Plan, folder: Path) -> FileExpected:
    """02-accounts.csv."""
    headers = (
        "Лицевой счёт", "Адрес", "Подъезд", "Этаж", "Помещение", "Тип помещения", "Площадь", "Проживает",
        "Дата открытия", "Дата закрытия",
    )  # fmt: skip
    expected = FileExpected("02-accounts.csv", "accounts")
    write_csv(folder / expected.name, _columns(headers), _account_rows(plan, expected))
    return expected


def _account_rows(plan: Plan, expected: FileExpected) -> Iterator[tuple[OutCell, ...]]:
    rnd = Random(f"{plan.town.seed}:accounts")
    opened_before = add_months(plan.town.first_month, -1)
    row: tuple[OutCell, ...] = ()
    for index in range(len(plan)):
        entrance, floor = plan.entrance_and_floor(index)
        kind = "Коммерческое помещение" if plan.kind[index] == COMPANY else "Квартира"
        opened_on = opened_before - timedelta(days=rnd.randrange(4000))
        area = Decimal(AREAS[plan.area[index]]) / 100
        row = (
            plan.number(index), plan.house(index).address, entrance, floor, plan.flat(index), kind, area,
            plan.residents[index], opened_on, None,
        )  # fmt: skip
        expected.count()
        yield row
    # The last account came twice, and the area of a new one is in words.
    expected.count()
    yield row
    expected.count(good=False)
    yield (f"{plan.place.account_prefix}888880001", *row[1:4], "9999", row[5], "сорок", *row[7:])


def write_people_and_consents(plan: Plan, folder: Path) -> tuple[FileExpected, FileExpected]:
    """03-people (.xlsx, or .csv for a large town) and 04-consents.csv."""
    headers = (
        "Адрес", "Номер помещения", "Тип помещения", "Телефон", "ФИО", "E-mail", "Роль", "Лицевой счёт", "Язык",
        "Владеет с", "Владеет по", "Доля", "Дата рождения", "ИНН/ИИН", "Отметки",
    )  # fmt: skip
    small = len(plan.houses) <= _WORKBOOK_HOUSES
    expected = FileExpected("03-people.xlsx" if small else "03-people.csv", "people")
    rows = (_counted(person, expected).cells for person in _people(plan))
    (write_xlsx if small else write_csv)(folder / expected.name, _columns(headers), rows)
    consents = FileExpected("04-consents.csv", "consents")
    asked = ("Лицевой счёт", "Телефон или e-mail", "Канал", "Согласие", "Дата", "Источник")
    write_csv(folder / consents.name, _columns(asked), _consent_rows(plan, consents))
    return expected, consents


def _counted(person: Person, expected: FileExpected) -> Person:
    expected.count(good=person.good)
    return person


def _people(plan: Plan) -> Iterator[Person]:
    """Owners, their families, tenants and those who owned before; the same each time it is asked for."""
    rnd = Random(f"{plan.town.seed}:people")
    spoilt = dict(zip(range(20, len(plan), max(1, len(plan) // 8)), _SPOILT_PEOPLE, strict=False))
    for index in range(len(plan)):
        yield _owner(plan, index, rnd, spoilt.get(index, ""))
        kind, luck = plan.kind[index], rnd.random()
        if kind == NEW_OWNER:
            yield _former_owner(plan, index, rnd)
        elif kind == COMPANY:
            continue
        elif luck < 0.14:
            yield _relative(plan, index, rnd, role="Собственник", share="1/2")
        elif luck < 0.16:
            yield _relative(plan, index, rnd, role="Собственник", share="1/2", minor=True)
        elif luck < 0.21:
            yield _relative(plan, index, rnd, role="Резидент")
        elif luck < 0.24 or kind == MOVED_OUT:
            yield _relative(plan, index, rnd, role="Арендатор")
        elif luck < 0.25:
            yield _relative(plan, index, rnd, role="Плательщик")


#: Ways in which a row of people is spoilt.
_SPOILT_PEOPLE = ("short phone", "no at sign", "no such day", "strange role", "two people", "no name")


def _owner(plan: Plan, index: int, rnd: Random, spoilt: str) -> Person:
    name = plan.name(index)
    company = plan.kind[index] == COMPANY
    phone = "" if rnd.random() < 0.04 else _phone(plan, index, rnd)
    email = _email(name, index) if rnd.random() < 0.55 else ""
    born_on = None if company else date(1940, 1, 1) + timedelta(days=rnd.randrange(24_000))
    marks = "" if company else _marks(plan, born_on, rnd)
    since = _owned_since(plan, index, rnd)
    tax = _inn(index) if plan.place.country == "ru" and not company and rnd.random() < 0.3 else ""
    role, share, born, shown_phone, shown_email = "Собственник", "1", born_on, phone, email
    if spoilt == "short phone":
        shown_phone = "+7 944 12"
    elif spoilt == "no at sign":
        shown_email = "ivanov.example.org"
    elif spoilt == "strange role":
        role = "Кум"
    elif spoilt == "no name":
        name = ""
    cells = _cells(
        plan, index, phone=shown_phone, name=name, email=shown_email, role=role, language=_language(plan, index, rnd),
        since=since, share="2/1" if spoilt == "two people" else share, tax=tax, marks=marks,
        born_on="31.02.1980" if spoilt == "no such day" else born,
    )  # fmt: skip
    return Person(cells, plan.number(index), phone, email, good=not spoilt)


def _cells(
    plan: Plan, index: int, *, name: str, role: str, phone: str = "", email: str = "", language: str = "",
    since: date | None = None, until: date | None = None, share: str = "", born_on: OutCell = None, tax: str = "",
    marks: str = "",
) -> tuple[OutCell, ...]:  # fmt: skip
    kind = "Коммерческое помещение" if plan.kind[index] == COMPANY else "Квартира"
    return (
        plan.house(index).address, plan.flat(index), kind, phone, name, email, role, plan.number(index), language,
        since, until, share, born_on, tax, marks,
    )  # fmt: skip


def _phone(plan: Plan, index: int, rnd: Random) -> str:
    """A number in a range no operator has been given, written in one of the ways people write numbers."""
    n = index * 9_973 % 10_000_000
    if rnd.random() < 0.7:
        return plan.place.phone.format(n=n)
    digits = f"{n:07d}"
    return plan.place.local_phone.format(a=digits[:3], b=digits[3:5], c=digits[5:])


def _email(name: str, index: int) -> str:
    words = name.replace("«", " ").replace("»", " ").split()
    latin = "".join(_TO_LATIN.get(letter, "") for letter in words[0].lower())
    return f"{latin or 'office'}{index}@{_DOMAINS[index % 3]}"


def _language(plan: Plan, index: int, rnd: Random) -> str:
    shares = plan.place.languages
    return rnd.choices(list(shares), list(shares.values()))[0]


def _marks(plan: Plan, born_on: date | None, rnd: Random) -> str:
    marks = []
    luck = rnd.random()
    if luck < 0.010:
        marks.append("не звонить")
    elif luck < 0.017:
        marks.append("чужой номер")
    elif luck < 0.026:
        marks.append("инвалид")
    if born_on and plan.town.today.year - born_on.year > 75:
        marks.append("пожилой")
    return ", ".join(marks)


def _owned_since(plan: Plan, index: int, rnd: Random) -> date:
    if plan.kind[index] == NEW_OWNER:
        return day_in_month(add_months(plan.town.first_month, plan.turn[index]), 1)
    return date(1995, 1, 1) + timedelta(days=rnd.randrange(9_000))


def _former_owner(plan: Plan, index: int, rnd: Random) -> Person:
    until = _owned_since(plan, index, rnd) - timedelta(days=1)
    cells = _cells(
        plan, index, name=plan.name(index, 0), role="Собственник", since=date(2001, 5, 14), until=until, share="1"
    )
    return Person(cells, plan.number(index), "", "", good=True)


def _relative(plan: Plan, index: int, rnd: Random, *, role: str, share: str = "", minor: bool = False) -> Person:
    name = plan.relative(index, rnd.randrange(1, 10_000))
    years = rnd.randrange(3, 17) if minor else rnd.randrange(19, 60)
    born_on = plan.town.today - timedelta(days=years * 365 + rnd.randrange(365))
    phone = "" if minor or rnd.random() < 0.4 else _phone(plan, index + 500_000, rnd)
    cells = _cells(
        plan, index, name=name, role=role, phone=phone, share=share, born_on=born_on,
        since=_owned_since(plan, index, rnd) if share else None,
        marks="несовершеннолетний" if minor else "", language=_language(plan, index, rnd),
    )  # fmt: skip
    return Person(cells, plan.number(index), phone, "", good=True)


def _inn(index: int) -> str:
    """An ИНН with right check digits of a region that does not exist, so that it is nobody's."""
    digits = [int(digit) for digit in f"00{index:08d}"]
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        digits.append(sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10)
    return "".join(map(str, digits))


def _consent_rows(plan: Plan, expected: FileExpected) -> Iterator[tuple[OutCell, ...]]:
    """Consents of those who were asked; a third never was, and some took theirs back."""
    rnd = Random(f"{plan.town.seed}:consents")
    sources = ("Заявление при вселении", "Личный кабинет", "Анкета на собрании", "Звонок диспетчеру")
    earliest = plan.town.today - timedelta(days=1200)
    account = contact = ""
    for person in _people(plan):
        if not person.good or rnd.random() < 0.34:
            continue
        asked_on = earliest + timedelta(days=rnd.randrange(1100))
        source = rnd.choice(sources)
        given = "нет" if rnd.random() < 0.05 else "да"
        for channels, to in ((("sms", "call", "robot_call"), person.phone), (("email",), person.email)):
            for channel in channels if to else ():
                if channel == "robot_call" and rnd.random() < 0.5:
                    continue
                account, contact = person.account, to
                expected.count()
                yield (account, contact, channel, given, asked_on, source)
    expected.count(good=False)
    yield (account, contact, "sms", "да", None, sources[0])
    expected.count(good=False)
    yield (account, "телефон у соседки", "call", "да", earliest, sources[2])


def write_meters(plan: Plan, folder: Path) -> FileExpected:
    """05-meters.xlsx, in the shape of the doma.ai template, for the first houses of the town."""
    headers = (
        "Адрес", "Помещение", "Тип помещения", "Лицевой счет", "Тип счетчика", "Номер счетчика", "Количество тарифов",
        "Показание 1", "Показание 2", "Показание 3", "Показание 4", "Дата передачи показаний", "Дата поверки",
        "Дата следующей поверки", "Дата установки", "Дата ввода в эксплуатацию", "Дата опломбирования",
        "Дата контрольных показаний", "Место установки счетчика", "Автоматический", "Дата вывода из эксплуатации",
    )  # fmt: skip
    expected = FileExpected("05-meters.xlsx", "meters")
    write_xlsx(folder / expected.name, _columns(headers), _meter_rows(plan, expected))
    return expected


def _meter_rows(plan: Plan, expected: FileExpected) -> Iterator[tuple[OutCell, ...]]:
    rnd = Random(f"{plan.town.seed}:meters")
    end = plan.houses[_METERED_HOUSES].first if len(plan.houses) > _METERED_HOUSES else len(plan)
    read_on = (plan.town.today - timedelta(days=10)).isoformat()
    row: tuple[OutCell, ...] = ()
    for index in range(end):
        if plan.kind[index] == COMPANY:
            continue
        for kind, zones in (("ХВС", 1), ("ГВС", 1)) + ((("ЭЛ", 2),) if index % 3 == 0 else ()):
            installed = date(2018, 1, 1) + timedelta(days=rnd.randrange(2000))
            readings = [Decimal(rnd.randrange(1_000, 900_000)) / 10 for _ in range(zones)]
            row = (
                plan.house(index).address, plan.flat(index), "Квартира", plan.number(index), kind,
                f"{kind[0]}{index:06d}{zones}", zones, *readings, *[None] * (4 - zones),
                read_on, installed.isoformat(), installed.replace(year=installed.year + 6, day=1).isoformat(),
                installed.isoformat(), None, None, None, "Сан. узел", "Нет", None,
            )  # fmt: skip
            expected.count()
            yield row
    if row:
        expected.count(good=False)
        yield (*row[:4], "ЖКХ", *row[5:])
