"""Reading typed values out of one row's cells, gathering every complaint instead of stopping at the first."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from okno.common.days import EARLIEST, NotADay, parse_day, parse_month
from okno.common.money import NotAnAmount, parse_minor

from .records import Problem
from .tables import Cell

_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")
_ACCOUNT = re.compile(r"[\w№][\w№/.\- ]{0,63}")
#: A text that needs no tidying, and a sum that can be read in one way only: nearly all of a file is such.
_TIDY = re.compile(r"[^\s\x00-\x1f\ufffd]++(?: [^\s\x00-\x1f\ufffd]++)*+").fullmatch
_PLAIN_SUM = re.compile(r"([0-9]{1,12})[.,]([0-9]{2})").fullmatch
_SPOILT_NUMBER = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
#: How far a workbook's sum may stand from a whole minor unit and still be the noise of its arithmetic.
_NOISE = Decimal("0.00000001")
_CENT = Decimal("0.01")

_YES = frozenset({"да", "yes", "y", "1", "+", "так", "true", "иә", "ия"})
_NO = frozenset({"нет", "no", "n", "0", "-", "ні", "false", "жоқ"})


def amount_minor(cell: Cell) -> int:
    """A sum in minor units out of a cell of any kind. Raises `NotAnAmount`."""
    if isinstance(cell, str) and (plain := _PLAIN_SUM(cell)):
        return int(plain[1] + plain[2])
    if isinstance(cell, str | int):
        return parse_minor(cell)
    if isinstance(cell, Decimal):
        if not cell.is_finite() or abs(cell) >= 10**20:
            return parse_minor(cell)
        rounded = cell.quantize(_CENT)
        return parse_minor(rounded if abs(rounded - cell) < _NOISE else cell)
    raise NotAnAmount("Сумма не указана." if cell is None else f"Это не сумма: {shown(cell)}.")


def shown(cell: Cell) -> str:
    """A cell as a person would write it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return str(cell)


