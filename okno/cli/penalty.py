"""`okno penalty`: what late payment of some bills costs, row by row with the norms, without any database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from okno.cli import start
from okno.cli.penalty_rows import mark, money, tell
from okno.common.days import NotADay, parse_day
from okno.common.money import NotAnAmount, parse_minor
from okno.law.country_pack import CountryPack
from okno.law.penalty import BadSetting, PenaltyQuestion, PenaltyResult
from okno.law.penalty_bills import Billed, Payment, Settled, settle
from okno.law.penalty_figure import figure


class Refused(click.ClickException):
    """The command line cannot be understood; one sentence says why."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone."""
        click.echo(f"okno: {self.message}", err=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks, read."""

    law: CountryPack
    regime: str
    settled: Settled
    question: PenaltyQuestion
    #: Other readings to stand beside the first: what each sets otherwise.
    others: tuple[dict[str, str], ...]


@click.command()
@click.option("--country", required=True, type=click.Choice(["ru", "kz", "ua"]), help="Чей закон.")
@click.option("--regime", default=None, help="Вид начислений; без него основной для страны.")
@click.option("--bill", "bills", multiple=True, required=True, help="Счёт: СУММА@СРОК, срок это последний день оплаты.")
@click.option("--pay", "payments", multiple=True, help="Платёж: СУММА@ДЕНЬ или СУММА@ДЕНЬ:НОМЕР_СЧЁТА.")
@click.option("--as-of", default=None, help="День, по который считать включительно; без него сегодня.")
@click.option("--known-as-of", default=None, help="Каким закон был известен в этот день.")
@click.option("--setting", "settings", multiple=True, help="Чтение закона: ИМЯ=ЗНАЧЕНИЕ.")
@click.option("--compare", "compared", multiple=True, help="Другое чтение рядом: ИМЯ=ЗНАЧЕНИЕ[,ИМЯ=ЗНАЧЕНИЕ].")
@click.option("--entered", is_flag=True, help="Учесть значения, введённые в этой установке (okno law enter).")
@click.option("--json", "as_json", is_flag=True, help="Для машины.")
def penalty(country: str, as_json: bool, entered: bool, **given: Any) -> None:
    """Посчитать пеню по счетам и платежам и объяснить каждую строку нормой закона.

    Платежи гасят старший по сроку неоплаченный счёт, счета за сроком давности последними. База не нужна; с --entered к
    нормам добавляются значения, введённые в этой установке.
    """
    if entered:
        _with_entered_values()
    try:
        asked = _read(country, **given)
        results = [asked.law.penalty.explain(asked.question)]
        for other in asked.others:
            settings = {**asked.question.settings, **other}
            results.append(asked.law.penalty.explain(replace(asked.question, settings=settings)))
    except (NotADay, NotAnAmount, BadSetting, ValueError) as refusal:
        raise Refused(str(refusal)) from refusal
    if as_json:
        click.echo(json.dumps(_for_machines(asked, results), ensure_ascii=False, indent=2))
    else:
        _for_people(asked, results)


def _with_entered_values() -> None:
    why = start.without_database()
    if why is not None:
        raise Refused(f"--entered: {why}")
    from okno.access import norms

    norms.refresh(at_once=True)


def _read(
    country: str,
    regime: str | None,
    bills: Sequence[str],
    payments: Sequence[str],
    as_of: str | None,
    known_as_of: str | None,
    settings: Sequence[str],
    compared: Sequence[str],
) -> Asked:
    from okno.common import clock
    from okno.law.countries import pack

    law = pack(country)
    chosen = _regime(law, regime)
    billed = [_bill(text) for text in bills]
    if len(set(billed)) < len(billed):
        raise Refused("Один и тот же счёт указан дважды: если счетов два, сложите их суммы.")
    paid = [_payment(text) for text in payments]
    if len(set(paid)) < len(paid):
        raise Refused("Один и тот же платёж указан дважды: если платежей два, сложите их суммы.")
    settled = settle(billed, paid, chosen, law.limitation)
    question = PenaltyQuestion(
        arrears=settled.arrears,
        as_of=clock.today(law.time_zones[0]) if as_of is None else parse_day(as_of),
        known_as_of=None if known_as_of is None else parse_day(known_as_of),
        settings=_named(settings),
    )
    return Asked(law, chosen, settled, question, tuple(_named(text.split(",")) for text in compared))


def _regime(law: CountryPack, told: str | None) -> str:
    names = law.penalty.regime_names
    if told is None and law.penalty.regimes:
        return law.penalty.regimes[0]
    regime = names.get(told or "", told or "")
    if regime not in law.penalty.regimes:
        known = ", ".join((*law.penalty.regimes, *names)) or "никаких"
        raise Refused(f"Для «{told}» нормы о пене нет. Пеня начисляется по видам: {known}.")
    return regime


def _bill(text: str) -> Billed:
    amount, day = _amount_and_day("--bill", text)
    return Billed(amount_minor=amount, due_on=parse_day(day))


def _payment(text: str) -> Payment:
    amount, told = _amount_and_day("--pay", text)
    day, mark, number = told.partition(":")
    if mark and not number.isdecimal():
        raise Refused(f"--pay {text}: после двоеточия нужен номер счёта по порядку, начиная с 1.")
    return Payment(amount_minor=amount, on=parse_day(day), towards=int(number) if number else None)


def _amount_and_day(option: str, text: str) -> tuple[int, str]:
    amount, mark, day = text.partition("@")
    if not mark:
        raise Refused(f"{option} {text}: нужны сумма и день через @, например 10000.00@2025-06-10.")
    minor = parse_minor(amount)
    if minor <= 0:
        raise Refused(f"{option} {text}: сумма должна быть больше нуля.")
    return minor, day


def _named(told: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in told:
        name, mark, value = text.strip().partition("=")
        if not mark:
            raise Refused(f"«{text}»: настройка пишется как ИМЯ=ЗНАЧЕНИЕ.")
        if name in found:
            raise Refused(f"Настройка «{name}» указана дважды. Второе чтение рядом показывает --compare.")
        found[name] = value
    return found


def _for_machines(asked: Asked, results: Sequence[PenaltyResult]) -> dict[str, Any]:
    first, *others = results
    question = asked.question
    return {
        "country": asked.law.country,
        "regime": asked.regime,
        "as_of": question.as_of.isoformat(),
        "known_as_of": question.known_as_of and question.known_as_of.isoformat(),
        "currency": asked.law.currency.value,
        **figure(first),
        "bills": [
            {
                "bill": arrear.ref,
                "due_on": arrear.due_on.isoformat(),
                "amount_minor": arrear.amount_minor,
                "paid": [{"on": paid.on.isoformat(), "amount_minor": paid.amount_minor} for paid in arrear.paid],
            }
            for arrear in asked.settled.arrears
        ],
        "advance_minor": asked.settled.advance_minor,
        "compare": [
            {"set": other, "difference_minor": _difference(first, result), **figure(result)}
            for other, result in zip(asked.others, others, strict=True)
        ],
    }


def _difference(first: PenaltyResult, other: PenaltyResult) -> int | None:
    if first.total_minor is None or other.total_minor is None:
        return None
    return other.total_minor - first.total_minor


def _for_people(asked: Asked, results: Sequence[PenaltyResult]) -> None:
    first, *others = results
    currency = asked.law.currency
    console = Console()
    tell(console, first, currency)
    if asked.settled.advance_minor:
        console.print(
            f"Оплачено больше, чем начислено: {money(asked.settled.advance_minor, currency)} остаётся авансом."
        )
    if others:
        console.print(_compare_table(asked, results))


def _compare_table(asked: Asked, results: Sequence[PenaltyResult]) -> Table:
    table = Table(title="Чтения рядом")
    for column in ("чтение", "пеня", "разница"):
        table.add_column(column, justify="left" if column == "чтение" else "right")
    told: tuple[dict[str, str], ...] = (dict(asked.question.settings), *asked.others)
    for settings, result in zip(told, results, strict=True):
        name = ", ".join(f"{name}={value}" for name, value in settings.items()) or "по умолчанию"
        difference = None if result is results[0] else _difference(results[0], result)
        table.add_row(
            escape(name),
            money(result.total_minor, asked.law.currency) + mark(result.verified or result.total_minor is None),
            "" if difference is None else money(difference, asked.law.currency),
        )
    return table
