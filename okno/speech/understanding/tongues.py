"""Which language somebody asks to be spoken to in, in whatever language they ask."""

import re
from collections.abc import Sequence

LONGEST = 10
"""Words; who says more than this tells a story, and a language that it names is a part of it."""

_WORD = re.compile(r"[^\W_]+")
_NAMED = {
    "ru": r"по русски|на русском|русский язык\w*|русском языке|російською|по російськи|на російській( мові)?"
    r"|орысша\w*|орыс т[іи]л\w*",
    "kk": r"по казахски|на казахском|казахский язык\w*|казахском языке|[қк]аза[қхк]ша\w*|[қк]аза[қк] т[іи]л\w*"
    r"|казахською|мемлекетт[іи]к т[іи]л\w*",
    "uk": r"по украински|на украинском|украинский язык\w*|украинском языке|укр[аa][їиі]нською|по українськи"
    r"|на українській( мові)?|державною( мовою)?",
}
_ALONE = {"ru": r"русский|російська", "kk": r"казахский", "uk": r"украинский|українська"}
_NAMES = {
    language: re.compile(rf"(?<!\w)(?:{told})(?!\w)|^(?:можно )?(?:{_ALONE[language]})(?: пожалуйста| будь ласка)?$")
    for language, told in _NAMED.items()
}
_AGAINST = re.compile(
    r"(?<!\w)(?:не|ні|нет|плохо|погано|слабо|нашар|емес|түс[іи]нбе\w*|тусинбе\w*|б[іи]лме\w*|сөйлемей\w*|сойлемей\w*)(?!\w)"
)
_WANTED = re.compile(
    r"(?<!\w)(?:говор[ияі]\w*|поговор\w*|скаж\w+|можно|можна|давай\w*|лучше|краще|хочу|розмовля\w*|переключ\w*|перейд\w*"
    r"|переходь\w*|сөйле(?!мей)\w*|сойле(?!мей)\w*|айт\w*|бола ма)(?!\w)"
)


def asked(text: str, now: str, among: Sequence[str]) -> str:
    """The language out of `among` that is asked for instead of `now`; "" when none is.

    Whoever does not understand the language that is spoken asks for the other one, if there is but one.
    """
    words = _WORD.findall(text.lower().replace("ё", "е"))
    if not words or len(words) > LONGEST:
        return ""
    plain = " ".join(words)
    named = [language for language, pattern in _NAMES.items() if pattern.search(plain)]
    others = [language for language in among if language != now]
    wanted = [language for language in named if language in others]
    if not _AGAINST.search(plain):
        return wanted[0] if len(wanted) == 1 and len(named) == 1 else ""
    if wanted:
        return wanted[0] if len(wanted) == 1 and (now in named or _WANTED.search(plain)) else ""
    return others[0] if named == [now] and len(others) == 1 else ""
