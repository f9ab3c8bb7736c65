"""The law's answer about a penalty on the terminal: a table with numbered reasons for people, the same for machines."""

from collections.abc import Callable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from okno.common.money import Currency, format_minor
from okno.law.explained import Reading
from okno.law.penalty import Line, PenaltyResult
from okno.law.penalty_rates import percent

NOT_VERIFIED = "не проверено"


def tell(
    console: Console, result: PenaltyResult, currency: Currency, name: Callable[[str], str] = lambda ref: ref
) -> None:
    """Print the rows with their reasons, the totals and what is missing; `name` says what a bill is called."""
    told: list[str] = []
    if result.rows:
        console.print(_rows_table(result, currency, told, name))
    elif not result.missing:
        console.print("Просрочки на этот день нет.")
    for number, text in enumerate(told, start=1):
        console.print(f"{number:>3}. {text}", highlight=False)
    for reading in result.readings:
        console.print(f"     {escape(_told(reading))}{mark(reading.verified)}", highlight=False)
    sure = all(reading.verified for reading in result.readings)
    for line in result.lines:
        verified = line.minor is None or (sure and all(row.verified for row in result.rows if row.line == line.line))
        console.print(f"[bold]{LINES[line.line]}: {money(line.minor, currency)}[/bold]{mark(verified)}")
    for gap in result.missing:
        console.print(f"[red]Нет значения.[/red] {escape(gap.message)}", highlight=False)


LINES: dict[Line, str] = {"penalty": "Пеня", "three_percent": "3 % годовых", "inflation": "Инфляционные потери"}


def _rows_table(result: PenaltyResult, currency: Currency, told: list[str], name: Callable[[str], str]) -> Table:
    """The rows; their reasons are numbered and collected in `told`, each once."""
    # Eighty columns hold it: no padding besides the box's own spaces.
    table = Table(box=box.SIMPLE, padding=0, show_edge=False)
    sign = currency.sign
    for column in ("№", "с", "по", "дней", f"долг, {sign}", "ставка", "доля", f"пеня, {sign}"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("почему", justify="right", overflow="fold")
    for row in result.rows:
        table.add_row(
            name(row.bill),
            f"{row.since:%d.%m.%Y}",
            f"{row.until:%d.%m.%Y}",
            str(row.days),
            money(row.base_minor, currency).removesuffix(sign).strip(),
            percent(row.rate * 100) if row.share else "—",
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
