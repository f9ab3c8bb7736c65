"""How much a file may hold, and the refusal of a file as a whole."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes above which a file is refused. They stop bombs; honest files of a million accounts pass.

    `max_cells` bounds the rectangle a sheet spans, because a workbook is held in memory as a full rectangle.
    """

    max_bytes: int = 300 * 2**20
    max_unpacked_bytes: int = 2 * 2**30
    max_ratio: int = 250
    max_members: int = 1_000
    max_rows: int = 2_000_000
    max_columns: int = 512
    max_cell_letters: int = 32_767
    max_cells: int = 60_000_000


DEFAULT_LIMITS = Limits()


class Unreadable(Exception):
    """The file cannot be read at all. Both texts are shown to the user: why, and what to do about it.

    `code` is for tests and statistics: empty, too_big, bomb, truncated, password, not_a_table, formulas,
    encoding,
    wrong_format.
    """

    def __init__(self, code: str, *, reason_ru: str, what_to_do: str) -> None:
        super().__init__(f"{reason_ru} {what_to_do}")
        self.code = code
        self.reason_ru = reason_ru
        self.what_to_do = what_to_do


def too_big(what: str, limit: str) -> Unreadable:
    """The refusal of a file over a limit: `what` is too much, `limit` is how much is allowed."""
    return Unreadable(
        "too_big",
        reason_ru=f"Файл слишком велик: {what} (допускается {limit}).",
        what_to_do="Разделите выгрузку на части, например по домам или по месяцам, и загрузите их по одной.",
    )


def truncated(where: str) -> Unreadable:
    """The refusal of a file whose end is missing."""
    return Unreadable(
        "truncated",
        reason_ru=f"Файл оборван: {where}.",
        what_to_do="Скачайте или выгрузите файл заново: похоже, он скопировался не полностью.",
    )
