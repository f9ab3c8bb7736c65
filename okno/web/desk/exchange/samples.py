"""Sample files of every kind: two houses and five accounts that agree with one another, ready to be loaded."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common.days import add_months
from okno.exchange.formats.profiles import Profile, shipped_profiles
from okno.exchange.formats.writing import Column, OutCell, write_csv, write_xlsx
from okno.exchange.models import FileKind

HOUSES = ("г. Мурманск, ул. Садовая, д. 8", "г. Мурманск, ул. Лесная, д. 3")
_PLACES = (("40100001", 0, "1"), ("40100002", 0, "2"), ("40100003", 0, "3"), ("40100004", 1, "1"), ("40100005", 1, "2"))
_NAMES = (
    "Иванова Мария Петровна", "Соколов Дмитрий Николаевич", "Орлова Вера Андреевна", "Лебедев Игорь Олегович",
    "Фёдорова Нина Юрьевна",
)  # fmt: skip
#: Charged a month, in kopecks, by the first services of the profile.
_CHARGES = (182_000, 214_650, 31_120, 58_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What can be loaded: in words, what for, and the form of its sample."""

    kind: str
    title: str | Promise
    what_for: str | Promise
    suffix: Literal["xlsx", "csv", "txt"]


KINDS = (
    Kind(
        kind=FileKind.HOUSES,
        title=gettext_lazy("Дома"),
        what_for=gettext_lazy("Адреса, подъезды, этажи"),
        suffix="xlsx",
    ),
    Kind(
        kind=FileKind.ACCOUNTS,
        title=gettext_lazy("Лицевые счета"),
        what_for=gettext_lazy("Номера счетов по квартирам, площади"),
        suffix="xlsx",
    ),
    Kind(
        kind=FileKind.PEOPLE,
        title=gettext_lazy("Жители"),
        what_for=gettext_lazy("Собственники, телефоны, почта"),
        suffix="xlsx",
    ),
    Kind(
        kind=FileKind.TURNOVER,
        title=gettext_lazy("Начисления за месяц"),
        what_for=gettext_lazy("Оборотно-сальдовая ведомость по услугам"),
        suffix="csv",
    ),
    Kind(
        kind=FileKind.REGISTER,
        title=gettext_lazy("Реестр платежей"),
        what_for=gettext_lazy("Что оплатили через банк или кассу"),
        suffix="txt",
    ),
    Kind(
        kind=FileKind.STATEMENT,
        title=gettext_lazy("Выписка банка"),
        what_for=gettext_lazy("Обмен 1С с клиент-банком"),
        suffix="txt",
    ),
    Kind(
        kind=FileKind.METERS,
        title=gettext_lazy("Счётчики"),
        what_for=gettext_lazy("Номера приборов и показания"),
        suffix="xlsx",
    ),
    Kind(
        kind=FileKind.CONSENTS,
        title=gettext_lazy("Согласия"),
        what_for=gettext_lazy("Кому можно писать и звонить"),
        suffix="csv",
    ),
)


def sample(kind: str, *, country: str, today: date) -> bytes:
    """The sample file of a kind, with headers as the profiles of `country` know them. Raises KeyError."""
    if kind == FileKind.REGISTER:
        return _register(today)
    if kind == FileKind.STATEMENT:
        return _statement(today)
    suffix = next(one.suffix for one in KINDS if one.kind == kind)
    profile = _profile(kind, country)
    if kind == FileKind.TURNOVER:
        return _turnover(profile, add_months(today.replace(day=1), -1))
    fields, rows = _TABLES[kind]
    headers = [profile.fields[name].headers[0] for name in fields]
    out = io.BytesIO()
    columns = [Column(header, 24) for header in headers]
    (write_xlsx if suffix == "xlsx" else write_csv)(out, columns, rows(today))
    return out.getvalue()


def _profile(kind: str, country: str) -> Profile:
    fitting = [one for one in shipped_profiles().values() if one.kind == kind and one.country in (None, country)]
    if not fitting:
        raise KeyError(kind)
    return fitting[0]


def _houses(today: date) -> list[list[OutCell]]:
    return [[HOUSES[0], 12, 2, 3, 1], [HOUSES[1], 8, 1, 4, 1]]


def _accounts(today: date) -> list[list[OutCell]]:
    return [[number, HOUSES[house], flat, "54,2", 2] for number, house, flat in _PLACES]


def _people(today: date) -> list[list[OutCell]]:
    return [
        [HOUSES[house], flat, name, f"+7 912 000-00-0{place}", f"flat{place}@example.org", "Собственник", number]
        for place, ((number, house, flat), name) in enumerate(zip(_PLACES, _NAMES, strict=True), start=1)
    ]


