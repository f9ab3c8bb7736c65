"""A shipped scenario as one text, its parts written into it: what an organisation edits must be all that is spoken.

The words stay as they were written, comments too; only the line `include` goes.
"""

import re

from okno.dialogs.scenario import FOLDER, SECTIONS, BadScenario, names

_TOP = re.compile(r"^([a-z_]+):")
_ENTRY = re.compile(r"^  [\"']?(\w+)[\"']?:")
_INCLUDE = re.compile(r"^include: *\[([a-z_, ]*)\] *$")
Sections = dict[str, dict[str, list[str]]]


def whole(name: str) -> str:
    """The text of the shipped scenario with everything it includes. Raises `BadScenario` for a name not shipped."""
    if name not in names():
        raise BadScenario(f"Сценария «{name}» нет, есть: {', '.join(names())}.")
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    kept, own, parts = [], _sections(text), []
    inside = ""
    for line in text.splitlines():
        if found := _TOP.match(line):
            inside = found[1]
        if included := _INCLUDE.match(line):
            parts = [part.strip() for part in included[1].split(",") if part.strip()]
        elif inside not in SECTIONS:
            kept.append(line)
    for part in parts:
        for section, entries in _sections((FOLDER / "parts" / f"{part}.yaml").read_text(encoding="utf-8")).items():
            for entry, lines in entries.items():
                own.setdefault(section, {}).setdefault(entry, lines)
    while kept and not kept[-1].strip():
        kept.pop()
    for section in SECTIONS:
        if section in own:
            kept += ["", f"{section}:", *(line for lines in own[section].values() for line in lines)]
    return "\n".join(kept) + "\n"


def _sections(text: str) -> Sections:
    """The entries of each section by name, with the lines of each and the remarks above it."""
    told: Sections = {}
    section, entry = "", ""
    above: list[str] = []
    for line in text.splitlines():
        if found := _TOP.match(line):
            section, entry, above = found[1], "", []
            if section in SECTIONS:
                told[section] = {}
        elif section not in SECTIONS or not line.strip():
            continue
        elif line.lstrip().startswith("#"):
            above.append(line)
        elif found := _ENTRY.match(line):
            entry = found[1]
            told[section][entry] = [*above, line]
            above = []
        else:
            told[section][entry] += [*above, line]
            above = []
    return told