class Cells:
    """One row as field → cell. Each method reads one field; what is wrong goes to `problems` and something
    harmless
    is returned, so that one pass names everything a person has to mend."""

    def __init__(self, raw: Mapping[str, Cell], *, today: date) -> None:
        self._raw = raw
        self._today = today
        self.problems: list[Problem] = []

    def complain(self, field: str, code: str, message_ru: str) -> None:
        """Note that the field is wrong."""
        self.problems.append(Problem(field, code, message_ru, shown(self._raw.get(field))[:200]))

    def text(self, field: str, *, longest: int = 300, called: str = "") -> str:
        """A text with single spaces; "" when empty. `called` names a field that must be filled in."""
        cell = self._raw.get(field)
        if isinstance(cell, str) and len(cell) <= longest and _TIDY(cell):
            return cell
        value = " ".join(shown(cell).split())
        if not value and called:
            self.complain(field, "missing", f"Не указано: {called}. Впишите значение.")
        elif _BROKEN.search(value):
            self.complain(
                field, "unreadable", "В тексте нечитаемые знаки: файл записан в другой кодировке. Исправьте текст."
            )
        elif len(value) > longest:
            self.complain(field, "too_long", f"Текст длиннее {longest} знаков. Сократите его.")
        return value

    def account(self, field: str, *, required: bool = True) -> str:
        """An account number: a whole number or a text with at least one digit, leading zeros kept."""
        value = self.text(field, longest=64, called="лицевой счёт" if required else "")
        if not value:
            return value
        if isinstance(self._raw.get(field), Decimal) or _SPOILT_NUMBER.fullmatch(value):
            self.complain(
                field,
                "precision",
                f"Номер счёта «{value}» испорчен: таблица хранила его как число и потеряла цифры. "
                "Сделайте столбец текстовым и впишите номер целиком.",
            )
        elif not _ACCOUNT.fullmatch(value) or not any(map(str.isdigit, value)):
            self.complain(field, "bad_number", f"Это не номер лицевого счёта: «{value}». Впишите номер.")
        return value

    def whole(self, field: str, *, least: int, most: int) -> int | None:
        """A whole number within the bounds, None when empty."""
        cell = self._raw.get(field)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        number = self._decimal(field, cell)
        if number is None:
            return None
        if number != int(number) or not least <= number <= most:
            self.complain(field, "out_of_range", f"Нужно целое число от {least} до {most}, а стоит «{shown(cell)}».")
            return None
        return int(number)

    def measure(self, field: str, *, most: int, places: int) -> Decimal | None:
        """A number that is not negative, such as square metres or a reading, None when empty."""
        cell = self._raw.get(field)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        number = self._decimal(field, cell)
        if number is None:
            return None
        if not 0 <= number <= most:
            self.complain(field, "out_of_range", f"Нужно число от 0 до {most}, а стоит «{shown(cell)}».")
            return None
        return round(number, places)

    def day(self, field: str, *, since: date = EARLIEST, future: bool = False, month_too: bool = False) -> date | None:
        """A day not before `since`, and not after today unless `future`; None when empty.

        `month_too` lets a bare month ("2021-12") stand for its first day.
        """
        cell = self._raw.get(field)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        try:
            value = _day(cell, since=since, month_too=month_too)
        except NotADay as error:
            self.complain(field, "bad_date", f"{error} Исправьте дату.")
            return None
        if value > self._today and not future:
            self.complain(field, "future", f"Дата {value:%d.%m.%Y} ещё не наступила. Исправьте дату.")
            return None
        return value

    def amount(self, field: str) -> int | None:
        """A sum in minor units; None, with a complaint, when it is empty or no sum."""
        try:
            return amount_minor(self._raw.get(field))
        except NotAnAmount as error:
            self.complain(field, "bad_amount", f"{error} Впишите сумму с копейками, например 1234,56.")
            return None

    def yes(self, field: str, *, called: str) -> bool | None:
        """Yes or no in the languages of the three countries; None, with a complaint, when it is neither."""
        word = self.text(field, called=called).lower()
        if word in _YES or word in _NO:
            return word in _YES
        if word:
            self.complain(field, "not_yes_no", f"Нужно «да» или «нет», а стоит «{word}».")
        return None

    def word(self, field: str, known: Mapping[str, str], *, default: str | None, called: str) -> str:
        """A code for one of the known words. `default` stands for an empty cell; None makes the cell required."""
        value = self.text(field, called=called if default is None else "")
        if not value:
            return default or ""
        code = known.get(value.lower().replace("ё", "е"))
        if code is None:
            # One word for each meaning is enough, and the first is the Russian one.
            words: dict[str, str] = {}
            for word, meaning in known.items():
                words.setdefault(meaning, word)
            possible = ", ".join(words.values())
            self.complain(field, "unknown_word", f"Непонятно, {called}: «{value}». Впишите одно из: {possible}.")
            return ""
        return code

    def clock(self, field: str) -> time | None:
        """A time of day, None when empty."""
        value = self.text(field)
        if not value:
            return None
        try:
            return time.fromisoformat(value)
        except ValueError:
            self.complain(field, "bad_time", f"Непонятное время: «{value}». Нужно так: 14:05:00.")
            return None

    def _decimal(self, field: str, cell: Cell) -> Decimal | None:
        try:
            return Decimal(re.sub(r"\s", "", shown(cell)).replace(",", "."))
        except InvalidOperation:
            self.complain(field, "not_a_number", f"Нужно число, а стоит «{shown(cell)}».")
            return None


@lru_cache(maxsize=4_096)
def _day(cell: Cell, *, since: date, month_too: bool) -> date:
    """Files repeat the same few days over and over, so each is read once."""
    if isinstance(cell, Decimal):
        cell = int(cell)
    if cell is None:
        raise NotADay("Дата не указана.")
    try:
        return parse_day(cell, since=since)
    except NotADay:
        if not month_too:
            raise
        return parse_month(cell, since=since)