def _consents(today: date) -> list[list[OutCell]]:
    given = today - timedelta(days=30)
    return [[number, f"flat{place}@example.org", "email", "да", given, "Анкета"] for place, number in _numbered()]


def _meters(today: date) -> list[list[OutCell]]:
    read_on = today.replace(day=1)
    return [
        [HOUSES[house], flat, number, "ХВС", f"00-{place}4711", "128,4", read_on]
        for place, (number, house, flat) in enumerate(_PLACES, start=1)
    ]


def _numbered() -> list[tuple[int, str]]:
    return [(place, number) for place, (number, _house, _flat) in enumerate(_PLACES, start=1)]


_TABLES: dict[str, tuple[tuple[str, ...], Callable[[date], list[list[OutCell]]]]] = {
    FileKind.HOUSES: (("address", "flats", "entrances", "floors", "lowest_floor"), _houses),
    FileKind.ACCOUNTS: (("number", "address", "flat", "area", "residents"), _accounts),
    FileKind.PEOPLE: (("address", "flat", "name", "phones", "email", "role", "account_number"), _people),
    FileKind.CONSENTS: (("account_number", "contact", "channel", "given", "given_on", "source"), _consents),
    FileKind.METERS: (("address", "flat", "account_number", "kind", "number", "reading_1", "read_on"), _meters),
}
_BEFORE = ("number", "address", "flat", "name", "opening")
_AFTER = ("billed", "recalculated", "paid", "closing")


def _turnover(profile: Profile, month: date) -> bytes:
    services = profile.services[: len(_CHARGES)]
    words = profile.title_words[0].capitalize()
    headers = [profile.fields[name].headers[0] for name in _BEFORE]
    headers += [one.headers[0] for one in services] + [profile.fields[name].headers[0] for name in _AFTER]
    rows = []
    for place, ((number, house, flat), name) in enumerate(zip(_PLACES, _NAMES, strict=True)):
        opening, paid = (0, sum(_CHARGES))[place == 2], (sum(_CHARGES), 0)[place == 2]
        billed = sum(_CHARGES)
        sums = [*_CHARGES, billed, 0, paid, opening + billed - paid]
        rows.append([number, HOUSES[house], flat, name, _comma(opening), *map(_comma, sums)])
    lines = [f"{words} за {month:%m.%Y}", _("УК «Пример»"), "", ";".join(headers)]
    lines += [";".join(row) for row in rows]
    return _text(lines)


def _register(today: date) -> bytes:
    paid = today - timedelta(days=1)
    rows = [
        f"{paid:%d.%m.%Y};10:1{place}:00;{7000 + place};{number};{name};;{_previous(today):%m.%Y};4861,70;Оплата ЖКУ"
        for place, ((number, _house, _flat), name) in enumerate(zip(_PLACES[:3], _NAMES, strict=False), start=1)
    ]
    # One of the three has two figures swapped: it is put on the screen where payments are matched.
    rows[2] = rows[2].replace("40100003", "40100030")
    total = _comma(486_170 * len(rows))
    head = ["#BANK;Банк Пример", f"#DATE;{paid:%d.%m.%Y}", f"#COUNT;{len(rows)}", f"#SUM;{total}"]
    return _text([*head, *rows, f"={len(rows)};{total}"])


def _statement(today: date) -> bytes:
    day = f"{today - timedelta(days=1):%d.%m.%Y}"
    ours = "40702810900000000001"
    return _text(
        [
            "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Банк Пример",
            f"ДатаНачала={day}", f"ДатаКонца={day}", f"РасчСчет={ours}",
            "СекцияРасчСчет", f"ДатаНачала={day}", f"ДатаКонца={day}", f"РасчСчет={ours}", "НачальныйОстаток=0.00",
            "ВсегоПоступило=4861.70", "ВсегоСписано=0.00", "КонечныйОстаток=4861.70", "КонецРасчСчет",
            "СекцияДокумент=Платежное поручение", "Номер=318", f"Дата={day}", "Сумма=4861.70",
            "ПлательщикСчет=40817810000000000077", f"Плательщик1={_NAMES[3]}", f"ПолучательСчет={ours}",
            f"ДатаПоступило={day}", f"НазначениеПлатежа=Оплата ЖКУ ЛС {_PLACES[3][0]}", "КонецДокумента", "КонецФайла",
        ]
    )  # fmt: skip


def _previous(today: date) -> date:
    return add_months(today.replace(day=1), -1)


def _comma(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"


def _text(lines: Sequence[str]) -> bytes:
    """As accounting programs write it. Ukrainian letters are in this code page as well."""
    return "\r\n".join([*lines, ""]).encode("cp1251")
