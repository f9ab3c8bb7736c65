"""Numbers in words, with gender and case where a language has them.

Russian and Ukrainian: nominative, genitive, accusative (of things). Kazakh numbers do not change here: endings
go to the word that follows them.
"""

from enum import StrEnum
from typing import Literal

Language = Literal["ru", "uk", "kk"]
Gender = Literal["m", "f", "n"]

MOST = 10**12


class Case(StrEnum):
    """How the number stands in the sentence: «долг — две», «около двух», «заплатите одну»."""

    NOMINATIVE = "nominative"
    GENITIVE = "genitive"
    ACCUSATIVE = "accusative"


class TooLong(ValueError):
    """Nobody says numbers that long."""


_Forms = dict[Case, tuple[str, ...]]

_N, _G, _A = Case.NOMINATIVE, Case.GENITIVE, Case.ACCUSATIVE


def _words(told: str) -> tuple[str, ...]:
    return tuple(told.split())


_TO_TWENTY: dict[str, _Forms] = {
    "ru": {
        _N: _words(
            "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать"
            " четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
        ),
        _G: _words(
            "ноля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати"
            " четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати"
        ),
    },
    "uk": {
        _N: _words(
            "нуль один два три чотири п'ять шість сім вісім дев'ять десять одинадцять дванадцять тринадцять"
            " чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять дев'ятнадцять"
        ),
        _G: _words(
            "нуля одного двох трьох чотирьох п'яти шести семи восьми дев'яти десяти одинадцяти дванадцяти"
            " тринадцяти чотирнадцяти п'ятнадцяти шістнадцяти сімнадцяти вісімнадцяти дев'ятнадцяти"
        ),
    },
}
_TENS: dict[str, _Forms] = {
    "ru": {
        _N: _words("двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"),
        _G: _words("двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста"),
    },
    "uk": {
        _N: _words("двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто"),
        _G: _words("двадцяти тридцяти сорока п'ятдесяти шістдесяти сімдесяти вісімдесяти дев'яноста"),
    },
}
_HUNDREDS: dict[str, _Forms] = {
    "ru": {
        _N: _words("сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"),
        _G: _words("ста двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот"),
    },
    "uk": {
        _N: _words("сто двісті триста чотириста п'ятсот шістсот сімсот вісімсот дев'ятсот"),
        _G: _words("ста двохсот трьохсот чотирьохсот п'ятисот шестисот семисот восьмисот дев'ятисот"),
    },
}
_ONE_AND_TWO: dict[str, dict[Case, dict[Gender, tuple[str, str]]]] = {
    "ru": {
        _N: {"m": ("один", "два"), "f": ("одна", "две"), "n": ("одно", "два")},
        _G: {"m": ("одного", "двух"), "f": ("одной", "двух"), "n": ("одного", "двух")},
        _A: {"m": ("один", "два"), "f": ("одну", "две"), "n": ("одно", "два")},
    },
    "uk": {
        _N: {"m": ("один", "два"), "f": ("одна", "дві"), "n": ("одне", "два")},
        _G: {"m": ("одного", "двох"), "f": ("однієї", "двох"), "n": ("одного", "двох")},
        _A: {"m": ("один", "два"), "f": ("одну", "дві"), "n": ("одне", "два")},
    },
}
#: (one, few, many) by case; many is also the genitive plural.
_SCALES: dict[str, dict[int, tuple[Gender, dict[Case, tuple[str, str, str]]]]] = {
    "ru": {
        10**9: (
            "m",
            {
                _N: ("миллиард", "миллиарда", "миллиардов"),
                _G: ("миллиарда", "миллиардов", "миллиардов"),
                _A: ("миллиард", "миллиарда", "миллиардов"),
            },
        ),
        10**6: (
            "m",
            {
                _N: ("миллион", "миллиона", "миллионов"),
                _G: ("миллиона", "миллионов", "миллионов"),
                _A: ("миллион", "миллиона", "миллионов"),
            },
        ),
        1000: (
            "f",
            {
                _N: ("тысяча", "тысячи", "тысяч"),
                _G: ("тысячи", "тысяч", "тысяч"),
                _A: ("тысячу", "тысячи", "тысяч"),
            },
        ),
    },
    "uk": {
        10**9: (
            "m",
            {
                _N: ("мільярд", "мільярди", "мільярдів"),
                _G: ("мільярда", "мільярдів", "мільярдів"),
                _A: ("мільярд", "мільярди", "мільярдів"),
            },
        ),
        10**6: (
            "m",
            {
                _N: ("мільйон", "мільйони", "мільйонів"),
                _G: ("мільйона", "мільйонів", "мільйонів"),
                _A: ("мільйон", "мільйони", "мільйонів"),
            },
        ),
        1000: (
            "f",
            {
                _N: ("тисяча", "тисячі", "тисяч"),
                _G: ("тисячі", "тисяч", "тисяч"),
                _A: ("тисячу", "тисячі", "тисяч"),
            },
        ),
    },
}

