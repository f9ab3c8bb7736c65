"""Which resource a person speaks of when they name a meter themselves: "это горячая, восемьдесят четыре". Pure."""

import re
from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "cold_water": r"холодн\w+",
        "hot_water": r"горяч\w+",
        "electricity": r"свет(а|у|)|электр\w+",
        "gas": r"газ(а|у|)?|газов\w+",
        "heat": r"отоплени\w+|тепл(о|а|у)",
    },
    "uk": {
        "cold_water": r"холодн\w+",
        "hot_water": r"гаряч\w+",
        "electricity": r"світл(о|а|у)|електр\w+",
        "gas": r"газ(у|)|газов\w+",
        "heat": r"опаленн\w+|тепл(о|а|у)",
    },
    "kk": {
        "cold_water": r"(суық|салқын) су\w*|суық\w*",
        "hot_water": r"ыстық( су\w*)?",
        "electricity": r"жарық\w*|электр\w*|ток\w*",
        "gas": r"газ\w*",
        "heat": r"жылу\w*",
    },
}
"""By the codes of `okno.houses.models.MeterKind`."""


def resource(text: str, language: str) -> str | None:
    """The one resource that the words name; None where they name none or several."""
    plain = text.lower()
    told = [code for code, words in _WORDS[language].items() if re.search(rf"(?<!\w)(?:{words})(?!\w)", plain)]
    return told[0] if len(told) == 1 else None
