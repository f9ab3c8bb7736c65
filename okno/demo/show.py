"""What the demo prints: progress while it builds, the table of the day, the logins."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from okno.common.money import Currency, format_minor
from okno.demo.logins import Login

Advance = Callable[[int, int], None]
"""(done, total) of the step that is being shown."""


class Stage:
    """Shows steps one under another; quiet for `--json`."""

    def __init__(self, *, quiet: bool) -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self.seconds: dict[str, float] = {}
        """How long each step took, by its title, in the order they were shown."""

    @contextmanager
    def step(self, title: str) -> Iterator[Advance]:
        """A step with a bar; call what it gives with (done, total)."""
        columns = (
            TextColumn("{task.description:<44}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TimeElapsedColumn(),
        )
        began = time.monotonic()
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
        self.seconds[title] = round(time.monotonic() - began, 1)

    def say(self, text: str) -> None:
        self.console.print(text)


def table(result: dict[str, Any]) -> None:
    """The day in a dozen lines."""
    currency = Currency(result["currency"])
    contacts = result["contacts"]
    shown = Table(title=f"{result['organisation']}: {result['day']}", show_header=False, title_justify="left")
    shown.add_column(style="dim")
    shown.add_column(justify="right")

    def money(minor: int) -> str:
        return format_minor(minor, currency, "ru")

    def count(number: int) -> str:
        return f"{number:,}".replace(",", "\u00a0")

    shown.add_row("Домов · лицевых счетов", f"{count(result['houses'])} · {count(result['accounts'])}")
    shown.add_row("Начислений · платежей", f"{count(result['bills'])} · {count(result['payments'])}")
    shown.add_row(
        "Строк в карантине · платежей без счёта", f"{count(result['quarantined'])} · {count(result['unmatched'])}"
    )
    shown.add_row("Должников утром", count(result["debtors"]))
    shown.add_row("Долг утром", money(result["debt_minor"]))
    shown.add_row("Разрешено контактов", count(contacts["permitted"]))
    shown.add_row("Не разрешено", count(contacts["refused"]))
    for reason, number in result["refusal_reasons"].items():
        shown.add_row(f"   {reason}", count(number))
    shown.add_row("Ушло писем и СМС", count(contacts["sent"]))
    shown.add_row("Пришло в почту и СМС-центр на этой машине", count(result["arrived"]))
    shown.add_row("Оплатили, пока шла рассылка", count(result["paid_during"]))
    shown.add_row("Отозвано контактов этих людей", count(contacts["withdrawn"]))
    shown.add_row("Расхождений книги", count(result["differences"]))
    shown.add_row("Нарушений при повторе дня", count(result["violations"]))
    if result["calls"]:
        from okno.demo.phones.campaign import in_words

        calls = result["calls"]
        shown.add_row("Звонков робота · ответили", f"{count(calls['made'])} · {count(calls['answered'])}")
        for name, number in calls["results"].items():
            shown.add_row(f"   {in_words(name)}", count(number))
        shown.add_row("Ответ робота, мс: половина · почти все", f"{calls['reply_ms_p50']} · {calls['reply_ms_p95']}")
    shown.add_row("Секунд", str(result["seconds"]))
    Console().print(shown)


def logins(address: str, entries: list[Login]) -> None:
    """Where the desk is and how to get in."""
    console = Console()
    console.print(f"\nРабочий стол: [bold]{address}[/bold]   (Ctrl+C — закрыть)\n")
    shown = Table()
    for column in ("роль", "вход", "пароль"):
        shown.add_column(column)
    for entry in entries:
        shown.add_row(entry.role, entry.email, entry.password)
    console.print(shown)
