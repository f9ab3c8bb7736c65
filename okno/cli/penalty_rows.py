"""The law's answer about a penalty on the terminal: a table with numbered reasons for people, the same for machines."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from okno.common.money import Currency, format_minor
from okno.law.explained import Reading
from okno.law.penalty import Line, PenaltyResult, PenaltyRow

NOT_VERIFIED = "не проверено"


def figure(result: PenaltyResult) -> dict[str, Any]:
    """The figure, its rows and what is missing, for machines."""
    return {
        "total_minor": result.total_minor,
        "verified": result.verified,
        "lines": [
            {
                "line": line.line,
                "total_minor": line.minor,
                "amount": line.exact if line.exact is None else _plain(line.exact / 100),
            }
            for line in result.lines
        ],
        "rows": [_row(row) for row in result.rows],
        "missing": [{"name": gap.name, "day": gap.day.isoformat(), "message": gap.message} for gap in result.missing],
        "readings": [{"why": reading.text, "norm": reading.norm} for reading in result.readings],
        "settings": dict(result.settings),
    }


def _row(row: PenaltyRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "bill": row.bill,
        "from": row.since.isoformat(),
        "to": row.until.isoformat(),
        "days": row.days,
        "base_minor": row.base_minor,
        "rate": _plain(row.rate * 100),
        "share": str(row.share),
        "amount": _plain(row.exact / 100),
        "norm": _norms(row.readings),
        "why": " ".join(reading.text for reading in row.readings),
        "verified": row.verified,
    }


def _norms(readings: Sequence[Reading]) -> str:
    return "; ".join(dict.fromkeys(reading.norm for reading in readings))


def _plain(number: Fraction) -> str:
    """A fraction as a decimal, exact where it ends and to twelve places where it does not."""
    decimal = round(Decimal(number.numerator) / Decimal(number.denominator), 12)
    text = f"{decimal:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tell(
    console: Console, result: PenaltyResult, currency: Currency, name: Callable[[str], str] = lambda ref: ref
) -> None:
    """Print the rows with their reasons, the totals and what is missing; `name` says what a bill is called."""
    told: list[str] = []
    console.print(_rows_table(result, currency, told, name))
    for number, text in enumerate(told, start=1):
        console.print(f"{number:>3}. {text}", highlight=False)
    for reading in result.readings:
        console.print(f"     {escape(_told(reading))}", highlight=False)
    for line in result.lines:
        verified = line.minor is None or all(row.verified for row in result.rows if row.line == line.line)
        console.print(f"[bold]{LINES[line.line]}: {money(line.minor, currency)}[/bold]{mark(verified)}")
    for gap in result.missing:
        console.print(f"[red]Нет значения.[/red] {escape(gap.message)}", highlight=False)


LINES: dict[Line, str] = {"penalty": "Пеня", "three_percent": "3 % годовых", "inflation": "Инфляционные потери"}


def _rows_table(result: PenaltyResult, currency: Currency, told: list[str], name: Callable[[str], str]) -> Table:
    """The rows; their reasons are numbered and collected in `told`, each once."""
    # Eighty columns hold it: no padding besides the box's own spaces.
    table = Table(box=box.SIMPLE, padding=0, show_edge=False)
    sign = currency.sign
    for column in ("№", "с", "по", "дней", f"долг, {sign}", "ставка", "доля", f"пеня, {sign}", "почему"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in result.rows:
        table.add_row(
            name(row.bill),
            f"{row.since:%d.%m.%Y}",
            f"{row.until:%d.%m.%Y}",
            str(row.days),
            money(row.base_minor, currency).removesuffix(sign).strip(),
            f"{_plain(row.rate * 100)} %".replace(".", ",") if row.share else "—",
            str(row.share),
            f"{float(row.exact / 100):.4f}".replace(".", ","),
            ", ".join(str(_number(told, escape(_told(reading)) + mark(reading.verified))) for reading in row.readings),
        )
    return table


def _told(reading: Reading) -> str:
    return f"{reading.text} {reading.norm}"


def _number(told: list[str], text: str) -> int:
    if text not in told:
        told.append(text)
    return told.index(text) + 1


def money(minor: int | None, currency: Currency) -> str:
    """A sum for people; what to say where there is none."""
    return "цифры нет" if minor is None else format_minor(minor, currency, "ru")


def mark(verified: bool) -> str:
    """The mark of what nobody has read in the law."""
    return "" if verified else f" [yellow]{NOT_VERIFIED}[/yellow]"
