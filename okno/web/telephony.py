"""How telephoning goes where a line is set up: what needs a person, and figures of every operator that lives."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from config import environment
from okno.dialogs.live import operators
from okno.dialogs.live.operators import Standing

_RECOGNISER = "распознавание"
"""How the name of the engine that listens begins; the others are voices."""


def is_set_up() -> bool:
    """Whether a line is named; without one nobody expects calls."""
    return bool(environment.value("TRUNK_URL").strip())


def living() -> list[Standing]:
    """The operators that have told of themselves lately; none where no line is set up."""
    return operators.living(datetime.now(UTC)) if is_set_up() else []


def troubles() -> list[str]:
    """What keeps calls from being made or understood, and what to do; empty when all is well or no line is set up."""
    if not is_set_up():
        return []
    found = living()
    if not found:
        return [
            _(
                "Телефонная линия настроена, а программа звонков не отвечает: запустите okno run operator "
                "(okno up запускает её сам) и прочтите её вывод."
            )
        ]
    return [*_of_lines(found), *_of_engines(found)]


def notes() -> list[str]:
    """What is good to know and needs nobody at once."""
    count = turned_away(living())
    if not count:
        return []
    return [
        _(
            "Звонков с чужих адресов не принято: %(count)s. Если не проходят звонки жителей, допишите адреса оператора "
            "связи в allowed линии (OKNO_TRUNK_URL)."
        )
        % {"count": count}
    ]


def turned_away(found: Sequence[Standing]) -> int:
    """SIP requests of strangers since the media processes were started."""
    return sum(int(one.load.get("turned_away", 0)) for one in found)


def _of_lines(found: Sequence[Standing]) -> list[str]:
    down = _(
        "Нет связи с телефонной линией (%(name)s): %(words)s. Звонки ждут и пойдут сами, когда она вернётся; проверьте "
        "OKNO_TRUNK_URL, пароль и сеть."
    )
    resting = _("%(words)s (%(name)s). Посмотрите в списке звонков, чем они кончились.")
    return [
        (resting if one.trunk else down) % {"name": one.name, "words": _plain(one.words) or _("причина неизвестна")}
        for one in found
        if one.words or not one.trunk
    ]


def _of_engines(found: Sequence[Standing]) -> list[str]:
    deaf = _(
        "Не работает %(engine)s: %(words)s. Робот просит отвечать клавишами; проверьте OKNO_RECOGNISER и свободную "
        "память."
    )
    mute = _(
        "Не работает %(engine)s: %(words)s. На этом языке робот не звонит; поставьте голос "
        "(apt-get install festival festvox-ru espeak-ng) или проверьте OKNO_VOICES."
    )
    broken = {engine: words for one in found for engine, words in one.engines.items() if words}
    return [
        (deaf if engine.startswith(_RECOGNISER) else mute) % {"engine": engine, "words": _plain(words)}
        for engine, words in sorted(broken.items())
    ]


def _plain(words: str) -> str:
    """Words that a sentence goes on after."""
    return words.strip().rstrip(".")
