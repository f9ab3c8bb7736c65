"""`okno understand`: what the virtual operator makes of a phrase. Needs no database."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click

from okno.speech.understanding import Expect, Heard, understand
from okno.speech.understanding.lexicon import LANGUAGES


@click.command("understand")
@click.argument("text")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), required=True, help="Язык сказанного.")
@click.option("--expect", type=click.Choice([one.value for one in Expect]), required=True, help="Чего ждёт вопрос.")
@click.option("--today", default=None, help="ГГГГ-ММ-ДД; по умолчанию сегодня.")
@click.option("--json", "as_json", is_flag=True, help="Для машины.")
def understand_phrase(text: str, language: str, expect: str, today: str | None, as_json: bool) -> None:
    """Понять сказанное: дату, сумму, показание, оценку, да или нет, лицевой счёт или намерение."""
    heard = understand(text, language, Expect(expect), _day(today))
    if as_json:
        click.echo(json.dumps(_told(heard), ensure_ascii=False))
        return
    value = "не понято: переспросить" if heard.value is None else str(_plain(heard.value))
    others = ", ".join(str(_plain(one.value)) for one in heard.alternatives)
    click.echo(f"{value} (уверенность {heard.confidence:.2f})" + (f"; может быть: {others}" if others else ""))


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("нужен день ГГГГ-ММ-ДД", param_hint="--today") from error


def _told(heard: Heard) -> dict[str, Any]:
    return {
        "value": None if heard.value is None else _plain(heard.value),
        "confidence": round(heard.confidence, 3),
        "alternatives": [
            {"value": _plain(one.value), "confidence": round(one.confidence, 3)} for one in heard.alternatives
        ],
    }


def _plain(value: date | Decimal | int | str) -> str | int | float:
    """Days as ISO text, readings as a number that prints as it was said."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