_KK_ONES = ("нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз")
_KK_TENS = ("он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан")
_KK_SCALES = ((10**9, "миллиард"), (10**6, "миллион"), (1000, "мың"))


def few(count: int) -> Literal[0, 1, 2]:
    """Which form a counted thing takes in Russian and Ukrainian: 0 one, 1 few, 2 many."""
    if 11 <= count % 100 <= 14:
        return 2
    return 0 if count % 10 == 1 else 1 if 2 <= count % 10 <= 4 else 2


def cardinal(number: int, language: Language, *, gender: Gender = "m", case: Case = Case.NOMINATIVE) -> str:
    """A number in words, 0 ≤ number < 10¹². Raises `TooLong` beyond."""
    if not 0 <= number < MOST:
        raise TooLong(str(number))
    if language == "kk":
        return _kazakh(number)
    if number == 0:
        return _TO_TWENTY[language][_plain(case)][0]
    told: list[str] = []
    rest = number
    for scale, (scale_gender, forms) in _SCALES[language].items():
        count, rest = divmod(rest, scale)
        if count:
            told += _below_thousand(count, language, scale_gender, case)
            told.append(forms[case][few(count)])
    return " ".join([*told, *_below_thousand(rest, language, gender, case)])


def _plain(case: Case) -> Case:
    """Things count in the accusative as in the nominative, but for one and two."""
    return Case.GENITIVE if case is Case.GENITIVE else Case.NOMINATIVE


