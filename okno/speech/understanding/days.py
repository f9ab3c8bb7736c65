"""A day said aloud: "в пятницу", "до пятнадцатого", "через две недели", "05.12", "айдың аяғына дейін".

Every mention of a day is a candidate; two different ones leave it to the person. A day that does not exist is none.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, zip_longest

from okno.common.days import add_months
from okno.speech.understanding import amends, things
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.mentions import Mention, Said
from okno.speech.understanding.numbers import Number
from okno.speech.understanding.words import Word

SURE, LIKELY, DOUBTFUL = 0.95, 0.85, 0.45
ODD = 0.46
"""No day to go by, yet one that another day has to stand against."""


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """Every day mentioned and not denied; several different ones are all unsure."""
    said = Said(words, lexicon, today)
    if said.has("never"):
        return []  # "После дождичка в четверг" is no Thursday.
    told: list[Mention] = []
    for rule in _RULES:
        for mention in rule(said):
            taken = any(mention.start < other.end and other.start < mention.end for other in told)
            if not taken or any((mention.start, mention.end) == (other.start, other.end) for other in told):
                bound = rule is not _within and said.is_after(mention)
                doubtful = bound or said.unsure(mention) or said.has("each")
                told.append(replace(mention, sure=DOUBTFUL) if doubtful else mention)
    told.sort(key=lambda mention: mention.start)
    standing = _standing(told, said)
    kept = _named_once(standing, said)
    kept = _of_paying(_not_told_of_today(kept, said), said)
    firm = {mention.day for mention in kept if mention.sure > DOUBTFUL}
    denied = [one for one in told if one not in standing]
    clear = len(firm) < 2 and not things.broken(words, lexicon) and not _misheard(kept, denied, said)
    return [Candidate(one.day, one.sure if clear else min(one.sure, DOUBTFUL)) for one in kept]


def _misheard(kept: Sequence[Mention], denied: Sequence[Mention], said: Said) -> bool:
    """Whether a part of what was said about the day is missing: it was denied and told ("не завтра, а послезавтра"
    without its beginning), the other of two is no day, its month is another, a number stands before it."""
    if things.miscounted(said.words, said.lexicon) or {one.day for one in kept} & {one.day for one in denied}:
        return True
    if len({(one.start, one.end) for one in kept}) == 1 and said.has("either"):
        return True
    months = {month for place in range(len(said.words)) if (month := said.month_of(place))}
    if months and any(one.day.month not in months for one in kept):
        return True
    before = {one.end for one in said.numbers if not one.ordinal and 0 < one.value <= 31}
    return any(one.start in before and not one.weekday for one in kept) or _parted(kept, said)


def _parted(kept: Sequence[Mention], said: Said) -> bool:
    """Whether one word for a day was told twice with an odd one between: "завтра мысли завтра"."""
    told = sorted(kept, key=lambda one: one.start)
    return any(
        one.day == other.day
        and said.words[one.start].text == said.words[other.start].text
        and not things.familiar(said.words[one.end : other.start], said.lexicon)
        and not said.is_a("before", other.start - 1)
        for one, other in pairwise(told)
    )


def _standing(told: Sequence[Mention], said: Said) -> list[Mention]:
    """The days that were neither denied nor taken back."""
    places = sorted({(mention.start, mention.end) for mention in told})
    stands = dict(zip(places, amends.standing(places, said.words, said.lexicon), strict=True))
    several = len({mention.day for mention in told}) > 1
    return [
        mention
        for mention in told
        if stands[mention.start, mention.end]
        and not said.denied(mention.start, mention.end)
        and not (several and said.impossible(mention, places))
    ]


def _named_once(told: Sequence[Mention], said: Said) -> list[Mention]:
    """ "В четверг, двадцать шестого" is one day when that day is a Thursday."""
    dates = {one.day.isoweekday() for one in told if not one.weekday and one.sure > DOUBTFUL}
    if said.has("or"):
        return list(told)
    return [one for one in told if not one.weekday or one.day.isoweekday() not in dates]


def _not_told_of_today(told: Sequence[Mention], said: Said) -> list[Mention]:
    """ "Сегодня восемнадцатое, значит, двадцатого": what day it is was told by the way."""
    today = [one for one in told if one.day == said.today]
    told_so = any(one.end == other.start for one, other in pairwise(today))
    return [one for one in told if one not in today] if told_so and len(today) < len(told) else list(told)


def _of_paying(told: Sequence[Mention], said: Said) -> list[Mention]:
    """Of several days the one on which the person will pay: "третьего получу, пятого заплачу"."""
    verbs = [place for place in range(len(said.words)) if said.is_a("paying", place)]
    if len({one.day for one in told}) < 2 or not verbs or said.has("or"):
        return list(told)
    nearest: set[date] = set()
    for verb in verbs:
        far = [(said.far(one, verb), one.day) for one in told]
        nearest |= {day for distance, day in far if distance == min(far)[0]}
    return [one for one in told if one.day in nearest]


def _written(said: Said) -> Iterator[Mention]:
    """05.12, 5/12/2026, 2026-12-05."""
    words = said.words
    for place in range(len(words) - 2):
        triple = words[place : place + 5 : 2]
        signs = {word.text for word in words[place + 1 : place + 4 : 2]}
        figures = [int(word.text) for word in triple if word.is_figure]
        if len(figures) == 3 and len(signs) == 1 and signs <= {".", "/", "-"}:
            year, month, day = figures if figures[0] > 31 else reversed(figures)
            yield from _exact(said, day, month, year, place, place + 5)
            return
        if len(figures) >= 2 and words[place + 1].text in {".", "/"} and words[place + 1].glued:
            yield from _exact(said, figures[0], figures[1], None, place, place + 3)
            return


def _with_month(said: Said) -> Iterator[Mention]:
    """Пятого декабря, 5 декабря 2026 года, пятого двенадцатого, желтоқсанның бесі."""
    for number, following in zip_longest(said.numbers, said.numbers[1:]):
        if number is None:
            continue
        month, end = said.month_of(number.end), number.end + 1
        start = number.start
        if month is None and said.month_of(number.start - 1):
            month, end, start = said.month_of(number.start - 1), number.end, number.start - 1
        if said.is_a("since", number.end - 1):
            continue  # "Бесінен онына дейін" is from one day to another.
        if month is None and number.ordinal and following and following.ordinal and following.start == number.end:
            month, end = (following.value if following.value <= 12 else None), following.end
            if month == number.value + 1:
                # "Восьмого-девятого": the eighth or the ninth, or the eighth of September.
                yield from _exact(said, number.value, month, None, start, end, DOUBTFUL)
                continue
        if month is not None and 1 <= number.value <= 31 and said.is_order(number):
            year = next((one for one in said.numbers if one.start == end), None)
            told = _year(year.value) if year and (said.is_a("year", year.end) or year.value > 2000) else None
            found = _exact(said, number.value, month, told, start, year.end + 1 if told and year else end)
            # "Первого-второго" is two days in a row sooner than the first of February.
            in_a_row = following is not None and following.end == end and following.value == number.value + 1
            yield from (replace(one, sure=DOUBTFUL) if in_a_row else one for one in found)


def _year(value: int) -> int | None:
    return value if 2000 <= value < 2100 else 2000 + value if 20 <= value < 100 else None


def _exact(
    said: Said, day: int, month: int, year: int | None, start: int, end: int, sure: float = SURE
) -> Iterator[Mention]:
    """The day if it exists; without a year the next such day. A day that does not exist is no mention at all."""
    if year is not None and year < 100:
        year += 2000
    for tried in [year] if year is not None else [said.today.year, said.today.year + 1]:
        try:
            found = date(tried, month, day)
        except ValueError:
            continue
        if year is not None or found >= said.today:
            far = year is None and month == 2 and day == 29 and found.year != said.today.year
            yield Mention(found, DOUBTFUL if far else sure, start, end)
            return


def _of_month(said: Said) -> Iterator[Mention]:
    """Пятнадцатого, до 15 числа, пятого числа следующего месяца: the next such day."""
    for number in said.numbers:
        named = said.is_a("number", number.end) or said.is_a("number", number.start - 1)
        beside = said.weekday_of(number.start - 1) or (
            said.words[number.start - 1].is_sign and said.weekday_of(number.start - 2)
        )
        bare = beside and number.end == len(said.words) - said.words[-1].is_sign
        if not (number.ordinal or named or bare) or not 1 <= number.value <= 31 or said.is_a("numbers", number.end):
            continue
        if said.is_a("week", number.end) or said.is_half(number.end):
            continue  # "На второй неделе", "во второй половине" is no second day.
        if said.month_of(number.end) or said.month_of(number.start - 1):
            continue  # The thirtieth of February is no day, and not the thirtieth of this month either.
        if number.ordinal and not named and things.numbered(said.words, number.end, said.lexicon):
            continue  # "Третий подъезд" is no third.
        if number.ordinal and said.is_a("hour", number.end - 1) and not named:
            continue  # "До шостої" is six o'clock.
        sure = LIKELY if number.ordinal or bare or _in_figures(said, number) else DOUBTFUL
        sure = sure if said.is_order(number) and not said.is_a("into", number.start - 1) else ODD
        end = number.end + 1 if said.is_a("number", number.end) else number.end
        months = int(_next_month(said, end))
        first = add_months(said.today.replace(day=1), months)
        for ahead in range(3):
            month = add_months(first, ahead)
            if number.value <= monthrange(month.year, month.month)[1]:
                found = month.replace(day=number.value)
                if found >= said.today:
                    skipped = ahead and number.value > 28 and number.value > monthrange(first.year, first.month)[1]
                    yield Mention(found, DOUBTFUL if skipped else sure, number.start, end)
                    break


def _in_figures(said: Said, number: Number) -> bool:
    """Whether it is written "20 числа"; nobody says "двадцать числа", so that its ending was misheard, or all of it."""
    return said.words[number.end - 1].is_figure


def _next_month(said: Said, place: int) -> bool:
    return any(said.is_a("next", at) and said.is_a("month", at + 1) for at in range(max(place - 6, 0), len(said.words)))


def _within(said: Said) -> Iterator[Mention]:
    """Через три дня, через неделю, дня через два, екі аптадан кейін."""
    for place in range(len(said.words)):
        unit = next((name for name in ("day", "week", "month", "year") if said.is_a(name, place)), None)
        if unit is None:
            continue
        count = next((one for one in said.numbers if one.end == place or one.start - 2 == place), None)
        counted_on = said.is_a("or", place + 1)
        if count is not None and count.start > place and counted_on:
            count = None
        behind = next((one for one in said.numbers if one.start == place + 1 and not one.ordinal), None)
        start = min(count.start, place) if count else place
        said_within = said.has("within", start - 2, place + 3)
        if count is None and behind and said_within and not said.is_a("one_unit", place):
            count = behind  # "через недели две"
        if count is None and said.is_a("couple", place - 1):
            yield from _ahead(said, unit, 2, 0.7 if said_within else DOUBTFUL, place - 1, place + 1)
        elif count is None and (said.is_a("several", place - 1) or said.is_a("next", place - 1)):
            continue
        elif count is None and said.lexicon.fractions["half"].match(said.words[place - 1].text if place else ""):
            yield from _one_and_a_half(said, unit, place, start=place - 1)
        elif count is None and place and said.lexicon.fractions["and_half"].match(said.words[place - 1].text):
            if any(one.end == place - 1 and one.value == 1 for one in said.numbers):
                yield from _one_and_a_half(said, unit, place, start=place - 2)  # "бір жарым аптадан кейін"
        elif count is not None and (less := _less(said, count)):
            # "Через два-три дня": nobody knows which.
            for told in (less, count):
                yield from _ahead(said, unit, told.value, DOUBTFUL, less.start, place + 1)
        elif said_within and (most := _most(said, count, behind, place)):
            for ahead in (count.value if count else 1, most):
                yield from _ahead(said, unit, ahead, DOUBTFUL, start, place + 1)
        elif count is not None and not count.ordinal:
            yield from _ahead(said, unit, count.value, SURE if said_within else 0.55, start, place + 1)
        elif said_within and said.is_a("one_day", place):
            yield from _ahead(said, unit, 1, SURE, place, place + 1)
        elif said_within and unit == "day":
            # "Через день" is tomorrow for one and the day after for another.
            yield Mention(said.today + timedelta(days=1), DOUBTFUL, place, place + 1)
            yield Mention(said.today + timedelta(days=2), DOUBTFUL, place, place + 1)
        elif said_within:
            # "Через неделю или две": nobody knows which.
            doubtful = counted_on and any(one.start == place + 2 for one in said.numbers)
            yield from _ahead(said, unit, 1, DOUBTFUL if doubtful else SURE, place, place + 1)
    for name, months, days in (("half_year", 6, 0), ("half_month", 0, 15)):
        for place in range(len(said.words)):
            if said.is_a(name, place) and said.has("within", place - 2, place + 3):
                yield Mention(_months_on(said.today, months) + timedelta(days=days), LIKELY, place, place + 1)


def _most(said: Said, count: Number | None, behind: Number | None, place: int) -> int:
    """The greater count of "через неделю-две", "через недельку-другую", "дня через два-три"; 0 when one is told."""
    if count is None:
        return behind.value if behind and behind.value > 1 else 2 * said.is_a("other", place + 1)
    after = next((one for one in said.numbers if one.start == count.end and count.start > place), None)
    return after.value if after and count.value < after.value < 100 and not after.ordinal else 0


def _less(said: Said, count: Number) -> Number | None:
    """The lesser of two numbers told of one thing: "два-три", "три или четыре"; None when only one is told."""
    for one in said.numbers:
        beside = one.end == count.start or (one.end == count.start - 1 and said.is_a("or", one.end))
        if beside and not one.ordinal and 0 < one.value < count.value:
            return one
    return None


def _ahead(said: Said, unit: str, count: int, sure: float, start: int, end: int) -> Iterator[Mention]:
    if not 0 < count <= 400:
        return
    if unit in {"day", "week"}:
        found = said.today + timedelta(days=count * (7 if unit == "week" else 1))
    else:
        found = _months_on(said.today, count * (12 if unit == "year" else 1))
    yield Mention(found, sure, start, end)


def _months_on(day: date, count: int) -> date:
    """The same day `count` months on; the last of the month when there is no such day."""
    month = add_months(day, count)
    return month.replace(day=min(day.day, monthrange(month.year, month.month)[1]))


def _one_and_a_half(said: Said, unit: str, place: int, *, start: int) -> Iterator[Mention]:
    """A week and a half is ten days and a half: the later day, so that nobody is called before the day they meant."""
    if unit == "week":
        yield Mention(said.today + timedelta(days=11), 0.6, start, place + 1)
        yield Mention(said.today + timedelta(days=10), 0.4, start, place + 1)
    elif unit == "month":
        yield Mention(_months_on(said.today, 1) + timedelta(days=15), 0.6, start, place + 1)


NAMED_DAYS = {
    "today": 0,
    "tomorrow": 1,
    "after_tomorrow": 2,
    "two_after_tomorrow": 3,
    "yesterday": -1,
    "before_yesterday": -2,
}


def _by_name(said: Said) -> Iterator[Mention]:
    """Сегодня, завтра, послезавтра."""
    for place in range(len(said.words)):
        for name, ahead in NAMED_DAYS.items():
            if said.is_a(name, place):
                yield Mention(said.today + timedelta(days=ahead), SURE, place, place + 1)
        at_once = (
            said.is_a("at_once", place - 1) or said.is_a("at_once", place + 1) or said.has("paying", place, place + 4)
        )
        if said.is_a("now", place) and at_once:
            yield Mention(said.today, LIKELY, place, place + 1)


def _weekday(said: Said) -> Iterator[Mention]:
    """В пятницу, в следующий вторник, в среду на следующей неделе."""
    next_week = any(
        said.is_a("next", at) and (said.is_a("week", at + 1) or (said.is_a("on", at - 1) and _left_out(said, at)))
        for at in range(len(said.words))
    )
    monday = said.today - timedelta(days=said.today.weekday())
    last: int | None = None
    for place in range(len(said.words)):
        weekday = said.weekday_of(place)
        if weekday is None and last and said.is_a("next", place) and _left_out(said, place) and not next_week:
            yield Mention(monday + timedelta(days=7 + last - 1), LIKELY, place, place + 1, weekday=True)
        if weekday is None:
            continue
        last = weekday
        following = monday + timedelta(days=7 + weekday - 1)
        if said.has("within", place - 2, place):
            # "Через понедельник" is a week later for one and two for another.
            yield Mention(following, DOUBTFUL, place, place + 1, weekday=True)
            continue
        if said.is_a("last", place - 1):
            yield from _past(said, weekday, place)
            continue
        if next_week or said.is_a("next", place - 1):
            yield Mention(following, LIKELY, place, place + 1, weekday=True)
            continue
        coming = monday + timedelta(days=weekday - 1)
        if said.is_a("that", place - 1):
            # "В ту пятницу" is the last one for one and the one after the next for another.
            yield Mention(following, DOUBTFUL, place, place + 1, weekday=True)
        elif coming == said.today:
            yield Mention(coming, DOUBTFUL, place, place + 1, weekday=True)
            yield Mention(following, DOUBTFUL, place, place + 1, weekday=True)
        else:
            yield Mention(coming if coming > said.today else following, LIKELY, place, place + 1, weekday=True)


def _past(said: Said, weekday: int, place: int) -> Iterator[Mention]:
    """ "В прошлую пятницу": of a day that this week has already had, nobody knows which one is meant."""
    behind = (said.today.weekday() - (weekday - 1)) % 7 or 7
    told = said.today - timedelta(days=behind)
    if behind <= said.today.weekday():
        yield Mention(told, DOUBTFUL, place - 1, place + 1, weekday=True)
        yield Mention(told - timedelta(days=7), DOUBTFUL, place - 1, place + 1, weekday=True)
    else:
        yield Mention(told, LIKELY, place - 1, place + 1, weekday=True)


def _ends(said: Said) -> Iterator[Mention]:
    """До конца недели, месяца, года; the middle and the beginning of a month are no day."""
    for place in range(len(said.words)):
        if not said.is_a("end", place):
            continue
        # The unit follows in Russian and Ukrainian and precedes in Kazakh.
        for at in (place + 1, place + 2, place - 1):
            unit = next((name for name in ("week", "month", "year") if said.is_a(name, at)), None)
            month = said.month_of(at)
            if unit is None and month is None:
                continue
            later = said.is_a("next", at - 1)
            found = _end_of_month(said, month) if month else _end(said.today, str(unit), later=later)
            yield Mention(found, 0.75, min(place, at), max(place, at) + 1)
            break


def _left_out(said: Said, place: int) -> bool:
    """Whether the word at `place` stands without what it is of: "а в следующую"."""
    units = any(said.is_a(name, place + 1) for name in ("day", "week", "month", "year"))
    return not units and said.weekday_of(place + 1) is None and said.month_of(place + 1) is None


def _last_day(said: Said) -> Iterator[Mention]:
    """Последнего числа, в последний день февраля; before the new year is the last day of this one."""
    for place in range(len(said.words)):
        if said.is_a("final", place) and (said.is_a("day", place + 1) or said.is_a("number", place + 1)):
            month = said.month_of(place + 2)
            unit = next((name for name in ("week", "month", "year") if said.is_a(name, place + 2)), None)
            if month:
                yield Mention(_end_of_month(said, month), LIKELY, place, place + 3)
            elif unit or said.is_a("number", place + 1):
                yield Mention(_end(said.today, unit or "month", later=False), LIKELY, place, place + 2 + bool(unit))
        if said.is_a("new", place) and said.is_a("year", place + 1) and said.is_a("before", place - 1):
            yield Mention(date(said.today.year, 12, 31), 0.75, place, place + 2)


def _weekday_of_month(said: Said) -> Iterator[Mention]:
    """В последнюю пятницу месяца, в первый понедельник декабря."""
    for place in range(1, len(said.words)):
        weekday, month = said.weekday_of(place), said.month_of(place + 1)
        order = next((one for one in said.numbers if one.ordinal and one.end == place), None)
        later = said.is_a("next", place + 1) and said.is_a("month", place + 2)
        named = month or later or said.is_a("month", place + 1)
        if weekday is None or not named or not (order or said.is_a("final", place - 1)):
            continue
        first = add_months(said.today.replace(day=1), int(later))
        if month:
            first = date(said.today.year + (month < said.today.month), month, 1)
        days = [first + timedelta(days=ahead) for ahead in range(monthrange(first.year, first.month)[1])]
        told = [day for day in days if day.isoweekday() == weekday]
        at = order.value - 1 if order else -1
        if at < len(told) and told[at] >= said.today:
            yield Mention(told[at], LIKELY, order.start if order else place - 1, place + 2 + later)


def _end_of_month(said: Said, month: int) -> date:
    year = said.today.year + (month < said.today.month)
    return date(year, month, monthrange(year, month)[1])


def _end(today: date, unit: str, *, later: bool) -> date:
    if unit == "week":
        return today + timedelta(days=6 - today.weekday() + (7 if later else 0))
    if unit == "year":
        return date(today.year + later, 12, 31)
    month = add_months(today.replace(day=1), int(later))
    return month.replace(day=monthrange(month.year, month.month)[1])


_RULES: tuple[Callable[[Said], Iterator[Mention]], ...] = (
    _written,
    _weekday_of_month,
    _with_month,
    _last_day,
    _ends,
    _within,
    _by_name,
    _weekday,
    _of_month,
)
