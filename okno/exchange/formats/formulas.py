"""Texts that a spreadsheet would take for a formula: how they are disarmed in CSV and restored on reading."""

import re

#: What spreadsheets take for the start of a formula or of a command, also in full width and after blanks they drop.
_START = re.compile("[ \u00a0\u200b\ufeff]*[=+\\-@|%\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]")
#: An apostrophe says "text" to every spreadsheet.
_MARK = "'"


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet might run this text instead of showing it."""
    return _START.match(text) is not None


def disarmed(text: str) -> str:
    """The text as a spreadsheet surely takes it for text; `restored` undoes it exactly."""
    return _MARK + text if text.startswith(_MARK) or is_dangerous(text) else text


def restored(cell: str) -> str:
    """The text that `disarmed` was given. Texts that need no mark keep theirs: files of others pass unchanged."""
    if cell.startswith(_MARK) and (cell.startswith(_MARK, 1) or is_dangerous(cell[1:])):
        return cell[1:]
    return cell