def _below_thousand(number: int, language: Language, gender: Gender, case: Case) -> list[str]:
    told: list[str] = []
    hundreds, rest = divmod(number, 100)
    if hundreds:
        told.append(_HUNDREDS[language][_plain(case)][hundreds - 1])
    if rest >= 20:
        told.append(_TENS[language][_plain(case)][rest // 10 - 2])
        rest %= 10
    if rest in (1, 2):
        told.append(_ONE_AND_TWO[language][case][gender][rest - 1])
    elif rest:
        told.append(_TO_TWENTY[language][_plain(case)][rest])
    return told


def _kazakh(number: int) -> str:
    if number == 0:
        return _KK_ONES[0]
    told: list[str] = []
    rest = number
    for scale, name in _KK_SCALES:
        count, rest = divmod(rest, scale)
        if count:
            told += [*_kazakh_below_thousand(count), name]
    return " ".join([*told, *_kazakh_below_thousand(rest)])


def _kazakh_below_thousand(number: int) -> list[str]:
    told: list[str] = []
    hundreds, rest = divmod(number, 100)
    if hundreds:
        told += ["жүз"] if hundreds == 1 else [_KK_ONES[hundreds], "жүз"]
    if rest >= 10:
        told.append(_KK_TENS[rest // 10 - 1])
    if rest % 10:
        told.append(_KK_ONES[rest % 10])
    return told


_ORDINAL_STEMS: dict[str, dict[int, str]] = {
    "ru": dict(
        zip(
            [*range(1, 20), *range(20, 100, 10)],
            _words(
                "перв втор трет четвёрт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат"
                " пятнадцат шестнадцат семнадцат восемнадцат девятнадцат двадцат тридцат сороков пятидесят шестидесят"
                " семидесят восьмидесят девяност"
            ),
            strict=True,
        )
    ),
    "uk": dict(
        zip(
            [*range(1, 20), *range(20, 100, 10)],
            _words(
                "перш друг трет четверт п'ят шост сьом восьм дев'ят десят одинадцят дванадцят тринадцят чотирнадцят"
                " п'ятнадцят шістнадцят сімнадцят вісімнадцят дев'ятнадцят двадцят тридцят сороков п'ятдесят"
                " шістдесят сімдесят вісімдесят дев'яност"
            ),
            strict=True,
        )
    ),
}
#: Neuter, as days of a month are counted: (nominative, genitive), and the soft third.
_ORDINAL_ENDINGS = {"ru": (("ое", "ого"), ("ье", "ьего")), "uk": (("е", "ого"), ("є", "ього"))}
#: What figures are written with ("2-му") and how the number in order then ends; the soft third has its own.
_WRITTEN_ENDINGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "ru": (
        ("го", "ого", "ьего"), ("му", "ому", "ьему"), ("й", "ый", "ий"), ("м", "ом", "ьем"), ("я", "ая", "ья"),
        ("е", "ое", "ье"), ("ю", "ую", "ью"), ("х", "ых", "ьих"),
    ),
    "uk": (
        ("го", "ого", "ього"), ("му", "ому", "ьому"), ("й", "ий", "ій"), ("ї", "ої", "ьої"), ("м", "им", "ім"),
        ("а", "а", "я"), ("я", "а", "я"), ("е", "е", "є"), ("є", "е", "є"), ("у", "у", "ю"), ("ю", "у", "ю"),
        ("х", "их", "іх"),
    ),
}  # fmt: skip


def ordinal(number: int, language: Language, *, case: Case = Case.NOMINATIVE) -> str:
    """The number of a day in order, neuter: «пятнадцатое», «пятнадцатого», «он бесінші». 1 ≤ number ≤ 99, in Kazakh
    as far as `cardinal` goes.

    Raises `TooLong` beyond.
    """
    if language == "kk":
        return kazakh_ordinal(number)
    before, last = _last_of(number, language)
    ending = _ORDINAL_ENDINGS[language][last == 3][case is Case.GENITIVE]
    return before + _ORDINAL_STEMS[language][last] + ending


def in_order(number: int, language: Language, written: str) -> str:
    """A number in order as the letters after its figures tell: 2 and "му" is «другому», 3 and "й" «третій».

    Raises `TooLong` beyond 99 and `LookupError` for letters that tell no number in order.
    """
    ending = next((told for told in _WRITTEN_ENDINGS[language] if written.endswith(told[0])), None)
    if ending is None:
        raise LookupError(written)
    before, last = _last_of(number, language)
    stem, said = _ORDINAL_STEMS[language][last], ending[1 + (last == 3)]
    if language == "ru" and said == "ый" and stem in {"втор", "шест", "седьм", "восьм", "сороков"}:
        said = "ой"
    return before + stem + said


def _last_of(number: int, language: Language) -> tuple[str, int]:
    """What stands before the last number, which alone changes: («двадцать », 5)."""
    if not 1 <= number <= 99:
        raise TooLong(str(number))
    if number > 20 and number % 10:
        return _TENS[language][_N][number // 10 - 2] + " ", number % 10
    return "", number


def kazakh_ordinal(number: int) -> str:
    """«Он бесінші», «екі мың жиырма алтыншы». Raises `TooLong` below one and beyond what `cardinal` says."""
    if number < 1:
        raise TooLong(str(number))
    *before, last = cardinal(number, "kk").split()
    return " ".join([*before, last + _kazakh_ordinal_ending(last)])


def _kazakh_ordinal_ending(word: str) -> str:
    """-(і)нші after front vowels, -(ы)ншы after back ones; the vowel drops after a vowel. Twenty keeps its own form,
    and the last letter of fifty is no vowel here."""
    if word in {"жиырма", "елу"}:
        return {"жиырма": "сыншы", "елу": "інші"}[word]
    front = next((letter in "әеіөүи" for letter in reversed(word) if letter in "аәеёиіоөуүұыэ"), True)
    ending = "нші" if front else "ншы"
    return ending if word[-1] in "аәеиіоөуүұы" else ("і" if front else "ы") + ending
