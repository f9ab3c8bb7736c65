"""From a row of cells to a typed record of its kind, or to the list of what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from okno.common import emails, identity, phones
from okno.common.identity import NotAnIdentityNumber

from .cells import Cells
from .headers import Columns
from .profiles import FileKind
from .records import (
    AccountRecord,
    ConsentRecord,
    HouseRecord,
    MeterRecord,
    PersonRecord,
    Problem,
    Record,
    TurnoverTotals,
)
from .register import payment_of
from .tables import Cell, Row
from .turnover import turnover_converter

#: A record, or what is wrong with the row, or the closing totals of a turnover; None for a row that means
#: nothing.
Outcome = Record | list[Problem] | TurnoverTotals | None
Converter = Callable[[Row], Outcome]

#: People older than this do not own flats.
_OLDEST_BIRTH = date(1900, 1, 1)

_FLAT_KINDS = {
    "квартира": "flat",
    "жилое": "flat",
    "жилое помещение": "flat",
    "пәтер": "flat",
    "апартаменты": "apartment",
    "апартаменти": "apartment",
    "парковочное место": "parking",
    "машиноместо": "parking",
    "машино-место": "parking",
    "паркомісце": "parking",
    "кладовая": "storeroom",
    "комора": "storeroom",
    "коммерческое помещение": "commercial",
    "нежилое": "commercial",
    "нежилое помещение": "commercial",
    "комерційне приміщення": "commercial",
    "нежитлове приміщення": "commercial",
}
_ROLES = {
    "собственник": "owner",
    "власник": "owner",
    "меншік иесі": "owner",
    "резидент": "resident",
    "жилец": "resident",
    "житель": "resident",
    "мешканець": "resident",
    "тұрғын": "resident",
    "арендатор": "tenant",
    "наниматель": "tenant",
    "орендар": "tenant",
    "жалға алушы": "tenant",
    "плательщик": "payer",
    "платник": "payer",
    "төлеуші": "payer",
    "гость": "guest",
    "гість": "guest",
    "қонақ": "guest",
}
_LANGUAGES = {
    "ru": "ru",
    "русский": "ru",
    "kk": "kk",
    "kz": "kk",
    "казахский": "kk",
    "қазақша": "kk",
    "uk": "uk",
    "ua": "uk",
    "украинский": "uk",
    "українська": "uk",
    "en": "en",
    "английский": "en",
}
_MARKS = {
    "не звонить": "do_not_call",
    "не дзвонити": "do_not_call",
    "қоңырау шалмаңыз": "do_not_call",
    "чужой номер": "wrong_number",
    "чужий номер": "wrong_number",
    "бөтен нөмір": "wrong_number",
    "инвалид": "disabled",
    "інвалід": "disabled",
    "особа з інвалідністю": "disabled",
    "мүгедек": "disabled",
    "несовершеннолетний": "minor",
    "неповнолітній": "minor",
    "кәмелетке толмаған": "minor",
    "пожилой": "elderly",
    "літня людина": "elderly",
    "қарт": "elderly",
}
_CHANNELS = {
    "sms": "sms",
    "смс": "sms",
    "email": "email",
    "e-mail": "email",
    "почта": "email",
    "call": "call",
    "звонок": "call",
    "robot_call": "robot_call",
    "робот": "robot_call",
    "letter": "letter",
    "письмо": "letter",
    "messenger": "messenger",
    "мессенджер": "messenger",
}
_METER_KINDS = {
    "хвс": "cold_water",
    "холодная вода": "cold_water",
    "холодна вода": "cold_water",
    "суық су": "cold_water",
    "гвс": "hot_water",
    "горячая вода": "hot_water",
    "гаряча вода": "hot_water",
    "ыстық су": "hot_water",
    "эл": "electricity",
    "ээ": "electricity",
    "электроэнергия": "electricity",
    "електроенергія": "electricity",
    "тепло": "heat",
    "отопление": "heat",
    "опалення": "heat",
    "газ": "gas",
}
#: Which numbers a person (first) or a company may bear in a country.
_TAX_NUMBERS = {"ru": ("inn",), "kz": ("iin", "bin"), "ua": ("rnokpp", "edrpou")}


def converter(columns: Columns, *, country: str, today: date) -> Converter:
    """A function that turns rows of a file into records of its kind.

    `country` (ru, kz, ua) decides how phones and identity numbers are read; `today` is the day after which a
    date lies in
    the future. Registers and statements that are no tables have readers of their own.
    """
    if columns.kind == "turnover":
        return turnover_converter(columns)
    if columns.kind == "register":
        return _payment_converter(columns, today)
    convert_cells = _CONVERTERS[columns.kind]

    def convert_row(row: Row) -> Outcome:
        cells = Cells(columns.raw(row.cells), today=today)
        record = convert_cells(cells, country)
        return cells.problems or record

    return convert_row


def _payment_converter(columns: Columns, today: date) -> Converter:
    def convert_row(row: Row) -> Outcome:
        payment, problems = payment_of(columns.raw(row.cells), bank="", today=today)
        return payment or problems

    return convert_row


def convert(kind: FileKind, raw: Mapping[str, Cell], *, country: str, today: date) -> Outcome:
    """One row given as field → cell (services as `service:<code>`), for a row mended on the screen."""
    names = list(raw)
    columns = Columns(
        kind=kind,
        fields=tuple((name, column) for column, name in enumerate(names) if not name.startswith("service:")),
        services=tuple(
            (column, name.split(":")[1], "housing") for column, name in enumerate(names) if name.startswith("service:")
        ),
    )
    return converter(columns, country=country, today=today)(Row(1, tuple(raw.values())))


def _house(cells: Cells, country: str) -> HouseRecord:
    lowest = cells.whole("lowest_floor", least=-9, most=200)
    return HouseRecord(
        address=cells.text("address", called="адрес дома"),
        flats=cells.whole("flats", least=0, most=10_000),
        entrances=cells.whole("entrances", least=0, most=100),
        floors=cells.whole("floors", least=0, most=200),
        lowest_floor=1 if lowest is None else lowest,
    )


def _flat_kind(cells: Cells) -> str:
    return cells.word("flat_kind", _FLAT_KINDS, default="flat", called="какого типа помещение")


def _account(cells: Cells, country: str) -> AccountRecord:
    record = AccountRecord(
        number=cells.account("number"),
        address=cells.text("address", called="адрес дома"),
        entrance=cells.whole("entrance", least=1, most=100),
        floor=cells.whole("floor", least=-9, most=200),
        flat=cells.text("flat", longest=16, called="номер помещения"),
        flat_kind=_flat_kind(cells),
        area=cells.measure("area", most=100_000, places=2),
        residents=cells.whole("residents", least=0, most=100),
        opened_on=cells.day("opened_on"),
        closed_on=cells.day("closed_on", future=True),
    )
    _in_order(cells, record.opened_on, record.closed_on, "closed_on")
    if record.area is not None and record.area == 0:
        cells.complain("area", "out_of_range", "Площадь равна нулю. Впишите площадь или очистите ячейку.")
    return record


def _in_order(cells: Cells, since: date | None, until: date | None, field: str) -> None:
    if since and until and until < since:
        cells.complain(field, "wrong_order", f"Конец ({until:%d.%m.%Y}) раньше начала ({since:%d.%m.%Y}).")


def _person(cells: Cells, country: str) -> PersonRecord:
    record = PersonRecord(
        address=cells.text("address", called="адрес дома"),
        flat=cells.text("flat", longest=16, called="номер помещения"),
        flat_kind=_flat_kind(cells),
        phones=_phones(cells, country),
        name=cells.text("name", called="ФИО"),
        email=_email(cells),
        role=cells.word("role", _ROLES, default="owner", called="кем приходится житель"),
        account_number=cells.account("account_number", required=False),
        language=cells.word("language", _LANGUAGES, default="", called="на каком языке писать"),
        since=cells.day("since"),
        until=cells.day("until", future=True),
        share=_share(cells),
        born_on=cells.day("born_on", since=_OLDEST_BIRTH),
        tax_number=_tax_number(cells, country),
        insurance_number=_snils(cells),
        marks=_marks(cells),
    )
    _in_order(cells, record.since, record.until, "until")
    return record


def _phones(cells: Cells, country: str) -> tuple[str, ...]:
    """Every number of the cell; a wrong one is a complaint even beside a right one, for else it would be lost."""
    found: dict[str, None] = {}
    for piece in phones.split_phones(written := cells.text("phones"), country):
        try:
            found[phones.normalise(piece, country)] = None
        except phones.NotAPhone as error:
            cells.complain("phones", "bad_phone", f"{error} Исправьте номер или очистите ячейку.")
    if written and not found and not cells.problems:
        cells.complain("phones", "bad_phone", f"Не похоже на телефон: «{written}». Исправьте или очистите ячейку.")
    return tuple(found)


def _email(cells: Cells) -> str:
    written = cells.text("email", longest=254)
    if not written:
        return ""
    try:
        return emails.normalise(written)
    except emails.NotAnEmail as error:
        cells.complain("email", "bad_email", f"{error} Исправьте адрес или очистите ячейку.")
        return ""


def _share(cells: Cells) -> str:
    written = cells.text("share", longest=16)
    if not written:
        return ""
    text = written.replace(" ", "").replace(",", ".")
    try:
        share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        cells.complain("share", "bad_share", f"Непонятная доля: «{written}». Нужно так: 1/2, 0,5 или 50 %.")
    return written


def _tax_number(cells: Cells, country: str) -> str:
    written = cells.text("tax_number", longest=20)
    if not written:
        return ""
    complaint = ""
    for kind in _TAX_NUMBERS[country]:
        try:
            return identity.check(kind, written)
        except NotAnIdentityNumber as error:
            complaint = complaint or str(error)
    cells.complain("tax_number", "bad_tax_number", f"{complaint} Исправьте номер или очистите ячейку.")
    return ""


def _snils(cells: Cells) -> str:
    written = cells.text("insurance_number", longest=20)
    if not written:
        return ""
    try:
        return identity.check("snils", written)
    except NotAnIdentityNumber as error:
        cells.complain("insurance_number", "bad_snils", f"{error} Исправьте номер или очистите ячейку.")
        return ""


def _marks(cells: Cells) -> frozenset[str]:
    marks = set()
    for word in filter(None, (part.strip() for part in re.split(r"[,;]", cells.text("marks")))):
        code = _MARKS.get(word.lower().replace("ё", "е"))
        if code is None:
            known = "не звонить, чужой номер, инвалид, несовершеннолетний, пожилой"
            cells.complain("marks", "unknown_word", f"Неизвестная отметка «{word}». Возможные: {known}.")
        else:
            marks.add(code)
    return frozenset(marks)


def _consent(cells: Cells, country: str) -> ConsentRecord:
    given = cells.yes("given", called="согласие (да или нет)")
    given_on = cells.day("given_on")
    if given_on is None and not any(problem.field == "given_on" for problem in cells.problems):
        cells.complain("given_on", "missing", "Не указана дата согласия. Без даты согласие ничего не доказывает.")
    return ConsentRecord(
        account_number=cells.account("account_number"),
        contact=_contact(cells, country),
        channel=cells.word("channel", _CHANNELS, default=None, called="какой канал связи"),
        given=bool(given),
        given_on=given_on or date.min,
        source=cells.text("source", longest=200, called="источник согласия"),
    )


def _contact(cells: Cells, country: str) -> str:
    written = cells.text("contact", called="телефон или почта")
    try:
        if "@" in written:
            return emails.normalise(written)
        return phones.normalise(written, country) if written else ""
    except (emails.NotAnEmail, phones.NotAPhone) as error:
        cells.complain("contact", "bad_contact", f"{error} Исправьте телефон или почту.")
        return ""


def _meter(cells: Cells, country: str) -> MeterRecord:
    tariffs = cells.whole("tariffs", least=1, most=4)
    readings = [cells.measure(f"reading_{zone}", most=10**9, places=4) for zone in range(1, 5)]
    filled = [reading for reading in readings if reading is not None]
    if tariffs is not None and len(filled) > tariffs:
        cells.complain(
            "tariffs",
            "too_many_readings",
            f"Показаний {len(filled)}, а тарифов у счётчика {tariffs}. Исправьте число тарифов.",
        )
    automatic = cells.text("automatic")
    return MeterRecord(
        address=cells.text("address", called="адрес дома"),
        flat=cells.text("flat", longest=16, called="номер помещения"),
        flat_kind=_flat_kind(cells),
        account_number=cells.account("account_number", required=False),
        kind=cells.word("kind", _METER_KINDS, default=None, called="что считает счётчик"),
        number=cells.text("number", longest=64, called="номер счётчика"),
        tariffs=tariffs or 1,
        readings=tuple(filled),
        read_on=cells.day("read_on", month_too=True),
        verified_on=cells.day("verified_on", month_too=True),
        verify_next_on=cells.day("verify_next_on", future=True, month_too=True),
        installed_on=cells.day("installed_on", month_too=True),
        commissioned_on=cells.day("commissioned_on", month_too=True),
        sealed_on=cells.day("sealed_on", month_too=True),
        control_on=cells.day("control_on", month_too=True),
        place=cells.text("place"),
        automatic=bool(automatic) and cells.yes("automatic", called="автоматический ли счётчик") is True,
        decommissioned_on=cells.day("decommissioned_on", month_too=True),
    )


_CONVERTERS: dict[str, Callable[[Cells, str], Record]] = {
    "houses": _house,
    "accounts": _account,
    "people": _person,
    "consents": _consent,
    "meters": _meter,
}
