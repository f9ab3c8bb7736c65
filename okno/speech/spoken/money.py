"""A sum said aloud, with the currency in the form its number asks for."""

from okno.common.money import Currency
from okno.speech.spoken.numerals import Case, Gender, Language, cardinal, few

#: By currency and language: gender and (one, few, many) of the unit and of its hundredth, in the nominative.
_UNITS: dict[tuple[Currency, str], tuple[Gender, tuple[str, str, str], Gender, tuple[str, str, str]]] = {
    (Currency.RUB, "ru"): ("m", ("рубль", "рубля", "рублей"), "f", ("копейка", "копейки", "копеек")),
    (Currency.RUB, "uk"): ("m", ("рубль", "рублі", "рублів"), "f", ("копійка", "копійки", "копійок")),
    (Currency.KZT, "ru"): ("m", ("тенге", "тенге", "тенге"), "m", ("тиын", "тиына", "тиынов")),
    (Currency.KZT, "uk"): ("m", ("тенге", "тенге", "тенге"), "m", ("тиин", "тиини", "тиинів")),
    (Currency.UAH, "ru"): ("f", ("гривна", "гривны", "гривен"), "f", ("копейка", "копейки", "копеек")),
    (Currency.UAH, "uk"): ("f", ("гривня", "гривні", "гривень"), "f", ("копійка", "копійки", "копійок")),
}
#: The form for one in the accusative and genitive, where it is not the nominative.
_ONE = {
    "копейка": ("копейку", "копейки"),
    "копійка": ("копійку", "копійки"),
    "гривна": ("гривну", "гривны"),
    "гривня": ("гривню", "гривні"),
    "рубль": ("рубль", "рубля"),
    "тиын": ("тиын", "тиына"),
    "тиин": ("тиин", "тиина"),
}
_KAZAKH = {Currency.KZT: ("теңге", "тиын"), Currency.RUB: ("рубль", "копейка"), Currency.UAH: ("гривна", "копейка")}


def money(minor: int, currency: Currency, language: Language, *, case: Case = Case.NOMINATIVE) -> str:
    """Minor units in words: «две тысячи пятьсот рублей десять копеек». Hundredths are left out when there are none.

    A sum below zero is said with «минус». Raises `TooLong` beyond what people say.
    """
    whole, rest = divmod(abs(minor), 100)
    told = [] if minor >= 0 else ["минус" if language != "uk" else "мінус"]
    if language == "kk":
        unit, hundredth = _KAZAKH[currency]
        told += [cardinal(whole, "kk"), unit] if whole or not rest else []
        told += [cardinal(rest, "kk"), hundredth] if rest else []
        return " ".join(told)
    gender, forms, rest_gender, rest_forms = _UNITS[currency, language]
    if whole or not rest:
        told += [cardinal(whole, language, gender=gender, case=case), _counted(whole, forms, case)]
    if rest:
        told += [cardinal(rest, language, gender=rest_gender, case=case), _counted(rest, rest_forms, case)]
    return " ".join(told)


def _counted(count: int, forms: tuple[str, str, str], case: Case) -> str:
    form = few(count)
    if form == 0 and case is not Case.NOMINATIVE:
        return _ONE.get(forms[0], (forms[0], forms[0]))[case is Case.GENITIVE]
    return forms[2] if case is Case.GENITIVE else forms[form]
